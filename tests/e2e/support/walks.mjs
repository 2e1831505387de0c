// Many random conversations, some of them under way at a time, while the proxy is stopped, killed and started again.
//
// A walk is one conversation:
//   key       conversations of one key take turns, so that a request is found by its key
//   left      steps that it still takes
//   history   what happened to it, for the message of a failure
//   step()    one turn; resolves with a branch, if one began

import assert from 'node:assert/strict';

import { Random } from './data.mjs';
import { sleep } from './http.mjs';

const UNDER_WAY = 20;
const STEPS_BETWEEN_RESTARTS = 250;
const COMMITTED_AFTER_MS = 150; // what a killed proxy had decided by then is on the disk

// begin(number) -> walk; restart(hard) starts the proxy again; between() runs after each round of turns.
// Returns { steps, restarts }.
export async function takeWalks({ count, seed, limitMs, begin, between, restart }) {
  const random = new Random(seed);
  const walks = [];
  let begun = 0;
  let steps = 0;
  let restarts = 0;
  const deadline = performance.now() + limitMs;
  while (begun < count || walks.length > 0) {
    assert.ok(performance.now() < deadline, `only ${begun} conversations begun within ${limitMs} ms`);
    while (walks.length < UNDER_WAY && begun < count) walks.push(begin(begun++));
    const round = walks.filter((walk, i) => walks.findIndex(({ key }) => key === walk.key) === i);
    const branches = await Promise.all(round.map((walk) => walk.step()));
    walks.push(...branches.filter(Boolean));
    walks.splice(0, walks.length, ...walks.filter((walk) => walk.left > 0));
    walks.push(...walks.splice(0, random.below(Math.max(1, walks.length))));
    steps += round.length;
    await between();
    if (steps < (restarts + 1) * STEPS_BETWEEN_RESTARTS) continue;
    ++restarts;
    const hard = random.chance(0.5);
    if (hard) await sleep(COMMITTED_AFTER_MS);
    await restart(hard);
    walks.forEach((walk) => walk.history.push(hard ? 'kill -9' : 'restart'));
  }
  return { steps, restarts };
}
