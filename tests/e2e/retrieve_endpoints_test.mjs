// What a client, or a tool of its own, asks the proxy of originals: the stats of its tenant, a tool call answered by
// the proxy, and conversations that bring a tool of our tool's name.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { originalId } from './support/compare.mjs';
import { AnthropicConversation, OpenAiConversation, callId } from './support/conversation.mjs';
import { Random, serverLog } from './support/data.mjs';
import { credentials, post, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';
import { startProxy } from './support/proxy.mjs';

const ODD = '2026-03-01T10:09:00.000Z ERROR disk sda3 is failing: no space left on device';
const random = new Random(29);

const { provider, proxy } = await startPair();

const get = (path, key) => request({ url: proxy.url + path, headers: key ? credentials('anthropic', key) : [] });

// A conversation whose log went out as an excerpt: { chat, log, hash, forwarded }.
async function withExcerpt({ tools, base = proxy.url, Chat = AnthropicConversation, ...options } = {}) {
  const chat = new Chat({ provider, ...options });
  if (tools) chat.tools = tools;
  const log = serverLog(random, 500, ODD);
  const id = callId();
  chat.user('Why did the service stop?');
  await chat.turn(base, { text: 'I look.', calls: [{ id, name: 'Bash', input: { command: 'journalctl' } }] });
  chat.results([{ id, content: log }]);
  const { forwarded } = await chat.turn(base);
  return { chat, log, hash: originalId(log), forwarded };
}

describe('figures of retrievals', () => {
  it("a tenant sees its own, the model's inside replies among them, and nobody else's", async () => {
    const { chat, log, hash } = await withExcerpt({ key: 'sk-ant-api-stats-of-one' });
    const ours = { id: callId(), name: 'headroom_retrieve', input: { hash, query: 'which disk is failing' } };
    chat.user('Which disk?');
    provider.reply({ text: 'Let me open it.', calls: [ours] }, { key: chat.key });
    await chat.turn(proxy.url, { text: 'sda3.' });
    await get(`/v1/retrieve/${hash}`, chat.key);
    const stats = (await get('/v1/retrieve/stats', chat.key)).json();
    assert.equal(stats.store.entry_count, 1);
    assert.equal(stats.store.total_original_bytes, Buffer.byteLength(log));
    assert.ok(stats.store.total_compressed_tokens < stats.store.total_original_tokens);
    assert.equal(stats.store.total_retrievals, 2);
    assert.equal(stats.store.backend.backend_type, 'sqlite');
    assert.equal(stats.store.backend.max_bytes, 2 ** 31);
    assert.equal(stats.store.backend.ttl_seconds, 7 * 86_400);
    assert.deepEqual(
      stats.recent_retrievals.map(({ query, retrieval_type, hash: opened, tool_name }) => [
        query,
        retrieval_type,
        opened,
        tool_name,
      ]),
      [
        [null, 'full', hash, 'Bash'],
        ['which disk is failing', 'search', hash, 'Bash'],
      ],
    );
    const [full, search] = stats.recent_retrievals;
    assert.equal(full.items_retrieved, full.total_items);
    assert.ok(search.items_retrieved > 0 && search.items_retrieved < search.total_items);
    assert.ok(Math.abs(full.timestamp - Date.now() / 1000) < 600);

    const other = await get('/v1/retrieve/stats', 'sk-ant-api-stats-of-another');
    assert.equal(other.json().store.entry_count, 0);
    assert.ok(other.json().store.backend.entry_count >= 1);
    assert.deepEqual(other.json().recent_retrievals, []);
    assert.ok(!other.text().includes('disk'));
  });

  it('counts only whole fetches of an original, and says how much of it the excerpt shows', async () => {
    const { chat, hash, forwarded } = await withExcerpt();
    const [, total, kept] = /\[(\d+) lines compressed to (\d+)\./.exec(forwarded.body.toString());
    const ours = { id: callId(), name: 'headroom_retrieve', input: { hash } };
    chat.user('Read it whole.');
    provider.reply({ text: 'Let me open it.', calls: [ours] }, { key: chat.key });
    await chat.turn(proxy.url, { text: 'Read.' });
    await get(`/v1/retrieve/${hash}?query=disk`, chat.key);
    const { original_item_count, compressed_item_count, retrieval_count } = (
      await get(`/v1/retrieve/${hash}`, chat.key)
    ).json();
    assert.deepEqual(
      { original_item_count, compressed_item_count, retrieval_count },
      { original_item_count: Number(total), compressed_item_count: Number(kept), retrieval_count: 2 },
    );
  });

  it('/metrics and /stats have retrievals and evictions by kind', async () => {
    const before = (await get('/stats')).json().retrievals;
    await get(`/v1/retrieve/${'a'.repeat(24)}`, 'sk-ant-api-nothing');
    const after = (await get('/stats')).json();
    assert.equal(after.retrievals.missed, before.missed + 1);
    assert.equal(after.store.expired_originals, 0);
    const metrics = (await get('/metrics')).text();
    assert.match(metrics, new RegExp(`^headroom_retrievals_total\\{type="missed"\\} ${before.missed + 1}$`, 'm'));
    assert.match(metrics, /^headroom_originals_evicted_total\{reason="budget"\} 0$/m);
    assert.match(metrics, /^headroom_originals_evicted_total\{reason="ttl"\} 0$/m);
  });
});

describe('a tool call answered by the proxy', () => {
  const answer = (value, key) => post(proxy.url, '/v1/retrieve/tool_call', value, { key });

  it("comes back as the API's own result, for the tenant alone", async () => {
    const { chat, log, hash } = await withExcerpt();
    const call = { type: 'tool_use', id: 'toolu_x', name: 'headroom_retrieve', input: { hash } };
    const own = await answer({ tool_call: call, provider: 'anthropic' }, chat.key);
    assert.equal(own.status, 200);
    assert.deepEqual(own.json().tool_result, { type: 'tool_result', tool_use_id: 'toolu_x', content: log });
    assert.equal(own.json().success, true);
    assert.equal(own.json().data.original_content, log);
    const foreign = await answer({ tool_call: call, provider: 'anthropic' }, 'sk-ant-api-somebody-else');
    assert.equal(foreign.json().success, false);
    assert.ok(!foreign.text().includes('sda3'));
    const chatCall = {
      id: 'call_x',
      type: 'function',
      function: { name: 'headroom_retrieve', arguments: JSON.stringify({ hash: hash.toUpperCase() }) },
    };
    const openai = await answer({ tool_call: chatCall, provider: 'openai' }, chat.key);
    assert.deepEqual(openai.json().tool_result, { role: 'tool', tool_call_id: 'call_x', content: log });
  });

  it('what is not a call of ours is refused', async () => {
    const refused = await answer({ tool_call: { name: 'Bash', input: { command: 'ls' } } }, 'sk-ant-api-k');
    assert.equal(refused.status, 400);
    assert.match(refused.json().detail, /headroom_retrieve/);
    const malformed = await answer({ tool_call: { name: 'headroom_retrieve', input: { hash: 'abc' } } }, 'sk-ant-api-k');
    assert.equal(malformed.status, 400);
    assert.match(malformed.json().detail, /hash/);
  });
});

describe("a client's own tool of that name", () => {
  const schema = (properties) => ({ type: 'object', properties });
  const own = (properties) => [
    { name: 'Bash', description: 'Runs a command', input_schema: schema({ command: { type: 'string' } }) },
    { name: 'mcp__headroom__headroom_retrieve', description: 'Opens a gap', input_schema: schema(properties) },
  ];

  it('opens gaps where it takes a hash and brings the key of the conversation', async () => {
    const tools = own({ hash: { type: 'string' } });
    const { chat, log, hash, forwarded } = await withExcerpt({ tools });
    assert.match(forwarded.body.toString(), /Retrieve more: hash=[0-9a-f]{24}/);
    assert.deepEqual(forwarded.json().tools, tools);
    assert.equal((await get(`/v1/retrieve/${hash}`, chat.key)).json().original_content, log);
    const keyless = await get(`/v1/retrieve/${hash}`);
    assert.equal(keyless.status, 404);
    assert.match(keyless.json().detail, /not found or expired.*key/);
  });

  it('that takes no hash leaves the conversation without gaps', async () => {
    const tools = own({ name: { type: 'string' } });
    const { forwarded } = await withExcerpt({ tools });
    assert.ok(!forwarded.body.toString().includes('Retrieve more'));
    assert.deepEqual(forwarded.json().tools, tools);
  });

  it('without a key serves a proxy that has one tenant', async (t) => {
    const single = await startProxy({ provider, args: ['--tenant', 'single'] });
    t.after(() => single.stop());
    const tool = { name: 'headroom_retrieve', parameters: schema({ hash: { type: 'string' } }) };
    const { log, forwarded } = await withExcerpt({
      base: single.url,
      Chat: OpenAiConversation,
      tools: [{ type: 'function', function: tool }],
    });
    assert.match(forwarded.body.toString(), /Retrieve more/);
    const reply = await request({ url: `${single.url}/v1/retrieve/${originalId(log)}` });
    assert.equal(reply.json().original_content, log);
  });
});
