// Budgets over the wire: every paid route counts, nobody spends beyond the limit
// by more than one request, and a restart forgets nothing.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';

import { startProvider } from '../provider/provider.mjs';
import { AnthropicConversation, callId } from './support/conversation.mjs';
import { originalId } from './support/compare.mjs';
import { Random, serverLog } from './support/data.mjs';
import { post, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';
import { runToEnd, startProxy } from './support/proxy.mjs';

const MESSAGES = '/v1/messages';
const CHAT = '/v1/chat/completions';
const RESPONSES = '/v1/responses';
// Two dollars for a million tokens of prompt, ten for a million of output, whatever the price list says.
const PRICES = ['claude-sonnet-4-5', 'gpt-4o', 'embed']
  .map((name) => `[models."${name}"]\ninput_price = 2\noutput_price = 10\n`)
  .join('\n');
const MILLION = 1_000_000;

const message = (more = {}) => ({
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'hi' }],
  ...more,
});
const chat = (more = {}) => ({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }], max_tokens: 100, ...more });
// What costs `dollars`, one token of output included.
const prompt = (dollars) => (dollars * MILLION - 10) / 2;
const anthropicUsage = (dollars) => ({ input_tokens: prompt(dollars), output_tokens: 1 });
const openAiUsage = (dollars) => ({
  prompt_tokens: prompt(dollars),
  prompt_tokens_details: { cached_tokens: 0 },
  completion_tokens: 1,
  completion_tokens_details: { reasoning_tokens: 0 },
  total_tokens: prompt(dollars) + 1,
});
const JSON_TYPE = [['content-type', 'application/json']];

const stats = async (proxy) => (await request({ url: `${proxy.url}/stats` })).json();

