// Pointing clients at the proxy: their own configuration, changed and put back; one program through it.

import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { request } from './support/http.mjs';
import { freePort, runToEnd, startProxy, temporaryFolder } from './support/proxy.mjs';

const URL_HERE = 'http://127.0.0.1:8787';
const FILES = {
  claude: '.claude/settings.json',
  codex: '.codex/config.toml',
  opencode: '.config/opencode/opencode.json',
  qwen: '.qwen/.env',
};

function home() {
  const folder = temporaryFolder();
  const env = { HOME: folder, XDG_CONFIG_HOME: '', CLAUDE_CONFIG_DIR: '', CODEX_HOME: '' };
  return {
    folder,
    setup: (args) => runToEnd(['setup', ...args], { env }),
    write(client, text) {
      const path = join(folder, FILES[client]);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    path: (client) => join(folder, FILES[client]),
    read: (client) => readFileSync(join(folder, FILES[client]), 'utf8'),
  };
}

describe('headroom setup', () => {
  const BEFORE = {
    claude: '{\n\t"model": "opus",\r\n\t"env": {\n\t\t"A": "1e400"\n\t},\n  "x": [1,2 , 3]\n}',
    codex: '# mine\nmodel = "gpt-5"  # the best\nmodel_provider = "other"\n\n[model_providers.other]\nname = "o"',
    opencode: '{"$schema":"https://opencode.ai/config.json","provider":{"openai":{"options":{"apiKey":"k"}}}}',
    qwen: 'OPENAI_API_KEY=k\nexport OPENAI_BASE_URL=https://other.example/v1\n# end',
  };
  const WANTED = {
    claude: (text) => assert.equal(JSON.parse(text).env.ANTHROPIC_BASE_URL, URL_HERE),
    codex: (text) => {
      assert.match(text, /^model_provider = "headroom"$/m);
      assert.match(text, new RegExp(`^\\[model_providers\\.headroom\\]\n(.*\n)*?base_url = "${URL_HERE}/v1"$`, 'm'));
    },
    opencode: (text) => {
      const { provider } = JSON.parse(text);
      assert.equal(provider.anthropic.options.baseURL, `${URL_HERE}/v1`);
      assert.equal(provider.openai.options.baseURL, `${URL_HERE}/v1`);
    },
    qwen: (text) => assert.match(text, new RegExp(`^OPENAI_BASE_URL=${URL_HERE}/v1$`, 'm')),
  };

  for (const [client, before] of Object.entries(BEFORE)) {
    it(`${client}: shows the change, writes it, knows it, puts the file back to the byte`, async () => {
      const user = home();
      user.write(client, before);
      const shown = await user.setup([client]);
      assert.equal(shown.code, 3, shown.stderr);
      assert.match(shown.stdout, /^\+ /m);
      assert.equal(user.read(client), before, 'nobody agreed');
      const done = await user.setup([client, '--yes']);
      assert.equal(done.code, 0, done.stderr);
      WANTED[client](user.read(client));
      for (const line of before.split('\n').filter((one) => !/provider|BASE_URL|1e400/i.test(one)))
        assert.ok(user.read(client).includes(line), line);
      assert.match((await user.setup([client])).stdout, /uses http:\/\/127\.0\.0\.1:8787 already/);
      const other = await user.setup([client, '-y', '--port', '9999']);
      assert.equal(other.code, 0, other.stderr);
      assert.ok(user.read(client).includes('127.0.0.1:9999') && !user.read(client).includes('8787'));
      assert.equal((await user.setup([client, '--undo', '--yes'])).code, 0);
      assert.equal(user.read(client), before);
      const again = await user.setup([client, '--undo', '--yes']);
      assert.equal(again.code, 1);
      assert.match(again.stderr, /nothing is to be undone/);
    });

    it(`${client}: makes a file that is not there, and takes it away again`, async () => {
      const user = home();
      assert.equal((await user.setup([client, '--yes'])).code, 0);
      WANTED[client](user.read(client));
      assert.equal(statSync(user.path(client)).mode & 0o777, 0o600);
      assert.equal((await user.setup([client, '--undo', '--yes'])).code, 0);
      assert.ok(!existsSync(user.path(client)));
    });
  }

  it('undo leaves a file alone that was changed since', async () => {
    const user = home();
    const path = user.write('claude', '{}');
    await user.setup(['claude', '--yes']);
    const mine = user.read('claude').replace('}', ',"mine":1}');
    writeFileSync(path, mine);
    const undo = await user.setup(['claude', '--undo', '--yes']);
    assert.equal(undo.code, 1);
    assert.match(undo.stderr, /changed since; what it was before is in .*claude\.before/);
    assert.equal(user.read('claude'), mine);
  });

  it('writes through a link and keeps the mode', async () => {
    const user = home();
    const target = join(user.folder, 'dotfiles.json');
    writeFileSync(target, '{}', { mode: 0o640 });
    mkdirSync(dirname(user.path('claude')));
    symlinkSync(target, user.path('claude'));
    assert.equal((await user.setup(['claude', '--yes'])).code, 0);
    assert.ok(lstatSync(user.path('claude')).isSymbolicLink());
    assert.equal(statSync(target).mode & 0o777, 0o640);
    assert.ok(readFileSync(target, 'utf8').includes(URL_HERE));
  });

  it('changes nothing in a file that it cannot read', async () => {
    const user = home();
    for (const [client, text] of Object.entries({
      claude: '{"env": 5}',
      opencode: '{ // a comment\n}',
      codex: 'model = = 1\n',
    })) {
      user.write(client, text);
      const { code, stderr } = await user.setup([client, '--yes']);
      assert.equal(code, 1, client);
      assert.ok(stderr.includes(FILES[client]), stderr);
      assert.equal(user.read(client), text);
      assert.deepEqual(readdirSync(dirname(user.path(client))).length, 1, 'nothing is left beside it');
    }
  });

  it('says what to do in Cursor, and knows its clients', async () => {
    const user = home();
    const cursor = await user.setup(['cursor', '--port', '9000']);
    assert.equal(cursor.code, 0);
    assert.match(cursor.stdout, /http:\/\/127\.0\.0\.1:9000\/v1/);
    const unknown = await user.setup(['vim']);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /unknown client vim/);
  });
});

