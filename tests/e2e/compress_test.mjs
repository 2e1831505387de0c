// headroom compress and headroom retrieve, as somebody uses them in a shell.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { originalId } from './support/compare.mjs';
import { AnthropicConversation, callId } from './support/conversation.mjs';
import { Random, jsonRows, serverLog } from './support/data.mjs';
import { request, sleep } from './support/http.mjs';
import { runToEnd, startProxy, temporaryFolder } from './support/proxy.mjs';

const FAULT = 'ERROR disk sda3 is failing: no space left on device';
const ODD = `2026-03-01T10:05:00.000Z ${FAULT}`;
const LOG = serverLog(new Random(1), 900, ODD);
const ROWS = jsonRows(new Random(2), 60);
const HITS = Array.from({ length: 600 }, (_, i) => `src/net/file_${i >> 3}.cc:${1 + 9 * (i % 8)}:  Send(${i * 7919});\n`).join('');
const MARKER = /\[(\d+) lines compressed to (\d+)\. Retrieve more: hash=([0-9a-f]{24})\]\n?$/;

const dataDir = () => join(temporaryFolder(), 'data');

async function compress(input, args = [], { env, data = dataDir(), ...rest } = {}) {
  return runToEnd(['compress', '--data-dir', data, ...args], { env, input, ...rest });
}
async function retrieve(hash, data, args = [], env = undefined) {
  return runToEnd(['retrieve', hash, '--data-dir', data, ...args], { env });
}

