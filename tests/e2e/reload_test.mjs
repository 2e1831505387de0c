// SIGHUP: what a running proxy takes over from its configuration, and what it refuses.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startProvider } from '../provider/provider.mjs';
import { AnthropicConversation, toolTurn } from './support/conversation.mjs';
import { Random, SHAPES } from './support/data.mjs';
import { eventually, post, rawExchange, request } from './support/http.mjs';
import { runToEnd, startProxy, temporaryFolder } from './support/proxy.mjs';

const BODY = { model: 'claude-sonnet-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };
const FIRST = 'the-first-token-of-clients';
const SECOND = 'the-second-token-of-clients';
const count = (text, pattern) => [...text.matchAll(new RegExp(pattern, 'g'))].length;

describe('a configuration that is read again', () => {
  let provider;
  before(async () => {
    provider = await startProvider();
  });
  after(() => provider.close());
  beforeEach(() => provider.forget());

  async function start(t, config, options = {}) {
    const proxy = await startProxy({ provider, config, ...options });
    t.after(() => proxy.stop());
    return proxy;
  }

  // Writes the file, says SIGHUP and waits until the log tells what came of it.
  async function reload(proxy, text, outcome = 'configuration read again') {
    const before = count(proxy.stderr(), outcome);
    if (text !== undefined) writeFileSync(proxy.configFile, text);
    proxy.signal('SIGHUP');
    await eventually(() => count(proxy.stderr(), outcome) > before, `'${outcome}' in the log`, 10_000);
  }

  const ask = async (proxy, token) =>
    (await post(proxy.url, '/v1/messages', BODY, { headers: token ? [['x-headroom-token', token]] : [] })).status;

  it('changes tokens and names from the next request on', async (t) => {
    const secret = join(temporaryFolder(), 'token');
    writeFileSync(secret, FIRST);
    const proxy = await start(t, `proxy_token = "@${secret}"\n`);
    assert.deepEqual([await ask(proxy, FIRST), await ask(proxy, SECOND)], [200, 401]);
    writeFileSync(secret, SECOND);
    await reload(proxy);
    assert.deepEqual([await ask(proxy, FIRST), await ask(proxy, SECOND)], [401, 200]);
    await reload(proxy, 'allowed_hosts = ["headroom.lan"]\n');
    assert.equal(await ask(proxy), 200);
    const [reply] = await rawExchange(proxy.port, 'GET /health HTTP/1.1\r\nhost: headroom.lan\r\n\r\n');
    assert.equal(reply.status, 200);
    assert.match(proxy.stderr(), /configuration read again changed=allowed_hosts,proxy_token/);
    assert.ok(!proxy.stderr().includes(FIRST) && !proxy.stderr().includes(SECOND));
  });

  it('changes which tools are left alone for conversations that begin then, and for no other', async (t) => {
    const proxy = await start(t, '');
    const begin = async () => {
      const chat = new AnthropicConversation({ provider });
      chat.user('x');
      await toolTurn(chat, proxy.url, [SHAPES.rows], new Random(1));
      return chat;
    };
    const saved = async (chat) => {
      const { response } = await chat.turn(proxy.url);
      return Number(response.headers['x-headroom-tokens-saved']);
    };
    const old = await begin();
    const before = await saved(old);
    assert.ok(before > 0);
    await reload(proxy, 'protect_tools = ["*"]\n');
    assert.equal(await saved(old), before, 'a conversation under way keeps its bytes');
    assert.equal(await saved(await begin()), 0);
    await reload(proxy, '');
    assert.equal(await saved(await begin()), before);
  });

  it('changes the log level', async (t) => {
    const proxy = await start(t, 'log_level = "warning"\n', { logLevel: null });
    const refusedOnce = () =>
      rawExchange(proxy.port, 'GET /health HTTP/1.1\r\nhost: evil.example\r\n\r\n');
    await refusedOnce();
    await refusedOnce(); // the first of its reason is a warning, any later one for debugging
    assert.equal(count(proxy.stderr(), 'request refused'), 1);
    await reload(proxy, 'log_level = "debug"\n');
    await refusedOnce();
    await eventually(() => count(proxy.stderr(), 'debug request refused') === 1, 'the line');
  });

  it('refuses a broken file and goes on with what it had', async (t) => {
    const proxy = await start(t, `proxy_token = "${FIRST}"\n`);
    const refused = 'configuration not taken over';
    const broken = {
      'port = = 1\n': /headroom\.toml:1:\d+/,
      '\nprot = 1\n': /headroom\.toml:2:1: unknown key 'prot' \(did you mean 'port'\?\)/,
      'proxy_token = "short"\n': /headroom\.toml:1:1: proxy_token: a token has/,
      'budget = "x"\n': /budget must be a number/,
      'proxy_token = "@/nowhere/token"\n': /No such file or directory/,
      'tls_cert = "/a"\n': /tls_cert is given without tls_key/,
    };
    for (const [text, why] of Object.entries(broken)) {
      await reload(proxy, text, refused);
      assert.match(proxy.stderr(), why);
      assert.deepEqual([await ask(proxy, FIRST), await ask(proxy)], [200, 401], text);
    }
    rmSync(proxy.configFile);
    await reload(proxy, undefined, refused);
    assert.match(proxy.stderr(), /cannot read the configuration file/);
    await reload(proxy, `proxy_token = "${SECOND}"\n`);
    assert.equal(await ask(proxy, SECOND), 200);
  });

  it('says which settings wait for a restart', async (t) => {
    const proxy = await start(t, 'tenant = "credential"\n');
    const port = proxy.port;
    await reload(proxy, 'tenant = "single"\ncompress_first = false\n[models."m"]\ncontext_window = 5000\n');
    await eventually(
      () => /warning settings that need a restart are as they were settings=compress_first,tenant,models/.test(proxy.stderr()),
      'the warning',
    );
    assert.equal((await request({ url: `http://127.0.0.1:${port}/livez` })).status, 200);
  });

  it('brings a new certificate, and keeps the old one where the new one cannot be used', async (t) => {
    const folder = temporaryFolder();
    const source = (name) => fileURLToPath(new URL(`../provider/tls/${name}`, import.meta.url));
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(folder, name));
    copyFileSync(source('server.pem'), cert);
    copyFileSync(source('server.key'), key);
    const proxy = await start(t, `tls_cert = "${cert}"\ntls_key = "${key}"\n`, { secure: true });
    const verified = () =>
      request({ url: `${proxy.url}/livez`, tls: { ca: readFileSync(source('ca.pem')) } }).then((reply) => reply.status);
    assert.equal(await verified(), 200);
    copyFileSync(source('ca.pem'), cert);
    await reload(proxy, undefined, 'configuration not taken over');
    assert.match(proxy.stderr(), /tls_key: the key of another certificate/);
    assert.equal(await verified(), 200);
    copyFileSync(source('server.pem'), cert);
    await reload(proxy);
    assert.equal(await verified(), 200);
  });
});

