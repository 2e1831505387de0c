// TLS between the client and the proxy.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';

import { startProvider } from '../provider/provider.mjs';
import { credentials, post, rawExchange, request, stream } from './support/http.mjs';
import { runToEnd, startProxy, temporaryFolder } from './support/proxy.mjs';

const file = (name) => fileURLToPath(new URL(`../provider/tls/${name}`, import.meta.url));
const CERT = file('server.pem'); // of 127.0.0.1, signed by ca.pem
const KEY = file('server.key');
const TRUST = { ca: readFileSync(file('ca.pem')) };
const BODY = { model: 'claude-sonnet-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };
const WITH_TLS = { secure: true, args: ['--tls-cert', CERT, '--tls-key', KEY] };

describe('a listener with a certificate', () => {
  let provider;
  let proxy;
  before(async () => {
    provider = await startProvider();
    proxy = await startProxy({ provider, ...WITH_TLS });
  });
  after(async () => {
    await proxy.stop();
    await provider.close();
  });
  beforeEach(() => provider.forget());

  it('serves requests to a client that verifies it, and says https at the start', async () => {
    const reply = await post(proxy.url, '/v1/messages', BODY, { tls: TRUST });
    assert.equal(reply.status, 200, reply.text());
    assert.equal(provider.last().json().messages[0].content, 'hi');
    assert.match(proxy.stdout(), new RegExp(`ANTHROPIC_BASE_URL=https://127\\.0\\.0\\.1:${proxy.port} claude`));
    assert.equal((await request({ url: `${proxy.url}/health`, tls: TRUST })).status, 200);
  });

  it('carries streams and large bodies', async () => {
    const streamed = await stream({
      url: `${proxy.url}/v1/messages`,
      method: 'POST',
      headers: [...credentials('anthropic', 'k'), ['content-type', 'application/json']],
      body: JSON.stringify({ ...BODY, stream: true }),
      tls: TRUST,
    });
    assert.equal(streamed.cut, false);
    assert.match(streamed.text(), /event: message_stop/);
    const text = 'word '.repeat(100_000);
    const large = { ...BODY, messages: [{ role: 'user', content: text }] };
    assert.equal((await post(proxy.url, '/v1/messages', large, { tls: TRUST })).status, 200);
    assert.equal(provider.last().json().messages[0].content.length, text.length);
  });

  it('speaks http/1.1 over TLS 1.2 and 1.3', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const socket = tls.connect({
        ...TRUST,
        port: proxy.port,
        host: '127.0.0.1',
        ALPNProtocols: ['h2', 'http/1.1'],
        minVersion: version,
        maxVersion: version,
      });
      await new Promise((done, fail) => socket.once('secureConnect', done).once('error', fail));
      assert.deepEqual([socket.alpnProtocol, socket.getProtocol()], ['http/1.1', version]);
      socket.destroy();
    }
  });

  it('tells a client without TLS so, and outlives noise', async () => {
    const [reply] = await rawExchange(proxy.port, 'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
    assert.equal(reply.status, 400);
    assert.match(reply.body.toString(), /https/);
    for (const noise of ['\x16\x03\x01', '\0'.repeat(5000), '\x16\x03\x01\x40\x00'.padEnd(20_000, 'z')]) {
      const socket = net.connect(proxy.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(noise, 'latin1');
      socket.end();
      await new Promise((done) => socket.once('close', done).resume());
    }
    assert.equal((await request({ url: `${proxy.url}/livez`, tls: TRUST })).status, 200);
  });
});

describe('a start with a certificate that cannot be used', () => {
  const folder = temporaryFolder();
  const ends = async (args, code, sentence) => {
    const end = await runToEnd(['proxy', '--port', '9', '--data-dir', join(folder, 'data'), ...args]);
    assert.equal(end.code, code, end.stderr);
    assert.match(end.stderr, sentence);
  };

  it('names the setting and the file', async () => {
    const noise = join(folder, 'noise.pem');
    writeFileSync(noise, 'nothing\n');
    await ends(['--tls-cert', CERT, '--tls-key', file('ca.pem')], 1, /^headroom: tls_key: no PEM key .* \/.*ca\.pem\n$/);
    await ends(['--tls-cert', noise, '--tls-key', KEY], 1, /^headroom: tls_cert: no PEM certificate .*noise\.pem\n$/);
    await ends(['--tls-cert', file('ca.pem'), '--tls-key', KEY], 1, /^headroom: tls_key: the key of another certificate/);
    await ends(['--tls-cert', CERT, '--tls-key', join(folder, 'none')], 1, /^headroom: tls_key: .*none\n$/);
    await ends(['--tls-cert', CERT], 2, /^headroom: tls_cert is given without tls_key: TLS needs both\n$/);
  });
});
