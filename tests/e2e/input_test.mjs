// Bodies no well-behaved client sends: they go upstream as they are and the
// provider's answer comes back. Nothing here is ours to word.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Random, jsonRows } from './support/data.mjs';
import { post, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';

const DEPTH_LIMIT = 512;
const ROWS = JSON.stringify(jsonRows(new Random(3), 30));

// A valid request whose metadata nests so deep that the body has `depth` levels.
function nested(depth) {
  const inner = depth - 1;
  return (
    `{"model":"claude-sonnet-4-5","max_tokens":9,"metadata":${'['.repeat(inner)}${']'.repeat(inner)},` +
    `"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"list","input":{}}]},` +
    `{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":${ROWS}}]}]}`
  );
}

const withResult = (result) =>
  `{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"user","content":[${result}]}]}`;
const result = `{"type":"tool_result","tool_use_id":"toolu_1","content":${ROWS}}`;

const BODIES = {
  'truncated JSON': withResult(result).slice(0, -40),
  'two JSON values': `${withResult(result)}${withResult(result)}`,
  'a trailing comma': withResult(`${result},`),
  'one level past the depth limit': nested(DEPTH_LIMIT + 1),
  'ten levels past the depth limit': nested(DEPTH_LIMIT + 10),
  'a hundred thousand open brackets': '['.repeat(100_000),
  'invalid UTF-8 in a string': Buffer.from(
    withResult(result.replace('"content":"', '"content":"\xff\xfe\xc3\x28')),
    'latin1',
  ),
  'invalid UTF-8 in a key': Buffer.from(withResult(`{"\xc0\x80":1,${result.slice(1)}`), 'latin1'),
  'an overlong UTF-8 form': Buffer.from(withResult(result.replace('"content":"', '"content":"\xe0\x80\x80')), 'latin1'),
  'a raw NUL inside a string': withResult(result.replace('"content":"', '"content":"\0')),
  'a raw control character inside a string': withResult(result.replace('"content":"', '"content":"\x01')),
  'messages that are a number': '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":7}',
  'messages that are null': '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":null}',
  'messages that are an object': '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":{"role":"user"}}',
  'messages of numbers': '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[1,2]}',
  'no messages': '{"model":"claude-sonnet-4-5","max_tokens":9}',
  'a role that is a number': '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":3,"content":"x"}]}',
  'content that is a number': '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":3}]}',
  'content of numbers': '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":[3,null]}]}',
  'a block without a type': withResult('{"text":"x"}'),
  'a result whose content is a number': withResult('{"type":"tool_result","tool_use_id":"toolu_1","content":5}'),
  'a bad escape': withResult(result.replace('"content":"', '"content":"\\q')),
  'a number that is none': '{"model":"claude-sonnet-4-5","max_tokens":09,"messages":[]}',
  null: 'null',
  'a string': '"hello"',
  spaces: '    ',
};

const { provider, proxy } = await startPair();

describe('bad input', () => {
  for (const [what, text] of Object.entries(BODIES)) {
    for (const path of ['/v1/messages', '/v1/chat/completions']) {
      it(`${what} goes to ${path} as it is, and the provider's answer comes back`, async () => {
        const bytes = Buffer.from(text);
        const reply = await post(proxy.url, path, bytes);
        assert.equal(provider.requests().length, 1);
        assert.ok(provider.last().body.equals(bytes), 'the bytes were changed');
        assert.equal(reply.status, provider.last().status);
        assert.ok(reply.body.equals(provider.last().sent));
        assert.equal(reply.headers['x-headroom-tokens-saved'], '0');
      });
    }
  }

  it('a tool result without a call: the provider refuses, and its words come back', async () => {
    const reply = await post(proxy.url, '/v1/messages', withResult(result));
    assert.equal(reply.status, 400);
    assert.match(reply.json().error.message, /unexpected `tool_use_id`/);
    assert.ok(reply.body.equals(provider.last().sent));
  });

  it('an OpenAI tool message without a call: the same', async () => {
    const reply = await post(
      proxy.url,
      '/v1/chat/completions',
      `{"model":"gpt-5.1","messages":[{"role":"user","content":"x"},{"role":"tool","tool_call_id":"c","content":${ROWS}}]}`,
    );
    assert.equal(reply.status, 400);
    assert.match(reply.json().error.message, /preceeding message/);
  });

  it('a body at the depth limit is still optimised', async () => {
    const body = nested(DEPTH_LIMIT);
    const reply = await post(proxy.url, '/v1/messages', body);
    assert.equal(reply.status, 200, reply.text());
    assert.ok(provider.last().body.length < body.length);
  });

  it('escaped and duplicate keys are read as JSON readers do', async () => {
    const escaped =
      '{"model":"claude-sonnet-4-5","max_tokens":9,"\\u006dessages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"list","input":{}}]},' +
      `{"role":"user","content":[{"t\\u0079pe":"tool_result","tool_use_id":"toolu_1","content":${ROWS}}]}]}`;
    await post(proxy.url, '/v1/messages', escaped);
    assert.ok(provider.last().body.length < escaped.length, 'escaped keys were not recognised');
    // Which of two equal keys counts is the provider's affair: whichever it is, the reader sees a whole result.
    const twice = escaped.replace(/\]\}$/, `],"messages":[{"role":"user","content":"last"}]}`);
    const reply = await post(proxy.url, '/v1/messages', twice, { key: 'sk-twice' });
    assert.equal(reply.status, 200);
    assert.deepEqual(provider.last().json().messages, [{ role: 'user', content: 'last' }]);
  });

  it('a lone surrogate beside a shortened result survives', async () => {
    const body = nested(3).replace('"content":"x"', '"content":"a\\ud800b"');
    await post(proxy.url, '/v1/messages', body, { key: 'sk-surrogate' });
    assert.ok(provider.last().body.toString().includes('"a\\ud800b"'));
  });

  it('goes on serving after all of this', async () => {
    assert.equal((await request({ url: `${proxy.url}/livez` })).status, 200);
    assert.equal(proxy.ended, undefined);
  });
});
