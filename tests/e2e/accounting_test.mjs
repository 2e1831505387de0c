// What the proxy says that exchanges cost and saved, against the simulated provider's own bill, and its log.

import assert from 'node:assert/strict';
import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { AnthropicConversation, OpenAiConversation, toolTurn } from './support/conversation.mjs';
import { Random, SHAPES } from './support/data.mjs';
import { eventually, post, request } from './support/http.mjs';
import { runToEnd, startProxy, temporaryFolder } from './support/proxy.mjs';

const KEY = 'sk-ant-api03-a-very-secret-credential';
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

// The rules of the text format and of promtool's check: HELP then TYPE then samples, each family once and in one
// piece, counters that end in _total, histograms whole and cumulative.
function checkExposition(text) {
  assert.ok(text.endsWith('\n'));
  const families = new Map();
  let current;
  for (const line of text.slice(0, -1).split('\n')) {
    const head = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (head?.[1] === 'HELP') {
      assert.ok(!families.has(head[2]), `${head[2]} stands twice`);
      current = { name: head[2], help: head[3], samples: [] };
      families.set(head[2], current);
    } else if (head) {
      assert.equal(head[2], current.name);
      assert.equal(current.type, undefined);
      current.type = head[3];
    } else {
      const sample = LINE.exec(line);
      assert.ok(sample, `not a sample: ${line}`);
      const [, name, label, value, number] = sample;
      const base = current.type === 'histogram' ? name.replace(/_(bucket|sum|count)$/, '') : name;
      assert.equal(base, current.name, line);
      assert.ok(!current.samples.some((one) => one.name === name && one.value === value), `twice: ${line}`);
      current.samples.push({ name, label, value, number: Number(number) });
    }
  }
  for (const { name, help, type, samples } of families.values()) {
    assert.ok(help.length > 0 && ['counter', 'gauge', 'histogram'].includes(type), name);
    if (type === 'counter' && !/_by_(provider|model)$/.test(name)) assert.match(name, /_total$/);
    if (type === 'gauge') assert.doesNotMatch(name, /_total$/);
    if (type !== 'histogram') continue;
    const buckets = samples.filter((one) => one.label === 'le').map((one) => one.number);
    assert.deepEqual(buckets, [...buckets].sort((a, b) => a - b), `${name} is not cumulative`);
    assert.equal(samples.find((one) => one.name === `${name}_count`).number, buckets.at(-1));
  }
  return families;
}

