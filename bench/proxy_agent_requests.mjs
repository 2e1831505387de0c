// Requests of 400 KB with 60 tool results. An agent sends its whole conversation
// each time, so usually only the last turn is new; everything is new where a
// conversation is met for the first time.

import { agentRequest } from './support/agent_request.mjs';
import { residentMegabytes } from './support/machine.mjs';
import { Bench } from './support/proxies.mjs';
import { inTurns, medianOf, medianOfPairs, printTable } from './support/rounds.mjs';

const ROUNDS = 3;
const { body, lastTurn } = agentRequest({ seed: 1, bytes: 400_000 });

// One connection: what a request waits longer than without a proxy.
async function added(bench, parties, vary_from) {
  const load = { path: '/v1/messages', body, vary_from, connections: 1, seconds: 1.5 };
  const results = await inTurns(ROUNDS, parties, (party) => bench.load(party, load));
  return ({ name }) => [
    medianOfPairs(results[name], results.direct, (a, b) => (a.latencyP50 - b.latencyP50) / 1e3).toFixed(2),
    medianOf(results[name], ({ cpu, requests }) => (cpu * 1e3) / requests).toFixed(2),
  ];
}

const livez = (bench, party, seconds) => bench.load(party, { path: '/livez', connections: 1, pause_ms: 5, seconds });

// 16 connections, and how long /livez takes meanwhile: headroom answers it, nginx
// asks the provider.
async function crowded(bench, party, vary_from) {
  const [result, alive] = await Promise.all([
    bench.load(party, { path: '/v1/messages', body, vary_from, connections: 16, seconds: 4 }),
    livez(bench, party, 4),
  ]);
  return [
    (result.requests / result.seconds).toFixed(0),
    (result.latencyP50 / 1e3).toFixed(1),
    (alive.latencyP50 / 1e3).toFixed(2),
    (alive.latencyP99 / 1e3).toFixed(2),
    residentMegabytes(party.pid).toFixed(0),
  ];
}

const bench = await Bench.open();
try {
  const nginx = await bench.nginx();
  const headroom = await bench.headroom();
  const parties = [bench.direct, nginx, headroom];
  const saved = Number((await bench.post(headroom, body)).get('x-headroom-tokens-saved'));
  if (!(saved > 0)) throw new Error('headroom saves nothing');
  // What the machine gives at best at this moment.
  const idle = await livez(bench, headroom, 2);
  const idleTimes = [idle.latencyP50, idle.latencyP99].map((microseconds) => (microseconds / 1e3).toFixed(2));
  const rows = [['no requests', headroom.name, '', '', '', '', ...idleTimes, '']];
  for (const [what, vary_from] of [
    ['last turn', lastTurn],
    ['everything', 0],
  ]) {
    const one = await added(bench, parties, vary_from);
    for (const party of [nginx, headroom]) {
      rows.push([what, party.name, ...one(party), ...(await crowded(bench, party, vary_from))]);
    }
  }
  printTable(
    `Agent requests of ${(body.length / 1000).toFixed(0)} KB, ${saved} tokens saved in each`,
    [
      ...['new', 'through', 'added p50 ms', 'CPU ms'],
      ...['16 connections: requests/s', 'p50 ms', '/livez p50 ms', '/livez p99 ms', 'RSS MB'],
    ],
    rows,
  );
} finally {
  await bench.close();
}
