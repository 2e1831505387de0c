// OpenAI's Codex CLI through the proxy, over the Responses API: its own requests,
// its shell, its fall-back from a WebSocket, a session that is taken up again.
//
//     ./dev codex      installs the CLI beside this file and runs this

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Random, buildLog, source } from '../e2e/support/data.mjs';
import { assertPrefixKept, resultTexts } from '../e2e/support/compare.mjs';
import { request } from '../e2e/support/http.mjs';
import { startProxy, temporaryFolder } from '../e2e/support/proxy.mjs';
import { startProvider } from '../provider/provider.mjs';

const CODEX = fileURLToPath(new URL('node_modules/@openai/codex/bin/codex.js', import.meta.url));
const LIMIT_MS = 60_000;
const LOG = buildLog(new Random(1), 120);
const SOURCE = source(new Random(2), 80);

let provider;
let proxy;
before(async () => {
  provider = await startProvider();
  proxy = await startProxy({ provider });
});
after(async () => {
  await proxy.stop();
  await provider.close();
});

// A home and a working folder with a program whose output can be shortened and
// a file whose cannot.
function makeWorkplace({ webSocket = false } = {}) {
  const folder = temporaryFolder();
  const [home, work] = ['home', 'work'].map((name) => join(folder, name));
  [home, work].forEach((path) => mkdirSync(path));
  writeFileSync(
    join(home, 'config.toml'),
    `model = "gpt-5.1-codex"
model_provider = "headroom"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.headroom]
name = "headroom"
base_url = "${proxy.url}/v1"
env_key = "CODEX_TEST_KEY"
wire_api = "responses"
supports_websockets = ${webSocket}
`,
  );
  writeFileSync(join(work, 'log.txt'), LOG);
  writeFileSync(join(work, 'build.sh'), 'while IFS= read -r line; do printf "%s\\n" "$line"; done < log.txt\n');
  writeFileSync(join(work, 'main.cc'), SOURCE);
  return { home, work, key: `sk-codex-${folder.slice(-6)}` };
}

// Whatever is not on this machine is refused at once.
function codex({ home, work, key }, args) {
  const env = { PATH: process.env.PATH, HOME: home, CODEX_HOME: home, CODEX_TEST_KEY: key, NO_PROXY: '127.0.0.1' };
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) env[name] = 'http://127.0.0.1:9';
  const child = spawn(
    process.execPath,
    [CODEX, 'exec', '--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', ...args],
    { cwd: work, env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const out = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) child[stream].on('data', (bytes) => (out[stream] += bytes));
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      clearTimeout(timer);
      const events = out.stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line));
      done({ code, events, ...out });
    });
  });
}

const shell = (number, cmd) => ({
  id: `call_${String(number).padStart(24, '0')}`,
  name: 'exec_command',
  input: { cmd, max_output_tokens: 100_000 },
});
const of = (key) => provider.requests().filter((one) => one.key === key && one.api === 'responses');
const said = (run) => run.events.findLast((event) => event.item?.type === 'agent_message').item.text;

describe('Codex', () => {
  it('runs a command and reads a file: the one gets shorter, the other does not', async () => {
    const place = makeWorkplace();
    provider.reply({ text: 'Building.', reasoning: 'hm', calls: [shell(1, 'sh build.sh')] }, place);
    provider.reply({ text: 'Reading.', calls: [shell(2, 'cat main.cc')] }, place);
    provider.reply({ text: 'A member is missing.' }, place);
    const run = await codex(place, ['Why does it not build?']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(said(run), 'A member is missing.');
    const bodies = of(place.key).map((one) => one.json());
    assert.equal(bodies.length, 3);
    assertPrefixKept(bodies[0], bodies[1]);
    assertPrefixKept(bodies[1], bodies[2]);
    const [log, file] = resultTexts(bodies[2]).map(({ text }) => text);
    assert.ok(log.length < 0.8 * LOG.length, `${log.length} of ${LOG.length} characters`);
    assert.match(log, /no member named/);
    assert.ok(file.includes(SOURCE), 'the file was changed');
    const { tokens } = (await request({ url: `${proxy.url}/stats` })).json();
    assert.ok(tokens.saved > 0 && tokens.input > 0);
  });

  it('takes a session up again with the bytes of before', async () => {
    const place = makeWorkplace();
    provider.reply({ text: 'Building.', reasoning: 'hm', calls: [shell(3, 'sh build.sh')] }, place);
    provider.reply({ text: 'A member is missing.' }, place);
    assert.equal((await codex(place, ['Why does it not build?'])).code, 0);
    await proxy.restart();
    provider.reply({ text: 'Once more.', calls: [shell(4, 'sh build.sh')] }, place);
    provider.reply({ text: 'Still missing.' }, place);
    const run = await codex(place, ['resume', '--last', 'And now?']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(said(run), 'Still missing.');
    const texts = of(place.key).map((one) => resultTexts(one.json()).map(({ text }) => text));
    assert.deepEqual(
      texts.map((list) => list.length),
      [0, 1, 1, 2],
    );
    assert.equal(new Set(texts.flatMap((list) => list.slice(0, 1))).size, 1, 'a result changed');
    assert.ok(texts[3][0].length < 0.8 * LOG.length);
  });

  it('falls back from a WebSocket at once', async () => {
    const place = makeWorkplace({ webSocket: true });
    provider.reply({ text: 'Here.' }, place);
    const run = await codex(place, ['Are you there?']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(said(run), 'Here.');
    assert.equal(provider.upgrades, 0);
    assert.equal(of(place.key).length, 1);
    assert.equal((run.stdout + run.stderr).match(/Reconnecting/g), null);
  });

  it('shows what the provider refuses', async () => {
    const place = makeWorkplace();
    const body = '{"error":{"message":"No such model here.","type":"invalid_request_error","code":"model_not_found"}}';
    provider.reply({ status: 400, headers: [['content-type', 'application/json']], body }, place);
    const run = await codex(place, ['Are you there?']);
    assert.equal(run.code, 1);
    assert.match(run.stdout, /No such model here/);
  });
});
