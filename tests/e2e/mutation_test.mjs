// Valid requests damaged at random: what is no JSON any more goes upstream byte
// for byte; what still is differs in tool results only. Every one is forwarded.
//
// HEADROOM_MUTATION_SEED and HEADROOM_MUTATIONS replay and widen a run.

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { changedResults } from './support/compare.mjs';
import { Random, buildLog, grepHits, jsonRows } from './support/data.mjs';
import { post } from './support/http.mjs';
import { startProxy } from './support/proxy.mjs';

const SEED = Number(process.env.HEADROOM_MUTATION_SEED ?? 1);
const MUTATIONS = Number(process.env.HEADROOM_MUTATIONS ?? 3000);
const AT_A_TIME = 16;

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '0',
  'null',
  'true',
  '"role"',
  '"content"',
  '"type"',
  '"messages"',
  '\\u0000',
  '\\ud800',
  'tool_result',
  '"tool_use_id":"toolu_1"',
  'assistant',
  'user',
  'tool',
  '\n',
  'é',
  ' ',
];
const FIELDS = ['"role"', '"content"', '"type"', '"text"', 'tool_use', 'tool_result', '"id"', '"messages"'];

function originals(random) {
  const messages = {
    path: '/v1/messages',
    body: {
      model: 'claude-sonnet-4-5',
      max_tokens: 9,
      system: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: 'x' },
        {
          role: 'assistant',
          content: ['toolu_1', 'toolu_2'].map((id) => ({ type: 'tool_use', id, name: 'list', input: { a: 1 } })),
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: jsonRows(random, 12) },
            { type: 'tool_result', tool_use_id: 'toolu_2', content: [{ type: 'text', text: grepHits(random, 15) }] },
            { type: 'text', text: 'go', cache_control: { type: 'ephemeral' } },
          ],
        },
      ],
    },
  };
  const call = (id) => ({ id, type: 'function', function: { name: 'run', arguments: '{"command":"make"}' } });
  const chat = {
    path: '/v1/chat/completions',
    body: {
      model: 'gpt-5.1',
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: null, tool_calls: [call('c1'), call('c2')] },
        { role: 'tool', tool_call_id: 'c1', content: jsonRows(random, 12) },
        { role: 'tool', tool_call_id: 'c2', content: [{ type: 'text', text: buildLog(random, 20) }] },
      ],
    },
  };
  return [messages, chat].map(({ path, body }) => ({ path, bytes: Buffer.from(JSON.stringify(body)) }));
}

const damages = [
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(5))]),
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(PIECES)), bytes.subarray(at)]),
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), Buffer.of(random.below(256)), bytes.subarray(at + 1)]),
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at + random.below(400)), bytes.subarray(at)]),
  (bytes, at, random) => {
    const field = random.pick(FIELDS);
    const found = bytes.indexOf(field, at);
    if (found === -1) return bytes;
    return Buffer.concat([
      bytes.subarray(0, found),
      Buffer.from(random.pick(PIECES)),
      bytes.subarray(found + field.length),
    ]);
  },
];

// The parsed body, undefined when it is not JSON in UTF-8.
function parse(bytes) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

it(
  `${MUTATIONS} damaged requests are forwarded as they are or change in tool results only (seed ${SEED})`,
  { timeout: 100_000 },
  async (t) => {
    const provider = await startProvider({ respond: () => ({ status: 200, headers: [], body: '{}' }) });
    t.after(() => provider.close());
    const proxy = await startProxy({ provider });
    t.after(() => proxy.stop());
    const random = new Random(SEED);
    const whole = originals(random);
    let changed = 0;

    async function tryOne(number) {
      const { path, bytes } = random.pick(whole);
      let body = bytes;
      for (let i = random.below(3); i >= 0; --i) body = random.pick(damages)(body, random.below(body.length), random);
      const key = `sk-mutant-${number}`;
      await post(proxy.url, path, body, { key });
      const forwarded = provider.requests().find((request) => request.key === key);
      assert.ok(forwarded, 'not forwarded');
      if (forwarded.body.equals(body)) return;
      ++changed;
      const sent = parse(body);
      assert.ok(sent, `changed although it is not JSON: ${body.toString('latin1').slice(0, 3000)}`);
      changedResults(sent, parse(forwarded.body));
    }

    for (let number = 0; number < MUTATIONS; number += AT_A_TIME) {
      await Promise.all(Array.from({ length: AT_A_TIME }, (_, i) => tryOne(number + i)));
      provider.forget();
    }
    assert.ok(changed > MUTATIONS / 10, `only ${changed} were shortened: the damage is too heavy to show anything`);
  },
);
