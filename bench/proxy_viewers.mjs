// Requests of 2 KB at about 500 a second, with nobody looking and with every stream of the dashboard taken.

import { smallRequest } from './support/agent_request.mjs';
import { sleep } from './support/machine.mjs';
import { Bench } from './support/proxies.mjs';
import { median, medianOf, printTable } from './support/rounds.mjs';

const ROUNDS = 7;
const VIEWERS = 16;
const LOAD = { path: '/v1/messages', body: smallRequest(), vary_from: 0, connections: 10, pause_ms: 19, seconds: 3 };

// Opens the streams and reads them; resolves to what closes them and says how much came.
async function watch({ port }) {
  const abort = new AbortController();
  let bytes = 0;
  for (let i = 0; i < VIEWERS; ++i) {
    const response = await fetch(`http://127.0.0.1:${port}/dashboard/events`, { signal: abort.signal });
    if (response.status !== 200) throw new Error(`stream ${i}: ${response.status}`);
    (async () => {
      for await (const part of response.body) bytes += part.length;
    })().catch(() => {});
  }
  return async () => {
    abort.abort();
    await sleep(1_200); // a second at most until the seats are free
    return bytes;
  };
}

const bench = await Bench.open();
try {
  const party = await bench.headroom();
  const results = { nobody: [], [`${VIEWERS} viewers`]: [] };
  let bytes = 0;
  for (let round = -1; round < ROUNDS; ++round) {
    for (const [name, list] of Object.entries(results)) {
      const close = name === 'nobody' ? async () => 0 : await watch(party);
      const result = await bench.load(party, LOAD);
      bytes += await close();
      if (round >= 0) list.push(result);
    }
  }
  if (bytes === 0) throw new Error('the viewers saw nothing');
  const ms = (value) => (value / 1e3).toFixed(2);
  const rows = Object.entries(results).map(([name, list]) => {
    const p99 = list.map(({ latencyP99 }) => latencyP99);
    return [
      name,
      medianOf(list, ({ requests, seconds }) => requests / seconds).toFixed(0),
      ms(medianOf(list, ({ latencyP50 }) => latencyP50)),
      ms(median(p99)),
      `${ms(Math.min(...p99))} to ${ms(Math.max(...p99))}`,
      medianOf(list, ({ cpu, requests }) => (cpu * 1e6) / requests).toFixed(0),
    ];
  });
  printTable('The dashboard open', ['looking', 'requests/s', 'p50 ms', 'p99 ms', 'p99 of rounds', 'CPU µs per request'], rows);
} finally {
  await bench.close();
}