// What the installation's budget has spent, once the last exchange is settled.
async function spent(proxy, expected, tenant = null) {
  let budget;
  for (let i = 0; i < 200; ++i) {
    budget = (await stats(proxy)).budgets.find((row) => row.tenant === tenant);
    if (Math.abs(budget.spent_usd - expected) < 1e-9 && budget.held_usd === 0) return budget;
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.equal(budget.spent_usd, expected);
  assert.equal(budget.held_usd, 0);
  return budget;
}

describe('a budget', async () => {
  const { provider, proxy } = await startPair({ args: ['--budget', '10'], config: PRICES });
  let total = 0;

  async function spend(dollars, path, body, usage) {
    provider.reply({ text: 'ok', usage }, {});
    const answer = await post(proxy.url, path, body);
    assert.equal(answer.status, 200, answer.text());
    await spent(proxy, (total += dollars));
  }

  it('counts every API, whole and streamed', async () => {
    await spend(1, MESSAGES, message(), anthropicUsage(1));
    await spend(1, MESSAGES, message({ stream: true }), anthropicUsage(1));
    await spend(1, CHAT, chat(), openAiUsage(1));
    await spend(1, CHAT, chat({ stream: true, stream_options: { include_usage: true } }), openAiUsage(1));
    await spend(1, RESPONSES, { model: 'gpt-4o', input: 'hi' }, openAiUsage(1));
    await spend(1, RESPONSES, { model: 'gpt-4o', input: 'hi', stream: true }, openAiUsage(1));
  });

  it('counts paths that are only carried, by what their replies say', async () => {
    const usage = { prompt_tokens: 250_000, total_tokens: 250_000 };
    provider.reply({
      status: 200,
      headers: JSON_TYPE,
      body: JSON.stringify({ object: 'list', data: [], model: 'embed', usage }),
    });
    const answer = await post(proxy.url, '/v1/embeddings', { model: 'embed', input: 'hi' }, { api: 'openai' });
    assert.equal(answer.status, 200);
    await spent(proxy, (total += 0.5));
  });

  it('is not touched by what the provider refuses, nor by what is free', async () => {
    provider.reply({ status: 400, headers: JSON_TYPE, body: '{"type":"error"}' });
    assert.equal((await post(proxy.url, MESSAGES, message())).status, 400);
    const { max_tokens: _, ...body } = message();
    assert.equal((await post(proxy.url, '/v1/messages/count_tokens', body)).status, 200);
    await spent(proxy, total);
  });

  it('refuses when it is spent, and says when it begins anew', async () => {
    await spend(10 - total, MESSAGES, message(), anthropicUsage(10 - total));
    const arrived = provider.requests().length;
    const refused = await post(proxy.url, MESSAGES, message());
    assert.equal(refused.status, 429);
    assert.equal(refused.json().error.type, 'rate_limit_error');
    assert.equal(refused.json().error.code, 'budget_exceeded');
    assert.match(refused.json().error.message, /daily budget of \$10 is spent; it begins anew at \d{4}-\d\d-\d\d 0\d:\d\d/);
    assert.equal(refused.headers['x-should-retry'], 'false');
    const midnight = new Date();
    midnight.setHours(24, 0, 0, 0);
    const wait = Number(refused.headers['retry-after']);
    assert.ok(Math.abs(wait - (midnight - Date.now()) / 1000) < 30, `Retry-After ${wait}`);

    const openai = await post(proxy.url, CHAT, chat());
    assert.equal(openai.status, 429);
    assert.equal(openai.json().error.type, 'insufficient_quota');
    assert.equal(openai.json().error.code, 'budget_exceeded');
    for (const [path, value] of [
      [RESPONSES, { model: 'gpt-4o', input: 'hi' }],
      ['/v1/embeddings', { model: 'embed', input: 'hi' }],
    ]) {
      assert.equal((await post(proxy.url, path, value, { api: 'openai' })).status, 429, path);
    }
    assert.equal(provider.requests().length, arrived, 'nothing reached the provider');
    const { cost, over_budget: over } = await stats(proxy);
    assert.equal(cost.budget_limit_usd, 10);
    assert.equal(cost.budget_remaining_usd, 0);
    assert.equal(cost.budget_period, 'daily');
    assert.equal(over.refused, 4);
    const metrics = (await request({ url: `${proxy.url}/metrics` })).text();
    assert.match(metrics, /^headroom_requests_over_budget_total\{reason="spent"\} 4$/m);
    assert.match(metrics, /^headroom_requests_rate_limited_total 0$/m);
    const { budgets } = (await request({ url: `${proxy.url}/dashboard/data` })).json();
    assert.equal(budgets.length, 1, 'the dashboard shows it');
    assert.equal(budgets[0].limit_usd, 10);
    assert.ok(budgets[0].spent_usd >= 10);
  });

  it('an SDK does not try again', async () => {
    const client = new Anthropic({ apiKey: 'sk-test', baseURL: proxy.url, maxRetries: 5 });
    const { over_budget: before } = await stats(proxy);
    await assert.rejects(client.messages.create(message()), Anthropic.RateLimitError);
    assert.equal((await stats(proxy)).over_budget.refused, before.refused + 1);
  });

  it('what is free goes on', async () => {
    assert.equal((await request({ url: `${proxy.url}/v1/models`, headers: [['x-api-key', 'sk-test']] })).status, 200);
    const { max_tokens: _, ...body } = message();
    assert.equal((await post(proxy.url, '/v1/messages/count_tokens', body)).status, 200);
  });

  it('a restart and a kill forget nothing', async () => {
    for (const hard of [false, true]) {
      await proxy.restart({ hard });
      assert.equal((await post(proxy.url, MESSAGES, message())).status, 429);
      await spent(proxy, 10);
    }
  });
});

describe('at the edge of a budget', async () => {
  const { provider, proxy } = await startPair({ args: ['--budget', '1', '--rpm', '0'], config: PRICES });

  it('a hundred parallel requests overshoot by one at most, and what is held is told apart from what is spent', async () => {
    // Each may cost 0.10 for its output and a little for its prompt, and does.
    const body = message({ max_tokens: 10_000 });
    const usage = { input_tokens: 10, output_tokens: 10_000 };
    provider.respond = () => ({ text: 'ok', usage, delayMs: 300 });
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => post(proxy.url, MESSAGES, body, { key: `sk-edge-${i}` })),
    );
    const served = answers.filter((answer) => answer.status === 200).length;
    const cost = (served * (10 * 2 + 10_000 * 10)) / MILLION;
    const budget = await spent(proxy, cost);
    assert.equal(served, 10);
    assert.ok(budget.spent_usd >= 1 && budget.spent_usd < 1 + 0.1 + 0.001, `${budget.spent_usd}`);
    const refused = answers.filter((answer) => answer.status !== 200);
    assert.ok(refused.every((answer) => answer.status === 429));
    const codes = new Set(refused.map((answer) => answer.json().error.code));
    assert.ok(codes.has('budget_held'), [...codes].join());
    const held = refused.find((answer) => answer.json().error.code === 'budget_held');
    assert.equal(held.headers['x-should-retry'], 'true');
    assert.equal(held.headers['retry-after'], '2');
  });
});

describe('budgets of tenants', async () => {
  const { provider, proxy } = await startPair({
    args: ['--budget', '10', '--over-budget-status', '402'],
    env: { ALICE_KEY: 'sk-alice', BOB_KEY: 'sk-bob' },
    config: `${PRICES}
      [budgets.alice]
      usd = 2
      key_env = "ALICE_KEY"
      [budgets.bob]
      usd = 3
      period = "monthly"
      key_env = "BOB_KEY"
      [budgets.others]
      usd = 1
      tenant = "*"`,
  });
  const spend = async (key, dollars) => {
    provider.reply({ text: 'ok', usage: anthropicUsage(dollars) }, { key });
    const answer = await post(proxy.url, MESSAGES, message(), { key });
    return answer.status;
  };

  it('do not meet, and all count for the installation', async () => {
    assert.equal(await spend('sk-alice', 2), 200);
    await spent(proxy, 2, 'alice');
    const refused = await post(proxy.url, MESSAGES, message(), { key: 'sk-alice' });
    assert.equal(refused.status, 402);
    assert.equal(refused.json().error.type, 'billing_error');
    assert.match(refused.json().error.message, /daily budget of this credential of \$2 is spent/);

    assert.equal(await spend('sk-bob', 2.5), 200);
    await spent(proxy, 2.5, 'bob');
    assert.equal(await spend('sk-bob', 0.5), 200);
    await spent(proxy, 3, 'bob');
    const monthly = await post(proxy.url, MESSAGES, message(), { key: 'sk-bob' });
    assert.match(monthly.json().error.message, /monthly budget .* begins anew at \d{4}-\d\d-01 /);

    for (const key of ['sk-carol', 'sk-dave']) {
      assert.equal(await spend(key, 1), 200);
      provider.forget();
    }
    await spent(proxy, 7);
    assert.equal(await spend('sk-carol', 1), 402);
    assert.equal(await spend('sk-erin', 1), 200);
    await spent(proxy, 8);
  });
});

