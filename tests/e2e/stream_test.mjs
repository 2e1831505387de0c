// Streams: bytes as they came and when they came, of each API; a client
// that leaves, a provider that breaks off, a reader that is slow.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import { after, describe, it } from 'node:test';

import { Random } from './support/data.mjs';
import { connect, credentials, eventually, open, sleep, stream } from './support/http.mjs';
import { startListener } from './support/listener.mjs';
import { startPair } from './support/pair.mjs';
import { startProxy } from './support/proxy.mjs';

const TEXT = 'Grüße, 世界 \u{1f600} — a reply of some length. '.repeat(12);
const REPLY = { text: TEXT, calls: [{ id: 'toolu_1', name: 'Bash', input: { command: 'ls "/tmp/ä"' } }] };
const PROMPT = [{ role: 'user', content: 'hello' }];
const APIS = {
  anthropic: {
    path: '/v1/messages',
    body: { model: 'claude-sonnet-4-5', max_tokens: 99, stream: true, messages: PROMPT },
  },
  openai: {
    path: '/v1/chat/completions',
    body: { model: 'gpt-5.1', stream: true, stream_options: { include_usage: true }, messages: PROMPT },
  },
  responses: {
    path: '/v1/responses',
    body: { model: 'gpt-5.1', stream: true, input: PROMPT },
  },
};

const { provider, proxy } = await startPair();

