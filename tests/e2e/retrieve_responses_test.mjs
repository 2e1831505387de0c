// A model opens a gap in the middle of a reply of the Responses API: the client sees
// one reply under one id, the provider a call and its answer, whoever keeps the conversation.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import OpenAI from 'openai';

import { startProvider } from '../provider/provider.mjs';
import { assertPrefixKept, originalId } from './support/compare.mjs';
import { ResponsesConversation, callId } from './support/conversation.mjs';
import { Random, serverLog } from './support/data.mjs';
import { post } from './support/http.mjs';
import { startProxy } from './support/proxy.mjs';

const ODD = '2026-03-01T10:09:00.000Z ERROR disk sda3 is failing: no space left on device';
const random = new Random(21);
const STYLES = ['full', 'chained'];

describe('retrieval inside a reply of the Responses API', () => {
  let provider;
  let proxy;
  before(async () => {
    provider = await startProvider();
    proxy = await startProxy({ provider, args: ['--telemetry-disabled'] });
  });
  after(async () => {
    await proxy.stop();
    await provider.close();
  });
  beforeEach(() => provider.forget());

  // A conversation whose last item is a long log; nothing was asked about it yet.
  async function withLog(style, { lines = 50, ...options } = {}) {
    const chat = new ResponsesConversation({ provider, style, ...options });
    const log = serverLog(random, lines, ODD);
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
  const ofChat = (chat) =>
    provider.requests().filter(({ key, method }) => key === chat.key && method === 'POST');
  const script = (chat, ...replies) => replies.forEach((reply) => provider.reply(reply, { key: chat.key }));
  const sdk = (chat) => new OpenAI({ apiKey: chat.key, baseURL: `${proxy.url}/v1`, maxRetries: 0 });
  const answerOf = (request) => {
    const text = request.sent.toString();
    if (text.startsWith('{')) return JSON.parse(text);
    return JSON.parse(text.split('\n').findLast((line) => line.startsWith('data: {')).slice(6)).response;
  };
  const textOf = ({ output }) =>
    output
      .filter(({ type }) => type === 'message')
      .map(({ content }) => content[0].text)
      .join('');
  // Everything that the model has read by this request, as the provider keeps and counts it.
  const read = (request) => request.blocks.filter(({ level }) => level === 'messages').map(({ text }) => text);

  // The request after the reply: what the provider saw stands in it, item by item.
  async function assertRemembered(chat) {
    const seen = ofChat(chat).at(-1);
    const said = answerOf(seen);
    chat.user('Thanks. And now?');
    const { forwarded } = await chat.turn(proxy.url);
    if (chat.style === 'full') assertPrefixKept(seen.json(), forwarded.json());
    else assert.equal(forwarded.json().previous_response_id, said.id);
    assert.deepEqual(read(forwarded).slice(0, read(seen).length), read(seen));
    assert.ok(read(forwarded).some((text) => text.includes('no space left on device')));
    return forwarded;
  }

  for (const style of STYLES) {
    describe(style === 'full' ? 'a client that sends everything' : 'a conversation that the provider keeps', () => {
      it('the tool is offered from the first request on, in the same bytes, and not shown', async () => {
        const { chat } = await withLog(style, { lines: 200 });
        const { response } = await chat.turn(proxy.url);
        const tools = ofChat(chat).map((request) => JSON.stringify(request.json().tools));
        assert.equal(tools.length, 2);
        assert.equal(tools[0], tools[1]);
        const { name, type, strict } = ofChat(chat)[0].json().tools.at(-1);
        assert.deepEqual([name, type, strict], ['headroom_retrieve', 'function', false]);
        assert.match(ofChat(chat)[1].body.toString(), /Retrieve more: hash=[0-9a-f]{24}/);
        assert.deepEqual(response.json().tools, chat.tools);
      });

      it('plain: the client gets one reply, the provider the original, now and later', async () => {
        const { chat, log } = await withLog(style);
        const before = chat.previous;
        script(chat, { text: 'Let me open it. ', reasoning: 'hm', calls: [ours(log)] });
        const { response } = await chat.turn(proxy.url, { text: 'The disk is full.', reasoning: 'so' });
        const reply = response.json();
        assert.equal(textOf(reply), 'Let me open it. The disk is full.');
        assert.deepEqual(
          reply.output.map(({ type }) => type),
          ['reasoning', 'message', 'reasoning', 'message'],
        );
        assert.ok(!response.text().includes('headroom_retrieve'));
        const [first, second] = ofChat(chat).slice(-2);
        const [one, two] = [first, second].map(answerOf);
        assert.equal(reply.id, one.id);
        assert.equal(reply.previous_response_id, style === 'full' ? null : before);
        assert.equal(reply.usage.input_tokens, two.usage.input_tokens);
        assert.equal(reply.usage.output_tokens, one.usage.output_tokens + two.usage.output_tokens);
        assert.equal(reply.usage.total_tokens, reply.usage.input_tokens + reply.usage.output_tokens);
        assert.equal(second.json().input.at(-1).output, log);
        assert.equal(second.json().input.length, style === 'full' ? first.json().input.length + 4 : 1);
        assert.equal(second.json().previous_response_id, style === 'full' ? undefined : one.id);
        await proxy.restart();
        await assertRemembered(chat);
        await assertRemembered(chat);
      });

      it("beside the client's tools: answered together with the client's results", async () => {
        const { chat, log } = await withLog(style);
        const call = theirs();
        const { response } = await chat.turn(proxy.url, { text: 'Both.', calls: [ours(log), call] });
        assert.deepEqual(
          response.json().output.map(({ type, call_id }) => call_id ?? type),
          ['message', call.id],
        );
        await proxy.restart();
        chat.results([{ id: call.id, content: '/dev/sda3 100%' }]);
        const { forwarded } = await chat.turn(proxy.url);
        const { input } = forwarded.json();
        assert.deepEqual(
          input.slice(-2).map(({ output }) => output),
          [log, '/dev/sda3 100%'],
        );
        if (style === 'full') {
          assert.deepEqual(
            input.slice(-4, -2).map(({ name }) => name),
            ['headroom_retrieve', 'Bash'],
          );
        } else {
          assert.equal(input.length, 2);
        }
        await assertRemembered(chat);
      });

      it("our call, then the client's in the reply that goes on", async () => {
        const { chat, log } = await withLog(style);
        script(chat, { text: 'I open it.', calls: [ours(log)] });
        const call = theirs();
        const { response } = await chat.turn(proxy.url, { calls: [call] });
        assert.deepEqual(
          response.json().output.map(({ type, call_id }) => call_id ?? type),
          ['message', call.id],
        );
        const seen = ofChat(chat).at(-1);
        chat.results([{ id: call.id, content: '/dev/sda3 100%' }]);
        const { forwarded } = await chat.turn(proxy.url);
        assert.deepEqual(read(forwarded).slice(0, read(seen).length), read(seen));
        await assertRemembered(chat);
      });

      it('several rounds, an unknown hash and a malformed call', async () => {
        const { chat, log } = await withLog(style);
        const unknown = { id: callId('call_'), name: 'headroom_retrieve', input: { hash: 'A'.repeat(24) } };
        const malformed = { id: callId('call_'), name: 'headroom_retrieve', input: {} };
        script(chat, { text: 'One. ', calls: [unknown] }, { text: 'Two. ', calls: [malformed, ours(log)] });
        const { response } = await chat.turn(proxy.url, { text: 'Found it.' });
        assert.equal(textOf(response.json()), 'One. Two. Found it.');
        const results = read(ofChat(chat).at(-1)).filter((text) => text.includes('\x01'));
        assert.match(results.at(-3), /Nothing is kept under this hash/);
        assert.match(results.at(-2), /must be the 24 hexadecimal digits/);
        assert.ok(results.at(-1).endsWith(log));
        await assertRemembered(chat);
      });

      it('a model that never stops asking gets a reply that ends, and its last call an answer', async () => {
        const { chat, log } = await withLog(style);
        for (let i = 0; i < 6; ++i) script(chat, { calls: [ours(log, 'disk')], text: `Try ${i}.` });
        const before = ofChat(chat).length;
        const { response } = await chat.turn(proxy.url, { text: 'never sent' });
        assert.equal(ofChat(chat).length - before, 6);
        assert.equal(response.json().status, 'completed');
        assert.equal(textOf(response.json()), 'Try 0.Try 1.Try 2.Try 3.Try 4.Try 5.');
        provider.forget();
        chat.user('And?');
        const { forwarded } = await chat.turn(proxy.url);
        assert.equal(read(forwarded).filter((text) => /^call_\w+\x01/.test(text)).length, 1 + 6);
      });

      it('the same request again is forwarded in the same bytes', async () => {
        const { chat, log } = await withLog(style);
        script(chat, { text: 'Let me open it. ', calls: [ours(log), theirs()] });
        const { response } = await chat.turn(proxy.url, { text: 'unused' });
        provider.forget();
        chat.results([{ id: response.json().output.at(-1).call_id, content: 'x' }]);
        const one = await chat.turn(proxy.url, {}, { append: false });
        const two = await chat.turn(proxy.url, {}, { append: false });
        assert.equal(one.forwarded.sha256, two.forwarded.sha256);
      });

      // Streaming.

      for (const pieceBytes of [undefined, 1]) {
        it(`streaming, in the official SDK${pieceBytes ? ', byte by byte' : ''}: one reply of both`, async () => {
          const { chat, log } = await withLog(style);
          const sse = pieceBytes ? { pieceBytes } : {};
          script(
            chat,
            { text: 'Let me open it. ', reasoning: 'hm', calls: [ours(log, 'disk failing')], sse },
            { text: 'The disk is full.', reasoning: 'so', sse },
          );
          const events = [];
          const stream = sdk(chat).responses.stream(chat.body());
          stream.on('event', (event) => events.push(event));
          const final = await stream.finalResponse();
          assert.equal(textOf(final), 'Let me open it. The disk is full.');
          const [first, second] = ofChat(chat).slice(-2);
          assert.equal(final.id, answerOf(first).id);
          assert.deepEqual(
            events.map(({ sequence_number }) => sequence_number),
            events.map((_, i) => i),
          );
          const only = (type) => events.filter((event) => event.type === `response.${type}`);
          for (const type of ['created', 'in_progress', 'completed']) assert.equal(only(type).length, 1, type);
          for (const type of ['output_item.added', 'output_item.done']) {
            assert.deepEqual(
              only(type).map(({ output_index }) => output_index),
              [0, 1, 2, 3],
            );
          }
          assert.deepEqual(
            only('output_item.done').map(({ item }) => item),
            only('completed')[0].response.output,
          );
          assert.equal(only('function_call_arguments.delta').length, 0);
          assert.ok(!JSON.stringify(events).includes('headroom_retrieve'));
          assert.ok(second.json().input.at(-1).output.includes('no space left on device'));
          assert.ok(second.json().input.at(-1).output.length < log.length / 2);
          chat.append(only('completed')[0].response);
          await assertRemembered(chat);
        });
      }

      it("streaming: the client's calls are counted from 0 and answered together with ours", async () => {
        const { chat, log } = await withLog(style);
        const call = theirs();
        script(chat, { calls: [ours(log), call] });
        const events = [];
        const stream = sdk(chat).responses.stream(chat.body());
        stream.on('event', (event) => events.push(event));
        const final = await stream.finalResponse();
        assert.deepEqual(
          final.output.map(({ call_id, arguments: args }) => [call_id, args]),
          [[call.id, '{"command":"df"}']],
        );
        const indexes = events.flatMap(({ output_index }) => output_index ?? []);
        assert.deepEqual([...new Set(indexes)], [0]);
        await proxy.restart();
        const { response } = events.find(({ type }) => type === 'response.completed');
        chat.append(response);
        chat.results([{ id: call.id, content: '/dev/sda3 100%' }]);
        const { forwarded } = await chat.turn(proxy.url);
        assert.deepEqual(
          forwarded
            .json()
            .input.slice(-2)
            .map(({ output }) => output),
          [log, '/dev/sda3 100%'],
        );
        await assertRemembered(chat);
      });

      const OVERLOADED = '{"error":{"message":"Overloaded","type":"server_error","param":null,"code":"overloaded"}}';

      it("a provider that refuses to go on: its error, in the stream's own form", async () => {
        const { chat, log } = await withLog(style);
        script(chat, { text: 'Let me open it.', calls: [ours(log)] }, { status: 503, headers: [], body: OVERLOADED });
        const body = { ...chat.body(), stream: true };
        const response = await post(proxy.url, chat.path, JSON.stringify(body), { key: chat.key, api: chat.api });
        const [error, failed] = response
          .text()
          .split('\n')
          .filter((line) => line.startsWith('data: '))
          .slice(-2)
          .map((line) => JSON.parse(line.slice(6)));
        assert.deepEqual([error.type, error.code, error.message], ['error', 'overloaded', 'Overloaded']);
        assert.equal(failed.type, 'response.failed');
        assert.deepEqual(failed.response.error, { code: 'overloaded', message: 'Overloaded' });
        assert.equal(failed.response.status, 'failed');
        assert.equal(textOf(failed.response), 'Let me open it.');
        assert.equal(failed.sequence_number, error.sequence_number + 1);
        assert.ok(!response.text().includes('headroom_retrieve'));
        script(chat, { text: 'Let me open it.', calls: [ours(log)] }, { status: 503, headers: [], body: OVERLOADED });
        await assert.rejects(sdk(chat).responses.stream(chat.body()).finalResponse(), /Overloaded/);
      });

      it('plain, a provider that refuses to go on: its answer', async () => {
        const { chat, log } = await withLog(style);
        script(chat, { text: 'Let me open it.', calls: [ours(log)] });
        const headers = [['content-type', 'application/json']];
        const { response } = await chat.turn(proxy.url, { status: 503, headers, body: OVERLOADED }, { expect: 503 });
        assert.equal(response.text(), OVERLOADED);
      });
    });
  }

  it('by the id that the client knows a reply is fetched, cancelled and deleted', async () => {
    const { chat, log } = await withLog('chained');
    const first = chat.previous;
    script(chat, { text: 'Let me open it. ', calls: [ours(log)] });
    const { response } = await chat.turn(proxy.url, { text: 'The disk is full.' });
    const made = response.json();
    const last = answerOf(ofChat(chat).at(-1));
    assert.notEqual(made.id, last.id);
    await proxy.restart();
    const { responses } = sdk(chat);
    for (const got of [await responses.retrieve(made.id), await responses.cancel(made.id)]) {
      assert.equal(got.id, made.id);
      assert.equal(got.previous_response_id, first);
      assert.equal(textOf(got), 'Let me open it. The disk is full.');
      assert.deepEqual(got.usage, made.usage);
      assert.deepEqual(got.tools, chat.tools);
    }
    chat.user('And now?');
    const next = await chat.turn(proxy.url);
    const later = next.response.json();
    assert.equal(later.previous_response_id, made.id);
    assert.equal((await responses.retrieve(later.id)).previous_response_id, made.id);
    const { data } = await responses.inputItems.list(made.id);
    assert.equal(data.at(-1).type, 'function_call_output');
    const whole = JSON.stringify((await responses.inputItems.list(later.id)).data);
    assert.ok(whole.includes('And now?') && whole.includes('The disk is full.'));
    assert.ok(!whole.includes('headroom_retrieve') && !whole.includes(JSON.stringify(log)));
    const gone = await responses.delete(made.id);
    assert.equal(gone?.id ?? made.id, made.id);
    await assert.rejects(responses.retrieve(made.id), (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError);
      assert.ok(error.message.includes(made.id) && !error.message.includes(last.id));
      return true;
    });
    for (const id of [made.id, last.id]) assert.equal(provider.kept.byId.has(id), false);
  });

  it('a reply beside whose calls ours stood is fetched without it, its input without our answer', async () => {
    const { chat, log } = await withLog('chained');
    const call = theirs();
    const { response } = await chat.turn(proxy.url, { text: 'Both.', calls: [ours(log), call] });
    const { responses } = sdk(chat);
    assert.deepEqual((await responses.retrieve(response.json().id)).output, response.json().output);
    chat.results([{ id: call.id, content: '/dev/sda3 100%' }]);
    const next = await chat.turn(proxy.url);
    const whole = JSON.stringify((await responses.inputItems.list(next.response.json().id)).data);
    assert.ok(whole.includes('/dev/sda3 100%'));
    assert.ok(!whole.includes('headroom_retrieve') && !whole.includes(JSON.stringify(log)));
  });

  it("another tenant's id is the provider's own affair", async () => {
    const { chat, log } = await withLog('chained');
    script(chat, { text: 'Let me open it. ', calls: [ours(log)] });
    const { response } = await chat.turn(proxy.url, { text: 'The disk is full.' });
    const stranger = new OpenAI({ apiKey: 'sk-stranger', baseURL: `${proxy.url}/v1`, maxRetries: 0 });
    await stranger.responses.retrieve(response.json().id);
    assert.ok(provider.last().path.endsWith(response.json().id));
  });

  const never = {
    'a forced tool': { tool_choice: { type: 'function', name: 'Bash' } },
    'no tool at all': { tool_choice: 'none' },
    'a reply in the background': { background: true },
    'a conversation object': { conversation: 'conv_1' },
  };
  for (const [what, options] of Object.entries(never)) {
    it(`${what} in the first request is a no for the whole conversation`, async () => {
      const chat = new ResponsesConversation({ provider, options });
      chat.user('Go');
      await chat.turn(proxy.url);
      chat.options = {};
      chat.user('Go on');
      const { forwarded } = await chat.turn(proxy.url);
      assert.ok(!forwarded.body.toString().includes('headroom_retrieve'));
    });
  }

  it('a reply that went past the proxy is gone on with without the tool', async () => {
    const chat = new ResponsesConversation({ provider, style: 'chained' });
    chat.user('Go');
    await chat.turn(provider.url);
    chat.user('Go on');
    const { forwarded } = await chat.turn(proxy.url);
    assert.ok(!forwarded.body.toString().includes('headroom_retrieve'));
  });

  it('a reply in the background, later, is asked for without the tool', async () => {
    const { chat } = await withLog('full');
    chat.options = { background: true };
    const { forwarded } = await chat.turn(proxy.url);
    assert.ok(!forwarded.body.toString().includes('headroom_retrieve'));
  });

  it('tools that come as an item count as tools, and ours goes with them', async () => {
    const { chat, log } = await withLog('full');
    const again = new ResponsesConversation({ provider });
    again.messages.unshift({ type: 'additional_tools', role: 'developer', tools: again.tools });
    again.tools = [];
    again.user('Why did the service stop?');
    const call = theirs();
    await again.turn(proxy.url, { calls: [call] });
    again.results([{ id: call.id, content: log }]);
    script(again, { text: 'Let me open it. ', calls: [ours(log)] });
    const { response } = await again.turn(proxy.url, { text: 'The disk is full.' });
    assert.equal(textOf(response.json()), 'Let me open it. The disk is full.');
    const { tools, input } = ofChat(again).at(-1).json();
    assert.deepEqual(tools, []);
    assert.deepEqual(
      input[0].tools.map(({ name }) => name),
      ['Bash', 'headroom_retrieve'],
    );
    await assertRemembered(again);
    assert.notEqual(chat.key, again.key);
  });

  it('a string as input becomes a list where the items go back themselves', async () => {
    const { log, chat } = await withLog('full');
    const body = { ...chat.body(), input: 'What does the log say?' };
    script(chat, { text: 'I open it. ', calls: [ours(log)] }, { text: 'Full.' });
    const response = await post(proxy.url, chat.path, JSON.stringify(body), { key: chat.key, api: chat.api });
    assert.equal(textOf(response.json()), 'I open it. Full.');
    const { input } = ofChat(chat).at(-1).json();
    assert.deepEqual(input[0], { role: 'user', content: 'What does the log say?' });
    assert.equal(input.length, 4);
  });

  it('reasoning that nobody could know again does not go back', async () => {
    const { log, chat } = await withLog('full');
    const { include, ...body } = chat.body();
    assert.ok(include);
    script(chat, { reasoning: 'hm', text: 'I open it. ', calls: [ours(log)] }, { text: 'Full.' });
    const response = await post(proxy.url, chat.path, JSON.stringify(body), { key: chat.key, api: chat.api });
    assert.equal(textOf(response.json()), 'I open it. Full.');
    assert.equal(response.json().output[0].type, 'reasoning');
  });

  const stored = async () => {
    const { chat, log } = await withLog('chained');
    chat.style = 'full';
    return { chat, log };
  };

  it('everything sent although the provider keeps it: both ways of going on are known', async () => {
    const { log } = await withLog('full');
    const chat = new ResponsesConversation({ provider });
    chat.body = function () {
      return { model: this.model, tools: this.tools, input: structuredClone(this.messages) };
    };
    chat.user('Why?');
    const call = theirs();
    await chat.turn(proxy.url, { calls: [call] });
    chat.results([{ id: call.id, content: log }]);
    script(chat, { text: 'I open it. ', reasoning: 'hm', calls: [ours(log)] });
    await chat.turn(proxy.url, { text: 'Full.' });
    const seen = ofChat(chat).at(-1);
    chat.user('And?');
    const { forwarded } = await chat.turn(proxy.url, {}, { append: false });
    assert.deepEqual(read(forwarded).slice(0, read(seen).length), read(seen));
    chat.body = ResponsesConversation.prototype.body;
    chat.style = 'chained';
    const next = await chat.turn(proxy.url);
    assert.deepEqual(read(next.forwarded).slice(0, read(seen).length), read(seen));
  });

  it('items that the client only refers to are known again by the last one', async () => {
    const { log } = await stored();
    const chat = new ResponsesConversation({ provider });
    chat.body = function () {
      return { model: this.model, tools: this.tools, input: structuredClone(this.messages) };
    };
    chat.user('Why?');
    const call = theirs();
    await chat.turn(proxy.url, { calls: [call] });
    chat.results([{ id: call.id, content: log }]);
    script(chat, { text: 'I open it. ', calls: [ours(log)] });
    const { response } = await chat.turn(proxy.url, { text: 'Full.' });
    const said = response.json().output;
    chat.messages.splice(-said.length, said.length, ...said.map(({ id }) => ({ type: 'item_reference', id })));
    chat.user('And?');
    const { forwarded } = await chat.turn(proxy.url);
    assert.deepEqual(
      forwarded
        .json()
        .input.slice(-5)
        .map(({ type }) => type),
      ['item_reference', 'function_call', 'function_call_output', 'item_reference', 'message'],
    );
  });

  it('a client that drops reasoning and ids is known again', async () => {
    const { chat, log } = await withLog('full');
    script(chat, { text: 'Let me open it.\n\n', reasoning: 'hm', calls: [ours(log)] });
    const { response } = await chat.turn(proxy.url, { text: ' The disk is full. ', reasoning: 'so' });
    const said = response.json().output;
    const echoed = said
      .filter(({ type }) => type === 'message')
      .map(({ role, content }) => ({ role, content: content[0].text.trim() }));
    chat.messages.splice(-said.length, said.length, ...echoed);
    chat.user('And?');
    const { forwarded } = await chat.turn(proxy.url);
    assert.deepEqual(
      forwarded
        .json()
        .input.slice(-5)
        .map(({ role, type }) => role ?? type),
      ['assistant', 'function_call', 'function_call_output', 'assistant', 'user'],
    );
  });

  it('a client that edits the reply drops the hidden exchange with it', async () => {
    const { chat, log } = await withLog('full');
    script(chat, { text: 'Let me open it. ', calls: [ours(log)] });
    await chat.turn(proxy.url, { text: 'The disk is full.' });
    chat.messages.at(-1).content[0].text = 'Something else.';
    chat.user('And?');
    const { forwarded } = await chat.turn(proxy.url);
    assert.equal(forwarded.json().input.length, chat.messages.length - 1);
  });
});
