// A result that stood before, or nearly did: the reference or diff that goes
// upstream says enough to rebuild what the client sent, stays as the conversation
// grows and over a restart, and goes when the earlier result is no longer there.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';

import { assertPrefixKept, changedResults, originalId, resultTexts } from './support/compare.mjs';
import { APIS, callId } from './support/conversation.mjs';
import { Random, numberedSource, source } from './support/data.mjs';
import { request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';
import { startProxy } from './support/proxy.mjs';

const READ = { name: 'Read', input: { file_path: '/repo/src/server.cc' } };
const TESTS = { name: 'Bash', input: { command: './run_tests --all' } };

// A reader of unified diffs.
function applyHunks(lines, hunks, first = 1) {
  const out = [];
  let at = 0;
  for (const line of hunks.split('\n')) {
    const header = line.match(/^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/);
    if (header) {
      const begin = Number(header[1]) - first + (header[2] === '0' ? 1 : 0);
      while (at < begin) out.push(lines[at++]);
      assert.equal(out.length, Number(header[3]) - first + (header[4] === '0' ? 1 : 0));
    } else if (!line.startsWith('\\')) {
      if (line[0] !== '+') assert.equal(lines[at++], line.slice(1));
      if (line[0] !== '-') out.push(line.slice(1));
    }
  }
  return [...out, ...lines.slice(at)];
}

const withoutNumbers = (text) => text.split('\n').map((line) => line.replace(/^ *\d+\t/, ''));

function runOf(random, changed = {}) {
  return Array.from({ length: 80 }, (_, i) => `case ${i * 7919} of ${random.hex(8)}: ${changed[i] ?? 'passed'}`).join('\n');
}

// What a client leaves of the first result when it makes room.
function clearFirstResult(messages) {
  for (const message of messages) {
    const block = Array.isArray(message.content) ? message.content[0] : message;
    if (block.type === 'function_call_output') block.output = '[cleared]';
    else if (block.type === 'tool_result' || block.role === 'tool') block.content = '[cleared]';
    else continue;
    return;
  }
}

const { provider, proxy } = await startPair({ args: ['--no-ccr'] });

describe('seen before', () => {
  // One call whose result is `content`.
  async function step(chat, { name, input }, content, base = proxy.url) {
    const id = callId();
    await chat.turn(base, { text: 'Next.', calls: [{ id, name, input }] });
    chat.results([{ id, content }]);
    return id;
  }
  const last = (forwarded) => resultTexts(forwarded.json()).at(-1).text;

  for (const [api, Conversation] of Object.entries(APIS)) {
    it(`${api}: a file read again after an edit is the diff, and gives back the file`, async () => {
      const chat = new Conversation({ provider });
      const earlier = source(new Random(3), 120);
      const now = earlier.replace('int ', '// Kept.\nint ').replace(/return \d+;/, 'return -1;');
      const numbered = (text) => text.split('\n').map((line, i) => `${String(i + 1).padStart(6)}\t${line}`).join('\n');
      chat.user('Fix the server.');
      await step(chat, READ, numbered(earlier));
      await step(chat, { name: 'Edit', input: { file_path: READ.input.file_path } }, 'done');
      await step(chat, READ, numbered(now));
      const { sent, forwarded } = await chat.turn(proxy.url);
      const changes = changedResults(sent, forwarded.json());
      assert.equal(changes.length, 1);
      const [head, ...hunks] = changes[0].forwarded.split('\n');
      assert.match(head, /^\[Changes since the result of the earlier call Read .*, 2 tool results before this one/);
      assert.match(head, /without their numbers, .*; all other lines are identical:\]$/);
      assert.deepEqual(applyHunks(earlier.split('\n'), hunks.join('\n')), now.split('\n'));

      const reply = await request({
        url: `${proxy.url}/v1/retrieve/${originalId(numbered(now))}`,
        headers: [['x-api-key', chat.key]],
      });
      assert.equal(reply.json().original_content, numbered(now));
    });

    it(`${api}: a test run again is the diff`, async () => {
      const chat = new Conversation({ provider });
      chat.user('Make the tests pass.');
      const earlier = runOf(new Random(4), { 9: 'FAILED', 50: 'FAILED' });
      const now = runOf(new Random(4), { 50: 'FAILED' });
      await step(chat, TESTS, earlier);
      await step(chat, TESTS, now);
      const { forwarded } = await chat.turn(proxy.url);
      const [head, ...hunks] = last(forwarded).split('\n');
      assert.match(head, /^\[Changes since .*, the tool result before this one, as a unified diff; all other/);
      assert.deepEqual(applyHunks(earlier.split('\n'), hunks.join('\n')), now.split('\n'));
    });

    it(`${api}: an equal result is named, a diff is never the anchor of another`, async () => {
      const chat = new Conversation({ provider });
      const files = ['one', 'two', 'three'].map((word) => numberedSource(new Random(5), 90).replace('return', word));
      chat.user('Read it.');
      for (const file of files) await step(chat, READ, file);
      await step(chat, READ, files[1]);
      const { forwarded } = await chat.turn(proxy.url);
      const texts = resultTexts(forwarded.json()).map(({ text }) => text);
      assert.equal(texts[0], files[0]);
      const distances = ['the tool result', '2 tool results', '3 tool results'];
      for (const [i, distance] of distances.entries()) {
        assert.match(texts[i + 1], new RegExp(`^\\[Changes since [^\\n]*, ${distance} before this one,`));
        const hunks = texts[i + 1].slice(texts[i + 1].indexOf('\n') + 1);
        const expected = i === 2 ? files[1] : files[i + 1];
        assert.deepEqual(applyHunks(withoutNumbers(files[0]), hunks), withoutNumbers(expected));
      }
    });

    it(`${api}: the diff stays over turns and a restart, and goes when a client clears the earlier result`, async (t) => {
      const own = await startProxy({ provider, args: ['--no-ccr'] });
      t.after(() => own.stop());
      const chat = new Conversation({ provider });
      const earlier = numberedSource(new Random(6), 90);
      const now = earlier.replace('return', 'Return');
      chat.user('Read it.');
      await step(chat, READ, earlier, own.url);
      await step(chat, READ, now, own.url);
      const first = await chat.turn(own.url);
      assert.notEqual(last(first.forwarded), now);
      await own.restart({ hard: false });
      chat.user('And now?');
      const second = await chat.turn(own.url);
      assertPrefixKept(first.forwarded.json(), second.forwarded.json());

      clearFirstResult(chat.messages);
      const third = await chat.turn(own.url);
      assert.deepEqual(changedResults(third.sent, third.forwarded.json()), []);
    });
  }

  it('of another range of the file the lines that were read are named, of another file none', async () => {
    const chat = new APIS.anthropic({ provider });
    const text = numberedSource(new Random(7), 90);
    const range = text.replace('return', 'x');
    chat.user('Read it.');
    await step(chat, READ, text);
    await step(chat, { name: 'Read', input: { ...READ.input, limit: 90 } }, range);
    await step(chat, { name: 'Read', input: { file_path: '/repo/src/other.cc' } }, text.replace('return', 'y'));
    const { sent, forwarded } = await chat.turn(proxy.url);
    const changed = changedResults(sent, forwarded.json());
    assert.equal(changed.length, 1);
    const [head, ...rest] = changed[0].forwarded.split('\n');
    assert.match(head, /^\[Lines that also stand in the result of the earlier call Read .*server\.cc/);
    const source = text.split('\n');
    const whole = rest.flatMap((line) => {
      const mark = /^\.\.\. lines? (\d+)(?:-(\d+))? of it \.\.\.$/.exec(line);
      return mark ? source.slice(mark[1] - 1, mark[2] ?? mark[1]) : [line];
    });
    assert.equal(whole.join('\n').replace(/\n$/, ''), range);
  });
});
