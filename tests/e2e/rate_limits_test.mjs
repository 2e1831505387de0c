// Rate limits over the wire: what is refused, in whose words, and what counts.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

import { post, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';

const MESSAGES = '/v1/messages';
const CHAT = '/v1/chat/completions';
const message = (text = 'hi', more = {}) => ({
  model: 'claude-sonnet-4-5',
  max_tokens: 9,
  messages: [{ role: 'user', content: text }],
  ...more,
});
const chat = (text = 'hi') => ({ model: 'gpt-4o', messages: [{ role: 'user', content: text }] });
const stats = async (proxy) => (await request({ url: `${proxy.url}/stats` })).json();

describe('requests a minute', async () => {
  const { provider, proxy } = await startPair({ args: ['--rpm', '3', '--tpm', '0'] });

  async function exhaust(key, path = MESSAGES, body = message()) {
    for (let i = 0; i < 3; ++i) assert.equal((await post(proxy.url, path, body, { key })).status, 200, `request ${i}`);
    return post(proxy.url, path, body, { key });
  }

  it('the limit is served, one more is refused in the words of Anthropic', async () => {
    const refused = await exhaust('sk-ant-rate-1');
    assert.equal(refused.status, 429);
    assert.equal(refused.json().type, 'error');
    assert.equal(refused.json().error.type, 'rate_limit_error');
    assert.match(refused.json().error.message, /3 requests a minute.*setting rpm/);
    const wait = Number(refused.headers['retry-after']);
    assert.ok(wait >= 1 && wait <= 20, `Retry-After ${wait}`);
    assert.equal(refused.headers['anthropic-ratelimit-requests-limit'], '3');
    assert.equal(refused.headers['anthropic-ratelimit-requests-remaining'], '0');
    const reset = Date.parse(refused.headers['anthropic-ratelimit-requests-reset']) - Date.now();
    assert.ok(reset > 0 && reset <= 62_000, `reset in ${reset} ms`);
    assert.ok(refused.headers['x-headroom-request-id']);
    assert.equal(provider.requests().length, 3, 'nothing of it reached the provider');
  });

  it('and in those of OpenAI', async () => {
    const refused = await exhaust('sk-rate-2', CHAT, chat());
    assert.equal(refused.status, 429);
    const { error } = refused.json();
    assert.equal(error.type, 'requests');
    assert.equal(error.code, 'rate_limit_exceeded');
    assert.equal(error.param, null);
    assert.ok(Number(refused.headers['retry-after']) >= 1);
    assert.equal(refused.headers['x-ratelimit-limit-requests'], '3');
    assert.equal(refused.headers['x-ratelimit-remaining-requests'], '0');
    assert.match(refused.headers['x-ratelimit-reset-requests'], /^(\d+m)?\d+(\.\d+)?s$/);
  });

  it('their SDKs know it as what it is', async () => {
    await exhaust('sk-ant-rate-3');
    const anthropic = new Anthropic({ apiKey: 'sk-ant-rate-3', baseURL: proxy.url, maxRetries: 0 });
    await assert.rejects(anthropic.messages.create(message()), Anthropic.RateLimitError);
    await exhaust('sk-rate-4', CHAT, chat());
    const openai = new OpenAI({ apiKey: 'sk-rate-4', baseURL: `${proxy.url}/v1`, maxRetries: 0 });
    await assert.rejects(openai.chat.completions.create(chat()), (error) => {
      assert.ok(error instanceof OpenAI.RateLimitError);
      assert.equal(error.code, 'rate_limit_exceeded');
      return true;
    });
  });

  it('each credential has its own, the same one in every header and on every path', async () => {
    assert.equal((await exhaust('sk-rate-5')).status, 429);
    assert.equal((await post(proxy.url, MESSAGES, message(), { key: 'sk-rate-5b' })).status, 200);
    assert.equal((await post(proxy.url, CHAT, chat(), { key: 'sk-rate-5' })).status, 429);
    const list = { url: `${proxy.url}/v1/models`, headers: [['x-api-key', 'sk-rate-5']] };
    assert.equal((await request(list)).status, 429);
  });

  it('keys that begin alike are not the same', async () => {
    const alike = 'sk-ant-api03-abcdefghijklmnopqrstuvwxyz-';
    assert.equal((await exhaust(`${alike}1`)).status, 429);
    assert.equal((await post(proxy.url, MESSAGES, message(), { key: `${alike}2` })).status, 200);
  });

  it('without a credential the address counts', async () => {
    const anonymous = () =>
      request({
        url: proxy.url + MESSAGES,
        method: 'POST',
        headers: [
          ['anthropic-version', '2023-06-01'],
          ['content-type', 'application/json'],
        ],
        body: JSON.stringify(message()),
      });
    const statuses = [];
    for (let i = 0; i < 4; ++i) statuses.push((await anonymous()).status);
    assert.equal(statuses.at(-1), 429);
    assert.ok(!statuses.slice(0, 3).includes(429));
  });

  it('the pages of the proxy itself are not limited', async () => {
    for (let i = 0; i < 5; ++i) assert.equal((await request({ url: `${proxy.url}/health` })).status, 200);
    const { rate_limiter: limiter } = await stats(proxy);
    assert.equal(limiter.requests_per_minute, 3);
    assert.equal(limiter.tokens_per_minute, 0);
    assert.ok(limiter.active_keys > 0);
    assert.ok(limiter.refused > 0);
  });
});

describe('tokens a minute', async () => {
  const { provider, proxy } = await startPair({ args: ['--rpm', '0', '--tpm', '20000'] });
  const usage = (input) => ({ input_tokens: input, output_tokens: 1 });

  it('are those that usage says, not those that were guessed', async () => {
    const key = 'sk-tokens-1';
    for (let i = 0; i < 4; ++i) {
      provider.reply({ text: 'ok', usage: usage(5000) }, { key });
      assert.equal((await post(proxy.url, MESSAGES, message(), { key })).status, 200);
    }
    const refused = await post(proxy.url, MESSAGES, message('x'.repeat(3000)), { key });
    assert.equal(refused.status, 429);
    assert.match(refused.json().error.message, /20000 tokens a minute.*setting tpm/);
    assert.equal(refused.headers['anthropic-ratelimit-tokens-limit'], '20000');
    const openai = await post(proxy.url, CHAT, chat('x'.repeat(3000)), { key });
    assert.equal(openai.json().error.type, 'tokens');
    assert.equal(openai.headers['x-ratelimit-limit-tokens'], '20000');
  });

  it('what was guessed too high is given back', async () => {
    const key = 'sk-tokens-2';
    for (let i = 0; i < 6; ++i) {
      provider.reply({ text: 'ok', usage: usage(100) }, { key });
      const answer = await post(proxy.url, MESSAGES, message('x'.repeat(30_000)), { key });
      assert.equal(answer.status, 200, `request ${i}: 60,000 tokens would have been guessed`);
    }
  });

  it('of streams count too', async () => {
    const key = 'sk-tokens-3';
    provider.reply({ text: 'ok', usage: usage(20_000) }, { key });
    assert.equal((await post(proxy.url, MESSAGES, message('hi', { stream: true }), { key })).status, 200);
    assert.equal((await post(proxy.url, MESSAGES, message('x'.repeat(3000)), { key })).status, 429);
  });

  it('a request of more than a minute may have goes through when nothing else does', async () => {
    const key = 'sk-tokens-4';
    assert.equal((await post(proxy.url, MESSAGES, message('x'.repeat(200_000)), { key })).status, 200);
    assert.equal((await post(proxy.url, MESSAGES, message(), { key })).status, 429);
  });

  it('counting tokens takes none', async () => {
    const key = 'sk-tokens-5';
    for (let i = 0; i < 3; ++i) {
      const { max_tokens: _, ...body } = message('x'.repeat(100_000));
      assert.equal((await post(proxy.url, '/v1/messages/count_tokens', body, { key })).status, 200);
    }
    assert.equal((await post(proxy.url, MESSAGES, message(), { key })).status, 200);
  });
});

describe('limits that are switched off', async () => {
  const { proxy } = await startPair({ args: ['--rpm', '1', '--tpm', '1', '--no-rate-limit'] });

  it('refuse nothing', async () => {
    for (let i = 0; i < 5; ++i) assert.equal((await post(proxy.url, MESSAGES, message())).status, 200);
    assert.equal((await stats(proxy)).rate_limiter, null);
  });
});
