// The response cache: the same request again is answered with the same bytes and costs nothing; nothing else is.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';

import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

import { connect, credentials, post, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';
import { startProxy } from './support/proxy.mjs';

const { provider, proxy } = await startPair();
const TTL_SECONDS = 2;
// One cache of three entries for a short time, which also takes sampled requests.
const small = await startProxy({
  provider,
  args: ['--cache-max-entries', '3', '--cache-max-bytes', '40000', '--cache-ttl', String(TTL_SECONDS), '--cache-sampled'],
});
const off = await startProxy({ provider, args: ['--no-cache'] });
after(() => Promise.all([small.stop(), off.stop()]));

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
let number = 0;
const fresh = () => `question ${++number}`;

const PATHS = { anthropic: '/v1/messages', openai: '/v1/chat/completions', responses: '/v1/responses' };
function bodyOf(api, text, extra = {}) {
  if (api === 'responses') return { model: 'gpt-5.1', temperature: 0, store: false, input: text, ...extra };
  const messages = [{ role: 'user', content: text }];
  return api === 'anthropic'
    ? { model: 'claude-sonnet-4-5', max_tokens: 100, temperature: 0, messages, ...extra }
    : { model: 'gpt-4o', temperature: 0, messages, ...extra };
}
const ask = (api, text, extra, options, base = proxy.url) => post(base, PATHS[api], bodyOf(api, text, extra), options);
const outcome = (reply) => reply.headers['x-headroom-cache'];
const outcomes = (...replies) => replies.map(outcome);
const stats = async (base = proxy.url) => (await request({ url: `${base}/stats` })).json();

async function until(holds, limitMs = 20_000) {
  const end = performance.now() + limitMs;
  while (!holds()) {
    assert.ok(performance.now() < end, 'it did not come about');
    await sleep(5);
  }
}

describe('the same request again', () => {
  for (const api of Object.keys(PATHS)) {
    for (const stream of [false, true]) {
      it(`of ${api}, ${stream ? 'streamed' : 'plain'}, has the same bytes and asks the provider once`, async () => {
        const text = fresh();
        provider.reply({ text: 'Grüße — 42', thinking: api === 'anthropic' ? 'hm' : undefined });
        const first = await ask(api, text, { stream });
        const second = await ask(api, text, { stream });
        assert.deepEqual(outcomes(first, second), ['miss', 'hit']);
        assert.equal(second.status, 200);
        assert.ok(first.body.equals(second.body));
        assert.equal(second.headers['content-type'], first.headers['content-type']);
        assert.equal(second.headers['request-id'], first.headers['request-id']);
        assert.notEqual(second.headers['x-headroom-request-id'], first.headers['x-headroom-request-id']);
        assert.match(second.headers.age, /^\d+$/);
        assert.equal(provider.requests().length, 1);
      });
    }
  }

  it('is another request when it asks for events, and the other way round', async () => {
    const text = fresh();
    const plain = await ask('anthropic', text);
    const streamed = await ask('anthropic', text, { stream: true });
    assert.deepEqual(outcomes(plain, streamed), ['miss', 'miss']);
    assert.match(streamed.headers['content-type'], /event-stream/);
    assert.equal(provider.requests().length, 2);
  });

  it('is another request when anything in it or in what it needs of its headers differs', async () => {
    const text = fresh();
    const base = await ask('openai', text);
    const others = [
      await ask('openai', `${text} `),
      await ask('openai', text, { max_tokens: 5 }),
      await ask('openai', text, { seed: 1 }),
      await ask('openai', text, { temperature: 0.0, user: 'somebody' }),
      await ask('openai', text, {}, { headers: [['openai-organization', 'org-1']] }),
      await ask('openai', text, {}, { headers: [['openai-beta', 'x=1']] }),
      await ask('openai', text, {}, { headers: [['x-headroom-optimize', 'off']] }),
    ];
    assert.deepEqual(outcomes(base, ...others), ['miss', ...others.map(() => 'miss')]);
    assert.equal(provider.requests().length, 1 + others.length);
    const carried = [
      ['user-agent', 'other/1'],
      ['x-stainless-retry-count', '1'],
      ['traceparent', '00-1-1-01'],
    ];
    assert.equal(outcome(await ask('openai', text, {}, { headers: carried })), 'hit');
  });

  it('in a content coding is the same request', async () => {
    const body = gzipSync(JSON.stringify(bodyOf('openai', fresh())));
    const message = { role: 'assistant', content: 'read' };
    const completion = JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] });
    provider.reply({ status: 200, headers: [['content-type', 'application/json']], body: completion });
    const coded = () => post(proxy.url, PATHS.openai, body, { headers: [['content-encoding', 'gzip']] });
    assert.deepEqual(outcomes(await coded(), await coded()), ['miss', 'hit']);
  });

  it('of a large prompt is found too', async () => {
    const text = `${fresh()} ${'long '.repeat(40_000)}`;
    assert.deepEqual(outcomes(await ask('openai', text), await ask('openai', text)), ['miss', 'hit']);
  });
});

