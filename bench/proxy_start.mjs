// From starting the program to the first answer that came from the provider, and
// the memory it then holds.

import { smallRequest } from './support/agent_request.mjs';
import { residentMegabytes, sleep, stop } from './support/machine.mjs';
import { Bench } from './support/proxies.mjs';
import { inTurns, medianOf, printTable } from './support/rounds.mjs';

const ROUNDS = 5;

const bench = await Bench.open();
try {
  const programs = [
    { name: 'nginx', run: () => bench.nginx() },
    { name: 'headroom', run: () => bench.headroom() },
  ];
  const results = await inTurns(ROUNDS, programs, async ({ run }) => {
    const party = await run();
    await bench.post(party, smallRequest());
    const answered = performance.now() - party.begin;
    await sleep(300);
    const megabytes = residentMegabytes(party.pid);
    await stop(party.child);
    return { answered, megabytes };
  });
  const rows = programs.map(({ name }) => [
    name,
    medianOf(results[name], ({ answered }) => answered).toFixed(0),
    medianOf(results[name], ({ megabytes }) => megabytes).toFixed(0),
  ]);
  printTable('Start', ['program', 'first answer ms', 'idle RSS MB'], rows);
} finally {
  await bench.close();
}
