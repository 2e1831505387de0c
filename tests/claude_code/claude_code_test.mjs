// Anthropic's Claude Code CLI through the proxy, in print mode: its own requests and tools, a model that opens a gap in
// the middle of its reply, a session that is taken up again.
//
//     ./dev claude-code      installs the CLI beside this file and runs this

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { assertPrefixKept } from '../e2e/support/compare.mjs';
import { callId } from '../e2e/support/conversation.mjs';
import { Random, serverLog, source } from '../e2e/support/data.mjs';
import { startPair } from '../e2e/support/pair.mjs';
import { temporaryFolder } from '../e2e/support/proxy.mjs';

const PACKAGE = `node_modules/@anthropic-ai/claude-code-${process.platform}-${process.arch}/claude`;
const CLAUDE = fileURLToPath(new URL(PACKAGE, import.meta.url));
const LIMIT_MS = 60_000;
const ODD = '2026-03-01T10:09:00.000Z ERROR disk sda3 is failing: no space left on device';
const LOG = serverLog(new Random(1), 50, ODD);
const SOURCE = source(new Random(2), 80);

// A reply, or what makes one of a parsed prompt, for each prompt of a key.
const scripts = new Map();
const respond = (request) => {
  const next = scripts.get(request.key)?.shift();
  try {
    return typeof next === 'function' ? next(request.json()) : next;
  } catch (error) {
    return { status: 400, headers: [['content-type', 'text/plain']], body: error.message };
  }
};

const { provider, proxy } = await startPair({ simulation: { respond } });

function makeWorkplace({ model = 'claude-sonnet-5-5' } = {}) {
  const folder = temporaryFolder();
  const [home, work, temporary] = ['home', 'work', 'tmp'].map((name) => join(folder, name));
  [home, work, temporary].forEach((path) => mkdirSync(path));
  writeFileSync(join(work, 'app.log'), LOG);
  writeFileSync(join(work, 'logs.sh'), 'while IFS= read -r line; do printf "%s\\n" "$line"; done < app.log\n');
  writeFileSync(join(work, 'main.cc'), SOURCE);
  const key = `sk-ant-${callId('')}`;
  scripts.set(key, []);
  return { home, work, temporary, key, model, calls: [] };
}

// Whatever is not on this machine is refused at once.
function claude({ home, work, temporary, key, model }, args) {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
    CLAUDE_CODE_TMPDIR: temporary,
    TMPDIR: temporary,
    ANTHROPIC_BASE_URL: proxy.url,
    ANTHROPIC_API_KEY: key,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    NO_PROXY: '127.0.0.1',
  };
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) env[name] = 'http://127.0.0.1:9';
  const output = ['--output-format', 'stream-json', '--include-partial-messages', '--verbose'];
  const child = spawn(CLAUDE, [...args, '--print', '--model', model, ...output, '--allowed-tools', 'Bash,Read'], {
    cwd: work,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) child[stream].on('data', (bytes) => (out[stream] += bytes));
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      clearTimeout(timer);
      const events = out.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
      done({ code, events, ...out });
    });
  });
}

const bash = (command) => ({ id: callId(), name: 'Bash', input: { command, description: 'Looks' } });

// Our tool, called for the last excerpt in the prompt.
function ours(place, prompt, query) {
  const marker = [...JSON.stringify(prompt.messages).matchAll(/Retrieve more: hash=([0-9a-f]{24})/g)].at(-1);
  assert.ok(marker, `nothing was left out: ${JSON.stringify(prompt.messages.at(-1)).slice(0, 2000)}`);
  place.calls.push(callId());
  const input = { hash: marker[1], ...(query ? { query } : {}) };
  return { id: place.calls.at(-1), name: 'headroom_retrieve', input };
}

const promptsOf = ({ key }) => provider.requests().filter((one) => one.key === key && one.api === 'anthropic');

async function ask(place, args, ...replies) {
  scripts.set(place.key, replies);
  const run = await claude(place, args);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.deepEqual(scripts.get(place.key), [], 'not everything was asked for');
  assertSawNothing(place, run.stdout + run.stderr);
  return run;
}

function assertSawNothing({ home, calls }, output) {
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.some(({ name }) => name.endsWith('.jsonl')), 'no session was kept');
  const kept = files.map(({ path, name }) => readFileSync(join(path, name), 'latin1'));
  for (const text of [output, ...kept]) {
    assert.ok(!text.includes('headroom_retrieve'), 'the client saw our tool');
    for (const id of calls) assert.ok(!text.includes(id), 'the client saw our call');
  }
}

function assertRemembered(place) {
  const prompts = promptsOf(place);
  assert.deepEqual(
    prompts.map(({ status }) => status),
    prompts.map(() => 200),
  );
  const bodies = prompts.map((prompt) => prompt.json());
  for (let i = 1; i < bodies.length; ++i) assertPrefixKept(bodies[i - 1], bodies[i], { what: `prompt ${i}` });
  const last = prompts.at(-1).body.toString();
  for (const id of place.calls) assert.equal(last.split(JSON.stringify(id)).length, 3, `call ${id} and its answer`);
}

