// Running it: what it says about itself, how it starts, stops and refuses to start.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { AnthropicConversation, OpenAiConversation, toolTurn } from './support/conversation.mjs';
import { Random, SHAPES } from './support/data.mjs';
import { connect, credentials, eventually, open, post, request, sleep } from './support/http.mjs';
import { freePort, runToEnd, startProxy, temporaryFolder } from './support/proxy.mjs';

const BODY = { model: 'claude-sonnet-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };
const START_LIMIT_MS = 1500; // a loaded CI machine; the benchmark holds the real bound
const SECRET = 'sk-ant-very-secret-credential';
const PROMPT_WORDS = 'the-prompt-nobody-may-log';

// Prometheus text -> Map of 'name{labels}' -> number.
function parseMetrics(text) {
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const match =
        /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[0-9.e+-]+|\+Inf|NaN)$/.exec(
          line,
        );
      assert.ok(match, `not a line of Prometheus text: ${line}`);
      return [match[1] + (match[2] ?? ''), Number(match[3])];
    }),
  );
}

describe('operations', () => {
  let provider;
  let proxy;
  before(async () => {
    provider = await startProvider();
  });
  after(() => provider.close());
  beforeEach(async () => {
    provider.forget();
    proxy = await startProxy({ provider });
  });
  afterEach(() => proxy.stop());
  const stop = async () => assert.equal(await proxy.stop(), 0);
  const get = async (path) => request({ url: proxy.url + path });

  it('/health has the specified shape, and numbers that follow the traffic', async () => {
    const idle = (await get('/health')).json();
    assert.equal(idle.status, 'healthy');
    assert.equal(idle.optimize, true);
    assert.match(idle.version, /^\d+\.\d+\.\d+/);
    assert.equal(typeof idle.config.optimize, 'boolean');
    assert.deepEqual(idle.stats, { total_requests: 0, tokens_saved: 0, savings_percent: 0 });

    const chat = new AnthropicConversation({ provider });
    chat.user('x');
    await toolTurn(chat, proxy.url, [SHAPES.rows], new Random(1));
    const { response } = await chat.turn(proxy.url);
    const busy = (await get('/health')).json();
    assert.equal(busy.stats.total_requests, 2);
    assert.equal(busy.stats.tokens_saved, Number(response.headers['x-headroom-tokens-saved']));
    assert.ok(busy.stats.savings_percent > 0 && busy.stats.savings_percent < 100);
    await stop();
  });

  it('/livez and /readyz answer 200', async () => {
    for (const path of ['/livez', '/readyz']) assert.equal((await get(path)).status, 200);
    for (const path of ['/livez', '/readyz', '/health', '/stats', '/metrics']) {
      const head = await request({ url: proxy.url + path, method: 'HEAD' });
      assert.deepEqual([head.status, head.body.length], [200, 0], path);
    }
    await stop();
  });

  it('/stats counts requests, tokens, models and providers truly', async () => {
    for (const [Chat, count] of [
      [AnthropicConversation, 3],
      [OpenAiConversation, 2],
    ]) {
      for (let i = 0; i < count; ++i) {
        const chat = new Chat({ provider });
        chat.user('hello');
        await chat.turn(proxy.url, {
          text: 'y',
          usage:
            Chat === OpenAiConversation
              ? { prompt_tokens: 100, completion_tokens: 7, total_tokens: 107 }
              : { input_tokens: 100, output_tokens: 7, cache_read_input_tokens: 20, cache_creation_input_tokens: 3 },
        });
      }
    }
    // An answer of the provider is no failure of ours; an answer that never came is.
    provider.reply({ status: 529, body: '{}' });
    await post(proxy.url, '/v1/messages', BODY);
    provider.reply({ fault: 'close' });
    provider.reply({ fault: 'close' });
    assert.equal((await post(proxy.url, '/v1/messages', BODY)).status, 502);
    const reply = await get('/stats');
    assert.match(reply.headers['content-type'], /^application\/json/);
    const { requests, tokens } = reply.json();
    assert.equal(requests.total, 7);
    assert.equal(requests.failed, 1);
    assert.equal(requests.by_provider.anthropic, 5);
    assert.equal(requests.by_provider.openai, 2);
    assert.equal(requests.by_model['gpt-5.1'], 2);
    assert.equal(tokens.output, 35);
    assert.equal(tokens.saved, 0);
    await stop();
  });

  it('/metrics is Prometheus text with the specified names, true and bounded', async () => {
    const chat = new AnthropicConversation({ provider });
    chat.user('x');
    await toolTurn(chat, proxy.url, [SHAPES.rows], new Random(1));
    const { response } = await chat.turn(proxy.url);
    for (let i = 0; i < 300; ++i) {
      await post(proxy.url, '/v1/messages', { ...BODY, model: `claude-sonnet-4-5-"x"\n\\${i}` });
    }
    const reply = await get('/metrics');
    assert.match(reply.headers['content-type'], /^text\/plain; ?version=0\.0\.4/);
    assert.ok(reply.text().endsWith('\n'));
    const metrics = parseMetrics(reply.text());
    const sum = (name) =>
      [...metrics]
        .filter(([key]) => key === name || key.startsWith(`${name}{`))
        .reduce((total, [, value]) => total + value, 0);
    assert.equal(sum('headroom_requests_total'), 302);
    assert.ok(sum('headroom_tokens_saved_total') >= Number(response.headers['x-headroom-tokens-saved']));
    assert.ok([...metrics.keys()].some((key) => key.startsWith('headroom_cost_usd_total')));
    assert.ok([...metrics.keys()].some((key) => key.startsWith('headroom_latency_ms_sum')));
    assert.ok(
      [...metrics.keys()].some((key) => /_bucket\{.*le="\+Inf"/.test(key)),
      'no histogram',
    );
    assert.ok(metrics.size < 1500, `${metrics.size} series: a client must not be able to make them up`);
    await stop();
  });

  it('logs one line for each exchange, without prompts or credentials', async () => {
    const chat = new AnthropicConversation({ provider, key: SECRET });
    chat.user(PROMPT_WORDS);
    await toolTurn(chat, proxy.url, [SHAPES.rows], new Random(1));
    const { response } = await chat.turn(proxy.url);
    provider.reply({ fault: 'close' });
    provider.reply({ fault: 'close' });
    await post(
      proxy.url,
      '/v1/messages',
      { ...BODY, messages: [{ role: 'user', content: PROMPT_WORDS }] },
      { key: SECRET },
    );
    const id = response.headers['x-headroom-request-id'];
    await stop();
    const log = proxy.stderr();
    assert.equal(log.split('\n').filter((line) => line.includes(id)).length, 1, 'one line for the exchange');
    const line = log.split('\n').find((text) => text.includes(id));
    for (const part of ['claude-sonnet-4-5', '200', '/v1/messages'])
      assert.ok(line.includes(part), `${part} is not in: ${line}`);
    for (const secret of [SECRET, PROMPT_WORDS, 'eu-central-1'])
      assert.ok(!log.includes(secret), `${secret} was logged`);
  });

  it('says no prompt and no credential at any log level', async () => {
    await stop();
    proxy = await startProxy({ provider, logLevel: 'debug' });
    const chat = new OpenAiConversation({ provider, key: SECRET });
    chat.user(PROMPT_WORDS);
    await toolTurn(chat, proxy.url, [SHAPES.rows, SHAPES.log], new Random(1));
    await chat.turn(proxy.url);
    await post(proxy.url, '/v1/messages', `{"bad": "${PROMPT_WORDS}"`, { key: SECRET });
    await request({ url: `${proxy.url}/v1/models?key=${SECRET}`, headers: [['authorization', `Bearer ${SECRET}`]] });
    await request({ url: `${proxy.url}/v1/retrieve/0123456789abcdef01234567`, headers: [['x-api-key', SECRET]] });
    await stop();
    const log = proxy.stderr() + proxy.stdout();
    assert.match(log, /gpt-5\.1/);
    for (const secret of [SECRET, PROMPT_WORDS, 'eu-central-1'])
      assert.ok(!log.includes(secret), `${secret} was logged`);
  });

  it('request ids are unique', async () => {
    const ids = new Set();
    for (let i = 0; i < 50; ++i)
      ids.add((await post(proxy.url, '/v1/messages', BODY)).headers['x-headroom-request-id']);
    assert.equal(ids.size, 50);
    await stop();
  });

  it('starts fast and prints one banner', async () => {
    assert.ok(proxy.startedAfterMs < START_LIMIT_MS, `${proxy.startedAfterMs} ms`);
    await eventually(() => (proxy.stdout() + proxy.stderr()).includes('ANTHROPIC_BASE_URL'), 'the banner');
    const printed = proxy.stdout() + proxy.stderr();
    for (const part of [`127.0.0.1:${proxy.port}`, provider.url, 'OPENAI_BASE_URL'])
      assert.ok(printed.includes(part), `${part} is not in the banner: ${printed}`);
    assert.equal(printed.split('ANTHROPIC_BASE_URL').length, 2, 'one banner');
    await stop();
  });

  describe('stopping', () => {
    for (const signal of ['SIGTERM', 'SIGINT']) {
      it(`${signal} lets running exchanges finish, takes no new ones, says a summary and exits 0`, async () => {
        provider.reply({ text: 'word '.repeat(100), sse: { gapMs: 60 } });
        const { incoming } = await open({
          url: `${proxy.url}/v1/messages`,
          method: 'POST',
          headers: credentials('anthropic', 'k'),
          body: JSON.stringify({ ...BODY, stream: true }),
          fresh: true,
        });
        const parts = [];
        const finished = new Promise((resolve, reject) =>
          incoming
            .on('data', (part) => parts.push(part))
            .on('end', resolve)
            .on('error', reject),
        );
        await sleep(50);
        proxy.signal(signal);
        await sleep(100);
        await assert.rejects(
          request({ url: `${proxy.url}/livez`, fresh: true }),
          /ECONNREFUSED|ECONNRESET|socket hang up/,
        );
        await finished;
        assert.ok(Buffer.concat(parts).equals(provider.last().sent));
        const { code } = await proxy.exited();
        assert.equal(code, 0);
        assert.match(proxy.stderr() + proxy.stdout(), /request/i);
      });
    }

    it('a second signal ends at once', async () => {
      provider.reply({ fault: 'hang' });
      const connection = connect(proxy.port);
      const text = JSON.stringify(BODY);
      connection.send(
        `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: k\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
      );
      await eventually(() => provider.last()?.complete, 'the request reached the provider');
      proxy.signal('SIGTERM');
      await sleep(200);
      assert.equal(proxy.ended, undefined, 'it must wait for the exchange');
      const begun = performance.now();
      proxy.signal('SIGTERM');
      await proxy.exited();
      assert.ok(performance.now() - begun < 2000);
      connection.destroy();
    });

    it('idle connections do not delay the end', async () => {
      const connections = Array.from({ length: 10 }, () => connect(proxy.port));
      await sleep(50);
      const begun = performance.now();
      await stop();
      assert.ok(performance.now() - begun < 3000);
      connections.forEach((connection) => connection.destroy());
    });
  });
});

describe('the command line', () => {
  const dataDir = () => ['--data-dir', join(temporaryFolder(), 'data')];

  // One clear sentence on stderr, naming `words`, and a non-zero exit.
  async function refuses(args, expected, { code, env } = {}) {
    const end = await runToEnd(args, { env });
    assert.equal(end.signal, null, 'it went on running');
    if (code === undefined) assert.notEqual(end.code, 0);
    else assert.equal(end.code, code, end.stderr);
    for (const word of [expected].flat()) assert.ok(end.stderr.includes(word), `"${word}" is not in: ${end.stderr}`);
    assert.ok(end.stderr.trim().split('\n').length <= 4, `more than a sentence: ${end.stderr}`);
  }

  it('--version and --help', async () => {
    const version = await runToEnd(['--version']);
    assert.deepEqual([version.code, /headroom.*\d+\.\d+\.\d+/.test(version.stdout)], [0, true]);
    for (const args of [['--help'], ['proxy', '--help']]) {
      const help = await runToEnd(args);
      assert.equal(help.code, 0);
      assert.match(help.stdout, /proxy/);
    }
    const help = await runToEnd(['proxy', '--help']);
    for (const option of [
      '--host',
      '--port',
      '--no-optimize',
      '--openai-api-url',
      '--anthropic-api-url',
      '--workers',
      '--data-dir',
      '--config',
      '--log-level',
    ]) {
      assert.ok(help.stdout.includes(option), option);
    }
  });

  it('an unknown option', () => refuses(['proxy', '--nonsense'], '--nonsense', { code: 2 }));
  it('an unknown command', () => refuses(['nonsense'], 'nonsense', { code: 2 }));
  it('a port that is none', () => refuses(['proxy', '--port', '70000', ...dataDir()], '--port', { code: 2 }));
  it('a bad URL', () =>
    refuses(['proxy', '--openai-api-url', 'not a url', ...dataDir()], '--openai-api-url', { code: 2 }));
  it('a bad value in the environment, by its name', () =>
    refuses(['proxy', ...dataDir()], 'HEADROOM_PORT', { code: 2, env: { HEADROOM_PORT: 'many' } }));
  it('a configuration file that is missing', () =>
    refuses(['proxy', '--config', '/nonexistent/h.toml', ...dataDir()], '/nonexistent/h.toml'));

  it('a configuration file with a bad value, by its place', async () => {
    const file = join(temporaryFolder(), 'h.toml');
    writeFileSync(file, 'host = "127.0.0.1"\nport = "x"\n');
    await refuses(['proxy', '--config', file, ...dataDir()], [file, 'port'], { code: 2 });
  });

  it('a port that is taken', async (t) => {
    const server = net.createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { port } = server.address();
    await refuses(['proxy', '--port', String(port), ...dataDir()], String(port));
  });

  it('a data directory that cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await refuses(['proxy', '--port', String(await freePort()), '--data-dir', join(file, 'data')], join(file, 'data'));
  });

  it('a data directory that nobody may create', async () => {
    await refuses(['proxy', '--port', String(await freePort()), '--data-dir', '/proc/headroom'], '/proc/headroom');
  });

  it('command line over environment over file over default', async (t) => {
    const provider = await startProvider();
    t.after(() => provider.close());
    const cases = [
      [{ config: 'optimize = false\n' }, false],
      [{ config: 'optimize = false\n', env: { HEADROOM_OPTIMIZE: 'true' } }, true],
      [{ config: 'optimize = true\n', env: { HEADROOM_OPTIMIZE: 'true' }, args: ['--no-optimize'] }, false],
      [{}, true],
    ];
    for (const [options, expected] of cases) {
      const proxy = await startProxy({ provider, ...options });
      const { optimize } = (await request({ url: `${proxy.url}/health` })).json();
      await proxy.stop();
      assert.equal(optimize, expected);
    }
  });

  it('says in one line which accepted options have no effect yet', async (t) => {
    const provider = await startProvider();
    t.after(() => provider.close());
    const proxy = await startProxy({ provider, args: ['--no-cache', '--no-rate-limit', '--llmlingua'] });
    await proxy.stop();
    const printed = proxy.stderr() + proxy.stdout();
    assert.equal(printed.split('\n').filter((line) => line.includes('--llmlingua')).length, 1);
  });

  it('an upstream row of the configuration takes the models and brings the key it names', async (t) => {
    const [own, other] = await Promise.all([startProvider(), startProvider()]);
    t.after(() => Promise.all([own.close(), other.close()]));
    const config = `[[upstream]]\nname = "router"\nbase_url = "${other.url}/api"\napi = "chat"\nmodels = ["gpt-4.1"]\nkey_env = "ROUTER_KEY"\n`;
    const proxy = await startProxy({ provider: own, config, env: { ROUTER_KEY: 'sk-from-environment' } });
    t.after(() => proxy.stop());
    const chat = (model) =>
      post(proxy.url, '/v1/chat/completions', { model, messages: [{ role: 'user', content: 'x' }] });
    await chat('gpt-4.1');
    await chat('gpt-5.1');
    assert.deepEqual(
      other.requests().map((r) => [r.target, r.headers.authorization]),
      [['/api/v1/chat/completions', 'Bearer sk-from-environment']],
    );
    assert.deepEqual(
      own.requests().map((r) => r.json().model),
      ['gpt-5.1'],
    );
  });
});
