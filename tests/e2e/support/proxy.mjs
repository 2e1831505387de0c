// Starts the program under test on a free port and talks to its process.
//
//   const proxy = await startProxy({ provider });
//   proxy.url, proxy.port, proxy.stderr()
//   await proxy.stop();              SIGTERM, waits, returns the exit code
//   await proxy.kill();              SIGKILL
//   await proxy.restart({ hard });   same port, same data directory
//
// The binary is HEADROOM_BIN, else build/release/headroom.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { request } from './http.mjs';

const REPOSITORY = resolve(fileURLToPath(import.meta.url), '../../../..');
const BINARY = process.env.HEADROOM_BIN ?? join(REPOSITORY, 'build/release/headroom');
if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: ./dev build, or name a program in HEADROOM_BIN`);
const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 20_000;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const temporaryFolders = [];
process.on('exit', () => temporaryFolders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-e2e-'));
  temporaryFolders.push(folder);
  return folder;
}

export function freePort() {
  return new Promise((done, fail) => {
    const server = net.createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

// Only what the program needs: no HEADROOM_ variable or proxy of the caller's.
function environment(extra = {}) {
  const keep = Object.entries(process.env).filter(([name]) => !/^headroom_|_proxy$|^(openai|anthropic)_/i.test(name));
  return { ...Object.fromEntries(keep), ...extra };
}

// Runs the program to its end: { code, stdout, stderr }. `input` is its standard input; on a `terminal` all of
// its output, as the terminal gets it, is in stdout.
export async function runToEnd(args, { env, input, terminal = false, limitMs = 10_000 } = {}) {
  const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`;
  const [program, words] = terminal
    ? ['script', ['-qefc', [BINARY, ...args].map(quote).join(' '), '/dev/null']]
    : [BINARY, args];
  const child = spawn(program, words, { env: environment(env), stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  if (input !== undefined) child.stdin.on('error', () => {}).end(input);
  const out = collect(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const { code, signal } = await out.exit;
  clearTimeout(timer);
  return { code, signal, stdout: out.stdout(), stderr: out.stderr() };
}

function collect(child) {
  const parts = { stdout: [], stderr: [] };
  child.stdout.on('data', (bytes) => parts.stdout.push(bytes));
  child.stderr.on('data', (bytes) => parts.stderr.push(bytes));
  const exit = new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done({ code, signal }));
  });
  return {
    stdout: () => Buffer.concat(parts.stdout).toString(),
    stderr: () => Buffer.concat(parts.stderr).toString(),
    exit,
  };
}

// Options:
//   provider          both upstream URLs point at it; or
//   anthropic, openai upstream URLs
//   args              further command line
//   env               further environment
//   config            text of a TOML file
//   dataDir           default: a fresh folder
//   logLevel          default: info; null: what the settings say
//   secure            the listener has a certificate: its URL begins with https
//   fileBytes         no file the program writes may grow beyond it (a full disk)
//   descriptors       as many files and sockets it may have open
export async function startProxy(options = {}) {
  const proxy = new HeadroomProcess(options, await freePort());
  await proxy.start();
  return proxy;
}

class HeadroomProcess {
  constructor({ provider, anthropic, openai, args = [], env, config, dataDir, fileBytes, descriptors, secure = false, logLevel = 'info' }, port) {
    this.port = port;
    this.url = `${secure ? 'https' : 'http'}://127.0.0.1:${port}`;
    this.dataDir = dataDir ?? join(temporaryFolder(), 'data');
    this.env = env;
    this.log = '';
    this.args = [
      'proxy',
      '--port',
      String(port),
      '--data-dir',
      this.dataDir,
      ...(logLevel === null ? [] : ['--log-level', logLevel]),
      '--anthropic-api-url',
      anthropic ?? provider?.url ?? 'http://127.0.0.1:9',
      '--openai-api-url',
      openai ?? provider?.url ?? 'http://127.0.0.1:9',
      // Tests send more requests in a minute than a client may.
      ...(args.includes('--rpm') || args.includes('--no-rate-limit') ? [] : ['--rpm', '0']),
      ...args,
    ];
    if (config !== undefined) {
      this.configFile = join(temporaryFolder(), 'headroom.toml');
      writeFileSync(this.configFile, config);
      this.args.push('--config', this.configFile);
    }
    this.command = [BINARY, ...this.args];
    const limits = [];
    if (fileBytes !== undefined) limits.push(`ulimit -f ${Math.ceil(fileBytes / 512)}`);
    if (descriptors !== undefined) limits.push(`ulimit -n ${descriptors}`);
    if (limits.length > 0) this.command.unshift('/bin/sh', '-c', `${limits.join('; ')}; exec "$@"`, 'sh');
  }

  async start() {
    const begun = performance.now();
    this.child = spawn(this.command[0], this.command.slice(1), {
      env: environment(this.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.out = collect(this.child);
    this.ended = undefined;
    this.out.exit.then((end) => (this.ended = end));
    while (performance.now() - begun < START_LIMIT_MS) {
      if (this.ended) assert.fail(`headroom ended at start with ${this.ended.code}: ${this.out.stderr()}`);
      const reply = await request({ url: `${this.url}/livez`, fresh: true, tls: { rejectUnauthorized: false } }).catch(() => undefined);
      if (reply?.status === 200) {
        this.startedAfterMs = performance.now() - begun;
        return;
      }
      await sleep(5);
    }
    this.child.kill('SIGKILL');
    assert.fail(`headroom did not answer within ${START_LIMIT_MS} ms: ${this.out.stderr()}`);
  }

  stderr() {
    return this.log + this.out.stderr();
  }

  stdout() {
    return this.out.stdout();
  }

  signal(name) {
    this.child.kill(name);
  }

  async exited(limitMs = STOP_LIMIT_MS) {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), limitMs);
    const end = await this.out.exit;
    clearTimeout(timer);
    return end;
  }

  async stop() {
    if (this.ended) return this.ended.code;
    this.child.kill('SIGTERM');
    const { code, signal } = await this.exited();
    assert.equal(signal, null, `headroom did not stop on SIGTERM: ${this.out.stderr().slice(-2000)}`);
    return code;
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.out.exit;
  }

  // Between the end and the new start `meanwhile` runs (to damage files, say).
  async restart({ hard = false, meanwhile = () => {} } = {}) {
    await (hard ? this.kill() : this.stop());
    this.log = this.stderr();
    await meanwhile();
    await this.start();
  }
}