describe('headroom run', () => {
  let provider;
  before(async () => {
    provider = await startProvider();
  });
  after(() => provider.close());
  const show = ['--', process.execPath, '-e', 'console.log(JSON.stringify([process.env, process.argv.slice(1)]))'];

  it('gives one program the address, and everything behind it as it is', async (t) => {
    const proxy = await startProxy({ provider });
    t.after(() => proxy.stop());
    const end = await runToEnd(['run', '--port', String(proxy.port), '--proxy-token', 'the-token-of-clients', ...show, '--', '--port', '-h']);
    assert.equal(end.code, 0, end.stderr);
    const [env, argv] = JSON.parse(end.stdout);
    assert.equal(env.ANTHROPIC_BASE_URL, proxy.url);
    assert.equal(env.OPENAI_BASE_URL, `${proxy.url}/v1`);
    assert.equal(env.ANTHROPIC_CUSTOM_HEADERS, 'x-headroom-token: the-token-of-clients');
    assert.deepEqual(argv, ['--port', '-h']);
  });

  it('starts a proxy where none answers, for as long as the program runs', async () => {
    const [port, data] = [await freePort(), temporaryFolder()];
    const ask =
      'fetch(process.env.ANTHROPIC_BASE_URL + "/health").then((r) => r.json())' +
      '.then((body) => { console.log(body.status); process.exit(7); })';
    const args = ['run', '--port', String(port), '--data-dir', data];
    const end = await runToEnd([...args, process.execPath, '-e', ask], { limitMs: 30_000 });
    assert.equal(end.code, 7, end.stderr);
    assert.equal(end.stdout, 'healthy\n');
    assert.match(readFileSync(join(data, 'run.log'), 'utf8'), /Press Ctrl\+C/);
    await assert.rejects(request({ url: `http://127.0.0.1:${port}/livez`, fresh: true }), /ECONNREFUSED/);
    const killed = await runToEnd([...args, '/bin/sh', '-c', 'kill -9 $$'], { limitMs: 30_000 });
    assert.equal(killed.code, 137);
  });

  it('says why it cannot run', async (t) => {
    const port = String(await freePort());
    const none = await runToEnd(['run', '--port', port, '--no-start', 'true']);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /no proxy answers at/);
    const other = await runToEnd(['run', '--port', new URL(provider.url).port, 'true']);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /is no headroom/);
    const proxy = await startProxy({ provider });
    t.after(() => proxy.stop());
    const missing = await runToEnd(['run', '--port', String(proxy.port), 'no-such-program-here']);
    assert.equal(missing.code, 127);
    assert.equal((await runToEnd(['run'])).code, 2);
  });
});
