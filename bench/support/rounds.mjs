// Measuring in turns and saying what came out.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// Calls `measure` for each party in turn, `rounds` times after one that does not
// count, so that whatever else the machine does meets all of them. Resolves to
// { party name: [result of each round] }.
export async function inTurns(rounds, parties, measure) {
  const results = Object.fromEntries(parties.map((party) => [party.name, []]));
  for (let round = -1; round < rounds; ++round) {
    for (const party of parties) {
      const result = await measure(party);
      if (round >= 0) results[party.name].push(result);
    }
  }
  return results;
}

export const medianOf = (results, value) => median(results.map(value));

// The median of what one round says of two parties.
export const medianOfPairs = (results, others, value) => median(results.map((result, i) => value(result, others[i])));

export function printTable(title, head, rows) {
  console.log(`\n${title}\n`);
  console.log(`| ${head.join(' | ')} |`);
  console.log(`|${head.map(() => '---').join('|')}|`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}