describe('headroom compress', () => {
  it('leaves out what nobody needs, says where, and keeps the original', async () => {
    const data = dataDir();
    const { code, stdout, stderr } = await compress(LOG, [], { data });
    assert.deepEqual([code, stderr], [0, '']);
    assert.ok(stdout.length < LOG.length / 2, `${LOG.length} to ${stdout.length} bytes`);
    assert.ok(stdout.includes(FAULT));
    const [, total, kept, hash] = stdout.match(MARKER);
    assert.equal(Number(total), 901);
    assert.ok(Number(kept) < 901);
    assert.equal(hash, originalId(LOG));
    const original = await retrieve(hash, data);
    assert.deepEqual([original.code, original.stdout, original.stderr], [0, LOG, '']);
  });

  it('reads a file', async () => {
    const file = join(temporaryFolder(), 'server.log');
    writeFileSync(file, LOG);
    const { code, stdout } = await compress(undefined, [file]);
    assert.equal(code, 0);
    assert.match(stdout, MARKER);
  });

  it('keeps what the query names, from the option or the environment', async () => {
    const [asked, id] = LOG.split('\n')[137].match(/served request (\d+) of .*/);
    const without = await compress(LOG);
    assert.ok(!without.stdout.includes(asked));
    const option = await compress(LOG, ['--query', `What became of request ${id}?`, '--tool', 'Bash']);
    assert.ok(option.stdout.includes(asked));
    const variable = await compress(LOG, [], {
      env: { CASE_QUERY: `What became of request ${id}?`, CASE_TOOL: 'Bash', CASE_ARGS: '{}' },
    });
    assert.equal(variable.stdout, option.stdout);
  });

  it('leaves nothing out with --lossless', async () => {
    const { stdout } = await compress(ROWS, ['--lossless']);
    assert.ok(stdout.length < ROWS.length);
    assert.doesNotMatch(stdout, /omitted|Retrieve more/);
    for (const { id, name } of JSON.parse(ROWS)) assert.ok(stdout.includes(`${id},${name}`), name);
  });

  it('passes what cannot be made shorter byte for byte', async () => {
    for (const text of ['', 'ok\n', 'no newline', 'Grüße\r\n\u0000\n']) {
      const { code, stdout, stderr } = await compress(text);
      assert.deepEqual([code, stdout, stderr], [0, text, '']);
    }
  });

  it('prints figures and text as JSON', async () => {
    const { code, stdout } = await compress(LOG, ['--json', '--model', 'gpt-5']);
    assert.equal(code, 0);
    const report = JSON.parse(stdout);
    assert.deepEqual(Object.keys(report), [
      'text',
      'kind',
      'rule',
      'changed',
      'tokens_before',
      'tokens_after',
      'counter',
      'exact',
      'left_out',
      'hash',
    ]);
    assert.deepEqual([report.changed, report.counter, report.exact], [true, 'o200k_base', true]);
    assert.deepEqual([report.left_out.unit, report.left_out.total], ['lines', 901]);
    assert.equal(report.hash, originalId(LOG));
    assert.ok(report.tokens_after < report.tokens_before / 2);
    assert.match(report.text, MARKER);
    const unchanged = JSON.parse((await compress('ok', ['--json'])).stdout);
    assert.deepEqual([unchanged.text, unchanged.changed, unchanged.left_out, unchanged.hash], ['ok', false, null, null]);
  });

  it('prints figures for people on standard error', async () => {
    const plain = await compress(LOG);
    const { stdout, stderr } = await compress(LOG, ['--stats']);
    assert.equal(stdout, plain.stdout);
    assert.match(stderr, /^kind {6}log, rule \w+\ntokens {4}[\d,]+ to [\d,]+, \d+\.\d % less \(/);
    assert.match(stderr, /\nleft out {2}\d+ of 901 lines\noriginal {2}headroom retrieve [0-9a-f]{24}\ntime/);
  });

  it('aims at a budget', async () => {
    const tokens = async (budget) =>
      JSON.parse((await compress(HITS, ['--json', '--budget', budget])).stdout).tokens_after;
    const [small, large] = [await tokens('500'), await tokens('60%')];
    assert.ok(small < large, `${small} and ${large} tokens`);
  });

  it('shows what went, in colour on a terminal only', async () => {
    const file = join(temporaryFolder(), 'server.log');
    writeFileSync(file, LOG);
    const plain = await compress(undefined, ['--diff', file]);
    assert.match(plain.stdout, /^@@ -\d+,\d+ \+\d+,\d+ @@\n/);
    assert.ok(plain.stdout.includes(`\n-${LOG.split('\n')[137]}\n`));
    assert.ok(!plain.stdout.includes('\x1b'));
    const terminal = await compress(undefined, ['--diff', file], { terminal: true });
    assert.ok(terminal.stdout.includes('\x1b[31m-2026-03-01T'));
    const sober = await compress(undefined, ['--diff', file], { terminal: true, env: { NO_COLOR: '1' } });
    assert.equal(sober.stdout.replaceAll('\r\n', '\n'), plain.stdout);
  });

  it('shows a bar above a second, on a terminal only', async () => {
    const pipes = [0, 1].map(() => join(temporaryFolder(), 'slow'));
    for (const pipe of pipes) execFileSync('mkfifo', [pipe]);
    const [quiet, shown] = pipes.map((pipe, i) => compress(undefined, [pipe], { terminal: i === 1 }));
    await sleep(1500);
    for (const pipe of pipes) writeFileSync(pipe, LOG);
    assert.equal((await quiet).stderr, '');
    assert.match((await shown).stdout, /\r\x1b\[Kheadroom: reading \S+ \[ *==== *\] 1 s/);
  });

  it('leaves nothing out where the original cannot be kept, and says so', async () => {
    const { code, stdout, stderr } = await compress(LOG, [], { data: '/proc/none/data' });
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /omitted|Retrieve more/);
    assert.match(stderr, /^headroom: the original is not kept, so nothing is left out: .*\/proc\/none\/data\n$/);
  });

  it('ends with 1 where a file fails and with 2 where an option cannot be read', async () => {
    const missing = await compress(undefined, ['/nowhere/server.log']);
    assert.deepEqual([missing.code, missing.stdout], [1, '']);
    assert.match(missing.stderr, /^headroom: \/nowhere\/server\.log: No such file or directory\n$/);
    for (const args of [['--budget', 'much'], ['--kind', 'logs'], ['--reads', 'some'], ['--loss'], ['a', 'b']]) {
      const { code, stdout, stderr } = await compress(LOG, args);
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.match(stderr, /^headroom: [^\n]+\n$/);
    }
  });
});

describe('headroom retrieve', () => {
  it('gives the part that a question is about, with its place', async () => {
    const data = dataDir();
    await compress(LOG, [], { data });
    const { code, stdout } = await retrieve(`hash=${originalId(LOG)}]`, data, ['--query', 'disk sda3 failing']);
    assert.equal(code, 0);
    assert.ok(stdout.includes(`${ODD}\n`) && stdout.length < LOG.length);
    assert.match(stdout, /^\.\.\. lines 1-\d+ omitted/);
  });

  it('ends with 3 for what is not kept and with 2 for what is no hash', async () => {
    const data = dataDir();
    const unknown = await retrieve('0123456789abcdef01234567', data);
    assert.deepEqual([unknown.code, unknown.stdout], [3, '']);
    assert.equal(unknown.stderr, `headroom: nothing is kept under 0123456789abcdef01234567 in ${data}\n`);
    await compress(LOG, [], { data });
    assert.equal((await retrieve('0123456789abcdef01234567', data)).code, 3);
    assert.equal((await retrieve('../../etc/passwd', data)).code, 2);
    assert.equal((await runToEnd(['retrieve'])).code, 2);
  });

  describe('beside a running proxy', () => {
    let provider;
    before(async () => {
      provider = await startProvider();
    });
    after(() => provider.close());

    async function send(proxy, key) {
      const chat = new AnthropicConversation({ provider, key });
      chat.user('Which services are there?');
      const id = callId();
      await chat.turn(proxy.url, { calls: [{ id, name: 'list_services', input: {} }] });
      chat.results([{ id, content: ROWS }]);
      await chat.turn(proxy.url);
    }

    it('gives what the proxy keeps for a key to who has the key', async (t) => {
      const proxy = await startProxy({ provider });
      t.after(() => proxy.stop());
      await send(proxy, 'sk-mine');
      const hash = originalId(ROWS);
      const within = async (env, args = []) => {
        for (let i = 0; i < 20; ++i) {
          const end = await retrieve(hash, proxy.dataDir, args, env);
          if (end.code !== 3 || i === 19) return end;
        }
      };
      assert.equal((await within({ ANTHROPIC_API_KEY: 'sk-mine' })).stdout, ROWS);
      assert.equal((await within({ MY_KEY: 'sk-mine' }, ['--key-env', 'MY_KEY'])).stdout, ROWS);
      assert.equal((await retrieve(hash, proxy.dataDir, [], { ANTHROPIC_API_KEY: 'sk-other' })).code, 3);
      assert.equal((await retrieve(hash, proxy.dataDir)).code, 3);
    });

    it('and a proxy of one tenant shares the originals of compress', async (t) => {
      const proxy = await startProxy({ provider, args: ['--tenant', 'single'] });
      t.after(() => proxy.stop());
      assert.equal((await compress(LOG, [], { data: proxy.dataDir })).code, 0);
      const reply = await request({ url: `${proxy.url}/v1/retrieve/${originalId(LOG)}` });
      assert.equal(reply.status, 200, reply.text());
      assert.equal(reply.json().original_content, LOG);
    });
  });
});
