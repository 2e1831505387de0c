// Who may use the proxy: names it may be asked under, pages, tokens, the admin paths.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { credentials, post, rawExchange, request } from './support/http.mjs';
import { runToEnd, startProxy, temporaryFolder } from './support/proxy.mjs';

const BODY = { model: 'claude-sonnet-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };
const CHAT = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] };
const TOKEN = 'proxy-token-of-this-test';
const ADMIN = 'admin-token-of-this-test';
const ADMIN_PATHS = ['/stats', '/metrics', '/dashboard', '/dashboard/data', '/v1/toin/stats', '/v1/feedback', '/v1/telemetry'];

describe('who may use the proxy', () => {
  let provider;
  before(async () => {
    provider = await startProvider();
  });
  after(() => provider.close());
  beforeEach(() => provider.forget());

  async function start(t, options = {}) {
    const proxy = await startProxy({ provider, ...options });
    t.after(() => proxy.stop());
    return proxy;
  }

  const withHost = (proxy, host, path, body) =>
    rawExchange(
      proxy.port,
      `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer k\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );

  it('a forged host gets 403 in the envelope of the API, and the provider gets nothing', async (t) => {
    const proxy = await start(t);
    for (const [path, value] of Object.entries({ '/v1/messages': BODY, '/v1/chat/completions': CHAT })) {
      const [reply] = await withHost(proxy, `evil.example:${proxy.port}`, path, JSON.stringify(value));
      assert.equal(reply.status, 403);
      const error = JSON.parse(reply.body).error;
      assert.match(error.message, /^headroom: the host 'evil\.example:\d+' .*allowed_hosts/);
      assert.equal(error.type, path === '/v1/messages' ? 'permission_error' : 'invalid_request_error');
    }
    for (const path of ['/health', '/stats', '/metrics']) {
      const [reply] = await rawExchange(proxy.port, `GET ${path} HTTP/1.1\r\nhost: evil.example\r\n\r\n`);
      assert.equal(reply.status, 403, path);
    }
    assert.equal(provider.requests().length, 0);
    const metrics = (await request({ url: `${proxy.url}/metrics` })).text();
    assert.match(metrics, /^headroom_refused_total\{reason="host"\} 5$/m);
    assert.match(metrics, /^headroom_requests_total 0$/m, 'what is refused is no request of a provider');
  });

  it('names in allowed_hosts are served', async (t) => {
    const proxy = await start(t, { config: 'allowed_hosts = ["headroom.lan", "*.example"]\n' });
    const body = JSON.stringify(BODY);
    for (const host of ['headroom.lan', `a.example:${proxy.port}`, 'localhost', '[::1]:1', '10.1.2.3'])
      assert.equal((await withHost(proxy, host, '/v1/messages', body))[0].status, 200, host);
    assert.equal((await withHost(proxy, 'other.lan', '/v1/messages', body))[0].status, 403);
  });

  it('a page of another host may do nothing, and no CORS field is answered', async (t) => {
    const proxy = await start(t);
    const from = (origin, method = 'POST') =>
      request({
        url: `${proxy.url}/v1/messages`,
        method,
        headers: [...credentials('anthropic', 'k'), ['origin', origin], ['content-type', 'text/plain']],
        body: method === 'POST' ? JSON.stringify(BODY) : undefined,
      });
    for (const method of ['POST', 'OPTIONS', 'GET']) {
      const reply = await from('https://evil.example', method);
      assert.equal(reply.status, 403, method);
      assert.ok(!Object.keys(reply.headers).some((name) => name.startsWith('access-control-')));
    }
    assert.equal(provider.requests().length, 0);
    const own = await from(`http://localhost:${proxy.port}`);
    assert.equal(own.status, 200);
    assert.ok(!Object.keys(own.headers).some((name) => name.startsWith('access-control-')));
  });

  describe('with a proxy token', () => {
    const ways = {
      '--proxy-token': () => ({ args: ['--proxy-token', TOKEN] }),
      HEADROOM_PROXY_TOKEN: () => ({ env: { HEADROOM_PROXY_TOKEN: TOKEN } }),
      'a file': () => {
        const file = join(temporaryFolder(), 'token');
        writeFileSync(file, `${TOKEN}\n`);
        return { config: `proxy_token = "@${file}"\n` };
      },
    };
    for (const [way, options] of Object.entries(ways)) {
      it(`given by ${way}, clients need it, and the provider never sees it`, async (t) => {
        const proxy = await start(t, { ...options(), logLevel: 'debug' });
        for (const [path, value] of Object.entries({ '/v1/messages': BODY, '/v1/chat/completions': CHAT })) {
          const without = await post(proxy.url, path, value, { key: 'sk-own' });
          assert.equal(without.status, 401, path);
          assert.match(without.json().error.message, /x-headroom-token/);
          const wrong = await post(proxy.url, path, value, { headers: [['x-headroom-token', `${TOKEN}x`]] });
          assert.equal(wrong.status, 401);
          assert.equal(provider.requests().length, 0);
          for (const header of [
            ['x-headroom-token', TOKEN],
            ['proxy-authorization', `Bearer ${TOKEN}`],
            ['proxy-authorization', `Basic ${Buffer.from(`me:${TOKEN}`).toString('base64')}`],
          ]) {
            provider.forget();
            const reply = await post(proxy.url, path, value, { key: 'sk-own', headers: [header] });
            assert.equal(reply.status, 200, reply.text());
            const seen = provider.last();
            const flat = JSON.stringify(seen.headerList ?? seen.headers);
            assert.ok(!flat.includes(TOKEN) && !/x-headroom|proxy-auth/i.test(flat), flat);
            assert.ok(flat.includes('sk-own'), "the client's own credential goes on");
          }
          provider.forget();
        }
        for (const path of ['/health', '/livez', '/readyz', '/stats'])
          assert.equal((await request({ url: proxy.url + path })).status, 200, path);
        assert.equal((await request({ url: `${proxy.url}/v1/retrieve/${'0'.repeat(24)}` })).status, 401);
        const allowed = await request({
          url: `${proxy.url}/v1/retrieve/${'0'.repeat(24)}`,
          headers: [['x-headroom-token', TOKEN]],
        });
        assert.equal(allowed.status, 404);
        for (const text of [proxy.stdout(), proxy.stderr()]) assert.ok(!text.includes(TOKEN), text);
      });
    }

    it('a token of many kilobytes is a wrong one', async (t) => {
      const proxy = await start(t, { args: ['--proxy-token', TOKEN] });
      const reply = await post(proxy.url, '/v1/messages', BODY, { headers: [['x-headroom-token', 'a'.repeat(60_000)]] });
      assert.equal(reply.status, 401);
    });
  });

  it('without an admin token the admin paths are for this machine, not for what was passed on to it', async (t) => {
    const proxy = await start(t);
    for (const path of ADMIN_PATHS) {
      const forwarded = await request({ url: proxy.url + path, headers: [['x-forwarded-for', '203.0.113.7']] });
      assert.equal(forwarded.status, 403, path);
      assert.notEqual((await request({ url: proxy.url + path })).status, 403, path);
    }
  });

  it('with an admin token the admin paths ask for it', async (t) => {
    const proxy = await start(t, { env: { HEADROOM_ADMIN_TOKEN: ADMIN, HEADROOM_PROXY_TOKEN: TOKEN } });
    for (const path of ADMIN_PATHS) {
      const bare = await request({ url: proxy.url + path });
      assert.equal(bare.status, 401, path);
      assert.match(bare.headers['www-authenticate'], /^Basic /);
      for (const header of [
        ['authorization', `Bearer ${ADMIN}`],
        ['x-headroom-admin-token', ADMIN],
        ['authorization', `Basic ${Buffer.from(`admin:${ADMIN}`).toString('base64')}`],
      ]) {
        const reply = await request({
          url: proxy.url + path,
          headers: [header, ['x-forwarded-for', '203.0.113.7']],
        });
        assert.ok(![401, 403].includes(reply.status), `${path} with ${header[0]}: ${reply.status}`);
      }
      assert.equal((await request({ url: proxy.url + path, headers: [['x-headroom-token', TOKEN]] })).status, 401);
    }
    for (const path of ['/health', '/livez', '/readyz'])
      assert.equal((await request({ url: proxy.url + path })).status, 200, path);
  });

  it('a bind that others reach is warned of, unless a token is asked for', async (t) => {
    const open = await start(t, { args: ['--host', '0.0.0.0'] });
    assert.match(open.stdout(), /^ {2}Warning .*--proxy-token/m);
    assert.match(open.stderr(), /warning open /);
    const asking = await start(t, { args: ['--host', '0.0.0.0', '--proxy-token', TOKEN] });
    assert.doesNotMatch(asking.stdout() + asking.stderr(), /Warning|warning open/);
    const local = await start(t);
    assert.doesNotMatch(local.stdout() + local.stderr(), /Warning|warning open/);
  });

  describe('a start with a token that cannot be had', () => {
    const folder = temporaryFolder();
    const starts = async (token) => runToEnd(['proxy', '--data-dir', join(folder, 'data'), '--proxy-token', token]);

    it('ends with a sentence that names the file', async () => {
      const missing = await starts(`@${folder}/none`);
      assert.equal(missing.code, 2);
      assert.match(missing.stderr, /^headroom: --proxy-token: the secret's file .*\/none: No such file or directory\n$/);
      const empty = join(folder, 'empty');
      writeFileSync(empty, '\nsecret-on-line-two\n');
      const blank = await starts(`@${empty}`);
      assert.equal(blank.code, 2);
      assert.match(blank.stderr, /the first line is empty/);
      mkdirSync(join(folder, 'folder'));
      assert.match((await starts(`@${folder}/folder`)).stderr, /Is a directory/);
    });

    it('does not repeat what was given', async () => {
      for (const token of ['short', 'with a space', 'x'.repeat(1025)]) {
        const { code, stderr } = await starts(token);
        assert.equal(code, 2);
        assert.match(stderr, /^headroom: --proxy-token: a token has 8 to 1,024 visible characters\n$/);
      }
    });
  });
});
