// What is kept, how it lies on disk, and how its owner shows, removes or encrypts it.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { changedResults, originalId } from './support/compare.mjs';
import { OpenAiConversation, callId } from './support/conversation.mjs';
import { Random, jsonRows } from './support/data.mjs';
import { begin } from './support/growth.mjs';
import { post, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';
import { freePort, runToEnd, startProxy, temporaryFolder } from './support/proxy.mjs';

const { provider, proxy } = await startPair({ args: ['--no-ccr'] });
const KEY = 'ab'.repeat(32);
let seed = 500;

// A conversation with one shortened result: its original and the body that was forwarded.
async function withOriginal(base, { key = 'sk-data', headers = [] } = {}) {
  const chat = begin(new OpenAiConversation({ provider, key, headers }), `Question ${++seed}`);
  const id = callId('call_');
  await chat.turn(base, { calls: [{ id, name: 'list', input: {} }] });
  const original = jsonRows(new Random(seed), 40);
  chat.results([{ id, content: original }]);
  const { sent, forwarded } = await chat.turn(base);
  return { chat, original, changed: changedResults(sent, forwarded.json()).length };
}
const fetchOriginal = (base, original, key = 'sk-data') =>
  request({ url: `${base}/v1/retrieve/${originalId(original)}`, headers: [['authorization', `Bearer ${key}`]] });
const data = (dataDir, ...args) => runToEnd(['data', ...args, '--data-dir', dataDir]);
const rowsOf = async (dataDir) =>
  (await data(dataDir, 'list')).stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/));

// Waits until the running proxy has written what it decided.
async function written(dataDir, originals) {
  const end = performance.now() + 20_000;
  for (;;) {
    const rows = await rowsOf(dataDir);
    if (rows.reduce((sum, row) => sum + Number(row[3]), 0) >= originals) return rows;
    assert.ok(performance.now() < end, 'the originals did not reach the disk');
  }
}

describe('files', () => {
  it('are for their owner alone', async () => {
    await withOriginal(proxy.url);
    await written(proxy.dataDir, 1);
    assert.equal(statSync(proxy.dataDir).mode & 0o777, 0o700);
    const files = readdirSync(proxy.dataDir);
    assert.ok(files.includes('ledger.db'));
    for (const file of files) assert.equal(statSync(join(proxy.dataDir, file)).mode & 0o777, 0o600, file);
  });
});

describe('--no-store', () => {
  it('writes nothing, keeps no original and leaves nothing out', async () => {
    const dataDir = join(temporaryFolder(), 'never');
    const kept = await startProxy({ provider, dataDir, args: ['--no-store'] });
    try {
      const { chat, original, changed } = await withOriginal(kept.url);
      assert.equal(changed, 1, 'lossless rules apply');
      assert.equal((await fetchOriginal(kept.url, original)).status, 404);
      const { forwarded } = await chat.turn(kept.url);
      assert.ok(!forwarded.body.toString().includes('Retrieve more'));
      assert.ok(!forwarded.body.toString().includes('headroom_retrieve'));
      assert.equal((await request({ url: `${kept.url}/readyz` })).status, 200);
    } finally {
      await kept.stop();
    }
    assert.ok(!existsSync(dataDir));
  });
});

describe('a project label', () => {
  it('of a request stands in its rows and does not go upstream', async () => {
    const { original } = await withOriginal(proxy.url, { headers: [['x-headroom-project', 'billing-1']] });
    assert.equal((await fetchOriginal(proxy.url, original)).status, 200);
    for (const sent of provider.requests()) assert.equal(sent.headers['x-headroom-project'], undefined);
    const end = performance.now() + 20_000;
    while (!(await rowsOf(proxy.dataDir)).some((row) => row[1] === 'billing-1' && row[3] === '1')) {
      assert.ok(performance.now() < end, 'no row has the label');
    }
  });

  it('is refused when it is none', async () => {
    for (const label of ['a b', 'x'.repeat(65), 'ü', 'a/b', "a'b"]) {
      const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] };
      const headers = [['x-headroom-project', Buffer.from(label).toString('latin1')]];
      const reply = await post(proxy.url, '/v1/chat/completions', body, { headers });
      assert.equal(reply.status, 400, label);
      assert.match(reply.json().error.message, /x-headroom-project/);
    }
    assert.equal(provider.requests().length, 0);
    const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] };
    const headers = [['x-headroom-project', 'x'.repeat(64)]];
    assert.equal((await post(proxy.url, '/v1/chat/completions', body, { headers })).status, 200);
  });
});