describe('accounting', () => {
  let provider;
  before(async () => {
    provider = await startProvider({ tokenizer: 'bpe' });
  });
  after(() => provider.close());
  beforeEach(() => provider.forget());

  const billed = () => provider.requests().reduce((sum, one) => sum + (one.usd ?? 0), 0);
  const stats = async (proxy) => (await request({ url: `${proxy.url}/stats` })).json();

  // The same conversation with and without shortening: what the bills differ by.
  async function play(Chat, turns, args, key) {
    provider.forget();
    const proxy = await startProxy({ provider, args: ['--no-cache', ...args] });
    const chat = new Chat({ provider, key });
    chat.user('look into it');
    for (let i = 0; i < turns; ++i) await toolTurn(chat, proxy.url, [SHAPES.rows], new Random(i + 1));
    await chat.turn(proxy.url);
    const told = await stats(proxy);
    await proxy.stop();
    return { usd: billed(), told };
  }

  // Of a model whose vocabulary is public, so that tokens saved are counted and not estimated.
  it('net savings are what the bill itself is lower by', async () => {
    const direct = await play(OpenAiConversation, 6, ['--no-optimize'], 'sk-one');
    const ours = await play(OpenAiConversation, 6, [], 'sk-two');
    assert.ok(Math.abs(ours.told.cost.total_cost_usd - ours.usd) < 1e-6, 'cost');
    assert.equal(direct.told.cost.total_savings_usd, 0);
    const saved = direct.usd - ours.usd;
    assert.ok(saved > 0);
    const apart = Math.abs(ours.told.cost.total_savings_usd - saved);
    assert.ok(apart <= 0.01 * direct.usd, `${ours.told.cost.total_savings_usd} said, ${saved} saved`);
  });

  it('a reply without figures is an estimate and called one', async (t) => {
    const proxy = await startProxy({ provider });
    t.after(() => proxy.stop());
    const body = { model: 'gpt-4.1', stream: true, messages: [{ role: 'user', content: 'word '.repeat(1000) }] };
    provider.reply({ text: 'an answer of some length' });
    const reply = await post(proxy.url, '/v1/chat/completions', body);
    assert.ok(!reply.text().includes('"usage"'), 'the client did not ask for it');
    const told = await eventually(async () => {
      const now = await stats(proxy);
      return now.cost.estimated_replies === 1 ? now : undefined;
    });
    assert.ok(told.tokens.input > 900 && told.tokens.input < 1200, `${told.tokens.input}`);
    assert.equal(told.recent_requests[0].usage.estimated, true);
  });

  it('each exchange is a line of the log, in UTC, without credentials', async (t) => {
    const file = join(temporaryFolder(), 'log.jsonl');
    const proxy = await startProxy({ provider, args: ['--log-file', file, '--log-messages'] });
    t.after(() => proxy.stop());
    const lines = () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    const body = {
      model: 'claude-sonnet-4-5',
      max_tokens: 9,
      messages: [{ role: 'user', content: `the key is ${KEY}\nand more` }],
    };
    await post(proxy.url, '/v1/messages', body, { key: KEY, headers: [['x-headroom-team', 'blue']] });
    const [line] = await eventually(async () => (lines().length === 1 ? lines() : undefined));
    assert.match(line.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Math.abs(Date.parse(line.timestamp) - Date.now()) < 60_000);
    assert.equal(line.provider, 'anthropic');
    assert.equal(line.route, '/v1/messages');
    assert.equal(line.status, 200);
    assert.equal(line.stream, false);
    assert.match(line.tenant, /^[0-9a-f]{32}$/);
    assert.equal(line.tags.team, 'blue');
    assert.ok(line.estimated_cost_usd > 0);
    assert.equal(line.request.messages[0].content, 'the key is [redacted]\nand more');
    assert.ok(!readFileSync(file, 'utf8').includes(KEY));
    assert.equal(statSync(file).mode & 0o777, 0o600);

    renameSync(file, `${file}.old`);
    proxy.signal('SIGHUP');
    await eventually(async () => {
      try {
        return statSync(file);
      } catch {
        return undefined;
      }
    });
    provider.reply({ status: 529, body: '{}' });
    await post(proxy.url, '/v1/messages', body);
    const [after] = await eventually(async () => (lines().length === 1 ? lines() : undefined));
    assert.equal(after.status, 529);
    assert.equal(after.usage, null);
  });

  it('a log that cannot be written is an error at the start', async () => {
    const { code, stderr } = await runToEnd(['proxy', '--log-file', '/nowhere/at/all.jsonl']);
    assert.notEqual(code, 0);
    assert.match(stderr, /cannot write \/nowhere\/at\/all\.jsonl: No such file or directory/);
  });

  it('/metrics holds to the rules of its format, with the specified names from the start', async (t) => {
    const proxy = await startProxy({ provider });
    t.after(() => proxy.stop());
    const read = async () => checkExposition((await request({ url: `${proxy.url}/metrics` })).text());
    const idle = await read();
    for (const name of ['requests', 'requests_cached', 'requests_failed', 'tokens_saved', 'tokens_input', 'tokens_output', 'cost_usd', 'savings_usd']) {
      assert.equal(idle.get(`headroom_${name}_total`)?.samples[0].number, 0, name);
    }
    assert.ok(idle.get('headroom_latency_ms').samples.some((one) => one.name === 'headroom_latency_ms_sum'));
    const chat = new AnthropicConversation({ provider });
    chat.user('"quoted"\n\\');
    await toolTurn(chat, proxy.url, [SHAPES.rows], new Random(1));
    await chat.turn(proxy.url);
    const busy = await read();
    assert.ok(busy.get('headroom_cost_usd_total').samples[0].number > 0);
    assert.equal(busy.get('headroom_request_bytes').samples.at(-1).number, 2);
  });
});