describe('the vendors’ clients', () => {
  it('of Anthropic, plain and streaming', async () => {
    const client = new Anthropic({ baseURL: proxy.url, apiKey: 'sk-ant-test', maxRetries: 0 });
    const body = bodyOf('anthropic', fresh());
    provider.reply({ text: 'four' });
    const first = await client.messages.create(body);
    const second = await client.messages.create(body);
    assert.deepEqual(second, first);
    assert.equal(second.content[0].text, 'four');
    provider.reply({ text: 'five, streamed '.repeat(20) });
    const made = await client.messages.stream(body).finalMessage();
    const replayed = await client.messages.stream(body).finalMessage();
    assert.deepEqual(replayed, made);
    assert.equal(provider.requests().length, 2);
  });

  it('of OpenAI, plain, streaming and Responses', async () => {
    const client = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'sk-test', maxRetries: 0 });
    const body = { ...bodyOf('openai', fresh()), stream_options: undefined };
    const first = await client.chat.completions.create(body);
    assert.deepEqual(await client.chat.completions.create(body), first);
    const collect = async () => {
      const chunks = [];
      for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) chunks.push(chunk);
      return chunks;
    };
    const made = await collect();
    assert.deepEqual(await collect(), made);
    const response = bodyOf('responses', fresh());
    const one = await client.responses.create(response);
    assert.equal((await client.responses.create(response)).id, one.id);
    assert.equal(provider.requests().length, 3);
  });
});

describe('takes no part', () => {
  const rows = [
    ['a request that samples', 'openai', { temperature: 0.7 }],
    ['a request that leaves the temperature to the provider', 'openai', { temperature: undefined }],
    ['a request with tools', 'anthropic', { tools: [{ name: 'x', input_schema: { type: 'object' } }] }],
    ['a reply that the provider keeps', 'responses', { store: undefined }],
    ['a completion that the provider keeps', 'openai', { store: true }],
  ];
  for (const [name, api, extra] of rows) {
    it(name, async () => {
      const text = fresh();
      const replies = [await ask(api, text, extra), await ask(api, text, extra)];
      assert.deepEqual(outcomes(...replies), [undefined, undefined]);
      assert.equal(provider.requests().length, 2);
    });
  }

  it('anything with --no-cache', async () => {
    const text = fresh();
    const replies = [await ask('openai', text, {}, {}, off.url), await ask('openai', text, {}, {}, off.url)];
    assert.deepEqual(outcomes(...replies), [undefined, undefined]);
    assert.equal(provider.requests().length, 2);
    const cleared = await request({ url: `${off.url}/cache/clear`, method: 'POST' });
    assert.deepEqual(cleared.json(), { status: 'cache disabled' });
  });

  it('a request that says no-store', async () => {
    const text = fresh();
    const headers = [['cache-control', 'no-store']];
    const replies = [await ask('openai', text, {}, { headers }), await ask('openai', text)];
    assert.deepEqual(outcomes(...replies), [undefined, 'miss']);
    assert.equal(outcome(await ask('openai', text, {}, { headers })), undefined);
    assert.equal(provider.requests().length, 3);
  });
});

