// Nothing crosses tenants: not originals, not decisions, whatever a stranger presents.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';

import { changedResults, originalId } from './support/compare.mjs';
import { AnthropicConversation, OpenAiConversation, callId, toolTurn } from './support/conversation.mjs';
import { Random, SHAPES, jsonRows } from './support/data.mjs';
import { begin } from './support/growth.mjs';
import { credentials, post, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';
import { startProxy } from './support/proxy.mjs';

const { provider, proxy } = await startPair({ args: ['--no-ccr'] });

let seed = 100;

// A conversation of `key` in which one original is kept: { chat, original }.
async function withOriginal(key, { base = proxy.url, headers = [], Chat = OpenAiConversation } = {}) {
  const chat = begin(new Chat({ provider, key, headers }), `Question of ${key}`);
  const id = callId(Chat === OpenAiConversation ? 'call_' : 'toolu_');
  await chat.turn(base, { calls: [{ id, name: 'list', input: {} }] });
  const original = jsonRows(new Random(++seed), 40);
  chat.results([{ id, content: original }]);
  const { sent, forwarded } = await chat.turn(base);
  assert.equal(changedResults(sent, forwarded.json()).length, 1);
  return { chat, original };
}

async function fetchAs(original, headers, base = proxy.url) {
  const { status } = await request({ url: `${base}/v1/retrieve/${originalId(original)}`, headers });
  return status;
}
const bearer = (token) => [['authorization', `Bearer ${token}`]];

function jwt(claims, signature = 'signed-by-the-issuer') {
  return ['{"alg":"RS256"}', JSON.stringify(claims), signature]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
}

describe('originals', () => {
  it('of a key are fetched with that key only, in any of its headers', async () => {
    const { original } = await withOriginal('sk-owner-of-this');
    for (const headers of [
      bearer('sk-owner-of-this'),
      [['x-api-key', 'sk-owner-of-this']],
      [['api-key', 'sk-owner-of-this']],
    ]) {
      assert.equal(await fetchAs(original, headers), 200);
    }
    for (const headers of [
      bearer('sk-owner-of-thi'),
      bearer('sk-owner-of-thisx'),
      bearer('SK-OWNER-OF-THIS'),
      bearer(''),
      [],
    ]) {
      assert.equal(await fetchAs(original, headers), 404);
    }
  });

  it('of a login are not fetched with a forged token of the same claims', async () => {
    const claims = { iss: 'https://auth.example', sub: 'user-1', exp: 1_900_000_000 };
    const { original } = await withOriginal(jwt(claims));
    assert.equal(await fetchAs(original, bearer(jwt(claims))), 200);
    assert.equal(await fetchAs(original, bearer(jwt(claims, 'forged'))), 404);
    assert.equal(await fetchAs(original, bearer(jwt({ ...claims, exp: 1 }, ''))), 404);
  });

  it('of a login are not fetched with a token that the provider refused', async () => {
    const claims = { iss: 'https://auth.example', sub: 'user-2' };
    const { original } = await withOriginal(jwt(claims));
    const forged = jwt(claims, 'forged');
    provider.reply({
      status: 401,
      headers: [['content-type', 'application/json']],
      body: '{"error":{"message":"no"}}',
    });
    const refused = await post(
      proxy.url,
      '/v1/chat/completions',
      { model: 'gpt-5.1', messages: [{ role: 'user', content: 'x' }] },
      { key: forged },
    );
    assert.equal(refused.status, 401);
    assert.equal(await fetchAs(original, bearer(forged)), 404);
  });

  it('of another subject, issuer or account are not fetched', async () => {
    const claims = { iss: 'https://auth.example', sub: 'user-3' };
    const { original } = await withOriginal(jwt(claims));
    for (const other of [
      { ...claims, sub: 'user-4' },
      { ...claims, iss: 'https://other.example' },
    ]) {
      await withOriginal(jwt(other)); // accepted by the provider
      assert.equal(await fetchAs(original, bearer(jwt(other))), 404);
    }
  });

  it('of an opaque login are not fetched by a token that replays a conversation and is refused by the provider', async () => {
    const { chat, original } = await withOriginal('opaque-login-owner');
    provider.reply(
      { status: 401, headers: [['content-type', 'application/json']], body: '{}' },
      { key: 'opaque-login-thief' },
    );
    const refused = await post(proxy.url, chat.path, chat.body(), { key: 'opaque-login-thief', api: 'openai' });
    assert.equal(refused.status, 401);
    assert.equal(await fetchAs(original, bearer('opaque-login-thief')), 404);
    assert.equal(await fetchAs(original, bearer('opaque-login-owner')), 200);
  });

  it('are not kept by counting tokens', async () => {
    const content = jsonRows(new Random(++seed), 40);
    const body = {
      model: 'claude-sonnet-4-5',
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'list', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content }] },
      ],
    };
    const reply = await post(proxy.url, '/v1/messages/count_tokens', body, { key: 'sk-counter' });
    assert.equal(reply.status, 200);
    assert.equal(changedResults(body, provider.last().json()).length, 1);
    assert.equal(await fetchAs(content, credentials('anthropic', 'sk-counter')), 404);
  });
});

describe('decisions', () => {
  it('of one tenant are unknown to another with the same conversation', async () => {
    const chat = begin(new AnthropicConversation({ provider, style: 'claude-code', key: 'sk-first-tenant' }));
    for (const shape of [SHAPES.rows, SHAPES.grep, SHAPES.rows])
      await toolTurn(chat, proxy.url, [shape], new Random(++seed));
    const { sent, forwarded } = await chat.turn(proxy.url, {}, { append: false });
    assert.equal(changedResults(sent, forwarded.json()).length, 3);
    chat.key = 'sk-second-tenant';
    const second = await chat.turn(proxy.url, {}, { append: false });
    // For this tenant it is first contact with cached blocks: only what is new is shortened.
    assert.equal(changedResults(second.sent, second.forwarded.json()).length, 1);
  });
});

describe('the tenant setting', () => {
  it('header:NAME tells users of one key apart', async (t) => {
    const teams = await startProxy({ provider, args: ['--no-ccr'], config: 'tenant = "header:X-Team"\n' });
    t.after(() => teams.stop());
    const { original } = await withOriginal('sk-shared', { base: teams.url, headers: [['X-Team', 'red']] });
    assert.equal(await fetchAs(original, [...bearer('sk-shared'), ['x-team', 'red']], teams.url), 200);
    assert.equal(await fetchAs(original, [...bearer('sk-shared'), ['x-team', 'blue']], teams.url), 404);
    assert.equal(await fetchAs(original, bearer('sk-shared'), teams.url), 404);
  });

  it('single makes one tenant of all', async (t) => {
    const one = await startProxy({ provider, args: ['--no-ccr'], config: 'tenant = "single"\n' });
    t.after(() => one.stop());
    const { original } = await withOriginal('sk-alice', { base: one.url });
    assert.equal(await fetchAs(original, bearer('sk-bob'), one.url), 200);
  });
});
