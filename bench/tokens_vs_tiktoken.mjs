// node bench/tokens_vs_tiktoken.mjs [build folder]: our counter and npm tiktoken
// on the same texts in one table, by processor time, so that other programs on
// the machine count for neither. Fails if a count differs.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { get_encoding } from "tiktoken";

const build = process.argv[2] ?? "build/release";
const SECONDS = 0.5; // per text, at least one pass
// tiktoken is quadratic in one long piece: these would take minutes.
const TOO_SLOW = new Set(["one_letter", "lowercase"]);

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function tiktokenSpeed(encoding, text) {
  let tokens = 0;
  let best = Infinity;
  const until = cpuSeconds() + SECONDS;
  do {
    const start = cpuSeconds();
    tokens = encoding.encode_ordinary(text).length;
    best = Math.min(best, cpuSeconds() - start);
  } while (cpuSeconds() < until);
  return { tokens, megabytesPerSecond: Buffer.byteLength(text) / best / 1e6 };
}

const folder = mkdtempSync(join(tmpdir(), "headroom-tokens-"));
try {
  const output = execFileSync(join(build, "tokens_bench"), ["--benchmark_filter=^count/", "--benchmark_format=json"], {
    env: { ...process.env, HEADROOM_BENCH_TEXTS: folder },
    maxBuffer: 1 << 26,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const encodings = {};
  let differences = 0;
  console.log("| encoding | text | tokens | headroom MB/s | npm tiktoken MB/s | times |");
  console.log("|---|---|---|---|---|---|");
  for (const row of JSON.parse(output).benchmarks) {
    const [, name, kind] = row.name.split("/");
    encodings[name] ??= get_encoding(name);
    const ours = row.bytes_per_second / 1e6;
    let theirs = "-";
    let times = "-";
    if (!TOO_SLOW.has(kind)) {
      const result = tiktokenSpeed(encodings[name], readFileSync(join(folder, kind), "utf8"));
      if (result.tokens !== row.tokens) {
        ++differences;
        console.error(`${row.name}: ${row.tokens} tokens, tiktoken ${result.tokens}`);
      }
      theirs = result.megabytesPerSecond.toFixed(1);
      times = (ours / result.megabytesPerSecond).toFixed(0);
    }
    console.log(`| ${name} | ${kind} | ${row.tokens} | ${ours.toFixed(0)} | ${theirs} | ${times} |`);
  }
  process.exitCode = differences === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
