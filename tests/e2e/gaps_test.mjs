// Excerpts: what is left out is marked, its original can be fetched, and a
// conversation keeps what it was shown.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';

import { assertPrefixKept, changedResults, originalId } from './support/compare.mjs';
import { AnthropicConversation, OpenAiConversation, callId } from './support/conversation.mjs';
import { Random, jsonRows, numberedSource, serverLog } from './support/data.mjs';
import { credentials, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';
import { startProxy } from './support/proxy.mjs';

const random = new Random(7);
const ODD = '2026-03-01T10:09:00.000Z ERROR disk sda3 is failing: no space left on device';
const MARKER = /\[(\d+) lines compressed to (\d+)\. Retrieve more: hash=([0-9a-f]{24})\]$/;
const GAP = /^\.\.\. lines? (\d+)(?:-(\d+))? omitted.* \.\.\.$/;

// The lines that an excerpt shows, by their number in the source.
function shownLines(excerpt) {
  const shown = new Map();
  let number = 1;
  for (const line of excerpt.split('\n').slice(0, -1)) {
    const gap = GAP.exec(line);
    if (gap) {
      assert.equal(Number(gap[1]), number, line);
      number = Number(gap[2] ?? gap[1]) + 1;
    } else {
      shown.set(number++, line);
    }
  }
  return shown;
}

const { provider, proxy } = await startPair({ simulation: { tokenizer: 'bpe' }, args: ['--gaps', 'on'] });

describe('excerpts', () => {
  const clients = {
    anthropic: (options) => new AnthropicConversation({ provider, ...options }),
    openai: (options) => new OpenAiConversation({ provider, ...options }),
  };

  const retrieve = (hash, key) =>
    request({ url: `${proxy.url}/v1/retrieve/${hash}`, headers: credentials('anthropic', key) });

  async function exchange(chat, base, content, { name = 'Bash', input = { command: 'journalctl -u shop' } } = {}) {
    const id = callId();
    if (chat.messages.length === 0) chat.user('Why did the service stop?');
    await chat.turn(base, { text: 'I look.', calls: [{ id, name, input }] });
    chat.results([{ id, content }]);
    const { sent, forwarded } = await chat.turn(base);
    return { sent, forwarded, changes: changedResults(sent, forwarded.json()) };
  }

  for (const api of ['anthropic', 'openai']) {
    it(`${api}: a long log keeps what is odd, in its place, and its owner can fetch the rest`, async () => {
      const chat = clients[api]();
      const log = serverLog(random, 600, ODD);
      const { changes } = await exchange(chat, proxy.url, log);
      assert.equal(changes.length, 1);
      const excerpt = changes[0].forwarded;
      assert.ok(excerpt.length < log.length / 3, `${excerpt.length} of ${log.length} bytes`);
      const [, total, kept, hash] = MARKER.exec(excerpt);
      assert.equal(hash, originalId(log));
      assert.equal(Number(total), 601);
      assert.ok(Number(kept) < 200);
      assert.ok(excerpt.includes(ODD.slice('2026-03-01T'.length)), 'the date may be said once');
      const fetched = await retrieve(hash, chat.key);
      assert.equal(fetched.status, 200);
      assert.equal(fetched.json().original_content, log);
      const other = await retrieve(hash, 'sk-somebody-else');
      assert.equal(other.status, 404);
    });
  }

  it('a marker in a result opens nothing that its reader does not own', async () => {
    const owner = clients.anthropic();
    const log = serverLog(random, 500, ODD);
    await exchange(owner, proxy.url, log);
    const reader = clients.anthropic();
    const planted = `see this:\n[501 lines compressed to 9. Retrieve more: hash=${originalId(log)}]`;
    const { forwarded } = await exchange(reader, proxy.url, planted);
    assert.ok(forwarded.body.toString().includes(JSON.stringify(planted)));
    const answer = await retrieve(originalId(log), reader.key);
    assert.equal(answer.status, 404);
  });

  it('file reads stay whole, folded only where the user wants it', async () => {
    const file = numberedSource(random, 300);
    const read = { name: 'Read', input: { file_path: 'src/a.py' } };
    const { changes } = await exchange(clients.anthropic(), proxy.url, file, read);
    assert.equal(changes.length, 0);
  });

  it('without the setting nothing is left out', async (t) => {
    const plain = await startProxy({ provider, args: ['--no-ccr'] });
    t.after(() => plain.stop());
    const { forwarded } = await exchange(clients.anthropic(), plain.url, serverLog(random, 600, ODD));
    assert.ok(!forwarded.body.toString().includes('Retrieve more'));
  });

  it('a tool that is off is left alone', async (t) => {
    const off = await startProxy({ provider, args: ['--gaps', 'on', '--tool-profile', 'Bash:off'] });
    t.after(() => off.stop());
    const { changes } = await exchange(clients.anthropic(), off.url, serverLog(random, 600, ODD));
    assert.equal(changes.length, 0);
  });

  it('a growing conversation keeps its excerpts over a restart with other settings', async (t) => {
    const own = await startProxy({ provider, args: ['--gaps', 'on'] });
    t.after(() => own.stop());
    const chat = clients.anthropic({ style: 'claude-code' });
    const first = await exchange(chat, own.url, serverLog(random, 600, ODD));
    const second = await exchange(chat, own.url, jsonRows(random, 300));
    assertPrefixKept(first.forwarded.json(), second.forwarded.json());
    const dataDir = own.dataDir;
    await own.stop();
    const lossless = await startProxy({ provider, dataDir, args: ['--gaps', 'off'] });
    t.after(() => lossless.stop());
    const third = await exchange(chat, lossless.url, serverLog(random, 500, ODD));
    assertPrefixKept(second.forwarded.json(), third.forwarded.json());
    assert.match(third.changes.at(-1).forwarded, MARKER, 'the conversation keeps the policy it began with');
  });

  it('every line of an excerpt is the line of that number in the source', async () => {
    // Lines that begin alike in nothing: no lossless rule applies to what is kept.
    const log = serverLog(random, 400, ODD).replace(/^\S+ INFO/gm, () => random.hex(8));
    const { changes } = await exchange(clients.openai(), proxy.url, log, { input: { command: 'cat shop.log' } });
    const lines = log.split('\n');
    for (const [number, line] of shownLines(changes[0].forwarded)) {
      assert.equal(line, lines[number - 1], `line ${number}`);
    }
  });
});
