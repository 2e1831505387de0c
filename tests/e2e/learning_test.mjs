// What was asked for again and again is kept from the next snapshot on; conversations under way do not notice.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { assertPrefixKept } from './support/compare.mjs';
import { post, request } from './support/http.mjs';
import { startWorld } from './support/learning_world.mjs';
import { runToEnd, startProxy, temporaryFolder } from './support/proxy.mjs';

const LESSONS = 12;
const KEY = 'sk-world';

const get = async (proxy, path, key) => {
  const reply = await request({ url: `${proxy.url}${path}`, headers: key ? [['x-api-key', key]] : [] });
  return { status: reply.status, json: reply.status === 200 ? reply.json() : undefined, text: reply.text() };
};

// What is learnt is worked out after the reply.
async function learnt(proxy, retrievals) {
  for (let i = 0; i < 200; ++i) {
    const { json } = await get(proxy, '/v1/toin/stats');
    if (json.total_retrievals >= retrievals) return json;
    await new Promise((done) => setTimeout(done, 20));
  }
  return assert.fail('the retrievals were not learnt');
}

const lastResult = (body) => {
  const block = body.messages.at(-1).content.findLast((part) => part.type === 'tool_result');
  return typeof block.content === 'string' ? block.content : block.content[0].text;
};
const has = (text, needed) => needed.every((what) => text.includes(what));

describe('learning', () => {
  let world;
  let proxy;
  before(async () => {
    world = await startWorld();
    proxy = await startProxy({ provider: world.provider, args: ['--ccr'] });
  });
  after(async () => {
    await proxy.stop();
    await world.close();
  });

  let oldChat;
  let oldPrefix;
  let first;

  it('before anything is learnt, every conversation opens the gap', async () => {
    first = await world.run(proxy.url, { conversations: LESSONS });
    assert.equal(first.retrievals, LESSONS);
    const stats = await learnt(proxy, LESSONS);
    assert.equal(stats.enabled, true);
    assert.equal(stats.total_compressions, LESSONS);
    assert.equal(stats.snapshot, '');
    oldChat = await world.begin(proxy.url);
    oldPrefix = await world.send(oldChat, proxy.url);
    await learnt(proxy, LESSONS + 1);
  });

  it('nothing that was said is in the file, and only its owner may read it', async () => {
    await proxy.restart();
    const path = join(proxy.dataDir, 'toin.json');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(`${path}.key`).mode & 0o777, 0o600);
    const text = readFileSync(path, 'utf8');
    const file = JSON.parse(text);
    assert.equal(file.version, '1.0');
    assert.ok(Object.keys(file.patterns).length > 0);
    for (const word of ['carrier', 'kestrel', 'shipment', 'list_', 'weight', 'depot', KEY]) {
      assert.ok(!text.toLowerCase().includes(word), word);
    }
  });

  it('new conversations have what was asked for: fewer retrievals, a lower bill', async () => {
    const stats = (await get(proxy, '/v1/toin/stats')).json;
    assert.match(stats.snapshot, /^[0-9a-f]{32}$/);
    const second = await world.run(proxy.url, { conversations: LESSONS });
    assert.ok(second.retrievals <= LESSONS / 4, `${second.retrievals} retrievals`);
    assert.ok(second.usd < 0.95 * first.usd, `${second.usd} after ${first.usd}`);
  });

  it('a conversation under way is replayed to the byte, and its new results are cut as before', async () => {
    const needed = await world.call(oldChat, proxy.url);
    const forwarded = world.provider.requests().findLast((seen) => seen.key === KEY);
    assertPrefixKept(oldPrefix.json(), forwarded.json());
    const count = world.retrievals;
    await world.send(oldChat, proxy.url);
    assert.equal(world.retrievals, count + 1);
    const asked = world.provider.requests().findLast((seen) => seen.key === KEY).json();
    const results = asked.messages.flatMap((message) =>
      Array.isArray(message.content) ? message.content.filter((part) => part.type === 'tool_result') : [],
    );
    assert.ok(!has(JSON.stringify(results.at(-2).content), needed), 'decided by the newer snapshot');
  });

  it('a conversation keeps its snapshot when it is no longer the newest', async () => {
    const chat = await world.begin(proxy.url);
    await world.send(chat, proxy.url);
    await proxy.restart({ meanwhile: () => rmSync(join(proxy.dataDir, 'toin.json')) });
    assert.equal((await get(proxy, '/v1/toin/stats')).json.snapshot, '');
    const needed = await world.call(chat, proxy.url);
    const count = world.retrievals;
    const forwarded = await world.send(chat, proxy.url);
    assert.equal(world.retrievals, count);
    assert.ok(has(lastResult(forwarded.json()), needed));
    const fresh = await world.begin(proxy.url);
    await world.send(fresh, proxy.url);
    assert.equal(world.retrievals, count + 1);
  });
});

describe('a result that is always opened whole', () => {
  it('is not cut any more, but for samples, and costs less', async () => {
    const world = await startWorld();
    const proxy = await startProxy({ provider: world.provider, args: ['--ccr', '--tool-profile', 'list_manifest:aggressive'] });
    const first = await world.run(proxy.url, { conversations: LESSONS, kind: 'manifest' });
    assert.ok(first.retrievals >= LESSONS);
    await learnt(proxy, first.retrievals);
    await proxy.restart();
    const second = await world.run(proxy.url, { conversations: LESSONS, kind: 'manifest' });
    assert.ok(second.retrievals <= first.retrievals / 3, `${second.retrievals} retrievals`);
    assert.ok(second.usd < first.usd, `${second.usd} after ${first.usd}`);
    const { json } = await get(proxy, '/v1/feedback/list_manifest', KEY);
    assert.equal(json.hints.skip_compression, true);
    await proxy.stop();
    await world.close();
  });
});

