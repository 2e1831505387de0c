// What the program says of itself: headroom doctor, stats, man and completions.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startProvider } from '../provider/provider.mjs';
import { post, request } from './support/http.mjs';
import { freePort, runToEnd, startProxy, temporaryFolder } from './support/proxy.mjs';

const BODY = { model: 'claude-sonnet-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };
const tlsFile = (name) => fileURLToPath(new URL(`../provider/tls/${name}`, import.meta.url));

// An upstream that knows one key, and whose clock may be elsewhere.
async function startUpstream({ ahead = 0 } = {}) {
  const server = http.createServer((incoming, reply) => {
    const key = incoming.headers['x-api-key'] ?? incoming.headers.authorization;
    const date = new Date(Date.now() + ahead * 1000).toUTCString();
    reply.sendDate = false;
    const accepted = ['good', 'Bearer good'].includes(key);
    reply.writeHead(incoming.url === '/v1/models' ? (accepted ? 200 : 401) : 404, { date }).end('{}');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

describe('headroom doctor', () => {
  let upstream;
  let secure;
  before(async () => {
    upstream = await startUpstream();
    secure = await startProvider({ tls: { key: readFileSync(tlsFile('server.key')), cert: readFileSync(tlsFile('server.pem')) } });
  });
  after(() => {
    upstream.close();
    return secure.close();
  });

  async function doctor(args = [], env = {}) {
    const folder = temporaryFolder();
    const end = await runToEnd(
      [
        'doctor',
        ...['--data-dir', join(folder, 'data'), '--port', String(await freePort())],
        ...['--anthropic-api-url', upstream.url, '--openai-api-url', upstream.url, ...args],
      ],
      { env: { HOME: folder, ...env }, limitMs: 30_000 },
    );
    return { ...end, line: (subject) => end.stdout.match(new RegExp(`^(ok  |note|BAD )  ${subject} .*(\n      -> .*)?`, 'm'))?.[0] };
  }

  it('finds nothing bad where all is well', async (t) => {
    const proxy = await startProxy({ anthropic: upstream.url });
    t.after(() => proxy.stop());
    const { code, stdout, line } = await doctor(['--port', String(proxy.port)], {
      ANTHROPIC_API_KEY: 'good',
      ANTHROPIC_BASE_URL: proxy.url,
    });
    assert.equal(code, 0, stdout);
    assert.match(line('configuration'), /^ok/);
    assert.match(line('proxy'), /^ok .* answers at http:\/\/127/);
    assert.match(line('store'), /^ok .* can be read and written/);
    assert.match(line('upstream anthropic'), /^ok .* answers, without TLS/);
    assert.match(line('key anthropic'), /^ok .*ANTHROPIC_API_KEY is accepted/);
    assert.match(line('ANTHROPIC_BASE_URL'), /^ok .*points here/);
    assert.match(line('prices'), /genai-prices .* of \d{4}-\d\d-\d\d/);
  });

  it('says of each thing that is wrong what to do', async () => {
    const refused = await doctor([], { ANTHROPIC_API_KEY: 'bad' });
    assert.equal(refused.code, 1);
    assert.match(refused.line('key anthropic'), /^BAD .*answers 401\n {6}-> put a valid key/);
    assert.ok(!refused.stdout.includes('bad '), 'no key is printed');
    const away = await doctor(['--openai-api-url', 'http://127.0.0.1:9']);
    assert.equal(away.code, 1);
    assert.match(away.line('upstream openai'), /^BAD .*127\.0\.0\.1:9: .*\n {6}-> look at the network/);
    const untrusted = await doctor(['--openai-api-url', secure.url]);
    assert.match(untrusted.line('upstream openai'), /^BAD .*TLS.*\n {6}-> name the authority .*--ca-file/);
    const trusted = await doctor(['--openai-api-url', secure.url, '--ca-file', tlsFile('ca.pem')]);
    assert.match(trusted.line('upstream openai'), /^ok .*its certificate is trusted/);
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const store = await doctor(['--data-dir', join(file, 'data')]);
    assert.equal(store.code, 1);
    assert.match(store.line('store'), /^BAD .*\n {6}-> make .* writable/);
    const config = await doctor(['--config', join(file, 'none.toml')]);
    assert.equal(config.code, 1);
    assert.match(config.line('configuration'), /^BAD .*\n {6}-> correct it/);
    const port = await doctor(['--port', new URL(upstream.url).port]);
    assert.match(port.line('proxy'), /^BAD .*is no headroom.*\n {6}-> end that program/);
  });

  it('notices a clock that is wrong', async (t) => {
    const late = await startUpstream({ ahead: 3600 });
    t.after(() => late.close());
    const { code, line } = await doctor(['--anthropic-api-url', late.url]);
    assert.equal(code, 1);
    assert.match(line('clock'), /^BAD .* 3[56]\d\d s behind that of anthropic\n {6}-> set the clock/);
  });

  it('tells where clients point', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, '.claude'));
    writeFileSync(join(folder, '.claude/settings.json'), '{}');
    const env = { HOME: folder, OPENAI_BASE_URL: 'https://elsewhere.example/v1' };
    const { line, code } = await doctor(['--offline'], env);
    assert.equal(code, 0);
    assert.match(line('claude'), /^note .*does not point here\n {6}-> headroom setup claude/);
    assert.match(line('OPENAI_BASE_URL'), /^note .*points to https:\/\/elsewhere/);
    assert.equal(line('upstream anthropic'), undefined);
  });
});

describe('headroom stats', () => {
  let provider;
  let proxy;
  const ADMIN = 'the-token-of-the-admin';
  before(async () => {
    provider = await startProvider();
    proxy = await startProxy({ provider, env: { HEADROOM_ADMIN_TOKEN: ADMIN } });
    assert.equal((await post(proxy.url, '/v1/messages', BODY)).status, 200);
  });
  after(async () => {
    await proxy.stop();
    await provider.close();
  });
  const stats = (args, env = { HEADROOM_ADMIN_TOKEN: ADMIN }) =>
    runToEnd(['stats', '--port', String(proxy.port), ...args], { env });

  it('shows the figures of the running proxy', async () => {
    const { code, stdout, stderr } = await stats([]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Requests +1, 0 failed$/m);
    assert.match(stdout, /^Prompt tokens +\d[\d,]* sent, 0 saved \(0(\.0+)? %\)$/m);
    assert.match(stdout, /^Models +claude-sonnet-4-5 1$/m);
  });

  it('--json is what /stats answers, --watch shows it again', async () => {
    const { stdout } = await stats(['--json']);
    const headers = [['x-headroom-admin-token', ADMIN]];
    const direct = (await request({ url: `${proxy.url}/stats`, headers })).json();
    assert.deepEqual(Object.keys(JSON.parse(stdout)), Object.keys(direct));
    const watched = await runToEnd(['stats', '--watch', '--every', '1', '--port', String(proxy.port)], {
      env: { HEADROOM_ADMIN_TOKEN: ADMIN },
      limitMs: 4_000, // then it is ended
    });
    assert.ok(watched.stdout.match(/^Requests /gm).length >= 2);
  });

  it('says why there are none', async () => {
    const without = await stats([], {});
    assert.equal(without.code, 1);
    assert.match(without.stderr, /asks for its admin token/);
    const nobody = await runToEnd(['stats', '--port', String(await freePort())]);
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /no proxy answers at/);
    assert.equal((await stats(['--watch', '--every', '0'])).code, 2);
  });
});

