// Restarts in mid-conversation, and a ledger that is lost, damaged or cannot be
// written: no request fails and prefixes stay, or are stable again at once.

import assert from 'node:assert/strict';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { changedResults, originalId } from './support/compare.mjs';
import { toolTurn } from './support/conversation.mjs';
import { Random, SHAPES } from './support/data.mjs';
import { MIXED, STYLES, begin, finish, grow } from './support/growth.mjs';
import { eventually, request, sleep } from './support/http.mjs';
import { startProxy } from './support/proxy.mjs';

const WRITE_DELAY_MS = 100; // decisions are on disk within it

let provider;
before(async () => {
  provider = await startProvider();
});
after(() => provider.close());
beforeEach(() => provider.forget());

const make = (style, options = {}) => STYLES[style]({ provider, ...options });

describe('a restart in mid-conversation', () => {
  async function own(t, options = {}) {
    const process_ = await startProxy({ provider, args: ['--no-ccr'], ...options });
    t.after(() => process_.stop());
    return process_;
  }

  for (const style of Object.keys(STYLES)) {
    for (const hard of [false, true]) {
      it(`${hard ? 'by kill -9' : 'in order'} changes no prefix: ${style}`, async (t) => {
        const mine = await own(t);
        const chat = begin(make(style));
        await grow(chat, mine.url, new Random(50), MIXED, {
          onTurn: async (i) => {
            if (i === 0 || i % 2 === 1) return;
            if (hard) await sleep(2 * WRITE_DELAY_MS);
            await mine.restart({ hard });
          },
        });
      });
    }
  }

  it('leaves raw what first contact left raw', async (t) => {
    const mine = await own(t);
    const chats = Array.from({ length: 10 }, () => begin(make('claude-code marks')));
    const bodies = await Promise.all(
      chats.map(async (chat, i) => {
        await grow(chat, provider.url, new Random(200 + i), MIXED.slice(0, 4)); // not through us
        return (await toolTurn(chat, mine.url, [SHAPES.rows], new Random(300 + i))).forwarded.json();
      }),
    );
    await sleep(2 * WRITE_DELAY_MS);
    await mine.restart({ hard: true });
    await Promise.all(
      chats.map((chat, i) => grow(chat, mine.url, new Random(400 + i), MIXED.slice(0, 2), { from: [bodies[i]] })),
    );
  });

  it('by kill -9 right after a request fails no request', async (t) => {
    const mine = await own(t);
    // The last decisions may be lost with the process, so prefixes may change.
    for (const style of Object.keys(STYLES)) {
      const chat = begin(make(style));
      for (const shapes of MIXED.slice(0, 4)) {
        const reply = chat.thinking ? { thinking: 'Hm.' } : {};
        const { response } = await toolTurn(chat, mine.url, shapes, new Random(51), { reply });
        assert.equal(response.status, 200);
        await mine.restart({ hard: true });
      }
    }
  });

  const damages = {
    deleted: (folder) => rmSync(folder, { recursive: true, force: true }),
    'overwritten with garbage': (folder) => {
      for (const name of readdirSync(folder)) {
        const file = join(folder, name);
        if (statSync(file).isFile()) writeFileSync(file, Buffer.alloc(9000, 'garbage!'));
      }
    },
    'cut short': (folder) => {
      for (const name of readdirSync(folder)) {
        const file = join(folder, name);
        if (statSync(file).isFile()) writeFileSync(file, Buffer.alloc(50, 'SQLite format 3\0'));
      }
    },
  };
  for (const [what, damage] of Object.entries(damages)) {
    it(`with the database ${what} fails no request and prefixes are stable again`, async (t) => {
      const mine = await own(t);
      const chats = Object.keys(STYLES).map((style) => begin(make(style)));
      for (const chat of chats) await grow(chat, mine.url, new Random(52), MIXED.slice(0, 3));
      await mine.restart({ meanwhile: () => damage(mine.dataDir) });
      for (const chat of chats) {
        const random = new Random(53);
        const { forwarded } = await toolTurn(chat, mine.url, [SHAPES.rows], random, {
          reply: chat.thinking ? { thinking: 'On.' } : {},
        });
        await grow(chat, mine.url, random, MIXED.slice(0, 3), { from: [forwarded.json()] });
      }
    });
  }

  it('keeps the originals', async (t) => {
    const mine = await own(t);
    const chat = begin(make('claude-code marks', { key: 'sk-keeper' }));
    await toolTurn(chat, mine.url, [SHAPES.rows], new Random(54));
    const { sent, forwarded } = await chat.turn(mine.url);
    const [{ sent: original }] = changedResults(sent, forwarded.json());
    await mine.restart();
    const reply = await request({
      url: `${mine.url}/v1/retrieve/${originalId(original)}`,
      headers: [['x-api-key', 'sk-keeper']],
    });
    assert.equal(reply.status, 200);
    assert.equal(reply.json().original_content, original);
  });

  it('keeps the database to its owner', async (t) => {
    const mine = await own(t);
    const files = readdirSync(mine.dataDir)
      .map((name) => join(mine.dataDir, name))
      .filter((file) => statSync(file).isFile());
    assert.ok(files.length > 0);
    for (const file of files) assert.equal(statSync(file).mode & 0o077, 0, `${file} is readable by others`);
  });
});

