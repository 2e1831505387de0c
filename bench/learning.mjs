// What learning is worth: the world of tests/e2e/support/learning_world.mjs with and without it. Each proxy serves some
// conversations, restarts, which takes a snapshot, and serves as many again; the figures are those of the second lot.
//
//   HEADROOM_BIN=build/release/headroom node bench/learning.mjs [CONVERSATIONS]
//
// The bill is that of the simulated provider, with its prompt cache. The same seed: the same figures each time.

import { startWorld } from '../tests/e2e/support/learning_world.mjs';
import { startProxy } from '../tests/e2e/support/proxy.mjs';

const conversations = Number(process.argv[2] ?? 50);

async function secondLot(kind, options) {
  const world = await startWorld();
  const proxy = await startProxy({ provider: world.provider, args: ['--ccr'], logLevel: 'warning', ...options });
  await world.run(proxy.url, { conversations, kind });
  await proxy.restart(); // what waits to be learnt is learnt before it ends
  const figures = await world.run(proxy.url, { conversations, kind });
  await proxy.stop();
  await world.close();
  return figures;
}

console.log(`${conversations} conversations`.padEnd(24), 'retrievals', ' bill in USD');
for (const kind of ['shipments', 'manifest']) {
  const without = await secondLot(kind, { env: { HEADROOM_TELEMETRY_DISABLED: '1' } });
  const learnt = await secondLot(kind, {});
  for (const [name, { retrievals, usd }] of [
    [`${kind}, not learning`, without],
    [`${kind}, learnt`, learnt],
  ]) {
    console.log(name.padEnd(24), String(retrievals).padStart(10), usd.toFixed(3).padStart(12));
  }
}
