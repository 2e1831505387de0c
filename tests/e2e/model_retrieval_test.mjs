// Random conversations with a model that opens gaps, under the product's default options, against a model of what
// must hold. The model calls our tool at random: alone and beside the client's tools, several times at once, in
// several rounds, whole, by query, under unknown hashes, malformed. Clients read plain replies and streams, send
// messages back in different forms, retry, branch, edit; some models have a small window, known to the proxy or not,
// so that epochs are made. In between the proxy is stopped, killed and started again. After each turn:
//
//   the provider     accepted every prompt, but for those too long, and found no thinking with another prefix
//   its cache        read what it had read and written for the request before
//   the prompt       begins with the prompt before and the reply to it; once per epoch it may not
//   the client       saw the texts, thoughts and calls that were meant for it, and no byte of our tool
//   the request      is what the client sent, our exchanges and dropped messages aside
//
// HEADROOM_MODEL_SEED and HEADROOM_MODEL_CONVERSATIONS replay and widen a run.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { Random } from './support/data.mjs';
import { request } from './support/http.mjs';
import { startProxy } from './support/proxy.mjs';
import { RetrievalWalk } from './support/retrieval_walk.mjs';
import { takeWalks } from './support/walks.mjs';

const SEED = Number(process.env.HEADROOM_MODEL_SEED ?? 20261124);
const CONVERSATIONS = Number(process.env.HEADROOM_MODEL_CONVERSATIONS ?? 400);
const LIMIT_MS = Math.max(150_000, 500 * CONVERSATIONS);

const SMALL = { 'gpt-5.1-small': 14_000, 'claude-sonnet-4-5-small': 14_000, 'claude-sonnet-5-5-small': 16_000 };
// The proxy takes these for their families, which are larger, until a refusal tells.
const TIGHT = { 'gpt-5.1-tight': 14_000, 'claude-sonnet-4-5-tight': 14_000 };
const WORLD = {
  byKey: new Map(), // key -> the walk whose turn it is
  turns: 0,
  rounds: 0, // replies that called our tool
  mixed: 0,
  breaks: 0, // prompts that did not begin with the one before
  epochs: new Set(), // as the provider saw them; branches share theirs
  refused: 0, // conversations that ended because the answers did not fit
  protected: 0, // and because nothing could be left out
  nearly: 0, // and because an epoch was too long still, by a few tokens
};

let provider;
let proxy;
const made = { epochs: 0, all_protected: 0 }; // by the proxy's own count
before(async () => {
  provider = await startProvider({
    context: { ...SMALL, ...TIGHT },
    respond: (asked) => WORLD.byKey.get(asked.key)?.speak(asked),
  });
  proxy = await startProxy({ provider, args: ['--model-limits', JSON.stringify(SMALL)] });
  Object.assign(WORLD, { provider, proxy });
});
after(async () => {
  await proxy.stop();
  await provider.close();
});

async function addMade() {
  const { context } = (await request({ url: `${proxy.url}/stats` })).json();
  for (const name of Object.keys(made)) made[name] += context[name];
}

it(
  `${CONVERSATIONS} random conversations in which gaps are opened (seed ${SEED})`,
  { timeout: LIMIT_MS + 30_000 },
  async (t) => {
    const { steps, restarts } = await takeWalks({
      count: CONVERSATIONS,
      seed: SEED,
      limitMs: LIMIT_MS,
      begin: (number) => new RetrievalWalk(WORLD, new Random(SEED + 7919 * number), number),
      between: () => provider.forget(),
      restart: async (hard) => {
        await addMade();
        await proxy.restart({ hard });
      },
    });
    await addMade();
    const { turns, rounds, mixed, breaks, refused, nearly, protected: kept } = WORLD;
    const seen = WORLD.epochs.size;
    t.diagnostic(
      JSON.stringify({ steps, restarts, turns, rounds, mixed, ...made, seen, breaks, refused, nearly, kept }),
    );
    assert.ok(seen <= made.epochs, `${seen} changed prefixes, but ${made.epochs} epochs`);
    assert.ok(breaks > 0, 'some windows overflowed');
    assert.ok(rounds > CONVERSATIONS && mixed > 0, 'the model opened gaps');
    assert.ok(kept <= made.all_protected, `${kept} refused, protected ${made.all_protected}`);
    assert.ok(nearly <= CONVERSATIONS / 100, `${nearly} epochs were too long still`);
    assert.ok(refused <= CONVERSATIONS / 8, `${refused} conversations ended for want of room`);
  },
);
