// Subscription logins: what is done to their requests is the user's choice, and who they are is never touched.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { join } from 'node:path';

import { assertPrefixKept, changedResults } from './support/compare.mjs';
import { AnthropicConversation, OpenAiConversation, callId } from './support/conversation.mjs';
import { Random, jsonRows, serverLog } from './support/data.mjs';
import { startPair } from './support/pair.mjs';
import { startProxy, temporaryFolder } from './support/proxy.mjs';

const { provider, proxy: full } = await startPair();
const lossless = await startProxy({ provider, args: ['--oauth', 'lossless'] });
const off = await startProxy({ provider, args: ['--oauth', 'off'] });
after(() => Promise.all([lossless.stop(), off.stop()]));

const random = new Random(77);
const jwt = ['{"alg":"RS256"}', '{"iss":"https://auth.openai.com","sub":"user-1","chatgpt_account_id":"a-1"}', 'signed']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.');
const CLIENTS = {
  'Claude Code, an opaque token': { Chat: AnthropicConversation, key: 'sk-ant-oat01-of-a-subscription', style: 'claude-code' },
  'Codex, a JWT': { Chat: OpenAiConversation, key: jwt },
};
// As Claude Code sends them: names, order and values are a fingerprint.
const HEADERS = [
  ['User-Agent', 'claude-cli/2.1 (external, cli)'],
  ['X-App', 'cli'],
  ['anthropic-beta', 'oauth-2025-04-20,claude-code-20250219'],
  ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  ['X-Stainless-Lang', 'js'],
];

// A conversation that had rows (shortened without loss) and a log (which has gaps where that is allowed).
async function talk(base, { Chat, key, ...options }) {
  const chat = new Chat({ provider, key: `${key}`, headers: HEADERS, ...options });
  const ids = [0, 1].map(() => callId(chat.api === 'openai' ? 'call_' : 'toolu_'));
  chat.user(`Why did it stop? ${random.next()}`);
  await chat.turn(base, { text: 'I look.', calls: ids.map((id) => ({ id, name: 'Bash', input: { command: 'x' } })) });
  chat.results([
    { id: ids[0], content: jsonRows(random, 40) },
    { id: ids[1], content: serverLog(random, 60) },
  ]);
  return { chat, ...(await chat.turn(base)) };
}
// Results that went upstream in another form; with our tool among the client's the bodies differ elsewhere too.
const shortened = (sent, forwarded) =>
  changedResults({ ...sent, tools: undefined }, { ...forwarded, tools: undefined }).length;
const text = (forwarded) => forwarded.body.toString();

for (const [name, client] of Object.entries(CLIENTS)) {
  describe(name, () => {
    it('has all that a key has with --oauth full', async () => {
      const { sent, forwarded } = await talk(full.url, client);
      assert.equal(shortened(sent, forwarded.json()), 2);
      assert.match(text(forwarded), /Retrieve more: hash=/);
      assert.match(text(forwarded), /headroom_retrieve/);
    });

    it('loses nothing with --oauth lossless', async () => {
      const { sent, forwarded } = await talk(lossless.url, client);
      assert.ok(shortened(sent, forwarded.json()) >= 1);
      assert.doesNotMatch(text(forwarded), /Retrieve more|headroom_retrieve/);
    });

    it('passes byte for byte with --oauth off', async () => {
      const { sent, forwarded } = await talk(off.url, client);
      assert.equal(text(forwarded), JSON.stringify(sent));
    });

    it('keeps its headers, their order and their spelling in each', async () => {
      for (const base of [full.url, lossless.url, off.url]) {
        const { chat, forwarded } = await talk(base, client);
        for (const request of [forwarded, provider.requests().find((one) => one.key === chat.key)]) {
          const named = request.headerList.filter(([header]) => HEADERS.some(([sent]) => sent === header));
          assert.deepEqual(named, HEADERS);
          assert.equal(request.headers.authorization, `Bearer ${client.key}`);
          assert.ok(request.headerList.every(([header]) => !/headroom/i.test(header)));
        }
      }
    });
  });
}

describe('a key', () => {
  it('is not concerned by --oauth', async () => {
    const { sent, forwarded } = await talk(off.url, { Chat: AnthropicConversation, key: 'sk-ant-api03-a-key' });
    assert.equal(shortened(sent, forwarded.json()), 2);
  });
});

describe('a conversation under way', () => {
  it('keeps the rule that it began with when the setting changes', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const client = CLIENTS['Claude Code, an opaque token'];
    const before = await startProxy({ provider, dataDir });
    const { chat, forwarded } = await talk(before.url, client);
    await before.stop();
    const now = await startProxy({ provider, dataDir, args: ['--oauth', 'off'] });
    try {
      chat.user('Go on.');
      const next = await chat.turn(now.url);
      assertPrefixKept(forwarded.json(), next.forwarded.json());
      assert.equal(shortened(next.sent, next.forwarded.json()), 2);
    } finally {
      await now.stop();
    }
  });
});
