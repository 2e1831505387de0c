// A model opens a gap in the middle of its reply: the client sees one message,
// the provider a call and its answer, in this request and in every later one.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';

import { assertPrefixKept, originalId } from './support/compare.mjs';
import { AnthropicConversation, callId } from './support/conversation.mjs';
import { Random, serverLog } from './support/data.mjs';
import { request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';

const ODD = '2026-03-01T10:09:00.000Z ERROR disk sda3 is failing: no space left on device';
const random = new Random(11);

const { provider, proxy } = await startPair();

describe('retrieval inside a reply', () => {
  // A conversation whose last message is a long log; nothing was asked about it yet.
  async function withLog({ lines = 50, ...options } = {}) {
    const chat = new AnthropicConversation({ provider, ...options });
    const log = serverLog(random, lines, ODD);
    const id = callId();
    chat.user('Why did the service stop?');
    await chat.turn(proxy.url, {
      ...(options.thinking ? { thinking: 'Look first.' } : {}),
      text: 'I look.',
      calls: [{ id, name: 'Bash', input: { command: 'journalctl' } }],
    });
    chat.results([{ id, content: log }]);
    return { chat, log };
  }

  const ours = (log, query) => ({
    id: callId(),
    name: 'headroom_retrieve',
    input: { hash: originalId(log), ...(query ? { query } : {}) },
  });
  const ofChat = (chat) => provider.requests().filter((request) => request.key === chat.key);

  it('the tool is offered from the first request on, in the same bytes', async () => {
    const { chat } = await withLog();
    await chat.turn(proxy.url);
    const tools = ofChat(chat).map((request) => JSON.stringify(request.json().tools));
    assert.equal(tools.length, 2);
    assert.equal(tools[0], tools[1]);
    assert.equal(ofChat(chat)[0].json().tools.at(-1).name, 'headroom_retrieve');
    assert.match(ofChat(chat)[1].body.toString(), /Retrieve more: hash=[0-9a-f]{24}/);
  });

  it('a conversation that is under way when we first see it gets no tool and no gaps', async () => {
    const chat = new AnthropicConversation({ provider });
    const id = callId();
    chat.user('Why?');
    chat.called({ id, name: 'Bash', input: { command: 'journalctl' } }, 'I look.');
    chat.results([{ id, content: serverLog(random, 50, ODD) }]);
    const { forwarded } = await chat.turn(proxy.url);
    assert.ok(!forwarded.body.toString().includes('headroom_retrieve'));
    assert.ok(!forwarded.body.toString().includes('Retrieve more'));
  });

  it('a forced tool is a no for the whole conversation', async () => {
    const chat = new AnthropicConversation({ provider, options: { tool_choice: { type: 'tool', name: 'Bash' } } });
    chat.user('Go');
    await chat.turn(proxy.url);
    delete chat.options.tool_choice;
    chat.user('Go on');
    const { forwarded } = await chat.turn(proxy.url);
    assert.ok(!forwarded.body.toString().includes('headroom_retrieve'));
  });

  it('a message thread, which the provider keeps by the ids of its replies, gets no tool and no gaps', async () => {
    const chat = new AnthropicConversation({ provider, options: { thread: { type: 'create' } } });
    chat.user('Go');
    const first = await chat.turn(proxy.url);
    assert.deepEqual(first.forwarded.json(), first.sent);
    const id = first.response.json().id;
    const { tools } = chat;
    const going = new AnthropicConversation({ provider, key: chat.key });
    going.options = { thread: { type: 'continue', previous_message_id: id } };
    for (const resent of [tools, undefined]) {
      going.tools = resent;
      going.messages = [];
      going.user(serverLog(random, 500, ODD));
      const { sent, forwarded } = await going.turn(proxy.url);
      assert.equal(forwarded.body.toString(), JSON.stringify(sent));
    }
  });

  // The request after the reply: what the provider saw stands in it, block by block.
  async function assertRemembered(chat) {
    const seen = ofChat(chat).at(-1).json();
    chat.user('Thanks. And now?');
    const { forwarded } = await chat.turn(proxy.url);
    assertPrefixKept(seen, forwarded.json());
    return forwarded.json();
  }

  const textsOf = (message) => message.content.filter((block) => block.type === 'text').map((block) => block.text);

  it('plain: the client gets one message, the provider the original, now and later', async () => {
    const { chat, log } = await withLog();
    provider.reply({ text: 'Let me open it.', calls: [ours(log)] }, { key: chat.key });
    const { response } = await chat.turn(proxy.url, { text: 'The disk is full.' });
    // The first reply was scripted before the turn's own.
    assert.deepEqual(textsOf(response.json()), ['Let me open it.', 'The disk is full.']);
    assert.equal(response.json().stop_reason, 'end_turn');
    assert.ok(!response.text().includes('headroom_retrieve'));
    const asked = ofChat(chat).at(-1).json();
    assert.equal(asked.messages.at(-1).content[0].type, 'tool_result');
    assert.equal(asked.messages.at(-1).content[0].content, log);
    const metrics = await request({ url: `${proxy.url}/metrics` });
    assert.match(metrics.text(), /^headroom_retrieval_rounds_total [1-9]/m);
    const later = await assertRemembered(chat);
    assert.ok(JSON.stringify(later).includes('headroom_retrieve'));
  });

  it('streaming, in the official SDK: one message of both replies', async () => {
    const { chat, log } = await withLog({ style: 'claude-code' });
    const client = new Anthropic({ apiKey: chat.key, baseURL: proxy.url, maxRetries: 0 });
    provider.reply({ text: 'Let me open it.', calls: [ours(log, 'disk failing')] }, { key: chat.key });
    provider.reply({ text: 'The disk is full.' }, { key: chat.key });
    const events = [];
    const stream = client.messages.stream(chat.body());
    stream.on('streamEvent', (event) => events.push(event));
    const message = await stream.finalMessage();
    assert.deepEqual(textsOf(message), ['Let me open it.', 'The disk is full.']);
    assert.equal(message.stop_reason, 'end_turn');
    assert.equal(events.filter(({ type }) => type === 'message_start').length, 1);
    assert.equal(events.filter(({ type }) => type === 'message_stop').length, 1);
    const starts = events.filter(({ type }) => type === 'content_block_start').map(({ index }) => index);
    assert.deepEqual(starts, [0, 1]);
    const asked = ofChat(chat).at(-1).json();
    assert.ok(asked.messages.at(-1).content[0].content.includes('no space left on device'));
    assert.ok(asked.messages.at(-1).content[0].content.length < log.length / 2);
    chat.append(message);
    await assertRemembered(chat);
  });

  it('with thinking: the provider accepts the thought in its place, now and later', async () => {
    const { chat, log } = await withLog({ style: 'claude-code', thinking: true, model: 'claude-sonnet-5-5' });
    const thinking = 'I need the rest.';
    provider.reply({ thinking, text: 'Let me open it.', calls: [ours(log)] }, { key: chat.key });
    await chat.turn(proxy.url, { thinking: 'Aha.', text: 'The disk is full.' });
    await assertRemembered(chat);
  });

  it("beside the client's tools: answered together with the client's results", async () => {
    const { chat, log } = await withLog();
    const theirs = { id: callId(), name: 'Bash', input: { command: 'df' } };
    const { response } = await chat.turn(proxy.url, { text: 'Both.', calls: [ours(log), theirs] });
    assert.deepEqual(
      response.json().content.map((block) => block.name ?? block.text),
      ['Both.', 'Bash'],
    );
    assert.equal(response.json().stop_reason, 'tool_use');
    chat.results([{ id: theirs.id, content: '/dev/sda3 100%' }]);
    const { forwarded } = await chat.turn(proxy.url);
    const last = forwarded.json().messages.at(-1).content;
    assert.deepEqual(
      last.map((block) => block.content),
      [log, '/dev/sda3 100%'],
    );
    await proxy.restart();
    await assertRemembered(chat);
  });

  it('system messages in the conversation stay where they stand', async () => {
    const { chat, log } = await withLog({ thinking: true, model: 'claude-sonnet-5-5' });
    chat.messages.push({ role: 'system', content: [{ type: 'text', text: 'The user is in a hurry.' }] });
    provider.reply({ thinking: 'I need the rest.', text: 'Let me open it.', calls: [ours(log)] }, { key: chat.key });
    await chat.turn(proxy.url, { thinking: 'Aha.', text: 'The disk is full.' });
    const later = await assertRemembered(chat);
    assert.deepEqual(
      later.messages.map(({ role }) => role),
      ['user', 'assistant', 'user', 'system', 'assistant', 'user', 'assistant', 'user'],
    );
  });

  it('several rounds, an unknown hash and a malformed call', async () => {
    const { chat, log } = await withLog();
    provider.reply({ calls: [{ id: callId(), name: 'headroom_retrieve', input: { hash: 'A'.repeat(24) } }] }, { key: chat.key });
    provider.reply({ calls: [{ id: callId(), name: 'headroom_retrieve', input: {} }, ours(log)] }, { key: chat.key });
    const { response } = await chat.turn(proxy.url, { text: 'Found it.' });
    assert.deepEqual(textsOf(response.json()), ['Found it.']);
    const results = ofChat(chat).at(-1).json().messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
    const texts = results.filter(({ type }) => type === 'tool_result').map(({ content }) => content);
    assert.match(texts.at(-3), /Nothing is kept under this hash/);
    assert.match(texts.at(-2), /must be the 24 hexadecimal digits/);
    assert.equal(texts.at(-1), log);
    await assertRemembered(chat);
  });

  it('a reply that was cut after our call shows nothing of it', async () => {
    const { chat, log } = await withLog();
    const reply = { text: 'Let me open it.', calls: [ours(log)], stop: 'max_tokens' };
    const { response } = await chat.turn(proxy.url, reply);
    assert.deepEqual(textsOf(response.json()), ['Let me open it.']);
    assert.ok(!response.text().includes('headroom_retrieve'));
    await assertRemembered(chat);
  });

  it('a first request that is off gets no tool later either', async () => {
    const chat = new AnthropicConversation({ provider, headers: [['x-headroom-optimize', 'off']] });
    chat.user('Go');
    await chat.turn(proxy.url);
    chat.headers = [];
    chat.user('Go on');
    const { forwarded } = await chat.turn(proxy.url);
    assert.ok(!forwarded.body.toString().includes('headroom_retrieve'));
  });

  it('many calls at once share one budget of tokens', async () => {
    const { chat, log } = await withLog({ lines: 2000 });
    const calls = Array.from({ length: 6 }, () => ours(log));
    await chat.turn(proxy.url, { text: 'All.', calls: [...calls, { id: callId(), name: 'Bash', input: {} }] }, { append: true });
    chat.results([{ id: chat.messages.at(-1).content.at(-1).id, content: 'ok' }]);
    const { forwarded } = await chat.turn(proxy.url);
    const sizes = forwarded.json().messages.at(-1).content.map(({ content }) => content.length);
    assert.equal(sizes.length, 7);
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 120_000);
    assert.match(forwarded.json().messages.at(-1).content[5].content, /Too much was opened at once/);
  });

  it('a model that never stops asking gets a message that ends', async () => {
    const { chat, log } = await withLog();
    for (let i = 0; i < 6; ++i) provider.reply({ calls: [ours(log, 'disk')], text: `Try ${i}.` }, { key: chat.key });
    const before = ofChat(chat).length;
    const { response } = await chat.turn(proxy.url, { text: 'never sent' });
    assert.equal(ofChat(chat).length - before, 6);
    assert.equal(response.json().stop_reason, 'end_turn');
    assert.equal(textsOf(response.json()).length, 6);
    // The call that nobody answered is not put back: the provider would refuse it.
    provider.forget();
    chat.user('And?');
    const { forwarded } = await chat.turn(proxy.url);
    assert.equal(forwarded.body.toString().split('"name":"headroom_retrieve"').length - 1, 1 + 5);
  });

  it("a provider that refuses to go on: its error, in the stream's own form", async () => {
    const { chat, log } = await withLog();
    provider.reply({ text: 'Let me open it.', calls: [ours(log)] }, { key: chat.key });
    provider.reply(
      { status: 529, headers: [], body: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' },
      { key: chat.key },
    );
    const client = new Anthropic({ apiKey: chat.key, baseURL: proxy.url, maxRetries: 0 });
    await assert.rejects(client.messages.stream(chat.body()).finalMessage(), /Overloaded/);
  });
});