describe('headroom data', () => {
  it('lists and purges beside a running proxy, one tenant at a time', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const running = await startProxy({ provider, dataDir, args: ['--no-ccr'] });
    try {
      const mine = await withOriginal(running.url, { key: 'sk-mine' });
      const theirs = await withOriginal(running.url, { key: 'sk-theirs', headers: [['x-headroom-project', 'p']] });
      const rows = await written(dataDir, 2);
      assert.equal(rows.length, 2);
      const [tenant] = rows.find((row) => row[1] === '-');
      const purged = await data(dataDir, 'purge', '--tenant', tenant);
      assert.equal(purged.code, 0, purged.stderr);
      assert.match(purged.stdout, /^[1-9]\d* decisions and 1 originals removed\n$/);
      assert.equal((await fetchOriginal(running.url, mine.original, 'sk-mine')).status, 404);
      assert.equal((await fetchOriginal(running.url, theirs.original, 'sk-theirs')).status, 200);
      assert.match((await data(dataDir, 'purge', '--project', 'q')).stdout, /^0 decisions and 0 originals/);
      assert.match((await data(dataDir, 'purge', '--older', '1d')).stdout, /^0 decisions and 0 originals/);
      assert.match((await data(dataDir, 'purge', '--project', 'p')).stdout, / 1 originals/);
      assert.equal((await rowsOf(dataDir)).length, 0);
      const { forwarded } = await mine.chat.turn(running.url);
      assert.ok(forwarded, 'requests go on');
    } finally {
      await running.stop();
    }
  });

  it('says what it cannot do', async () => {
    const none = join(temporaryFolder(), 'none');
    assert.equal((await data(none, 'list')).code, 3);
    assert.ok(!existsSync(none));
    for (const args of [['purge'], ['purge', '--all', '--project', 'p'], ['purge', '--tenant', 'x'], ['purge', '--older', '3']]) {
      const { code, stderr } = await data(proxy.dataDir, ...args);
      assert.equal(code, 2, args.join(' '));
      assert.ok(stderr.length > 0);
    }
  });
});

describe('encryption at rest', () => {
  const onDisk = (dataDir) =>
    Buffer.concat(readdirSync(dataDir).map((file) => readFileSync(join(dataDir, file)))).toString('latin1');

  it('leaves no text of a conversation on disk, and needs its key', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const keyFile = join(temporaryFolder(), 'key');
    writeFileSync(keyFile, `${KEY}\n`, { mode: 0o600 });
    const args = ['--no-ccr', '--encryption-key', `@${keyFile}`];
    const sealed = await startProxy({ provider, dataDir, args });
    const { chat, original } = await withOriginal(sealed.url);
    await written(dataDir, 1);
    await sealed.stop();
    const word = /"name":\s*"([^"]{6,})"/.exec(original)?.[1] ?? original.slice(40, 60);
    assert.ok(original.includes(word));
    assert.ok(!onDisk(dataDir).includes(word), word);

    for (const env of [{}, { HEADROOM_ENCRYPTION_KEY: 'cd'.repeat(32) }]) {
      const refused = await runToEnd(['proxy', '--port', String(await freePort()), '--data-dir', dataDir], { env });
      assert.notEqual(refused.code, 0);
      assert.match(refused.stderr, /encrypted/);
      assert.ok(!refused.stderr.includes(KEY));
    }
    const again = await startProxy({ provider, dataDir, args: ['--no-ccr'], env: { HEADROOM_ENCRYPTION_KEY: KEY } });
    try {
      assert.equal((await fetchOriginal(again.url, original)).status, 200);
      const before = provider.last().json().messages;
      const { forwarded } = await chat.turn(again.url);
      assert.deepEqual(forwarded.json().messages.slice(0, before.length), before);
    } finally {
      await again.stop();
    }
  });

  it('refuses a key that is none, without repeating it', async () => {
    const bad = await runToEnd(['proxy', '--encryption-key', 'not-a-key'], {});
    assert.equal(bad.code, 2);
    assert.ok(!bad.stderr.includes('not-a-key'));
  });
});