describe('headroom config', () => {
  const folder = temporaryFolder();
  const write = (text) => {
    const path = join(folder, 'h.toml');
    writeFileSync(path, text);
    return path;
  };
  const run = (args, env = {}) => runToEnd(['config', ...args], { env: { HOME: folder, ...env } });

  it('check tells what is wrong, with line and column', async () => {
    const good = await run(['check', write('port = 9000\n')]);
    assert.deepEqual([good.code, good.stdout.startsWith(`${folder}/h.toml: 2 settings`)], [0, true], good.stdout);
    const wrong = {
      'a\nb': /^headroom: .*h\.toml:1:2: /,
      'prot = 1\n': /^headroom: .*h\.toml:1:1: unknown key 'prot' \(did you mean 'port'\?\)\n$/,
      'port = 0\n': /^headroom: .*h\.toml:1:1: port: '0' is not a port/,
      'budget = -1\n': /^headroom: .*h\.toml:1:1: budget: '-1' is not an amount/,
    };
    for (const [text, sentence] of Object.entries(wrong)) {
      const { code, stderr } = await run(['check', write(text)]);
      assert.equal(code, 2, text);
      assert.match(stderr, sentence);
    }
  });

  it('show names the origin of every value and masks secrets', async () => {
    const file = write(`port = 9000\nadmin_token = "${FIRST}"\n`);
    const { code, stdout } = await run(['show', '--config', file, '--gaps', 'off'], { HEADROOM_PROXY_TOKEN: SECOND });
    assert.equal(code, 0);
    assert.match(stdout, /^port = 9000 +# .*h\.toml:1:1$/m);
    assert.match(stdout, /^gaps = "off" +# --gaps$/m);
    assert.match(stdout, /^proxy_token = "\*{8}" +# HEADROOM_PROXY_TOKEN$/m);
    assert.match(stdout, /^admin_token = "\*{8}" +# .*h\.toml:2:1$/m);
    assert.match(stdout, /^host = "127\.0\.0\.1" +# default$/m);
    assert.ok(!stdout.includes(FIRST) && !stdout.includes(SECOND));
    assert.equal((await run(['check', write(stdout)])).code, 0, 'what is shown can be read');
  });
});