describe('a budget and the rounds of one reply', async () => {
  const { provider, proxy } = await startPair({ args: ['--budget', '10', '--ccr-tool', 'always'], config: PRICES });

  it('what a model costs while it opens gaps is counted', async () => {
    const random = new Random(3);
    const log = serverLog(random, 200, '2026-03-01T10:09:00.000Z ERROR disk sda3 is failing');
    const conversation = new AnthropicConversation({ provider });
    const id = callId();
    conversation.user('Why did the service stop?');
    await conversation.turn(proxy.url, {
      text: 'I look.',
      calls: [{ id, name: 'Bash', input: { command: 'journalctl' } }],
      usage: anthropicUsage(1),
    });
    conversation.results([{ id, content: log }]);
    const call = { id: callId(), name: 'headroom_retrieve', input: { hash: originalId(log) } };
    provider.reply({ text: 'More.', calls: [call], usage: anthropicUsage(2) }, { key: conversation.key });
    await conversation.turn(proxy.url, { text: 'The disk.', usage: anthropicUsage(3) });
    assert.equal(provider.requests().length, 3, 'two turns, one of them of two rounds');
    await spent(proxy, 6);
  });
});

describe('models without a price', async () => {
  const { provider, proxy } = await startPair({ args: ['--budget', '10000'], config: PRICES });

  it('are never free under a budget, and that is said', async () => {
    const answered = (usage) => provider.reply({ status: 200, headers: JSON_TYPE, body: JSON.stringify({ usage }) });
    answered({ input_tokens: 1000, output_tokens: 0 });
    assert.equal((await post(proxy.url, MESSAGES, message({ model: 'claude-opus-99' }))).status, 200);
    answered({ prompt_tokens: 1000, completion_tokens: 0, total_tokens: 1000 });
    assert.equal((await post(proxy.url, CHAT, chat({ model: 'zyx-1' }))).status, 200);
    let now;
    for (let i = 0; i < 100 && !(now?.budgets[0].held_usd === 0 && now.budgets[0].spent_usd > 0); ++i) now = await stats(proxy);
    assert.deepEqual(now.guessed_prices, { 'claude-opus-99': 1, 'zyx-1': 1 });
    assert.ok(now.budgets[0].spent_usd > 0.001, String(now.budgets[0].spent_usd));
    assert.match(proxy.stderr(), /charged at the highest prices.*claude-opus-99.*family/);
    assert.match(proxy.stderr(), /charged at the highest prices.*zyx-1.*provider/);
  });
});

describe('settings of limits', () => {
  const complaint = async (args, env) => {
    const { code, stderr } = await runToEnd(['proxy', '--data-dir', '/nonexistent/x', ...args], { env });
    assert.notEqual(code, 0);
    return stderr;
  };

  it('what makes no sense is refused by name', async () => {
    assert.match(await complaint(['--budget=-1']), /--budget: '-1' is not an amount in dollars/);
    assert.match(await complaint(['--budget', 'much']), /--budget: 'much' is not an amount/);
    assert.match(await complaint(['--budget', '9000000.1']), /more than 9000000 dollars/);
    assert.match(await complaint([], { HEADROOM_BUDGET: '-5' }), /HEADROOM_BUDGET: '-5'/);
    assert.match(await complaint(['--rpm=-1']), /--rpm: '-1' is not/);
    assert.match(await complaint(['--tpm', '1000000001']), /--tpm: .*0-1000000000/);
    assert.match(await complaint(['--budget-period', 'weekly']), /'weekly' is not hourly, daily or monthly/);
    assert.match(await complaint(['--over-budget-status', '500']), /'500' is not 429 or 402/);
    assert.match(await complaint(['--retry', '11']), /--retry: '11' is not .*0-10/);
  });

  it("the specification's own spellings work", async () => {
    const provider = await startProvider();
    for (const options of [{ args: ['--budget', '100.0'] }, { env: { HEADROOM_BUDGET: '100.0' } }]) {
      const proxy = await startProxy({ provider, ...options });
      const { cost } = await stats(proxy);
      assert.equal(cost.budget_limit_usd, 100);
      assert.equal(cost.budget_remaining_usd, 100);
      await proxy.stop();
    }
    await provider.close();
  });
});
