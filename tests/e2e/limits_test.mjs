// The HTTP front over plain sockets: what it accepts, what it refuses, and
// each limit at its value and one past it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { connect, eventually, rawExchange, readResponses, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';

const BODY = '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';
const MAX_HEAD_BYTES = 64 * 1024;
const MAX_BODY_BYTES = 100 * 1024 * 1024;
const PIECE = Buffer.alloc(1024 * 1024, 'x');

function post(headers, body = BODY, { path = '/v1/messages', version = '1.1', length = true } = {}) {
  const lines = [
    `POST ${path} HTTP/${version}`,
    'host: localhost',
    'x-api-key: k',
    ...(length ? [`content-length: ${Buffer.byteLength(body)}`] : []),
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const { provider, proxy } = await startPair();

describe('the HTTP front', () => {
  async function refused(bytes, status = 400) {
    const connection = connect(proxy.port);
    connection.send(bytes);
    await Promise.race([
      connection.closed,
      new Promise((_, reject) => setTimeout(() => reject(new Error('the connection stayed open')), 4000).unref()),
    ]).finally(() => connection.destroy());
    const responses = readResponses(connection.received());
    assert.deepEqual(
      responses.map((response) => response.status),
      [status],
    );
    assert.equal(provider.requests().length, 0, 'nothing may reach the provider');
  }

  describe('refuses with 400 and closes', () => {
    const chunked = (rest) => post(['transfer-encoding: chunked'], rest, { length: false });
    const CASES = {
      'two different lengths': post([`content-length: ${BODY.length + 1}`]),
      'a list of different lengths': post([`content-length: ${BODY.length}, 3`], BODY, { length: false }),
      'a length that is no number': post(['content-length: 12x'], BODY, { length: false }),
      'a negative length': post(['content-length: -1'], BODY, { length: false }),
      'a signed length': post([`content-length: +${BODY.length}`], BODY, { length: false }),
      'a length beyond 64 bits': post(['content-length: 99999999999999999999999'], BODY, { length: false }),
      'both a length and chunked': post(['transfer-encoding: chunked'], '0\r\n\r\n'),
      'chunked, then something else': post(['transfer-encoding: chunked, identity'], '0\r\n\r\n', { length: false }),
      'an unknown transfer coding': post(['transfer-encoding: xchunked'], '0\r\n\r\n', { length: false }),
      'a bare LF in the head': `POST /v1/messages HTTP/1.1\nhost: localhost\ncontent-length: ${BODY.length}\n\n${BODY}`,
      'a bare LF after one field': post(['x-a: 1\nx-b: 2']),
      'a bare CR in a value': post(['x-a: 1\rx-b: 2']),
      'a folded field': post(['x-a: 1', ' continued']),
      'a space before the colon': post(['x-a : 1']),
      'a space before the first field': `POST /v1/messages HTTP/1.1\r\n x-a: 1\r\nhost: localhost\r\n\r\n`,
      'a field without a name': post([': 1']),
      'a field without a colon': post(['x-a']),
      'a NUL in a value': post(['x-a: 1\0']),
      'a chunk size that is no number': chunked(`zz\r\n${BODY}\r\n0\r\n\r\n`),
      'a chunk size with a sign': chunked(`+1\r\nx\r\n0\r\n\r\n`),
      'an empty chunk size': chunked(`\r\nx\r\n0\r\n\r\n`),
      'a chunk size beyond 64 bits': chunked(`fffffffffffffffff\r\nx\r\n0\r\n\r\n`),
      'a chunk longer than its size': chunked(`1\r\nxy\r\n0\r\n\r\n`),
      'a chunk that ends in LF alone': chunked(`1\nx\n0\n\n`),
      'a request line that is none': 'hello\r\n\r\n',
      'a control character in the target': 'GET /v1/mod\x01els HTTP/1.1\r\nhost: localhost\r\n\r\n',
    };
    for (const [what, bytes] of Object.entries(CASES)) it(what, () => refused(bytes));
  });

  it('does not take what follows a refused request for a request', async () => {
    await refused(post(['transfer-encoding: chunked'], '0\r\n\r\nGET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n'));
  });

  it('accepts two equal lengths or refuses them, but never forwards two', async () => {
    const [response] = await rawExchange(proxy.port, post([`content-length: ${BODY.length}`]));
    if (response.status === 400) return;
    assert.equal(response.status, 200);
    assert.equal(provider.last().headerList.filter(([name]) => /content-length/i.test(name)).length, 1);
  });

  describe('accepts', () => {
    it('chunked bodies with extensions and trailers, cut anywhere', async () => {
      const chunks = [BODY.slice(0, 5), BODY.slice(5)].map(
        (part) => `${part.length.toString(16).toUpperCase()};ext="a b"\r\n${part}\r\n`,
      );
      const bytes = post(['transfer-encoding: chunked'], `${chunks.join('')}0\r\nx-trailer: 1\r\n\r\n`, {
        length: false,
      });
      for (const step of [1, 3, 50, 1000]) {
        const connection = connect(proxy.port);
        for (let at = 0; at < bytes.length; at += step) {
          connection.send(bytes.slice(at, at + step));
          if (step < 50) await new Promise(setImmediate);
        }
        await connection.until(() => readResponses(connection.received()).length === 1);
        connection.destroy();
        assert.equal(provider.last().body.toString(), BODY);
      }
    });

    it('pipelined requests and answers them in order', async () => {
      const ids = [1, 2, 3, 4, 5];
      for (const i of ids)
        provider.reply(
          { status: 200, headers: [['content-type', 'text/plain']], body: `answer ${i}`, delayMs: (6 - i) * 10 },
          { key: `k${i}` },
        );
      const bytes = ids.map((i) => post([]).replace('x-api-key: k', `x-api-key: k${i}`)).join('');
      const responses = await rawExchange(proxy.port, bytes, { count: 5 });
      assert.deepEqual(
        responses.map((response) => response.body.toString()),
        ids.map((i) => `answer ${i}`),
      );
    });

    it('many requests on one connection', async () => {
      const connection = connect(proxy.port);
      for (let i = 1; i <= 50; ++i) {
        connection.send(post([]));
        await connection.until(() => readResponses(connection.received()).length === i);
      }
      assert.ok(!connection.isClosed());
      connection.destroy();
    });

    it('closes after a response when asked to', async () => {
      const connection = connect(proxy.port);
      connection.send(post(['connection: close']));
      await connection.closed;
      assert.equal(readResponses(connection.received())[0].status, 200);
    });

    it('Expect: 100-continue, with the go-ahead before the body', async () => {
      const connection = connect(proxy.port);
      connection.send(post(['expect: 100-continue'], BODY).slice(0, -BODY.length));
      await connection.until((seen) => seen.startsWith('HTTP/1.1 100'));
      assert.equal(provider.requests().length, 0);
      connection.send(BODY);
      await connection.until(() => readResponses(connection.received()).length === 1);
      connection.destroy();
      assert.equal(readResponses(connection.received())[0].status, 200);
      assert.equal(provider.last().body.toString(), BODY);
    });

    it('HTTP/1.0, and closes', async () => {
      const connection = connect(proxy.port);
      connection.send(post([], BODY, { version: '1.0' }));
      await connection.closed;
      const [response] = readResponses(connection.received());
      assert.equal(response.status, 200);
      assert.equal(response.headers['transfer-encoding'], undefined);
      assert.equal(provider.last().body.toString(), BODY);
    });

    it('HTTP/1.0 streams, which end with the connection', async () => {
      provider.reply({ text: 'to a very old client' });
      const connection = connect(proxy.port);
      connection.send(post([], BODY.replace('{', '{"stream":true,'), { version: '1.0' }));
      await connection.closed;
      const [head, body] = connection.received().toString().split('\r\n\r\n', 2);
      assert.doesNotMatch(head, /transfer-encoding/i);
      assert.equal(
        connection
          .received()
          .subarray(Buffer.byteLength(head) + 4)
          .toString(),
        provider.last().sent.toString(),
      );
      assert.match(body, /^event: message_start/);
    });

    it('empty lines before a request line', async () => {
      const [response] = await rawExchange(proxy.port, `\r\n${post([])}`);
      assert.equal(response.status, 200);
    });

    it('a client that half-closes after its request', async () => {
      const connection = connect(proxy.port);
      provider.reply({ text: 'late', delayMs: 50 });
      connection.socket.allowHalfOpen = true;
      connection.send(post([]));
      await eventually(() => provider.last()?.complete, 'the request arrived');
      await connection.until(() => readResponses(connection.received()).length === 1);
      connection.destroy();
    });
  });

  describe('limits the head', () => {
    // A GET whose head has exactly `bytes` bytes, the empty line included.
    function head(bytes) {
      const start = 'GET /v1/models HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer k\r\nx-fill: ';
      return `${start}${'f'.repeat(bytes - start.length - 4)}\r\n\r\n`;
    }

    it('64 KB pass', async () => {
      const [response] = await rawExchange(proxy.port, head(MAX_HEAD_BYTES));
      assert.equal(response.status, 200);
      assert.ok(provider.last().headers['x-fill'].length > 65_000);
    });

    it('one byte more is refused with 431 and closed', () => refused(head(MAX_HEAD_BYTES + 1), 431));

    it('a head that never ends is refused', () =>
      refused(`GET /v1/models HTTP/1.1\r\nx: ${'f'.repeat(3 * MAX_HEAD_BYTES)}`, 431));
  });

  describe('limits the body', () => {
    async function upload(path, total, { chunked, api }) {
      const connection = connect(proxy.port);
      const credential = api === 'openai' ? 'authorization: Bearer k' : 'x-api-key: k';
      connection.send(
        `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${credential}\r\n${chunked ? 'transfer-encoding: chunked' : `content-length: ${total}`}\r\n\r\n`,
      );
      for (
        let left = total;
        left > 0 && !connection.isClosed() && connection.received().length === 0;
        left -= PIECE.length
      ) {
        const piece = PIECE.subarray(0, Math.min(left, PIECE.length));
        if (chunked) connection.send(`${piece.length.toString(16)}\r\n`);
        const flushed = connection.send(piece);
        if (chunked) connection.send('\r\n');
        if (!flushed)
          await Promise.race([new Promise((resolve) => connection.socket.once('drain', resolve)), connection.closed]);
      }
      if (chunked && !connection.isClosed()) connection.send('0\r\n\r\n');
      await connection.until(() => readResponses(connection.received()).length === 1, 30_000);
      connection.destroy();
      return readResponses(connection.received())[0];
    }

    for (const chunked of [false, true]) {
      const how = chunked ? 'chunked' : 'with a length';
      it(`100 MiB pass ${how}`, async () => {
        const response = await upload('/v1/messages', MAX_BODY_BYTES, { chunked });
        assert.equal(response.status, 400, 'the provider says that it is not JSON');
        assert.equal(provider.last().body.length, MAX_BODY_BYTES);
        provider.forget();
      });

      it(`one byte more is 413 in Anthropic's shape ${how}`, async () => {
        const response = await upload('/v1/messages', MAX_BODY_BYTES + 1, { chunked });
        assert.equal(response.status, 413);
        const error = JSON.parse(response.body);
        assert.equal(error.type, 'error');
        assert.equal(error.error.type, 'request_too_large');
        assert.equal(provider.requests().length, 0);
      });

      it(`one byte more is 413 in OpenAI's shape ${how}`, async () => {
        const response = await upload('/v1/chat/completions', MAX_BODY_BYTES + 1, { chunked, api: 'openai' });
        assert.equal(response.status, 413);
        assert.match(JSON.parse(response.body).error.message, /\S/);
        assert.equal(provider.requests().length, 0);
      });
    }

    it('what is only passed through may be larger', async () => {
      const response = await upload('/v1/files', MAX_BODY_BYTES + 5, { chunked: false, api: 'openai' });
      assert.equal(response.status, 200);
      assert.equal(JSON.parse(response.body).bytes, MAX_BODY_BYTES + 5);
      provider.forget();
    });
  });

  it('goes on serving after all of this', async () => {
    const reply = await request({ url: `${proxy.url}/v1/models`, headers: [['x-api-key', 'k']] });
    assert.equal(reply.status, 200);
  });
});
