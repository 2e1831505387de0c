// What whole conversations cost at the provider, straight and through the
// proxy: never more, and no prompt-cache hit is lost.

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { AnthropicConversation, toolTurn } from './support/conversation.mjs';
import { Random, words } from './support/data.mjs';
import { MIXED, STYLES, begin } from './support/growth.mjs';
import { startProxy } from './support/proxy.mjs';

const TURNS = [...MIXED, ...MIXED, ...MIXED];

// Plays a conversation; returns its price and each turn's account.
async function play(style, base, provider, { seed = 1, onTurn = () => {}, plan = TURNS } = {}) {
  const random = new Random(seed);
  const chat = begin(STYLES[style]({ provider, key: `sk-bill-${style}-${seed}`, system: words(random, 1500) }));
  const accounts = [];
  let usd = 0;
  for (const [i, shapes] of plan.entries()) {
    await onTurn(i);
    const reply = chat.thinking ? { thinking: 'Considering.' } : {};
    const { forwarded } = await toolTurn(chat, base, shapes, random, { reply });
    accounts.push(forwarded.account);
    usd += forwarded.usd;
  }
  return { usd, accounts };
}

// Turns that read less than the turn before had left in the cache.
function busts(accounts, slackTokens) {
  return accounts.filter(
    (account, i) => i > 0 && account.read + slackTokens < accounts[i - 1].read + accounts[i - 1].write,
  );
}

describe('the bill', () => {
  let straight;
  let behind;
  let proxy;
  before(async () => {
    [straight, behind] = await Promise.all([startProvider({ tokenizer: 'bpe' }), startProvider({ tokenizer: 'bpe' })]);
    proxy = await startProxy({ provider: behind, args: ['--no-ccr'] });
  });
  after(async () => {
    await proxy.stop();
    await Promise.all([straight.close(), behind.close()]);
  });

  for (const style of Object.keys(STYLES)) {
    it(`is smaller and no cached prefix is lost: ${style}`, async () => {
      const direct = await play(style, straight.url, straight);
      const proxied = await play(style, proxy.url, behind);
      assert.ok(proxied.usd < 0.95 * direct.usd, `${proxied.usd} through the proxy, ${direct.usd} straight`);
      assert.equal(busts(direct.accounts, 0).length, 0, 'the simulation itself must not miss');
      assert.equal(busts(proxied.accounts, 0).length, 0);
      // OpenAI's cache is read in steps: what is left over is at most one.
      for (const [i, account] of proxied.accounts.entries()) {
        if (i > 0 && /^(chat|responses)/.test(style)) assert.ok(account.read > proxied.accounts[i - 1].total - 2 * 128);
      }
    });
  }

  it('is the same to the cent for a conversation without tools', async () => {
    const talk = async (base, provider) => {
      const chat = new AnthropicConversation({
        provider,
        style: 'claude-code',
        key: 'sk-talk',
        system: words(new Random(5), 2000),
      });
      let usd = 0;
      for (let i = 0; i < 8; ++i) {
        chat.user(words(new Random(i), 300));
        usd += (await chat.turn(base, { text: words(new Random(50 + i), 200) })).forwarded.usd;
      }
      return usd;
    };
    assert.equal(await talk(proxy.url, behind), await talk(straight.url, straight));
  });

  for (const style of ['claude-code marks', 'chat completions', 'lists and automatic caching']) {
    it(`misses the cache at most once when the ledger is lost: ${style}`, async (t) => {
      const mine = await startProxy({ provider: behind, args: ['--no-ccr'] });
      t.after(() => mine.stop());
      const lose = (i) =>
        i === 10 ? mine.restart({ meanwhile: () => rmSync(mine.dataDir, { recursive: true }) }) : undefined;
      const { accounts } = await play(style, mine.url, behind, { seed: 2, onTurn: lose });
      assert.ok(busts(accounts, 0).length <= 1, `${busts(accounts, 0).length} misses`);
    });
  }
});