describe('thinking that the provider refuses after the ledger was lost', () => {
  it('is dropped by one retry, which stays for the rest of the conversation', async (t) => {
    const mine = await startProxy({ provider, args: ['--no-ccr'] });
    t.after(() => mine.stop());
    const chat = begin(make('checked thinking'));
    await grow(chat, mine.url, new Random(90), MIXED.slice(0, 3));
    await mine.restart({ meanwhile: () => rmSync(mine.dataDir, { recursive: true }) });
    for (const attempts of [2, 1, 1]) {
      provider.forget();
      const { forwarded, response } = await toolTurn(chat, mine.url, [SHAPES.rows], new Random(91), {
        reply: { thinking: 'Hm.' },
      });
      assert.equal(response.status, 200);
      assert.equal(provider.requests().length, attempts);
      assert.equal(forwarded.json().thinking.block_binding.prefix_mismatch_behavior, 'drop_block');
      assert.match(forwarded.headers['anthropic-beta'], /thinking-binding-controls-2026-08-01/);
    }
  });
});

describe('a store in trouble', () => {
  it('a full disk fails no request, keeps prefixes while the process lives, and shows in /readyz', async (t) => {
    const cramped = await startProxy({ provider, args: ['--no-ccr'], fileBytes: 256 * 1024 });
    t.after(() => cramped.stop());
    const chats = Object.keys(STYLES).map((style) => begin(make(style)));
    for (const [i, chat] of chats.entries()) {
      const bodies = await grow(chat, cramped.url, new Random(70 + i), [...MIXED, ...MIXED]);
      await finish(chat, cramped.url, bodies);
    }
    await eventually(
      async () => (await request({ url: `${cramped.url}/readyz` })).status === 503,
      '/readyz says that the store cannot be written',
    );
    assert.equal((await request({ url: `${cramped.url}/livez` })).status, 200);
  });

  it('two processes over one data directory serve one conversation in turns', async (t) => {
    const first = await startProxy({ provider, args: ['--no-ccr'] });
    t.after(() => first.stop());
    const second = await startProxy({ provider, args: ['--no-ccr'], dataDir: first.dataDir });
    t.after(() => second.stop());
    const chat = begin(make('claude-code marks'));
    let bodies = [];
    for (const [i, shapes] of MIXED.entries()) {
      bodies = await grow(chat, [first, second][i % 2].url, new Random(80 + i), [shapes], { from: bodies });
      await sleep(2 * WRITE_DELAY_MS);
    }
  });
});
