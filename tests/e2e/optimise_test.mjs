// Which parts of a request get smaller, which never change, and that the
// original of everything that changed can be fetched, by its owner only.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';

import { makeTokenizer } from '../provider/tokens.mjs';
import { changedResults, originalId } from './support/compare.mjs';
import { AnthropicConversation, OpenAiConversation, ResponsesConversation, callId } from './support/conversation.mjs';
import { Random, buildLog, grepHits, jsonRows, numberedSource, source } from './support/data.mjs';
import { post, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';
import { startProxy } from './support/proxy.mjs';

const random = new Random(42);
const SHORTENED = { rows: jsonRows(random, 40), grep: grepHits(random, 80), log: buildLog(random, 100) };
const TOOLS = { rows: 'list_services', grep: 'Grep', log: 'Bash' };
const tokenize = makeTokenizer('bpe');

const { provider, proxy } = await startPair({ simulation: { tokenizer: 'bpe' }, args: ['--no-ccr'] });

describe('optimising', () => {
  const clients = {
    anthropic: (options) => new AnthropicConversation({ provider, ...options }),
    openai: (options) => new OpenAiConversation({ provider, ...options }),
    responses: (options) => new ResponsesConversation({ provider, ...options }),
  };

  // Sends one tool call with its result; returns what changed.
  async function exchange(chat, { tool, input = { command: 'run' }, content, list, isError, headers = [] }) {
    const id = callId();
    chat.headers = headers;
    if (chat.messages.every((message) => message.role !== 'user')) chat.user('what is there?');
    chat.called({ id, name: tool, input }, 'Looking.');
    chat.results([{ id, content, list, isError }]);
    const { sent, forwarded, response } = await chat.turn(proxy.url);
    return {
      changes: changedResults(sent, forwarded.json()),
      saved: Number(response.headers['x-headroom-tokens-saved']),
      forwarded,
      response,
      sent,
    };
  }

  for (const api of ['anthropic', 'openai', 'responses']) {
    for (const [shape, content] of Object.entries(SHORTENED)) {
      for (const list of [false, true]) {
        it(`${api}: a ${shape} result as a ${list ? 'list' : 'string'} gets smaller and nothing else changes`, async () => {
          const { changes, saved } = await exchange(clients[api](), { tool: TOOLS[shape], content, list });
          assert.equal(changes.length, 1, 'the result was not shortened');
          assert.equal(changes[0].sent, content);
          const [before, after_] = [tokenize(content).length, tokenize(changes[0].forwarded).length];
          assert.ok(after_ < before * 0.9, `${before} to ${after_} tokens`);
          assert.ok(saved > 0);
        });
      }
    }

    it(`${api}: tokens saved are the difference over the whole request, replays included`, async () => {
      const chat = clients[api]();
      const first = await exchange(chat, { tool: 'list_services', content: SHORTENED.rows });
      const second = await exchange(chat, { tool: 'Grep', content: SHORTENED.grep });
      const total = second.changes.reduce(
        (sum, change) => sum + tokenize(change.sent).length - tokenize(change.forwarded).length,
        0,
      );
      assert.equal(second.changes.length, 2);
      assert.ok(second.saved > first.saved);
      if (api !== 'anthropic') assert.equal(second.saved, total);
      else assert.ok(Math.abs(second.saved / total - 1) < 0.5, `${second.saved} saved, ${total} by o200k`);
    });

    it(`${api}: 0 tokens saved where nothing changed`, async () => {
      const { changes, saved } = await exchange(clients[api](), { tool: 'Bash', content: 'ok' });
      assert.deepEqual([changes.length, saved], [0, 0]);
    });

    it(`${api}: what users, models and systems said stays, whatever it looks like`, async () => {
      const chat = clients[api]({ system: SHORTENED.rows });
      chat.user(SHORTENED.log);
      await chat.turn(proxy.url, { text: SHORTENED.grep });
      chat.user(SHORTENED.rows);
      const { sent, forwarded, response } = await chat.turn(proxy.url);
      assert.equal(forwarded.body.toString(), JSON.stringify(sent));
      assert.equal(response.headers['x-headroom-tokens-saved'], '0');
    });

    it(`${api}: x-headroom-optimize: off passes a request untouched`, async () => {
      const { changes, saved, sent, forwarded } = await exchange(clients[api](), {
        tool: 'Grep',
        content: SHORTENED.grep,
        headers: [['x-headroom-optimize', 'off']],
      });
      assert.deepEqual([changes.length, saved], [0, 0]);
      assert.equal(forwarded.body.toString(), JSON.stringify(sent));
    });

    for (const [what, call] of Object.entries({
      'a Read of source': {
        tool: 'Read',
        input: { file_path: '/repo/src/a.cc' },
        content: numberedSource(random, 120),
      },
      'cat of source': { tool: 'Bash', input: { command: 'cat src/a.cc' }, content: source(random, 120) },
      'cat of source after cd': {
        tool: 'Bash',
        input: { command: 'cd /repo && cat src/a.cc' },
        content: source(random, 120),
      },
      'sed -n of source': { tool: 'Bash', input: { command: "sed -n '1,80p' src/a.py" }, content: source(random, 80) },
      'head of prose': {
        tool: 'Bash',
        input: { command: 'head -50 README.md' },
        content: '# Title  \n\n\n\nText   \nText   \nText   \n'.repeat(20),
      },
      'a Read of configuration': {
        tool: 'Read',
        input: { file_path: '/repo/config.yaml' },
        content: 'a:   \n  b: 1\n  b: 1\n\n\n'.repeat(40),
      },
      'git show of a source file': {
        tool: 'Bash',
        input: { command: 'git show HEAD~1:src/a.cc' },
        content: source(random, 90),
      },
    })) {
      it(`${api}: ${what} keeps every byte`, async () => {
        const { changes, saved } = await exchange(clients[api](), call);
        assert.deepEqual([changes.length, saved], [0, 0]);
      });
    }
  }

  it('anthropic: an is_error result stays', async () => {
    const { changes } = await exchange(clients.anthropic(), { tool: 'Bash', content: SHORTENED.log, isError: true });
    assert.equal(changes.length, 0);
  });

  it('openai: a legacy function result gets smaller', async () => {
    const body = {
      model: 'gpt-5.1',
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: null, function_call: { name: 'list', arguments: '{}' } },
        { role: 'function', name: 'list', content: SHORTENED.rows },
      ],
    };
    await post(proxy.url, '/v1/chat/completions', body);
    assert.equal(changedResults(body, provider.last().json()).length, 1);
  });

  it('anthropic: images, documents, unknown blocks and citations beside a result stay', async () => {
    const result = {
      type: 'tool_result',
      tool_use_id: 'toolu_1',
      content: [
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
        { type: 'text', text: SHORTENED.rows },
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      ],
    };
    const body = {
      model: 'claude-sonnet-4-5',
      max_tokens: 9,
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: SHORTENED.log },
              citations: { enabled: true },
            },
            { type: 'text', text: 'go' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'toolu_1', name: 'list_services', input: { nested: JSON.parse(SHORTENED.rows) } },
          ],
        },
        { role: 'user', content: [result] },
      ],
    };
    await post(proxy.url, '/v1/messages', body);
    const changes = changedResults(body, provider.last().json());
    assert.equal(changes.length, 1);
  });

  it("anthropic: results that a program reads and results of the server's own tools stay", async () => {
    const body = {
      model: 'claude-sonnet-4-5',
      max_tokens: 9,
      messages: [
        { role: 'user', content: 'go' },
        {
          role: 'assistant',
          content: [
            { type: 'server_tool_use', id: 'srvtoolu_1', name: 'code_execution', input: { code: 'x' } },
            {
              type: 'tool_use',
              id: 'toolu_1',
              name: 'list_services',
              input: {},
              caller: { type: 'code_execution_20250825', tool_id: 'srvtoolu_1' },
            },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: SHORTENED.rows }] },
      ],
    };
    await post(proxy.url, '/v1/messages', body);
    assert.equal(provider.last().body.toString(), JSON.stringify(body));
  });

  it('keeps the tools that the user protects', async (t) => {
    const guarded = await startProxy({ provider, args: ['--no-ccr'], config: 'protect_tools = ["list_services"]\n' });
    t.after(() => guarded.stop());
    for (const [tool, expected] of [
      ['list_services', 0],
      ['list_others', 1],
    ]) {
      const body = {
        model: 'claude-sonnet-4-5',
        max_tokens: 9,
        messages: [
          { role: 'user', content: 'go' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: tool, input: {} }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: SHORTENED.rows }] },
        ],
      };
      await post(guarded.url, '/v1/messages', body, { key: `sk-${tool}` });
      assert.equal(changedResults(body, provider.last().json()).length, expected, tool);
    }
  });

  it('changes only the bytes of the result in a body spelled unusually', async () => {
    const content = JSON.stringify(SHORTENED.rows);
    const [before, behind] = [
      '{ "max_tokens" : 9.0 ,\t"model":"claude-sonnet-4-5", "messages":[{"role":"user","content":"\\u0067o\\/"},{"content":[{"id":"toolu_1","type":"tool_use","name":"list","input":{"n":1E2,"n2":-0.0}}],"role":"assistant"},' +
        '{"content":[{"content":',
      ',"type":"tool_result","tool_use_id":"toolu_1"}],"role":"user","zz":[null]}],\r\n"metadata":{"user_id":"\\ud83d\\ude00"}}\n',
    ];
    await post(proxy.url, '/v1/messages', before + content + behind);
    const forwarded = provider.last().body.toString();
    assert.ok(forwarded.startsWith(before) && forwarded.endsWith(behind));
    assert.ok(forwarded.length < before.length + content.length + behind.length);
    assert.doesNotThrow(() => JSON.parse(forwarded));
  });

  describe('originals', () => {
    async function shortenedFor(key) {
      const chat = clients.anthropic({ key });
      const content = jsonRows(new Random(key.length), 45);
      const { changes } = await exchange(chat, { tool: 'list_services', content });
      assert.equal(changes.length, 1);
      return { content, hash: originalId(content) };
    }
    const get = (hash, headers) => request({ url: `${proxy.url}/v1/retrieve/${hash}`, headers });

    it('are fetched byte for byte with the credential, in either header', async () => {
      const { content, hash } = await shortenedFor('sk-owner');
      for (const headers of [[['x-api-key', 'sk-owner']], [['authorization', 'Bearer sk-owner']]]) {
        const reply = await get(hash, headers);
        assert.equal(reply.status, 200, reply.text());
        assert.equal(reply.json().hash, hash);
        assert.equal(reply.json().original_content, content);
        const posted = await request({
          url: `${proxy.url}/v1/retrieve`,
          method: 'POST',
          headers: [...headers, ['content-type', 'application/json']],
          body: JSON.stringify({ hash }),
        });
        assert.equal(posted.status, 200);
        assert.equal(posted.json().original_content, content);
      }
      assert.equal(provider.requests().length, 1, 'nothing of this goes to the provider');
    });

    it('are not found by anybody else, in the same words as an unknown hash', async () => {
      const { hash } = await shortenedFor('sk-another-owner');
      for (const headers of [
        [['x-api-key', 'sk-stranger']],
        [['authorization', 'Bearer sk-stranger']],
        [],
        [['x-api-key', '']],
      ]) {
        const reply = await get(hash, headers);
        const unknown = await get('0123456789abcdef01234567', headers);
        assert.equal(unknown.status, 404);
        assert.equal(reply.status, 404);
        assert.equal(reply.text().replaceAll(hash, 'H'), unknown.text().replaceAll('0123456789abcdef01234567', 'H'));
      }
    });

    it('are asked for by a hash of the right form', async () => {
      for (const hash of ['xyz', '0123456789abcdef0123456', '../../etc/passwd', '0123456789abcdef012345678', '%00']) {
        const reply = await get(encodeURIComponent(hash), [['x-api-key', 'k']]);
        assert.ok(reply.status === 404 || reply.status === 400, `${hash}: ${reply.status}`);
      }
      const empty = await request({
        url: `${proxy.url}/v1/retrieve`,
        method: 'POST',
        headers: [['x-api-key', 'k']],
        body: '{}',
      });
      assert.equal(empty.status, 400);
    });

    it('two tenants with identical bytes have one each', async () => {
      const content = jsonRows(new Random(77), 40);
      for (const key of ['sk-t1', 'sk-t2']) {
        await exchange(clients.anthropic({ key }), { tool: 'list_services', content });
        assert.equal((await get(originalId(content), [['x-api-key', key]])).json().original_content, content);
      }
      assert.equal((await get(originalId(content), [['x-api-key', 'sk-t3']])).status, 404);
    });

    it('of each changed text in a list of texts', async () => {
      const texts = [jsonRows(new Random(5), 30), grepHits(new Random(6), 50)];
      const body = {
        model: 'claude-sonnet-4-5',
        max_tokens: 9,
        messages: [
          { role: 'user', content: 'go' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'both', input: {} }] },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'toolu_1', content: texts.map((text) => ({ type: 'text', text })) },
            ],
          },
        ],
      };
      await post(proxy.url, '/v1/messages', body, { key: 'sk-list' });
      const changes = changedResults(body, provider.last().json());
      assert.equal(changes.length, 2);
      for (const { sent } of changes)
        assert.equal((await get(originalId(sent), [['x-api-key', 'sk-list']])).json().original_content, sent);
    });
  });
});
