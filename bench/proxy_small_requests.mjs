// Requests and answers of 2 KB over 16 connections, through headroom and through
// nginx to the same provider, and straight to it.

import { smallRequest } from './support/agent_request.mjs';
import { Bench } from './support/proxies.mjs';
import { inTurns, medianOf, medianOfPairs, printTable } from './support/rounds.mjs';

const ROUNDS = 5;
const LOAD = { path: '/v1/messages', body: smallRequest(), vary_from: 0, connections: 16, seconds: 1 };

const bench = await Bench.open();
try {
  const parties = [bench.direct, await bench.nginx(), await bench.headroom()];
  const results = await inTurns(ROUNDS, parties, (party) => bench.load(party, LOAD));
  const cpu = ({ cpu, requests }) => (cpu * 1e6) / requests;
  const rows = parties.map(({ name }) => [
    name,
    medianOf(results[name], ({ requests, seconds }) => requests / seconds).toFixed(0),
    medianOf(results[name], ({ latencyP50 }) => latencyP50 / 1e3).toFixed(2),
    medianOf(results[name], ({ latencyP99 }) => latencyP99 / 1e3).toFixed(2),
    name === 'direct' ? '' : medianOf(results[name], cpu).toFixed(1),
    name === 'direct' ? '' : medianOfPairs(results[name], results.nginx, (a, b) => cpu(a) / cpu(b)).toFixed(2),
  ]);
  printTable(
    'Small requests, 16 connections',
    ['through', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs per request', 'CPU beside nginx'],
    rows,
  );
} finally {
  await bench.close();
}
