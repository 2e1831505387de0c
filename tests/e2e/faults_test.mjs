// Providers that fail below HTTP: the client gets 502 or 504 in the shape of
// its provider's errors, at once, and the next request works.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { post, request } from './support/http.mjs';
import { startListener } from './support/listener.mjs';
import { freePort, startProxy } from './support/proxy.mjs';

const PROMPT = [{ role: 'user', content: 'hello' }];
const ANTHROPIC = ['/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 9, messages: PROMPT }];
const OPENAI = ['/v1/chat/completions', { model: 'gpt-5.1', messages: PROMPT }];

function assertAnthropicError(reply, status) {
  const error = reply.json();
  assert.equal(reply.status, status);
  assert.equal(error.type, 'error');
  assert.equal(typeof error.error.type, 'string');
  assert.match(error.error.message, /\S/);
}

function assertOpenAiError(reply, status) {
  const { error } = reply.json();
  assert.equal(reply.status, status);
  assert.equal(typeof error.type, 'string');
  assert.match(error.message, /\S/);
}

const SHAPES = { anthropic: [ANTHROPIC, assertAnthropicError], openai: [OPENAI, assertOpenAiError] };
const FAULTS = {
  'closes at once': [{ fault: 'close' }, 502],
  'sends half a header and closes': [{ fault: 'half-head' }, 502],
  'answers something that is not HTTP': [{ fault: 'raw', bytes: 'SSH-2.0-OpenSSH_9.2\r\n\r\n' }, 502],
  hangs: [{ fault: 'hang' }, 504],
};

describe('a provider that', () => {
  let provider;
  let proxy;
  before(async () => {
    provider = await startProvider();
    proxy = await startProxy({ provider, config: 'idle_read_timeout_ms = 300\nconnect_timeout_ms = 300\n' });
  });
  after(async () => {
    await proxy.stop();
    await provider.close();
  });
  beforeEach(() => provider.forget());

  for (const [what, [fault, status]] of Object.entries(FAULTS)) {
    for (const [api, [[path, body], assertError]] of Object.entries(SHAPES)) {
      for (const stream of [false, true]) {
        it(`${what}: ${status} in ${api}'s shape, stream: ${stream}`, async () => {
          // A kept connection that dies without an answer is replaced once.
          provider.reply(fault);
          provider.reply(fault);
          const begun = performance.now();
          const reply = await post(proxy.url, path, { ...body, stream }, { api });
          assertError(reply, status);
          assert.match(reply.headers['content-type'], /^application\/json/);
          assert.match(reply.headers['x-headroom-request-id'], /\S/);
          assert.ok(performance.now() - begun < 3000);
          provider.forget();
          assert.equal((await post(proxy.url, path, body, { api })).status, 200, 'the next request works');
        });
      }
    }
  }

  it('fails on a path that is only passed through gets the same answer', async () => {
    provider.reply({ fault: 'close' });
    provider.reply({ fault: 'close' });
    assertOpenAiError(
      await request({ url: `${proxy.url}/v1/embeddings`, method: 'POST', body: '{"model":"m","input":"x"}' }),
      502,
    );
    provider.forget();
    provider.reply({ fault: 'hang' });
    assertAnthropicError(
      await request({ url: `${proxy.url}/v1/messages/batches`, headers: [['x-api-key', 'k']] }),
      504,
    );
  });

  it('closed its kept connections gets one new connection and the client sees nothing', async () => {
    const [path, body] = ANTHROPIC;
    assert.equal((await post(proxy.url, path, body)).status, 200);
    for (let i = 0; i < 5; ++i) {
      provider.server.closeIdleConnections();
      const reply = await post(proxy.url, path, body);
      assert.equal(reply.status, 200);
    }
    assert.equal(provider.requests().length, 6, 'each was received once');
  });

  it('goes silent in mid-stream cuts the client after the idle time', async () => {
    const [path, body] = ANTHROPIC;
    provider.reply({ fault: 'hang-body', body: 'event: ping\ndata: {"type":"ping"}\n\n' });
    const reply = await post(proxy.url, path, { ...body, stream: true }, { fresh: true });
    assert.equal(reply.status, 200);
    assert.ok(reply.cut);
    assert.equal(reply.text(), 'event: ping\ndata: {"type":"ping"}\n\n');
  });

  it('answers slowly but within the idle time is waited for', async () => {
    const [path, body] = ANTHROPIC;
    provider.reply({ text: 'x'.repeat(48 * 8), sse: { gapMs: 100 } });
    const reply = await post(proxy.url, path, { ...body, stream: true });
    assert.equal(reply.cut, false);
    assert.ok(reply.body.equals(provider.last().sent));
  });

  it('serves many requests over few connections', async () => {
    const [path, body] = ANTHROPIC;
    const before = provider.connections;
    for (let i = 0; i < 30; ++i) await post(proxy.url, path, body);
    assert.ok(
      provider.connections - before <= 8,
      `${provider.connections - before} connections for 30 requests in a row`,
    );
  });
});

describe('a provider whose HTTP is unusual', () => {
  let provider;
  let proxy;
  before(async () => {
    provider = await startProvider();
    proxy = await startProxy({ provider });
  });
  after(async () => {
    await proxy.stop();
    await provider.close();
  });
  beforeEach(() => provider.forget());

  const ask = (bytes) => {
    provider.reply({ fault: 'raw', bytes });
    return post(proxy.url, ...ANTHROPIC, { fresh: true });
  };
  const RELAYED = {
    'an interim response first':
      'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    'chunks with extensions and a trailer':
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nx-t: 1\r\n\r\n',
    'a body until the connection closes': 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nok',
    'HTTP/1.0': 'HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nok',
    'more bytes than it announced': 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n',
    'an empty reason phrase': 'HTTP/1.1 200 \r\ncontent-length: 2\r\n\r\nok',
    'without a reason phrase': 'HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok',
    'a reason phrase of its own': 'HTTP/1.1 200 Alles gut\r\ncontent-length: 2\r\n\r\nok',
  };
  for (const [what, bytes] of Object.entries(RELAYED)) {
    it(`${what}: relayed`, async () => {
      const reply = await ask(bytes);
      assert.deepEqual([reply.status, reply.text(), reply.cut], [200, 'ok', false]);
      assert.equal((await post(proxy.url, ...ANTHROPIC)).status, 200, 'the next request works');
    });
  }

  for (const status of [204, 304]) {
    it(`a ${status} has no body`, async () => {
      const reply = await ask(`HTTP/1.1 ${status} X\r\netag: "a"\r\n\r\n`);
      assert.deepEqual([reply.status, reply.body.length, reply.headers.etag], [status, 0, '"a"']);
    });
  }

  const CUT = {
    'fewer bytes than it announced': 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nok',
    'a chunk size that is none': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n',
    'chunks without an end': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n',
  };
  for (const [what, bytes] of Object.entries(CUT)) {
    it(`${what}: cut for the client too`, async () => {
      const reply = await ask(bytes);
      assert.deepEqual([reply.status, reply.text(), reply.cut], [200, 'ok', true]);
    });
  }

  const REFUSED = {
    'two different lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok!',
    'a header block without an end': `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(2_000_000)}`,
    'a protocol switch nobody asked for': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n',
  };
  for (const [what, bytes] of Object.entries(REFUSED)) {
    it(`${what}: 502`, async () => assertAnthropicError(await ask(bytes), 502));
  }
});

describe('an upstream', () => {
  it('that refuses connections: 502 in the shape of each provider', async (t) => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    const proxy = await startProxy({ anthropic: dead, openai: dead });
    t.after(() => proxy.stop());
    for (const stream of [false, true]) {
      assertAnthropicError(await post(proxy.url, ANTHROPIC[0], { ...ANTHROPIC[1], stream }), 502);
      assertOpenAiError(await post(proxy.url, OPENAI[0], { ...OPENAI[1], stream }), 502);
    }
  });

  it('that accepts and never answers: 504 after the idle time', async (t) => {
    const silent = await startListener();
    t.after(() => silent.close());
    const proxy = await startProxy({
      anthropic: silent.url,
      openai: silent.url,
      config: 'idle_read_timeout_ms = 400\n',
    });
    t.after(() => proxy.stop());
    const begun = performance.now();
    assertAnthropicError(await post(proxy.url, ...ANTHROPIC), 504);
    assert.ok(performance.now() - begun < 2500);
  });

  it('whose name does not resolve: 502', async (t) => {
    const proxy = await startProxy({
      anthropic: 'http://no-such-host.invalid',
      openai: 'http://no-such-host.invalid',
      config: 'connect_timeout_ms = 4000\n',
    });
    t.after(() => proxy.stop());
    assertAnthropicError(await post(proxy.url, ...ANTHROPIC), 502);
  });

  it('over https that does not speak TLS: an error, and the credential never leaves in clear', async (t) => {
    const silent = await startListener((socket) =>
      socket.on('data', (bytes) => (silent.bytes = Buffer.concat([silent.bytes, bytes]))),
    );
    silent.bytes = Buffer.alloc(0);
    t.after(() => silent.close());
    const proxy = await startProxy({
      anthropic: silent.url.replace('http:', 'https:'),
      config: 'connect_timeout_ms = 300\nidle_read_timeout_ms = 300\n',
    });
    t.after(() => proxy.stop());
    const reply = await post(proxy.url, ANTHROPIC[0], ANTHROPIC[1], { key: 'sk-secret-credential' });
    assert.ok(reply.status === 502 || reply.status === 504, `status ${reply.status}`);
    assert.ok(!silent.bytes.includes('sk-secret-credential'));
  });
});