const result = (run) => run.events.findLast(({ type }) => type === 'result').result;
const streamed = (run) =>
  run.events
    .filter(({ event }) => event?.delta?.type === 'text_delta')
    .map(({ event }) => event.delta.text)
    .join('');

describe('Claude Code', () => {
  it('a gap is opened in the middle of a reply; the session goes on, after a restart too', async () => {
    const place = makeWorkplace();
    const run = await ask(
      place,
      ['Why did the service stop?'],
      { thinking: 'Look first.', text: 'I look.', calls: [bash('sh logs.sh')] },
      (prompt) => ({ thinking: 'More.', text: 'Let me open it. ', calls: [ours(place, prompt)] }),
      { thinking: 'Aha.', text: 'The disk is full.' },
    );
    assert.equal(streamed(run), 'I look.Let me open it. The disk is full.');
    assert.ok(promptsOf(place)[2].body.includes(JSON.stringify(LOG.trimEnd())), 'the original was not opened');
    await proxy.restart();
    const again = await ask(place, ['--continue', 'And now?'], { thinking: 'Hm.', text: 'Buy a disk.' });
    assert.equal(result(again), 'Buy a disk.');
    await ask(place, ['--continue', 'And then?'], { text: 'Put it in.' });
    assertRemembered(place);
  });

  // An older model, which takes no system messages in the conversation.
  it('our calls before and beside those of its own tools', async () => {
    const place = makeWorkplace({ model: 'claude-haiku-4-5' });
    const file = { id: callId(), name: 'Read', input: { file_path: join(place.work, 'main.cc') } };
    const think = (reply) => ({ thinking: 'Hm.', ...reply });
    const run = await ask(
      place,
      ['Why did the service stop?'],
      think({ text: 'I look.', calls: [bash('sh logs.sh')] }),
      (prompt) => think({ text: 'Open. ', calls: [ours(place, prompt)] }),
      think({ text: 'And read.', calls: [file] }),
      (prompt) => think({ text: 'Both. ', calls: [bash('echo full'), ours(place, prompt, 'disk'), bash('echo sda3')] }),
      think({ text: 'The disk is full.' }),
    );
    assert.equal(streamed(run), 'I look.Open. And read.Both. The disk is full.');
    assert.equal(result(run), 'The disk is full.');
    await ask(place, ['--continue', 'And now?'], { text: 'Buy a disk.' });
    assertRemembered(place);
  });

  it('its tools that are loaded on demand', async () => {
    const place = makeWorkplace();
    const search = { id: callId(), name: 'ToolSearch', input: { query: 'select:CronList', max_results: 5 } };
    await ask(
      place,
      ['Why did the service stop?'],
      { thinking: 'Look.', text: 'I look.', calls: [bash('sh logs.sh'), search] },
      (prompt) => ({ thinking: 'More.', text: 'Let me open it.', calls: [ours(place, prompt)] }),
      { thinking: 'Jobs?', text: 'And the jobs.', calls: [{ id: callId(), name: 'CronList', input: {} }] },
      { text: 'The disk is full.' },
    );
    const names = promptsOf(place).map((prompt) => prompt.json().tools.map(({ name }) => name));
    assert.deepEqual(
      names.map((list) => list.includes('CronList')),
      [false, true, true, true],
    );
    for (const list of names) assert.equal(list.at(-1), 'headroom_retrieve');
    assertRemembered(place);
  });

  it('an agent that it starts opens a gap of its own', async () => {
    const place = makeWorkplace();
    const prompt = 'Look into the logs.';
    const input = { description: 'Looks', prompt, subagent_type: 'general-purpose', run_in_background: false };
    const run = await ask(
      place,
      ['Why did the service stop?'],
      { thinking: 'Not me.', text: 'I delegate.', calls: [{ id: callId(), name: 'Agent', input }] },
      { thinking: 'Look.', text: 'I look.', calls: [bash('sh logs.sh')] },
      (its) => ({ thinking: 'More.', text: 'Let me open it.', calls: [ours(place, its)] }),
      { text: 'And once more.', calls: [bash('echo full')] },
      { text: 'No space is left.' },
      { text: 'The disk is full.' },
    );
    assert.equal(result(run), 'The disk is full.');
    const bodies = promptsOf(place).map((one) => one.json());
    assert.deepEqual(
      promptsOf(place).map(({ status }) => status),
      bodies.map(() => 200),
    );
    for (let i = 2; i < 5; ++i) assertPrefixKept(bodies[i - 1], bodies[i], { what: `the agent's prompt ${i}` });
    assertPrefixKept(bodies[0], bodies[5]);
    const answer = JSON.stringify(bodies[5].messages.at(-1));
    assert.ok(answer.includes('No space is left.'), answer);
  });
});