describe('a sampled request', () => {
  it('is answered again where that is asked for', async () => {
    const text = fresh();
    const extra = { temperature: 0.7 };
    const first = await ask('openai', text, extra, {}, small.url);
    assert.deepEqual(outcomes(first, await ask('openai', text, extra, {}, small.url)), ['miss', 'hit']);
  });
});

describe('Cache-Control: no-cache', () => {
  it('asks the provider and replaces what was kept', async () => {
    const text = fresh();
    for (const answer of ['old', 'new']) provider.reply({ text: answer });
    await ask('openai', text);
    const anew = await ask('openai', text, {}, { headers: [['cache-control', 'no-cache']] });
    const after = await ask('openai', text);
    assert.deepEqual(outcomes(anew, after), ['miss', 'hit']);
    assert.equal(after.json().choices[0].message.content, 'new');
  });
});

describe('is never kept', () => {
  const json = [['content-type', 'application/json']];
  const whole = (message) => ({ status: 200, headers: json, body: JSON.stringify(message) });
  const rows = [
    ['an error', { status: 500, headers: json, body: '{"error":{"message":"no"}}' }],
    ['a refusal of the request', { status: 400, headers: json, body: '{"error":{"message":"no"}}' }],
    ['a success that is none', whole({ error: { message: 'no' } })],
    ['half a body', { fault: 'cut', body: '{"choices":[{"message"', afterBytes: 20, contentType: 'application/json' }],
    ['a page', { fault: 'html' }],
    ['what the provider wants forgotten', { text: 'secret', replyHeaders: [['cache-control', 'no-store']] }],
    ['a filtered answer', { text: 'x', stop: 'content_filter' }],
    ['a call of tools that nobody offered', { calls: [{ id: 'call_1', name: 'x', input: {} }] }],
  ];
  for (const [name, reply] of rows) {
    it(name, async () => {
      const text = fresh();
      provider.reply(reply);
      await ask('openai', text);
      const second = await ask('openai', text);
      assert.equal(outcome(second), 'miss');
      assert.equal(second.json().choices[0].message.content, 'ok');
      assert.equal(provider.requests().length, 2);
    });
  }

  it('a stream that was cut, at any of its pieces', async () => {
    const text = fresh();
    const made = await ask('anthropic', text, { stream: true });
    for (const part of [0.1, 0.5, 0.9]) {
      const other = fresh();
      provider.reply({ fault: 'cut', body: made.body, afterBytes: Math.floor(made.body.length * part) });
      const cut = await ask('anthropic', other, { stream: true });
      assert.ok(cut.cut);
      const second = await ask('anthropic', other, { stream: true });
      assert.equal(outcome(second), 'miss');
      assert.match(second.text(), /message_stop/);
    }
  });

  it('a reply whose client went away', async () => {
    const body = bodyOf('anthropic', fresh(), { stream: true });
    provider.reply({ text: 'slow '.repeat(200), sse: { gapMs: 50 } });
    const abort = new AbortController();
    const left = post(proxy.url, PATHS.anthropic, body, { signal: abort.signal, fresh: true }).catch(() => 'left');
    await until(() => provider.requests().length === 1 && provider.last().writtenAt?.length > 1);
    abort.abort();
    await left;
    const second = await post(proxy.url, PATHS.anthropic, body);
    assert.equal(outcome(second), 'miss');
    assert.match(second.text(), /message_stop/);
  });
});

