// Tool outputs as agents see them, from a seeded generator: the same seed gives
// the same bytes.

// mulberry32: 32 bits of state, enough to vary test data.
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(limit) {
    return Math.floor(this.next() * limit);
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  hex(digits) {
    return Array.from({ length: digits }, () => this.below(16).toString(16)).join('');
  }
}

const WORDS = (
  'account adapter archive balance batch bucket buffer cache channel cluster column commit config context counter cursor daemon ' +
  'deadline digest driver endpoint engine fetch filter frame gateway handler header import index journal kernel lease ledger limit listener ' +
  'marker merge metric module mutex node offset packet parser partition payload policy pool probe quota queue reader record registry relay ' +
  'replica request response router sample scanner schedule schema session shard signal snapshot socket splice stream table tenant token ' +
  'trace upstream vector version watcher window worker'
).split(' ');
const FOLDERS = ['src/net', 'src/store', 'src/proxy/routes', 'lib/core', 'internal/service', 'packages/api/handlers'];

export function words(random, count) {
  return Array.from({ length: count }, () => random.pick(WORDS)).join(' ');
}

export function path(random, extension = 'cc') {
  return `${random.pick(FOLDERS)}/${random.pick(WORDS)}_${random.pick(WORDS)}.${extension}`;
}

// A pretty-printed JSON array of uniform objects: as a table much shorter.
export function jsonRows(random, rows = 40) {
  const list = Array.from({ length: rows }, (_, i) => ({
    id: 1000 + i,
    name: `${random.pick(WORDS)}-${random.hex(6)}`,
    status: random.pick(['active', 'idle', 'failed']),
    region: 'eu-central-1',
    replicas: random.below(9),
    latency_ms: Number((random.next() * 100).toFixed(2)),
    owner: null,
  }));
  return JSON.stringify(list, null, 2);
}

// `grep -rn -C2` hits with the lines around them, several in each file.
export function grepHits(random, hits = 20) {
  const lines = [];
  const code = () => `  ${words(random, 4).replaceAll(' ', '_')}(${random.pick(WORDS)});`;
  for (let count = 0; count < hits;) {
    const file = path(random);
    let line = 3 + random.below(40);
    for (let i = 0; i < 6 && count < hits; ++i, ++count) {
      if (lines.length > 0) lines.push('--');
      for (let at = line - 2; at <= line + 2; ++at) {
        const mark = at === line ? ':' : '-';
        lines.push(`${file}${mark}${at}${mark}${code()}`);
      }
      line += 6 + random.below(50);
    }
  }
  return `${lines.join('\n')}\n`;
}

// A build log: ANSI colours, progress rewrites, runs of identical lines.
export function buildLog(random, lines = 80) {
  const out = [];
  for (let i = 0; out.length < lines; ++i) {
    out.push(`\x1b[32m[${i}/${lines}]\x1b[0m Building CXX object CMakeFiles/app.dir/${path(random)}.o   `);
    if (i % 7 === 0)
      for (let k = 0; k < 5; ++k) out.push('warning: implicit declaration is deprecated and will be removed');
    if (i % 11 === 0) out.push(` 10%\r 40%\r 80%\r100% ${random.pick(WORDS)} done`);
  }
  out.push(`\x1b[31merror:\x1b[0m ${path(random)}:42:7: no member named '${random.pick(WORDS)}'`);
  return `${out.join('\n')}\n`;
}

// A source file as a Read tool numbers it.
export function numberedSource(random, lines = 60) {
  return source(random, lines)
    .split('\n')
    .map((line, i) => `${String(i + 1).padStart(6)}\t${line}`)
    .join('\n');
}

// Source text with trailing blanks and repeated lines: nothing a reader may lose.
export function source(random, lines = 60) {
  const out = ['#include <vector>  ', ''];
  while (out.length < lines) {
    out.push(
      `int ${words(random, 2).replaceAll(' ', '_')}(int ${random.pick(WORDS)}) {`,
      `  return ${random.below(1000)};   `,
      '}',
      '',
      '',
    );
  }
  return out.join('\n');
}

// A server's log of one kind of line, with `odd` in its middle.
export function serverLog(random, lines, odd) {
  const list = Array.from({ length: lines }, (_, i) => {
    const time = new Date(Date.UTC(2026, 2, 1, 10, 0, i)).toISOString();
    return `${time} INFO served request ${random.below(1e6)} of tenant ${random.below(40)} in ${3 + random.below(9)} ms`;
  });
  list.splice(Math.floor(lines / 2), 0, odd);
  return `${list.join('\n')}\n`;
}

// The tools such outputs come from, and a call whose result they are.
export const SHAPES = {
  rows: {
    tool: 'list_services',
    input: (random) => ({ region: random.pick(['eu', 'us']), page: random.below(9) }),
    output: jsonRows,
  },
  grep: { tool: 'Grep', input: (random) => ({ pattern: random.pick(WORDS), '-n': true }), output: grepHits },
  log: { tool: 'Bash', input: (random) => ({ command: `make -j8 ${random.pick(WORDS)}` }), output: buildLog },
  read: { tool: 'Read', input: (random) => ({ file_path: `/repo/${path(random)}` }), output: numberedSource },
  journal: {
    tool: 'Bash',
    input: (random) => ({ command: `journalctl -u ${random.pick(WORDS)}` }),
    output: (random) => serverLog(random, 120 + random.below(200), `ERROR ${words(random, 5)}`),
  },
  small: {
    tool: 'Bash',
    input: (random) => ({ command: `test -f ${random.pick(WORDS)}` }),
    output: (random) => `${random.pick(WORDS)}: ok`,
  },
};
