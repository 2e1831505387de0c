// Client libraries' own agent loops, with a retrieval in the middle of their replies: they see nothing of our tool, get
// the whole answer, and however they hand a message back, the provider meets what it saw before.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { AGENTS } from './support/agents.mjs';
import { assertPrefixKept, originalId } from './support/compare.mjs';
import { callId } from './support/conversation.mjs';
import { Random, serverLog } from './support/data.mjs';
import { startPair } from './support/pair.mjs';

const ODD = '2026-03-01T10:09:00.000Z ERROR disk sda3 is failing: no space left on device';
const random = new Random(13);

const { provider, proxy } = await startPair();

// What the provider says after the client's log has come, and the texts of the messages that the client then has.
//   (ours, theirs) make a call of our tool and of the client's
const REPLIES = {
  'a text, our call, a text': {
    replies: (ours) => [{ text: 'Let me open it. ', calls: [ours()] }, { text: 'The disk is full.' }],
    texts: ['Let me open it. The disk is full.'],
  },
  'our call, a text': {
    replies: (ours) => [{ calls: [ours()] }, { text: 'The disk is full.' }],
    texts: ['The disk is full.'],
  },
  'white space around our call': {
    replies: (ours) => [{ text: 'Let me open it.\n\n', calls: [ours()] }, { text: '\nThe disk\nis full.\n' }],
    texts: ['Let me open it.\n\n\nThe disk\nis full.\n'],
  },
  'two rounds': {
    replies: (ours) => [
      { text: 'One. ', calls: [ours()] },
      { text: 'Two. ', calls: [ours('disk')] },
      { text: 'Full.' },
    ],
    texts: ['One. Two. Full.'],
  },
  "our call, then the client's": {
    replies: (ours, theirs) => [
      { text: 'Let me open it. ', calls: [ours()] },
      { text: 'And look.', calls: [theirs()] },
      { text: 'The disk is full.' },
    ],
    texts: ['Let me open it. And look.', 'The disk is full.'],
  },
  "our call, then the client's, no text": {
    replies: (ours, theirs) => [{ calls: [ours()] }, { calls: [theirs()] }, { text: 'The disk is full.' }],
    texts: ['', 'The disk is full.'],
  },
  "our call beside two of the client's": {
    replies: (ours, theirs) => [
      { text: 'All at once.', calls: [theirs(), ours(), theirs()] },
      { text: 'The disk is full.' },
    ],
    texts: ['All at once.', 'The disk is full.'],
  },
};

// Every prompt of the conversation begins with the one before, as the provider saw them.
function assertEachBeginsWithTheOneBefore(requests) {
  const bodies = requests.map((request) => request.json());
  for (let i = 1; i < bodies.length; ++i) assertPrefixKept(bodies[i - 1], bodies[i], { what: `prompt ${i}` });
}

async function talk(name, { stream, thinking, replies, texts, adapt = (reply) => reply }) {
  const key = `sk-${callId('')}`;
  const log = serverLog(random, 50, ODD);
  const outputs = [log];
  const Client = AGENTS[name];
  const prefix = Client.api === 'openai' ? 'call_' : 'toolu_';
  const calls = [];
  const ours = (query) => {
    calls.push(callId(prefix));
    const input = { hash: originalId(log), ...(query ? { query } : {}) };
    return { id: calls.at(-1), name: 'headroom_retrieve', input };
  };
  const theirs = () => ({ id: callId(prefix), name: 'Bash', input: { command: 'df' } });
  const agent = new Client({ url: proxy.url, key, bash: () => outputs.shift() ?? '/dev/sda3 100%', stream, thinking });
  const script = [{ text: 'I look.', calls: [theirs()] }, ...replies(ours, theirs)].map(adapt);
  for (const reply of script) provider.reply(reply, { key });
  const requests = () => provider.requests().filter((request) => request.key === key);

  assert.deepEqual(await agent.ask('Why did the service stop?'), ['I look.', ...texts]);
  assert.equal(requests().length, script.length);
  assert.match(requests()[1].body.toString(), /Retrieve more: hash=[0-9a-f]{24}/);
  assert.ok(requests().some(({ body }) => body.includes(JSON.stringify(log))), 'the original was not opened');

  for (const question of ['Thanks. And now?', 'And then?']) {
    provider.reply(adapt({ text: 'Buy a disk.' }), { key });
    assert.deepEqual(await agent.ask(question), ['Buy a disk.']);
  }
  assert.deepEqual(
    requests().map(({ status }) => status),
    requests().map(() => 200),
  );
  assertEachBeginsWithTheOneBefore(requests());
  const last = requests().at(-1).body.toString();
  for (const id of calls) assert.equal(last.split(JSON.stringify(id)).length, 3, `call ${id} and its answer`);
  const seen = await agent.seen();
  assert.ok(!seen.includes('headroom_retrieve'), 'the client saw our tool');
  for (const id of calls) assert.ok(!seen.includes(id), 'the client saw our call');
}

const thoughtful = (reply) => ({ thinking: 'Hm.', ...reply });
const inPieces = (reply) => ({ ...reply, sse: { pieceBytes: 7, newline: '\r\n' } });

for (const [name, Client] of Object.entries(AGENTS)) {
  const ways = {
    ...(Client.streamsOnly ? {} : { plain: { stream: false } }),
    streaming: { stream: true },
    'streaming in pieces': { stream: true, adapt: inPieces },
    ...(Client.api === 'anthropic' ? { thinking: { stream: true, thinking: true, adapt: thoughtful } } : {}),
    ...(Client.api === 'anthropic' && !Client.streamsOnly
      ? { 'plain, thinking': { stream: false, thinking: true, adapt: thoughtful } }
      : {}),
  };
  describe(name, () => {
    for (const [way, options] of Object.entries(ways)) {
      for (const [what, replies] of Object.entries(REPLIES)) {
        it(`${way}: ${what}`, () => talk(name, { ...options, ...replies }));
      }
    }
  });
}