describe('streams', () => {
  function call(api, extra = {}) {
    const { path, body } = APIS[api];
    return {
      url: proxy.url + path,
      method: 'POST',
      headers: [...credentials(api, 'k'), ['content-type', 'application/json']],
      body: JSON.stringify(body),
      ...extra,
    };
  }

  const FRAMINGS = {
    'as the provider frames it': {},
    'with CRLF line ends': { newline: '\r\n' },
    'with comments': { comments: true },
    'without the last blank line': { finalBlank: false },
    'one byte at a time, so that characters are split': { pieceBytes: 1 },
    'cut at odd places': { pieceBytes: 7, newline: '\r\n', comments: true, finalBlank: false },
  };
  for (const api of Object.keys(APIS)) {
    for (const [how, sse] of Object.entries(FRAMINGS)) {
      it(`${api}: the bytes are the provider's ${how}`, async () => {
        provider.reply({ ...REPLY, sse });
        const reply = await stream(call(api));
        assert.equal(reply.status, 200);
        assert.equal(reply.headers['content-type'], 'text/event-stream; charset=utf-8');
        assert.ok(reply.body.equals(provider.last().sent), 'bytes differ');
        assert.equal(reply.cut, false);
        assert.equal(reply.headers['request-id'], provider.last().id);
      });
    }

    it(`${api}: each event goes on at once`, async () => {
      provider.reply({ ...REPLY, sse: { gapMs: 25 } });
      const reply = await stream(call(api));
      const { writtenAt } = provider.last();
      assert.equal(reply.pieces.length, writtenAt.length, 'events were held back and joined');
      const delays = writtenAt.map((at, i) => reply.pieces[i].at - at).sort((a, b) => a - b);
      assert.ok(delays[Math.floor(delays.length / 2)] < 10, `median delay ${delays[Math.floor(delays.length / 2)]} ms`);
      assert.ok(delays.at(-1) < 25 * 4, `longest delay ${delays.at(-1)} ms`);
    });

    it(`${api}: the head goes on before any event`, async () => {
      provider.reply({ fault: 'hang-body', body: ': hello\n\n' });
      const begun = performance.now();
      const { incoming, outgoing } = await open(call(api, { fresh: true }));
      assert.equal(incoming.statusCode, 200);
      assert.ok(performance.now() - begun < 1000);
      outgoing.destroy();
    });

    it(`${api}: a connection cut in mid-stream is cut for the client too`, async () => {
      const body =
        'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":1}}}\n\nevent: ping\ndata: {"type":"pi';
      provider.reply({ fault: 'cut', body, afterBytes: body.length });
      const reply = await stream(call(api, { fresh: true }));
      assert.equal(reply.status, 200);
      assert.equal(reply.text(), body, 'nothing is added to what came');
      assert.ok(reply.cut, 'the client must see a cut, not an end');
    });

    it(`${api}: a client that leaves cancels the request upstream within 100 ms`, async () => {
      provider.reply({ ...REPLY, sse: { gapMs: 20 } });
      const { incoming, outgoing } = await open(call(api, { fresh: true }));
      await new Promise((resolve) => incoming.once('data', resolve));
      incoming.on('error', () => {});
      outgoing.destroy();
      const left = performance.now();
      const closed = await provider.last().closed;
      assert.equal(provider.last().finished, false);
      assert.ok(closed - left < 100, `cancelled after ${closed - left} ms`);
    });

    it(`${api}: a client that leaves before the head cancels too`, async () => {
      provider.reply({ fault: 'hang' });
      const connection = connect(proxy.port);
      const { path, body } = APIS[api];
      const text = JSON.stringify(body);
      const head = credentials(api, 'k')
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('');
      connection.send(
        `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${head}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      );
      await eventually(() => provider.last()?.complete, 'the request reached the provider');
      connection.destroy();
      const left = performance.now();
      const closed = await provider.last().closed;
      assert.ok(closed - left < 100, `cancelled after ${closed - left} ms`);
    });

    for (const status of [401, 429, 529]) {
      it(`${api}: a ${status} to a streaming request is a ${status}`, async () => {
        const body = '{"type":"error","error":{"type":"some_error","message":"no"}}';
        provider.reply({
          status,
          headers: [
            ['content-type', 'application/json'],
            ['retry-after', '9'],
          ],
          body,
        });
        const reply = await stream(call(api));
        assert.deepEqual([reply.status, reply.headers['retry-after'], reply.text()], [status, '9', body]);
      });
    }

    it(`${api}: an HTML answer passes`, async () => {
      provider.reply({ fault: 'html' });
      const reply = await stream(call(api));
      assert.equal(reply.headers['content-type'], 'text/html');
      assert.ok(reply.body.equals(provider.last().sent));
    });
  }

  it('openai: usage arrives only when the client asked for it', async () => {
    provider.reply(REPLY);
    const reply = await stream(
      call('openai', { body: JSON.stringify({ ...APIS.openai.body, stream_options: undefined }) }),
    );
    assert.equal(provider.last().json().stream_options, undefined);
    assert.ok(!reply.text().includes('"usage"'));
  });

  it('a slow reader holds the provider back and costs bounded memory', async (t) => {
    const total = 96 * 1024 * 1024;
    const piece = Buffer.alloc(64 * 1024, 'data: x\n');
    const flood = await startFlood(piece, total);
    t.after(() => flood.close());
    const slow = await startProxy({ anthropic: flood.url });
    t.after(() => slow.kill());
    const { body } = APIS.anthropic;
    const text = JSON.stringify(body);
    const connection = connect(slow.port);
    t.after(() => connection.destroy());
    connection.socket.pause();
    connection.send(
      `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: k\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    );
    await sleep(1500);
    const before = flood.written();
    assert.ok(before < total / 2, `the provider could write ${before} bytes although nobody reads`);
    assert.ok(residentBytes(slow.child.pid) < 160 * 1024 * 1024, `resident ${residentBytes(slow.child.pid)}`);
    connection.socket.resume();
    await eventually(() => connection.socket.bytesRead > total, 'the rest arrived', 30_000);
  });

  // A client that uploads `total` bytes to a path that is only carried.
  function upload(port, total) {
    const connection = connect(port);
    connection.send(
      `POST /v1/files HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer k\r\ncontent-length: ${total}\r\n\r\n`,
    );
    let written = 0;
    const piece = Buffer.alloc(256 * 1024, 'x');
    const more = () => {
      while (written < total && !connection.isClosed()) {
        written += piece.length;
        if (!connection.send(piece)) {
          connection.socket.once('drain', more);
          return;
        }
      }
    };
    more();
    return { connection, written: () => written - connection.socket.writableLength };
  }

  it('a provider that does not read holds an upload back, in bounded memory', async (t) => {
    const deaf = await startListener((socket) => socket.pause());
    t.after(() => deaf.close());
    const mine = await startProxy({ openai: deaf.url });
    t.after(() => mine.kill());
    const total = 128 * 1024 * 1024;
    const { connection, written } = upload(mine.port, total);
    t.after(() => connection.destroy());
    await sleep(1500);
    assert.ok(written() < total / 2, `${written()} bytes were taken`);
    assert.ok(residentBytes(mine.child.pid) < 160 * 1024 * 1024, `resident ${residentBytes(mine.child.pid)}`);
  });

  it('a provider that answers before the end of an upload is heard', async (t) => {
    const answer =
      'HTTP/1.1 413 Too Large\r\ncontent-type: text/plain\r\ncontent-length: 5\r\nconnection: close\r\n\r\nlarge';
    const hasty = await startListener((socket) => {
      socket.once('data', () => socket.write(answer));
    });
    t.after(() => hasty.close());
    const mine = await startProxy({ openai: hasty.url });
    t.after(() => mine.kill());
    const { connection } = upload(mine.port, 1024 * 1024 * 1024);
    t.after(() => connection.destroy());
    await connection.until((seen) => seen.endsWith('large'), 5000);
    assert.match(connection.received().toString(), /^HTTP\/1\.1 413 /);
  });

  it('a storm of clients that leave at any moment leaves nothing behind', async (t) => {
    const stormy = await startProxy({ provider });
    t.after(() => stormy.stop());
    const random = new Random(7);
    const descriptors = () => readdirSync(`/proc/${stormy.child.pid}/fd`).length;
    const { path, body } = APIS.anthropic;
    const text = JSON.stringify(body);
    const bytes = `POST ${path} HTTP/1.1\r\nhost: localhost\r\nx-api-key: k\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
    const leave = async () => {
      provider.reply({ ...REPLY, sse: { gapMs: 2 } });
      const connection = connect(stormy.port);
      connection.send(bytes.slice(0, random.chance(0.2) ? random.below(bytes.length) : bytes.length));
      await sleep(random.below(60));
      if (random.chance(0.5)) connection.socket.resetAndDestroy();
      else connection.destroy();
    };
    await leave();
    const before = descriptors();
    for (let round = 0; round < 10; ++round) await Promise.all(Array.from({ length: 40 }, leave));
    await Promise.all(provider.requests().map((request) => request.closed)); // each ended upstream
    provider.forget();
    await eventually(() => descriptors() <= before + 70, 'descriptors were given back'); // up to 64 kept connections
    const reply = await stream(call('anthropic', { url: stormy.url + path }));
    assert.ok(reply.body.equals(provider.last().sent));
  });

  it('streams a response of unknown length without holding it', async () => {
    provider.reply({
      fault: 'raw',
      bytes: 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: until close\n\n',
    });
    const reply = await stream(call('openai', { fresh: true }));
    assert.equal(reply.text(), 'data: until close\n\n');
  });
});

function residentBytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

// A provider that writes `total` bytes as fast as it is let.
async function startFlood(piece, total) {
  let written = 0;
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const more = () => {
      while (written < total) {
        written += piece.length;
        if (!response.write(piece)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    request.on('end', more);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    written: () => written,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
