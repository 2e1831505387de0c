// Upstreams over TLS: which authorities are trusted, and the way through an
// HTTP proxy.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startProvider } from '../provider/provider.mjs';
import { post } from './support/http.mjs';
import { startProxy } from './support/proxy.mjs';

const file = (name) => fileURLToPath(new URL(`../provider/tls/${name}`, import.meta.url));
const AUTHORITY = file('ca.pem'); // signed the certificate of 127.0.0.1 and provider.test
const BODY = { model: 'claude-sonnet-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };

describe('an https upstream', () => {
  let provider;
  before(async () => {
    provider = await startProvider({
      tls: { key: readFileSync(file('server.key')), cert: readFileSync(file('server.pem')) },
    });
  });
  after(() => provider.close());
  beforeEach(() => provider.forget());

  async function ask(t, options) {
    const proxy = await startProxy({ provider, ...options });
    t.after(() => proxy.stop());
    return post(proxy.url, '/v1/messages', BODY);
  }

  const TRUSTED = {
    'ca_file in the configuration': { config: `ca_file = "${AUTHORITY}"\n` },
    '--ca-file': { args: ['--ca-file', AUTHORITY] },
    SSL_CERT_FILE: { env: { SSL_CERT_FILE: AUTHORITY } },
    NODE_EXTRA_CA_CERTS: { env: { NODE_EXTRA_CA_CERTS: AUTHORITY } },
  };
  for (const [how, options] of Object.entries(TRUSTED)) {
    it(`is trusted by ${how}`, async (t) => {
      const reply = await ask(t, options);
      assert.equal(reply.status, 200, reply.text());
      assert.equal(provider.last().json().messages[0].content, 'hi');
    });
  }

  it('of an unknown authority gets no request: 502', async (t) => {
    const reply = await ask(t, {});
    assert.equal(reply.status, 502);
    assert.equal(reply.json().type, 'error');
    assert.equal(provider.requests().length, 0);
  });

  it('with a certificate of another name gets no request: 502', async (t) => {
    const url = provider.url.replace('127.0.0.1', 'localhost');
    const reply = await ask(t, { anthropic: url, args: ['--ca-file', AUTHORITY] });
    assert.equal(reply.status, 502);
    assert.equal(provider.requests().length, 0);
  });

  it('streams', async (t) => {
    const proxy = await startProxy({ provider, args: ['--ca-file', AUTHORITY] });
    t.after(() => proxy.stop());
    provider.reply({ text: 'Grüße '.repeat(50), sse: { pieceBytes: 5 } });
    const reply = await post(proxy.url, '/v1/messages', { ...BODY, stream: true });
    assert.ok(reply.body.equals(provider.last().sent));
  });

  it('whose ca_file is missing: the program does not start and says why', async () => {
    await assert.rejects(
      startProxy({ provider, args: ['--ca-file', '/nonexistent/ca.pem'] }),
      /\/nonexistent\/ca\.pem/,
    );
  });

  describe('behind an HTTP proxy', () => {
    let tunnel;
    before(async () => {
      tunnel = await startTunnel();
    });
    after(() => tunnel.close());
    beforeEach(() => (tunnel.asked.length = 0));

    // A name that only the tunnel resolves.
    const elsewhere = () => provider.url.replace('127.0.0.1', 'provider.test');
    const trusting = (env) => ({ anthropic: elsewhere(), args: ['--ca-file', AUTHORITY], env });

    for (const name of ['HTTPS_PROXY', 'https_proxy']) {
      it(`is reached by CONNECT: ${name}`, async (t) => {
        const reply = await ask(t, trusting({ [name]: tunnel.url }));
        assert.equal(reply.status, 200, reply.text());
        assert.deepEqual(tunnel.asked, [new URL(elsewhere()).host]);
      });
    }

    it('is not looked for there when NO_PROXY names it', async (t) => {
      const reply = await ask(t, trusting({ HTTPS_PROXY: tunnel.url, NO_PROXY: 'example.com,.test' }));
      assert.equal(reply.status, 502);
      assert.deepEqual(tunnel.asked, []);
    });

    it('on this machine is reached directly', async (t) => {
      const reply = await ask(t, { args: ['--ca-file', AUTHORITY], env: { HTTPS_PROXY: tunnel.url } });
      assert.equal(reply.status, 200, reply.text());
      assert.deepEqual(tunnel.asked, []);
    });

    it('is verified through the tunnel too', async (t) => {
      const reply = await ask(t, { anthropic: elsewhere(), env: { HTTPS_PROXY: tunnel.url } });
      assert.equal(reply.status, 502);
      assert.equal(provider.requests().length, 0);
    });

    it('is out of reach when the tunnel is refused: 502', async (t) => {
      tunnel.refuse = true;
      t.after(() => (tunnel.refuse = false));
      const reply = await ask(t, trusting({ HTTPS_PROXY: tunnel.url }));
      assert.equal(reply.status, 502);
      assert.equal(tunnel.asked.length, 1);
    });
  });
});

// An HTTP proxy that knows CONNECT and takes every name for this machine.
// `asked` lists the hosts.
async function startTunnel() {
  const sockets = new Set();
  const tunnel = { asked: [], refuse: false };
  const server = http.createServer((request, response) => response.writeHead(405).end());
  server.on('connect', (request, client) => {
    tunnel.asked.push(request.url);
    if (tunnel.refuse) return client.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    const port = Number(request.url.split(':')[1]);
    const upstream = net.connect({ host: '127.0.0.1', port }, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => [client, upstream].forEach((end) => end.destroy()));
    }
    return undefined;
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  tunnel.url = `http://127.0.0.1:${server.address().port}`;
  tunnel.close = () => {
    sockets.forEach((socket) => socket.destroy());
    return new Promise((resolve) => server.close(resolve));
  };
  return tunnel;
}