describe('what can be seen of it', () => {
  let world;
  let proxy;
  before(async () => {
    world = await startWorld();
    proxy = await startProxy({ provider: world.provider, args: ['--ccr'] });
    await world.run(proxy.url, { conversations: LESSONS });
    await learnt(proxy, LESSONS);
  });
  after(async () => {
    await proxy.stop();
    await world.close();
  });

  it('patterns of the installation: structure only', async () => {
    const list = (await get(proxy, '/v1/toin/patterns?limit=5')).json;
    assert.equal(list.length, 1);
    assert.deepEqual(Object.keys(list[0]), [
      'hash',
      'compressions',
      'retrievals',
      'retrieval_rate',
      'confidence',
      'skip_recommended',
      'optimal_max_items',
    ]);
    assert.equal(list[0].compressions, LESSONS);
    assert.equal(list[0].retrieval_rate, '100.0%');
    const pattern = await get(proxy, `/v1/toin/pattern/${list[0].hash}`);
    assert.equal(pattern.json.total_retrievals, LESSONS);
    assert.equal(pattern.json.user_count, 1);
    assert.deepEqual(pattern.json.seen_instance_hashes, []);
    assert.deepEqual(pattern.json.query_pattern_frequency, {});
    assert.equal((await get(proxy, '/v1/toin/pattern/ffffffffffff')).status, 404);
    assert.equal((await get(proxy, '/v1/toin/pattern/')).status, 404);
  });

  it('figures by tool go to the tenant alone', async () => {
    const mine = (await get(proxy, '/v1/feedback', KEY)).json;
    assert.equal(mine.feedback.tools_tracked, 1);
    assert.equal(mine.feedback.total_retrievals, LESSONS);
    const tool = (await get(proxy, '/v1/feedback/list_shipments', KEY)).json;
    assert.equal(tool.tool_name, 'list_shipments');
    assert.equal(tool.pattern.search_retrievals, LESSONS);
    assert.ok(tool.hints.preserve_fields.length > 0);
    for (const other of [undefined, 'sk-other']) {
      assert.equal((await get(proxy, '/v1/feedback', other)).json.feedback.tools_tracked, 0);
      assert.equal((await get(proxy, '/v1/feedback/list_shipments', other)).json.pattern, null);
    }
  });

  it('telemetry is the same counts; nothing can be written', async () => {
    assert.equal((await get(proxy, '/v1/telemetry')).json.total_compressions, LESSONS);
    const tools = (await get(proxy, '/v1/telemetry/tools')).json;
    assert.equal(tools.tool_count, 1);
    const [hash] = Object.keys(tools.tools);
    assert.equal((await get(proxy, `/v1/telemetry/tools/${hash}`)).json.signature_hash, hash);
    const refused = await post(proxy.url, '/v1/telemetry/import', '{}', { key: KEY });
    assert.equal(refused.status, 405);
  });

  it('exports, and takes over an export once', async () => {
    await proxy.stop();
    const file = join(temporaryFolder(), 'export.json');
    const toin = (...args) => runToEnd(['toin', ...args, '--data-dir', proxy.dataDir]);
    assert.equal((await toin('export', file)).code, 0);
    const exported = readFileSync(file, 'utf8');
    const printed = await toin('export');
    const dated = (text) => text.replace(/"export_timestamp": \d+/, '');
    assert.equal(dated(printed.stdout), dated(exported));
    rmSync(join(proxy.dataDir, 'toin.json'));
    for (let i = 0; i < 2; ++i) {
      assert.equal((await toin('import', file)).code, 0);
      assert.equal(dated((await toin('export')).stdout), dated(exported));
    }
    assert.match((await toin('stats')).stdout, /^1 structures, 1 tools\n12 results, 12 of them excerpts\n12 retrievals/);
    writeFileSync(file, exported.replace(/"instance_id": "....../, '"instance_id": "000000'));
    const refused = await toin('import', file);
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /another installation/);
    writeFileSync(file, '{');
    assert.equal((await toin('import', file)).code, 3);
    await proxy.start();
  });
});

describe('with HEADROOM_TELEMETRY_DISABLED', () => {
  it('nothing is learnt, written or told', async () => {
    const world = await startWorld();
    const proxy = await startProxy({ provider: world.provider, args: ['--ccr'], env: { HEADROOM_TELEMETRY_DISABLED: '1' } });
    await world.run(proxy.url, { conversations: 2 });
    const { json } = await get(proxy, '/v1/toin/stats');
    assert.equal(json.enabled, false);
    assert.equal(json.total_compressions, 0);
    assert.equal((await get(proxy, '/v1/feedback', KEY)).status, 404);
    await proxy.stop();
    assert.ok(!existsSync(join(proxy.dataDir, 'toin.json')));
    await world.close();
  });
});

describe('with HEADROOM_TOIN_PATH', () => {
  it('a file that cannot be read is put aside with one line in the log', async () => {
    const world = await startWorld();
    const path = join(temporaryFolder(), 'elsewhere.json');
    writeFileSync(path, '{ "version": "1.0", broken');
    const proxy = await startProxy({ provider: world.provider, args: ['--ccr'], env: { HEADROOM_TOIN_PATH: path } });
    assert.equal(proxy.stderr().match(/learnt patterns are not used/g).length, 1);
    await world.run(proxy.url, { conversations: 1 });
    await learnt(proxy, 1);
    await proxy.stop();
    assert.equal(Object.keys(JSON.parse(readFileSync(path, 'utf8')).patterns).length, 2);
    assert.match(readFileSync(`${path}.unreadable`, 'utf8'), /broken/);
    await world.close();
  });
});
