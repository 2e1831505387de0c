// A model opens a gap in the middle of a Chat Completions reply: the client sees
// one message, the provider a call and its answer, in this request and later ones.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import OpenAI from 'openai';

import { assertPrefixKept, originalId } from './support/compare.mjs';
import { OpenAiConversation, callId } from './support/conversation.mjs';
import { Random, serverLog } from './support/data.mjs';
import { post } from './support/http.mjs';
import { startPair } from './support/pair.mjs';

const ODD = '2026-03-01T10:09:00.000Z ERROR disk sda3 is failing: no space left on device';
const random = new Random(12);

const { provider, proxy } = await startPair();

describe('retrieval inside a Chat Completions reply', () => {
  // A conversation whose last message is a long log; nothing was asked about it yet.
  async function withLog(options = {}) {
    const chat = new OpenAiConversation({ provider, ...options });
    const log = serverLog(random, 50, ODD);
    const id = callId('call_');
    chat.user('Why did the service stop?');
    await chat.turn(proxy.url, { text: 'I look.', calls: [{ id, name: 'Bash', input: { command: 'journalctl' } }] });
    chat.results([{ id, content: log }]);
    return { chat, log };
  }

  const ours = (log, query) => ({
    id: callId('call_'),
    name: 'headroom_retrieve',
    input: { hash: originalId(log), ...(query ? { query } : {}) },
  });
  const theirs = () => ({ id: callId('call_'), name: 'Bash', input: { command: 'df' } });
  const ofChat = (chat) => provider.requests().filter((request) => request.key === chat.key);
  const script = (chat, ...replies) => replies.forEach((reply) => provider.reply(reply, { key: chat.key }));
  const sdk = (chat) => new OpenAI({ apiKey: chat.key, baseURL: `${proxy.url}/v1`, maxRetries: 0 });
  const messageOf = (response) => response.json().choices[0].message;

  // The request after the reply: what the provider saw stands in it, message by message.
  async function assertRemembered(chat) {
    const seen = ofChat(chat).at(-1).json();
    chat.user('Thanks. And now?');
    const { forwarded } = await chat.turn(proxy.url);
    assertPrefixKept(seen, forwarded.json());
    return forwarded.json();
  }

  it('the tool is offered from the first request on, in the same bytes', async () => {
    const { chat } = await withLog();
    await chat.turn(proxy.url);
    const tools = ofChat(chat).map((request) => JSON.stringify(request.json().tools));
    assert.equal(tools.length, 2);
    assert.equal(tools[0], tools[1]);
    assert.equal(ofChat(chat)[0].json().tools.at(-1).function.name, 'headroom_retrieve');
    assert.match(ofChat(chat)[1].body.toString(), /Retrieve more: hash=[0-9a-f]{24}/);
  });

  const never = {
    'a forced tool': { tool_choice: { type: 'function', function: { name: 'Bash' } } },
    'no tool at all': { tool_choice: 'none' },
    'several choices': { n: 2 },
    'legacy functions': { functions: [{ name: 'old', parameters: {} }] },
  };
  for (const [what, options] of Object.entries(never)) {
    it(`${what} in the first request is a no for the whole conversation`, async () => {
      const chat = new OpenAiConversation({ provider, options });
      chat.user('Go');
      await chat.turn(proxy.url);
      chat.options = {};
      chat.user('Go on');
      const { forwarded } = await chat.turn(proxy.url);
      assert.ok(!forwarded.body.toString().includes('headroom_retrieve'));
    });
  }

  it('several choices later are asked for without the tool', async () => {
    const { chat } = await withLog();
    chat.options = { n: 2 };
    const { forwarded } = await chat.turn(proxy.url);
    assert.ok(!forwarded.body.toString().includes('headroom_retrieve'));
  });

  it('plain: the client gets one message, the provider the original, now and later', async () => {
    const { chat, log } = await withLog();
    script(chat, { text: 'Let me open it. ', calls: [ours(log)] });
    const { response } = await chat.turn(proxy.url, { text: 'The disk is full.' });
    const [choice] = response.json().choices;
    assert.equal(choice.message.content, 'Let me open it. The disk is full.');
    assert.equal(choice.message.tool_calls, undefined);
    assert.equal(choice.finish_reason, 'stop');
    assert.ok(!response.text().includes('headroom_retrieve'));
    const [first, second] = provider.requests().slice(-2);
    assert.equal(response.json().id, JSON.parse(first.sent).id);
    const { usage } = response.json();
    const [before, last] = [first, second].map((request) => JSON.parse(request.sent).usage);
    assert.equal(usage.prompt_tokens, last.prompt_tokens);
    assert.equal(usage.completion_tokens, before.completion_tokens + last.completion_tokens);
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    assert.deepEqual(second.json().messages.at(-1).content, log);
    const later = await assertRemembered(chat);
    assert.deepEqual(
      later.messages.slice(-5).map(({ role, content }) => [role, content]),
      [
        ['tool', later.messages.at(-5).content],
        ['assistant', 'Let me open it. '],
        ['tool', log],
        ['assistant', 'The disk is full.'],
        ['user', 'Thanks. And now?'],
      ],
    );
  });

  it('a reply that begins with our call: nothing is cut off the text that follows', async () => {
    const { chat, log } = await withLog();
    script(chat, { calls: [ours(log)] });
    const { response } = await chat.turn(proxy.url, { text: 'The disk is full.' });
    assert.equal(messageOf(response).content, 'The disk is full.');
    const later = await assertRemembered(chat);
    assert.equal(later.messages.at(-4).content, null);
    assert.equal(later.messages.at(-2).content, 'The disk is full.');
  });

  it("our call, then the client's: its ids tell the message again, its text is cut", async () => {
    const { chat, log } = await withLog();
    script(chat, { text: 'I open it.', calls: [ours(log)] });
    const call = theirs();
    const { response } = await chat.turn(proxy.url, { calls: [call] });
    assert.equal(messageOf(response).content, 'I open it.');
    assert.deepEqual(
      messageOf(response).tool_calls.map(({ id }) => id),
      [call.id],
    );
    const seen = ofChat(chat).at(-1).json();
    chat.results([{ id: call.id, content: '/dev/sda3 100%' }]);
    const { forwarded } = await chat.turn(proxy.url);
    assertPrefixKept(seen, forwarded.json());
    assert.equal(forwarded.json().messages.at(-2).content, null);
  });

  it("beside the client's tools: answered together with the client's results", async () => {
    const { chat, log } = await withLog();
    const call = theirs();
    const { response } = await chat.turn(proxy.url, { text: 'Both.', calls: [ours(log), call] });
    assert.deepEqual(
      messageOf(response).tool_calls.map(({ id }) => id),
      [call.id],
    );
    assert.equal(response.json().choices[0].finish_reason, 'tool_calls');
    chat.results([{ id: call.id, content: '/dev/sda3 100%' }]);
    const { forwarded } = await chat.turn(proxy.url);
    const { messages } = forwarded.json();
    assert.deepEqual(
      messages.at(-3).tool_calls.map((made) => made.function.name),
      ['headroom_retrieve', 'Bash'],
    );
    assert.deepEqual(
      messages.slice(-2).map(({ content }) => content),
      [log, '/dev/sda3 100%'],
    );
    await proxy.restart();
    await assertRemembered(chat);
  });

  it('several rounds, an unknown hash and a malformed call', async () => {
    const { chat, log } = await withLog();
    const unknown = { id: callId('call_'), name: 'headroom_retrieve', input: { hash: 'A'.repeat(24) } };
    const malformed = { id: callId('call_'), name: 'headroom_retrieve', input: {} };
    script(chat, { text: 'One. ', calls: [unknown] }, { text: 'Two. ', calls: [malformed, ours(log)] });
    const { response } = await chat.turn(proxy.url, { text: 'Found it.' });
    assert.equal(messageOf(response).content, 'One. Two. Found it.');
    const results = ofChat(chat)
      .at(-1)
      .json()
      .messages.filter(({ role }) => role === 'tool')
      .map(({ content }) => content);
    assert.match(results.at(-3), /Nothing is kept under this hash/);
    assert.match(results.at(-2), /must be the 24 hexadecimal digits/);
    assert.equal(results.at(-1), log);
    await assertRemembered(chat);
  });

  it('a model that never stops asking gets a message that ends, and is remembered', async () => {
    const { chat, log } = await withLog();
    for (let i = 0; i < 6; ++i) script(chat, { calls: [ours(log, 'disk')], text: `Try ${i}.` });
    const before = ofChat(chat).length;
    const { response } = await chat.turn(proxy.url, { text: 'never sent' });
    assert.equal(ofChat(chat).length - before, 6);
    assert.equal(response.json().choices[0].finish_reason, 'stop');
    assert.equal(messageOf(response).content, 'Try 0.Try 1.Try 2.Try 3.Try 4.Try 5.');
    provider.forget();
    chat.user('And?');
    const { forwarded } = await chat.turn(proxy.url);
    assert.equal(forwarded.json().messages.filter(({ tool_calls }) => tool_calls).length, 1 + 5);
  });

  // Streaming.

  const streamed = (chat, options = {}) =>
    sdk(chat).chat.completions.stream({
      ...chat.body(),
      stream: true,
      stream_options: { include_usage: true },
      ...options,
    });

  for (const pieceBytes of [undefined, 1]) {
    it(`streaming, in the official SDK${pieceBytes ? ', byte by byte' : ''}: one message of both replies`, async () => {
      const { chat, log } = await withLog();
      const sse = pieceBytes ? { pieceBytes } : {};
      script(
        chat,
        { text: 'Let me open it. ', calls: [ours(log, 'disk failing')], sse },
        { text: 'The disk is full.', sse },
      );
      const chunks = [];
      const stream = streamed(chat);
      stream.on('chunk', (chunk) => chunks.push(chunk));
      const completion = await stream.finalChatCompletion();
      const [{ message, finish_reason }] = completion.choices;
      assert.equal(message.content, 'Let me open it. The disk is full.');
      assert.equal(finish_reason, 'stop');
      assert.equal(message.tool_calls, undefined);
      assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
      const choices = chunks.flatMap(({ choices: list }) => list);
      assert.equal(choices.filter(({ delta }) => delta.role).length, 1);
      assert.equal(choices.filter((choice) => choice.finish_reason).length, 1);
      assert.equal(chunks.filter(({ usage }) => usage).length, 1);
      const asked = ofChat(chat).at(-1).json();
      assert.ok(asked.messages.at(-1).content.includes('no space left on device'));
      assert.ok(asked.messages.at(-1).content.length < log.length / 2);
      chat.append(completion);
      await assertRemembered(chat);
    });
  }

  it("streaming: the client's calls are counted from 0 and answered together with ours", async () => {
    const { chat, log } = await withLog();
    const call = theirs();
    script(chat, { text: 'Both.', calls: [ours(log), call] });
    const indexes = [];
    const stream = streamed(chat);
    stream.on('chunk', ({ choices }) =>
      choices.forEach(({ delta }) => delta.tool_calls?.forEach(({ index }) => indexes.push(index))),
    );
    const completion = await stream.finalChatCompletion();
    assert.deepEqual([...new Set(indexes)], [0]);
    assert.equal(completion.choices[0].message.tool_calls[0].function.arguments, '{"command":"df"}');
    await proxy.restart();
    chat.append(completion);
    chat.results([{ id: call.id, content: '/dev/sda3 100%' }]);
    const { forwarded } = await chat.turn(proxy.url);
    assert.deepEqual(
      forwarded
        .json()
        .messages.slice(-2)
        .map(({ content }) => content),
      [log, '/dev/sda3 100%'],
    );
    await assertRemembered(chat);
  });

  it('streaming: a model that never stops asking gets a reply that ends', async () => {
    const { chat, log } = await withLog();
    for (let i = 0; i < 6; ++i) script(chat, { calls: [ours(log, 'disk')], text: `Try ${i}.` });
    const completion = await streamed(chat).finalChatCompletion();
    assert.equal(completion.choices[0].finish_reason, 'stop');
    assert.equal(completion.choices[0].message.content, 'Try 0.Try 1.Try 2.Try 3.Try 4.Try 5.');
    chat.append(completion);
    chat.user('And?');
    const { forwarded } = await chat.turn(proxy.url);
    assert.equal(forwarded.json().messages.filter(({ tool_calls }) => tool_calls).length, 1 + 5);
  });

  it('streaming without usage: none is made up', async () => {
    const { chat, log } = await withLog();
    script(chat, { text: 'I open it.', calls: [ours(log)] }, { text: ' Full.' });
    const response = await post(proxy.url, chat.path, JSON.stringify({ ...chat.body(), stream: true }), {
      key: chat.key,
      api: chat.api,
    });
    assert.ok(!response.text().includes('"usage"'));
    assert.ok(response.text().endsWith('data: [DONE]\n\n'));
    assert.equal(response.text().split('[DONE]').length, 2);
  });

  it('an echo whose white space the client changed is known again', async () => {
    const { chat, log } = await withLog();
    script(chat, { text: 'Let me open it.\n\n', calls: [ours(log)] });
    const { response } = await chat.turn(proxy.url, { text: ' The disk\nis full. ' });
    chat.messages.at(-1).content = messageOf(response).content.trim().replaceAll('\n\n', '\n');
    const later = await assertRemembered(chat);
    assert.equal(later.messages.at(-2).content.trim(), 'The disk\nis full.');
  });

  it('a client that edits the message drops the hidden exchange with it', async () => {
    const { chat, log } = await withLog();
    script(chat, { text: 'Let me open it. ', calls: [ours(log)] });
    await chat.turn(proxy.url, { text: 'The disk is full.' });
    chat.messages.at(-1).content = 'Something else.';
    chat.user('And?');
    const { forwarded } = await chat.turn(proxy.url);
    assert.equal(forwarded.json().messages.length, chat.messages.length - 1);
  });

  const OVERLOADED = '{"error":{"message":"Overloaded","type":"server_error","param":null,"code":null}}';

  it("a provider that refuses to go on: its error, in the stream's own form", async () => {
    const { chat, log } = await withLog();
    script(chat, { text: 'Let me open it.', calls: [ours(log)] }, { status: 503, headers: [], body: OVERLOADED });
    await assert.rejects(streamed(chat).finalChatCompletion(), /Overloaded/);
  });

  it('plain, a provider that refuses to go on: its answer', async () => {
    const { chat, log } = await withLog();
    script(chat, { text: 'Let me open it.', calls: [ours(log)] });
    const json = [['content-type', 'application/json']];
    const { response } = await chat.turn(
      proxy.url,
      { status: 503, headers: json, body: OVERLOADED },
      { expect: 503 },
    );
    assert.equal(response.text(), OVERLOADED);
  });
});