describe('manual page and completions', () => {
  const there = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  const text = async (args) => {
    const end = await runToEnd(args);
    assert.equal(end.code, 0, end.stderr);
    return end.stdout;
  };

  it('the manual page has every command and no mistake', async () => {
    const page = await text(['man']);
    const help = await text(['--help']);
    const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]);
    assert.ok(commands.length >= 10);
    for (const command of commands) assert.match(page, new RegExp(`^\\.SS ${command}$`, 'm'));
    const file = join(temporaryFolder(), 'headroom.1');
    writeFileSync(file, page);
    const env = { ...process.env, MANROFFSEQ: '', LC_ALL: 'C.UTF-8', MANWIDTH: '80' };
    for (const [program, args] of [
      ['man', ['--warnings', '-E', 'UTF-8', '-l', file]],
      ['groff', ['-man', '-ww', '-z', file]],
      ['mandoc', ['-T', 'lint', '-W', 'warning', file]],
    ]) {
      if (!there(program)) continue;
      const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, ''], program);
    }
  });

  for (const shell of ['bash', 'zsh', 'fish']) {
    it(`the completions of ${shell} are a script that it can read`, async () => {
      const script = await text(['completions', shell]);
      for (const word of ['doctor', 'protect-tools', 'undo', 'opencode']) assert.ok(script.includes(word), word);
      if (!there(shell)) return;
      const { status, stderr } = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, '']);
    });
  }

  it('bash completes commands, options, words and files', async () => {
    const script = await text(['completions', 'bash']);
    const complete = (...words) => {
      const run = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _headroom; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', run], { encoding: 'utf8', cwd: temporaryFolder() }).stdout.trim().split('\n');
    };
    assert.deepEqual(complete('headroom', 'doc'), ['doctor']);
    assert.deepEqual(complete('headroom', 'proxy', '--proxy-t'), ['--proxy-token']);
    assert.deepEqual(complete('headroom', 'setup', 'c'), ['claude', 'codex', 'cursor']);
    assert.deepEqual(complete('headroom', 'completions', 'z'), ['zsh']);
    assert.deepEqual(complete('headroom', 'proxy', '--port', ''), ['']);
  });
});