describe('identical requests at once', () => {
  for (const stream of [false, true]) {
    it(`share one call, ${stream ? 'streamed' : 'plain'}`, async () => {
      const text = fresh();
      provider.reply({ text: 'shared', delayMs: 500 });
      const replies = await Promise.all(Array.from({ length: 20 }, () => ask('openai', text, { stream })));
      assert.equal(provider.requests().length, 1);
      for (const reply of replies) {
        assert.equal(reply.status, 200);
        assert.ok(reply.body.equals(replies[0].body));
      }
      assert.equal(replies.filter((reply) => outcome(reply) === 'miss').length, 1);
      assert.equal(replies.filter((reply) => outcome(reply) === 'hit').length, 19);
    });
  }

  it('go on their own when the one who leads fails', async () => {
    const text = fresh();
    const headers = [['content-type', 'application/json']];
    provider.reply({ status: 500, headers, body: '{"error":{"message":"no"}}', delayMs: 500 });
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask('openai', text)));
    assert.equal(replies.filter((reply) => reply.status === 500).length, 1);
    assert.equal(replies.filter((reply) => reply.status === 200).length, 19);
  });

  it('go on their own when the one who leads has nothing to keep', async () => {
    const text = fresh();
    provider.reply({ calls: [{ id: 'call_1', name: 'x', input: {} }], delayMs: 300 });
    const replies = await Promise.all(Array.from({ length: 5 }, () => ask('openai', text)));
    const calls = replies.filter((reply) => reply.json().choices[0].message.tool_calls);
    assert.equal(calls.length, 1);
    for (const reply of replies) assert.equal(reply.status, 200);
  });

  it('go on their own when the client of the one who leads goes', async () => {
    const text = fresh();
    provider.reply({ fault: 'hang' });
    const abort = new AbortController();
    const left = ask('openai', text, {}, { signal: abort.signal, fresh: true }).catch(() => 'left');
    await until(() => provider.requests().length === 1);
    const others = Array.from({ length: 5 }, () => ask('openai', text));
    await sleep(100);
    abort.abort();
    assert.equal(await left, 'left');
    for (const reply of await Promise.all(others)) assert.equal(reply.status, 200);
  });

  it('lose only the one whose client goes while it waits', async () => {
    const text = fresh();
    provider.reply({ text: 'shared', delayMs: 600 });
    const leads = ask('openai', text);
    await until(() => provider.requests().length === 1);
    const abort = new AbortController();
    const left = ask('openai', text, {}, { signal: abort.signal, fresh: true }).catch(() => 'left');
    const stays = ask('openai', text);
    await sleep(100);
    abort.abort();
    assert.equal(await left, 'left');
    assert.deepEqual(outcomes(await leads, await stays), ['miss', 'hit']);
    assert.equal(provider.requests().length, 1);
  });

  it('are not held up by a client that does not read', async () => {
    const body = JSON.stringify(bodyOf('openai', fresh()));
    // Too much for the sockets on the way, and little enough to be kept.
    provider.reply({ text: 'x'.repeat(7 << 20) });
    const stalled = connect(proxy.port);
    const head = [...credentials('openai', 'sk-test'), ['content-type', 'application/json']];
    stalled.socket.pause();
    stalled.send(
      `POST ${PATHS.openai} HTTP/1.1\r\nhost: 127.0.0.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    await until(() => provider.requests().length === 1);
    const reply = await post(proxy.url, PATHS.openai, body);
    assert.equal(reply.status, 200);
    stalled.destroy();
  });
});

describe('nothing crosses tenants', () => {
  it('the same request under another key asks the provider', async () => {
    const text = fresh();
    for (const key of ['sk-one', 'sk-two', 'sk-on']) {
      const reply = await ask('openai', text, {}, { key });
      assert.equal(outcome(reply), 'miss');
    }
    assert.equal(provider.requests().length, 3);
    assert.equal(outcome(await ask('openai', text, {}, { key: 'sk-one' })), 'hit');
  });

  it('claims of a login are no proof: another token of the same account asks the provider', async () => {
    const text = fresh();
    const jwt = (signature) =>
      ['{"alg":"RS256"}', '{"iss":"https://auth.example","sub":"user-1"}', signature]
        .map((part) => Buffer.from(part).toString('base64url'))
        .join('.');
    assert.equal(outcome(await ask('openai', text, {}, { key: jwt('signed') })), 'miss');
    assert.equal(outcome(await ask('openai', text, {}, { key: jwt('signed') })), 'hit');
    provider.reply({ status: 401, headers: [['content-type', 'application/json']], body: '{"error":{"message":"no"}}' });
    const forged = await ask('openai', text, {}, { key: jwt('forged') });
    assert.equal(forged.status, 401);
  });

  it('waiting for another tenant’s call is impossible too', async () => {
    const text = fresh();
    provider.reply({ text: 'of one', delayMs: 300 }, { key: 'sk-one' });
    provider.reply({ text: 'of two', delayMs: 300 }, { key: 'sk-two' });
    const [one, two] = await Promise.all(['sk-one', 'sk-two'].map((key) => ask('openai', text, {}, { key })));
    assert.equal(one.json().choices[0].message.content, 'of one');
    assert.equal(two.json().choices[0].message.content, 'of two');
  });
});

describe('the cache has an end', () => {
  const clear = (query = '') => request({ url: `${small.url}/cache/clear${query}`, method: 'POST' });
  const asked = async (text, extra) => outcome(await ask('openai', text, extra, {}, small.url));

  it('of entries: the least recently used goes first', async () => {
    await clear();
    const [a, b, c, d] = Array.from({ length: 4 }, fresh);
    for (const text of [a, b, c]) assert.equal(await asked(text), 'miss');
    assert.equal(await asked(a), 'hit');
    assert.equal(await asked(d), 'miss');
    assert.equal(await asked(a), 'hit');
    assert.equal(await asked(b), 'miss');
  });

  it('of bytes: what is larger than all of it is relayed and not kept', async () => {
    await clear();
    const text = fresh();
    provider.reply({ text: 'x'.repeat(50_000) });
    assert.equal(await asked(text), 'miss');
    assert.equal(await asked(text), 'miss');
    assert.equal(await asked(text), 'hit');
  });

  it('of time', async () => {
    const text = fresh();
    assert.equal(await asked(text), 'miss');
    await sleep(TTL_SECONDS * 1000 + 50);
    assert.equal(await asked(text), 'miss');
  });

  it('when somebody clears it', async () => {
    const text = fresh();
    await asked(text);
    const cleared = await clear();
    assert.equal(cleared.status, 200);
    assert.equal(cleared.json().status, 'cleared');
    assert.ok(cleared.json().entries >= 1);
    assert.equal(await asked(text), 'miss');
    assert.equal((await clear('?tenant=00000000000000000000000000000000')).json().entries, 0);
    assert.equal((await clear('?tenant=0')).status, 400);
    assert.equal((await request({ url: `${small.url}/cache/clear` })).status, 405);
  });
});

describe('a hit', () => {
  // An exchange is counted when its last byte has left.
  async function counted(requests) {
    const end = performance.now() + 20_000;
    for (;;) {
      const now = await stats();
      if (now.requests.total === requests) return now;
      assert.ok(performance.now() < end, `${now.requests.total} requests instead of ${requests}`);
      await sleep(5);
    }
  }

  it('is counted as answered and as nothing sent', async () => {
    const text = fresh();
    const begun = await stats();
    await ask('openai', text);
    const before = await counted(begun.requests.total + 1);
    await ask('openai', text);
    const after = await counted(before.requests.total + 1);
    assert.equal(after.tokens.input, before.tokens.input);
    assert.equal(after.tokens.output, before.tokens.output);
  });
});
