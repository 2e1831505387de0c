// Requests as coding agents send them, from a seed.
//
//   agentRequest({ seed: 1, bytes: 400_000 })   { body, lastTurn }
//
// `body` holds "@00000000@" once in each text that may be made new
// (bench/load.cc, vary_from); from byte `lastTurn` on only the last result is.

// mulberry32
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const WORDS = 'order invoice session payment ledger token cache queue worker index schema metric probe'.split(' ');
const MARK = '@00000000@';

class Results {
  constructor(random) {
    this.random = random;
  }

  word() {
    return WORDS[this.random(WORDS.length)];
  }

  lines(bytes, line) {
    const lines = [];
    for (let size = 0, i = 0; size < bytes; ++i) {
      lines.push(line(i));
      size += lines[i].length + 1;
    }
    lines[lines.length >> 1] += ` ${MARK}`;
    return lines.join('\n');
  }

  search(bytes) {
    let path = '';
    let at = 0;
    return this.lines(bytes, (i) => {
      if (i % 6 === 0) [path, at] = [`src/${this.word()}/${this.word()}_${this.word()}.ts`, 1];
      at += 1 + this.random(40);
      return `${path}:${at}:  const ${this.word()} = await load${this.word()}(${this.word()}, ${this.random(1000)});`;
    });
  }

  log(bytes) {
    let time = Date.UTC(2026, 0, 5, 10);
    return this.lines(bytes, () => {
      const level = this.random(30) === 0 ? 'ERROR' : 'INFO ';
      const request = `${this.word()} ${this.random(100000)} took ${this.random(90)} ms`;
      const text = `[${this.word()}-${this.random(8)}] ${request}`;
      return `${new Date((time += this.random(900))).toISOString()} ${level} ${text}`;
    });
  }

  rows(bytes) {
    const rows = [];
    for (let size = 0; size < bytes; size += JSON.stringify(rows.at(-1)).length + 1) {
      rows.push({
        id: 1000 + rows.length,
        status: ['active', 'active', 'closed'][this.random(3)],
        owner: `${this.word()}@example.com`,
        balance: this.random(90000) / 100,
        region: 'eu-west-1',
        deleted_at: null,
        reference: '',
      });
    }
    rows[rows.length >> 1].reference = MARK;
    return JSON.stringify(rows);
  }

  source(bytes) {
    return this.lines(bytes, (i) => {
      const statement =
        i % 7 === 0
          ? `export function ${this.word()}${this.random(900)}(${this.word()}: string): number {`
          : `  if (${this.word()}.${this.word()} > ${this.random(500)}) return ${this.word()}.${this.word()}();`;
      return `${i + 1}\t${statement}`;
    });
  }

  terminal(bytes) {
    return this.lines(bytes, () => {
      const name = `${this.word()} ${this.word()}s the ${this.word()}`;
      return `\u001b[32m  ✓\u001b[39m ${name} \u001b[2m(${this.random(80)} ms)\u001b[22m`;
    });
  }
}

const KINDS = [
  { tool: 'Grep', kind: 'search', input: (word) => ({ pattern: word, path: 'src' }) },
  { tool: 'Bash', kind: 'log', input: (word) => ({ command: `tail -n 200 logs/${word}.log` }) },
  { tool: 'query', kind: 'rows', input: (word) => ({ sql: `select * from ${word}` }) },
  { tool: 'Read', kind: 'source', input: (word) => ({ file_path: `/app/src/${word}.ts` }) },
  { tool: 'Bash', kind: 'terminal', input: (word) => ({ command: `npm test -- ${word}` }) },
];

export function agentRequest({ seed, bytes, calls = 60 }) {
  const random = numbers(seed);
  const results = new Results(random);
  const messages = [{ role: 'user', content: `Find out why the ${results.word()} test fails. ${MARK}` }];
  let left = bytes;
  for (let i = 0; i < calls; ++i) {
    const { tool, kind, input } = KINDS[i % KINDS.length];
    const id = `toolu_${String(i).padStart(24, '0')}`;
    // Framing and escapes are a tenth of what is left.
    const content = results[kind](((left * 0.9) / (calls - i)) * (0.5 + random(1000) / 1000));
    messages.push(
      {
        role: 'assistant',
        content: [
          { type: 'text', text: `Looking at the ${results.word()} next.` },
          { type: 'tool_use', id, name: tool, input: input(`${results.word()}_${i}`) },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content }] },
    );
    left -= JSON.stringify(messages.slice(-2)).length;
  }
  const tools = [...new Set(KINDS.map(({ tool }) => tool))].map((name) => ({
    name,
    description: `Runs ${name} and returns its output.`,
    input_schema: { type: 'object', properties: {} },
  }));
  const system = 'You are a careful programmer. '.repeat(100);
  const body = Buffer.from(
    JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 4096, system, tools, messages }),
  );
  return { body, lastTurn: body.lastIndexOf('"tool_result"') };
}

// A short question without tools.
// A log of about `bytes`.
export function agentLog(seed, bytes) {
  return new Results(numbers(seed)).log(bytes);
}

const TOOLS = [{ name: 'Bash', description: 'Runs a command', input_schema: { type: 'object' } }];

export function smallRequest({ stream = false, tools = false } = {}) {
  const content = `${MARK} ${'Which of these two tests reads the clock twice? '.repeat(38)}`;
  return Buffer.from(
    JSON.stringify({
      model: 'claude-sonnet-4-5',
      stream,
      max_tokens: 1024,
      ...(tools ? { tools: TOOLS } : {}),
      messages: [{ role: 'user', content }],
    }),
  );
}
