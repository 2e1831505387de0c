// Clients send a message back in many forms. Whatever the form, the provider sees again what it saw: our call and its
// result where they stood, and signed thoughts that it still accepts.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';

import { assertPrefixKept, originalId } from './support/compare.mjs';
import { AnthropicConversation, OpenAiConversation, callId } from './support/conversation.mjs';
import { Random, serverLog } from './support/data.mjs';
import { CHAT_ECHOES, ECHOES, STRING_ECHOES, accumulateMessages } from './support/echoes.mjs';
import { post } from './support/http.mjs';
import { startPair } from './support/pair.mjs';

const random = new Random(14);
const { provider, proxy } = await startPair();

const script = (chat, ...replies) => replies.forEach((reply) => provider.reply(reply, { key: chat.key }));
const ofChat = (chat) => provider.requests().filter((request) => request.key === chat.key);
async function withLog(Chat, options) {
  const chat = new Chat({ provider, ...options });
  const log = serverLog(random, 400);
  const id = callId(chat.api === 'openai' ? 'call_' : 'toolu_');
  chat.user('Why did the service stop?');
  await chat.turn(proxy.url, {
    ...(options.thinking ? { thinking: 'Look first.' } : {}),
    text: 'I look.',
    calls: [{ id, name: 'Bash', input: { command: 'journalctl' } }],
  });
  chat.results([{ id, content: log }]);
  const ours = () => ({
    id: callId(chat.api === 'openai' ? 'call_' : 'toolu_'),
    name: 'headroom_retrieve',
    input: { hash: originalId(log), query: 'error' },
  });
  return { chat, ours };
}

// The provider's prefix on the next two turns, the second after a restart, is what the reply went on from.
async function assertRemembered(chat, seen, content, thinking = true) {
  for (const restart of [false, true]) {
    if (restart) await proxy.restart();
    const calls = Array.isArray(content) ? content.filter((block) => block.type === 'tool_use') : [];
    if (!restart && calls.length > 0) chat.results(calls.map(({ id }) => ({ id, content: 'done' })));
    else chat.user('And now?');
    const { forwarded } = await chat.turn(proxy.url);
    assertPrefixKept(seen, forwarded.json(), { thinking });
    assert.equal(forwarded.body.toString().split('"name":"headroom_retrieve"').length - 1, 1 + 2, 'two calls, one tool');
  }
}

const LAST = {
  text: { text: 'The disk is full.\n' },
  call: { text: 'I clean up.', calls: [{ id: 'toolu_clean_up_01234567890123', name: 'Bash', input: { command: 'rm' } }] },
};

for (const thinking of [false, true]) {
  const model = thinking ? 'claude-sonnet-5-5' : 'claude-sonnet-4-5';
  const thought = (text) => (thinking ? { thinking: text } : {});
  // Two rounds: the client's message is of three replies.
  async function reply(last, stream) {
    const { chat, ours } = await withLog(AnthropicConversation, { thinking, model });
    script(chat, { ...thought('Rest?'), text: 'Let me open it.\n\n', calls: [ours()] });
    script(chat, { ...thought('More?'), text: ' Once more. ', calls: [ours()] });
    script(chat, { ...thought('Aha.'), ...structuredClone(LAST[last]) });
    if (stream === 'sdk') {
      const client = new Anthropic({ apiKey: chat.key, baseURL: proxy.url, maxRetries: 0 });
      return { chat, content: (await client.messages.stream(chat.body()).finalMessage()).content };
    }
    const body = { ...chat.body(), stream };
    const response = await post(proxy.url, chat.path, JSON.stringify(body), { key: chat.key, api: chat.api });
    assert.equal(response.status, 200, response.text());
    return { chat, content: stream ? accumulateMessages(response.text()).content : response.json().content };
  }

  describe(`a Messages reply of three ${thinking ? 'with thoughts' : 'without thoughts'} comes back`, () => {
    for (const last of Object.keys(LAST)) {
      for (const [client, stream] of [
        ['by the official SDK', 'sdk'],
        ['by a program that reads the events', true],
        ['by a program that reads the body', false],
      ]) {
        it(`${client}, ending in a ${last}`, async () => {
          const { chat, content } = await reply(last, stream);
          const seen = ofChat(chat).at(-1).json();
          chat.append({ content });
          await assertRemembered(chat, seen, content);
        });
      }
      const forms = { ...ECHOES, ...(last === 'text' ? STRING_ECHOES : {}) };
      for (const [form, echo] of Object.entries(forms)) {
        const keeps = form !== 'without thoughts' && !/string|in one block/.test(form);
        // No provider takes a pending call whose thought is missing, whoever is in between.
        if (thinking && last === 'call' && !keeps) continue;
        it(`${form}, ending in a ${last}`, async () => {
          const { chat, content } = await reply(last, false);
          const seen = ofChat(chat).at(-1).json();
          chat.append({ content: echo(structuredClone(content)) });
          await assertRemembered(chat, seen, content, keeps);
        });
      }
    }
  });
}

describe('a Chat Completions reply of three comes back', () => {
  for (const [form, echo] of Object.entries(CHAT_ECHOES)) {
    it(form, async () => {
      const { chat, ours } = await withLog(OpenAiConversation, {});
      script(chat, { text: 'Let me open it.\n\n', calls: [ours()] }, { text: ' Once more. ', calls: [ours()] });
      await chat.turn(proxy.url, { text: 'The disk is full.\n' });
      const seen = ofChat(chat).at(-1).json();
      chat.messages.at(-1).content = echo(chat.messages.at(-1).content);
      await assertRemembered(chat, seen, []);
    });
  }

  it('as nothing, where the last of them said nothing', async () => {
    const { chat, ours } = await withLog(OpenAiConversation, {});
    script(chat, { calls: [ours()] }, { calls: [ours()] });
    const { response } = await chat.turn(proxy.url, {});
    assert.equal(response.json().choices[0].message.content, null);
    assert.equal(response.json().choices[0].finish_reason, 'stop');
    const seen = ofChat(chat).at(-1).json();
    await assertRemembered(chat, seen, []);
  });
});
