// What happens around the program: it is killed under load, its data directory goes away, its clock jumps, it runs
// out of file descriptors. No request fails but those that end with the process. docs/reliability.md.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { Random } from './support/data.mjs';
import { MIXED, STYLES, begin, finish, grow } from './support/growth.mjs';
import { eventually, post, request, sleep } from './support/http.mjs';
import { startProxy, temporaryFolder } from './support/proxy.mjs';

const WRITE_DELAY_MS = 100; // decisions are on disk within it

let provider;
before(async () => {
  provider = await startProvider();
});
after(() => provider.close());
beforeEach(() => provider.forget());

async function own(t, options = {}) {
  const proxy = await startProxy({ provider, args: ['--no-ccr'], ...options });
  t.after(() => proxy.stop());
  return proxy;
}

const make = (style) => STYLES[style]({ provider });
const ask = (proxy, text = 'hello') =>
  post(proxy.url, '/v1/messages', {
    model: 'claude-sonnet-4-5',
    max_tokens: 9,
    messages: [{ role: 'user', content: text }],
  });

describe('a process that is killed under load', () => {
  it('takes with it what it was answering, and no prefix of what was written', async (t) => {
    const proxy = await own(t);
    const styles = Object.keys(STYLES).filter((style) => style !== 'checked thinking');
    const chats = styles.map((style) => begin(make(style)));
    const bodies = await Promise.all(
      chats.map((chat, i) => grow(chat, proxy.url, new Random(900 + i), MIXED.slice(0, 3))),
    );
    await sleep(2 * WRITE_DELAY_MS);
    let stop = false;
    const ends = { answered: 0, cut: 0 };
    const load = Array.from({ length: 8 }, async (_, i) => {
      for (let n = 0; !stop && n < 5000; ++n) {
        const reply = await ask(proxy, `load ${i} ${n}`).catch(() => undefined);
        ++ends[reply?.status === 200 && !reply.cut ? 'answered' : 'cut'];
        if (reply === undefined) await sleep(5);
      }
    });
    for (let kill = 0; kill < 3; ++kill) {
      await sleep(200);
      await proxy.restart({ hard: true });
    }
    stop = true;
    await Promise.all(load);
    assert.ok(ends.answered > 20 && ends.cut > 0, `under load: ${JSON.stringify(ends)}`);
    for (const [i, chat] of chats.entries()) {
      await grow(chat, proxy.url, new Random(950 + i), MIXED.slice(3, 5), { from: [bodies[i].at(-1)] });
    }
  });
});

describe('a data directory that goes away while the process runs', () => {
  it('fails no request and moves no prefix', async (t) => {
    const proxy = await own(t);
    const chats = Object.keys(STYLES).map((style) => begin(make(style)));
    const bodies = [];
    for (const [i, chat] of chats.entries())
      bodies.push(await grow(chat, proxy.url, new Random(60 + i), MIXED.slice(0, 3)));
    await sleep(2 * WRITE_DELAY_MS);
    rmSync(proxy.dataDir, { recursive: true });
    for (const [i, chat] of chats.entries()) {
      const all = await grow(chat, proxy.url, new Random(70 + i), MIXED.slice(3), { from: bodies[i] });
      await finish(chat, proxy.url, all);
    }
    assert.equal((await request({ url: `${proxy.url}/livez` })).status, 200);
    await proxy.restart();
    assert.ok(existsSync(proxy.dataDir), 'the next start makes it again');
    assert.equal((await request({ url: `${proxy.url}/readyz` })).status, 200);
  });
});

describe('a clock that is set', () => {
  const MACHINE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const LIBRARY = `/usr/lib/${MACHINE}-linux-gnu/faketime/libfaketimeMT.so.1`;

  // A process whose wall clock is `setTo`; its steady clock goes on.
  async function withClock(t, options = {}) {
    assert.ok(existsSync(LIBRARY), `${LIBRARY} is missing: the package faketime has it`);
    const file = join(temporaryFolder(), 'time');
    const setTo = (offset) => writeFileSync(file, `${offset}\n`);
    setTo('+0s');
    const env = {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    return { proxy: await own(t, { env, ...options }), setTo };
  }

  const STEPS = { 'back by a year': '-1y', 'forth by a day': '+1d', 'back by an hour': '-1h' };
  for (const [what, offset] of Object.entries(STEPS)) {
    it(`${what} fails no request and moves no prefix`, async (t) => {
      const { proxy, setTo } = await withClock(t);
      const chats = Object.keys(STYLES).map((style) => begin(make(style)));
      for (const [i, chat] of chats.entries()) {
        setTo('+0s');
        const bodies = await grow(chat, proxy.url, new Random(80 + i), MIXED.slice(0, 3));
        setTo(offset);
        await grow(chat, proxy.url, new Random(90 + i), MIXED.slice(3, 5), { from: bodies });
        setTo('+0s');
        await grow(chat, proxy.url, new Random(100 + i), MIXED.slice(5), { from: [bodies.at(-1)] });
      }
      assert.equal((await request({ url: `${proxy.url}/readyz` })).status, 200);
    });
  }
});

describe('a process without free file descriptors', () => {
  // Milliseconds of processor time so far.
  const cpuMs = (pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };

  it('serves who is connected, does not spin, and takes others when some have gone', async (t) => {
    const proxy = await own(t, { descriptors: 64, args: ['--no-ccr', '--workers', '1'] });
    assert.equal((await ask(proxy)).status, 200);
    const sockets = Array.from({ length: 80 }, () => net.connect(proxy.port, '127.0.0.1').on('error', () => {}));
    await sleep(200);
    const before = cpuMs(proxy.child.pid);
    assert.equal((await ask(proxy)).status, 200, 'on connections that are kept');
    await sleep(800);
    assert.ok(cpuMs(proxy.child.pid) - before < 400, `${cpuMs(proxy.child.pid) - before} ms of processor time in a second`);
    sockets.forEach((socket) => socket.destroy());
    await eventually(
      async () => (await request({ url: `${proxy.url}/livez`, fresh: true }).catch(() => undefined))?.status === 200,
      'new connections are taken',
    );
  });
});
