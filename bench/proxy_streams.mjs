// 64 streams at once, 50 events each, one every 10 ms: how much later an event
// arrives than it was sent, and what carrying it costs. With tools in the request
// headroom offers its own and reads the stream for calls of it, of which there are none.

import { smallRequest } from './support/agent_request.mjs';
import { Bench } from './support/proxies.mjs';
import { inTurns, medianOf, medianOfPairs, printTable } from './support/rounds.mjs';

const ROUNDS = 5;
const STREAMS = {
  path: '/v1/messages',
  body: smallRequest({ stream: true }),
  vary_from: 0,
  connections: 64,
  requests: 2,
};

const bench = await Bench.open();
try {
  const headroom = await bench.headroom();
  const offered = { ...headroom, name: 'headroom, its tool offered', tools: true };
  const parties = [bench.direct, await bench.nginx(), headroom, offered];
  const results = await inTurns(ROUNDS, parties, async (party) => {
    const body = party.tools ? smallRequest({ stream: true, tools: true }) : STREAMS.body;
    const result = await bench.load(party, { ...STREAMS, body });
    if (result.events !== 64 * 2 * 50) throw new Error(`${party.name}: ${result.events} events`);
    return result;
  });
  const cpu = ({ cpu, events }) => (cpu * 1e6) / events;
  const rows = parties.map(({ name }) => [
    name,
    medianOf(results[name], ({ delayP50 }) => delayP50 / 1e3).toFixed(2),
    medianOf(results[name], ({ delayP99 }) => delayP99 / 1e3).toFixed(2),
    name === 'direct' ? '' : medianOf(results[name], cpu).toFixed(1),
    name === 'direct' ? '' : medianOfPairs(results[name], results.nginx, (a, b) => cpu(a) / cpu(b)).toFixed(2),
  ]);
  printTable(
    '64 streams at once, an event every 10 ms',
    ['through', 'delay p50 ms', 'delay p99 ms', 'CPU µs per event', 'CPU beside nginx'],
    rows,
  );
} finally {
  await bench.close();
}
