// A busy provider is asked again where that is wanted, and only while the client
// has seen nothing; else its answer goes through as it came.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { eventually, open, post, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';

const MESSAGES = '/v1/messages';
const message = (more = {}) => ({
  model: 'claude-sonnet-4-5',
  max_tokens: 9,
  messages: [{ role: 'user', content: 'hi' }],
  ...more,
});
const busy = (status, headers = [], body = `{"type":"error","status":${status}}`) => ({
  status,
  headers: [['content-type', 'application/json'], ...headers],
  body,
});

describe('without --retry', async () => {
  const { provider, proxy } = await startPair();

  it('each answer is the client’s', async () => {
    for (const status of [429, 503, 529]) {
      provider.reply(busy(status, [['retry-after', '0']]));
      const answer = await post(proxy.url, MESSAGES, message());
      assert.equal(answer.status, status);
      assert.equal(answer.headers['retry-after'], '0');
      assert.equal(answer.text(), `{"type":"error","status":${status}}`);
    }
    assert.equal(provider.requests().length, 3);
  });
});

describe('with --retry 2', async () => {
  const { provider, proxy } = await startPair({ args: ['--retry', '2'] });

  it('a busy provider is asked again, with the same bytes', async () => {
    for (const status of [429, 503, 529]) {
      provider.forget();
      provider.reply(busy(status, [['retry-after', '0']]));
      const answer = await post(proxy.url, MESSAGES, message(), { headers: [['idempotency-key', 'one']] });
      assert.equal(answer.status, 200, String(status));
      assert.equal(provider.requests().length, 2);
      const [first, second] = provider.requests();
      assert.equal(first.sha256, second.sha256);
      assert.equal(second.headers['idempotency-key'], 'one', 'the same key for the same body');
    }
  });

  it('streams too', async () => {
    provider.reply(busy(529, [['retry-after-ms', '1']]));
    const answer = await post(proxy.url, MESSAGES, message({ stream: true }));
    assert.equal(answer.status, 200);
    assert.match(answer.text(), /message_stop/);
    assert.equal(provider.requests().length, 2);
  });

  it('the last answer goes through as it came', async () => {
    for (let i = 0; i < 3; ++i) provider.reply(busy(529, [['retry-after', '0'], ['x-try', String(i)]], `{"n":${i}}`));
    const answer = await post(proxy.url, MESSAGES, message());
    assert.equal(answer.status, 529);
    assert.equal(answer.headers['x-try'], '2');
    assert.equal(answer.text(), '{"n":2}');
    assert.equal(provider.requests().length, 3);
  });

  it('what is no sign of being busy is the answer', async () => {
    for (const status of [400, 401, 403, 404, 408, 500, 502]) {
      provider.forget();
      provider.reply(busy(status, [['retry-after', '0']]));
      assert.equal((await post(proxy.url, MESSAGES, message())).status, status);
      assert.equal(provider.requests().length, 1, String(status));
    }
  });

  it('nor is it asked again where it says so, or names a wait that no client would bear', async () => {
    for (const header of [['x-should-retry', 'false'], ['retry-after', '61'], ['retry-after', '86400']]) {
      provider.forget();
      provider.reply(busy(429, [header]));
      assert.equal((await post(proxy.url, MESSAGES, message())).status, 429);
      assert.equal(provider.requests().length, 1, header.join());
    }
  });

  it('Retry-After is waited for', async () => {
    provider.reply(busy(429, [['retry-after', '1']]));
    const begun = performance.now();
    assert.equal((await post(proxy.url, MESSAGES, message())).status, 200);
    assert.ok(performance.now() - begun >= 990, `${performance.now() - begun} ms`);
  });

  it('a reply that broke off in its middle is not asked for again', async () => {
    provider.reply({ fault: 'cut', body: 'event: message_start\ndata: {"type":"message_start"}\n\n'.repeat(9), afterBytes: 60 });
    const answer = await post(proxy.url, MESSAGES, message({ stream: true }));
    assert.ok(answer.cut);
    assert.equal(provider.requests().length, 1);
  });

  it('a client that goes ends the wait', async () => {
    provider.reply(busy(429, [['retry-after', '30']]));
    const gone = new AbortController();
    const waiting = open({
      url: proxy.url + MESSAGES,
      method: 'POST',
      headers: [['x-api-key', 'k'], ['anthropic-version', '2023-06-01'], ['content-type', 'application/json']],
      body: JSON.stringify(message()),
      fresh: true,
      signal: gone.signal,
    });
    waiting.catch(() => {});
    await eventually(() => provider.requests().length === 1);
    gone.abort();
    await eventually(async () => {
      const text = (await request({ url: `${proxy.url}/metrics` })).text();
      return /headroom_requests_failed_total [1-9]/.test(text);
    });
    assert.equal(provider.requests().length, 1);
  });
});

describe('each try counts', async () => {
  const { provider, proxy } = await startPair({ args: ['--retry', '5', '--rpm', '3', '--tpm', '0'] });

  it('for the rate limit, and without a request left the answer is the client’s', async () => {
    for (let i = 0; i < 5; ++i) provider.reply(busy(529, [['retry-after', '0']], `{"n":${i}}`));
    const answer = await post(proxy.url, MESSAGES, message());
    assert.equal(answer.status, 529);
    assert.equal(answer.text(), '{"n":2}');
    assert.equal(provider.requests().length, 3);
  });
});

describe('retries and a budget', async () => {
  const { provider, proxy } = await startPair({
    args: ['--retry', '2', '--budget', '5'],
    config: '[models."claude-sonnet-4-5"]\ninput_price = 2\noutput_price = 10\n',
  });

  it('what was refused costs nothing, and nothing stays held', async () => {
    for (let i = 0; i < 2; ++i) provider.reply(busy(529, [['retry-after', '0']]));
    provider.reply({ text: 'ok', usage: { input_tokens: 499_995, output_tokens: 1 } });
    assert.equal((await post(proxy.url, MESSAGES, message())).status, 200);
    let budget;
    await eventually(async () => {
      [budget] = (await request({ url: `${proxy.url}/stats` })).json().budgets;
      return budget.held_usd === 0 && budget.spent_usd > 0;
    });
    assert.equal(budget.spent_usd, 1);
  });
});
