// What can go wrong around a call that the proxy answers inside a reply: answers too long for the model, clients
// that leave, logins that nobody verifies, results that come from another tool of the same name.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { assertPrefixKept, originalId } from './support/compare.mjs';
import { AnthropicConversation, OpenAiConversation, callId } from './support/conversation.mjs';
import { Random, serverLog } from './support/data.mjs';
import { eventually, open, post, credentials } from './support/http.mjs';
import { startPair } from './support/pair.mjs';
import { startProxy } from './support/proxy.mjs';

const random = new Random(13);
const { provider, proxy } = await startPair();

const TOO_LONG = {
  status: 400,
  headers: [['content-type', 'application/json']],
  body: '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 201234 tokens > 200000"}}',
};

const APIS = { Messages: AnthropicConversation, 'Chat Completions': OpenAiConversation };

// A conversation whose last message is a long log; nothing was asked about it yet.
async function withLog(Chat, { base = proxy.url, ...options } = {}) {
  const chat = new Chat({ provider, ...options });
  const log = serverLog(random, 50);
  const id = callId(chat.api === 'openai' ? 'call_' : 'toolu_');
  chat.user('Why did the service stop?');
  await chat.turn(base, { text: 'I look.', calls: [{ id, name: 'Bash', input: { command: 'journalctl' } }] });
  chat.results([{ id, content: log }]);
  return { chat, log };
}

const ours = (chat, log, query) => ({
  id: callId(chat.api === 'openai' ? 'call_' : 'toolu_'),
  name: 'headroom_retrieve',
  input: { hash: originalId(log), ...(query ? { query } : {}) },
});
const ofChat = (chat) => provider.requests().filter((request) => request.key === chat.key);
const script = (chat, ...replies) => replies.forEach((reply) => provider.reply(reply, { key: chat.key }));
// What the last message of a request says, results included.
const lastText = (request) => JSON.stringify(request.json().messages.at(-1));

for (const [api, Chat] of Object.entries(APIS)) {
  describe(`an answer too long for the model, ${api}`, () => {
    const send = (chat, body) => post(proxy.url, chat.path, JSON.stringify(body), { key: chat.key, api: chat.api });

    it('is cut once, and the short one is what later requests hold', async () => {
      const { chat, log } = await withLog(Chat);
      script(chat, { text: 'Let me open it. ', calls: [ours(chat, log)] }, TOO_LONG);
      const { response } = await chat.turn(proxy.url, { text: 'The disk is full.' });
      assert.match(response.text(), /The disk is full/);
      const [, , refused, taken] = ofChat(chat);
      assert.ok(lastText(refused).includes(JSON.stringify(log).slice(1, -1)));
      assert.ok(lastText(taken).length < 8_000, `${lastText(taken).length} bytes`);
      assert.match(lastText(taken), /call again with this hash/);
      chat.user('And now?');
      const { forwarded } = await chat.turn(proxy.url);
      assertPrefixKept(taken.json(), forwarded.json());
    });

    it('is not given where the reply before left no room', async () => {
      const { chat, log } = await withLog(Chat);
      const full = { input_tokens: 50_000_000, prompt_tokens: 50_000_000, output_tokens: 9, completion_tokens: 9 };
      script(chat, { text: 'Let me open it. ', calls: [ours(chat, log)], usage: full });
      const { forwarded } = await chat.turn(proxy.url, { text: 'I cannot.' });
      assert.match(lastText(forwarded), /The context is full; nothing more can be opened/);
    });

    it('is cut once in a stream too', async () => {
      const { chat, log } = await withLog(Chat);
      script(chat, { text: 'Let me open it.', calls: [ours(chat, log)] }, TOO_LONG, { text: 'The disk is full.' });
      const response = await send(chat, { ...chat.body(), stream: true });
      assert.match(response.text(), /The disk is full/);
      assert.ok(!response.text().includes('too long'));
      assert.ok(!response.text().includes('headroom_retrieve'));
    });

    it('refused once more, the client gets the provider’s error', async () => {
      const { chat, log } = await withLog(Chat);
      script(chat, { text: 'Let me open it.', calls: [ours(chat, log)] }, TOO_LONG, TOO_LONG);
      const plain = await send(chat, chat.body());
      assert.equal(plain.status, 400);
      assert.equal(plain.text(), TOO_LONG.body);
      script(chat, { text: 'Let me open it.', calls: [ours(chat, log)] }, TOO_LONG, TOO_LONG);
      const streamed = await send(chat, { ...chat.body(), stream: true });
      assert.ok(streamed.text().endsWith(`data: ${TOO_LONG.body}\n\n`), streamed.text().slice(-300));
    });
  });

  describe(`a client that leaves while the reply goes on, ${api}`, () => {
    for (const [when, reply] of [
      ['before the provider answers', { fault: 'hang' }],
      ['in the middle of its answer', { fault: 'hang-body', body: ': a sign of life\n\n' }],
    ]) {
      it(`cancels the request upstream: ${when}`, async () => {
        const { chat, log } = await withLog(Chat);
        script(chat, { text: 'Let me open it.', calls: [ours(chat, log)] }, reply);
        const { incoming } = await open({
          url: proxy.url + chat.path,
          method: 'POST',
          headers: [...credentials(chat.api, chat.key), ['content-type', 'application/json']],
          body: JSON.stringify({ ...chat.body(), stream: true }),
          fresh: true,
        });
        let got = '';
        incoming.on('data', (bytes) => (got += bytes));
        incoming.on('error', () => {});
        await eventually(() => ofChat(chat).length === 3 && ofChat(chat).at(-1).complete, 'the second request upstream');
        await eventually(() => got.includes('Let me open it.'), 'what was said before');
        incoming.destroy();
        let closed = false;
        const going = ofChat(chat).at(-1);
        going.closed.then(() => (closed = true));
        await eventually(() => closed, 'the end of the request upstream', 10_000);
        assert.equal(going.finished, false);
      });
    }
  });

  describe(`a tool of the client by that name, ${api}`, () => {
    for (const name of ['headroom_retrieve', 'mcp__headroom__headroom_retrieve']) {
      it(`${name}: its results go as they come, now and later`, async () => {
        const chat = new Chat({ provider });
        const [{ function: function_, ...tool }] = structuredClone(chat.tools);
        const hash = { type: 'string' };
        ((function_ ?? tool).parameters ?? tool.input_schema).properties.hash = hash;
        chat.tools.push(function_ ? { ...tool, function: { ...function_, name } } : { ...tool, name });
        const log = serverLog(random, 50);
        const [bash, theirs] = [callId('call_0123456789'), callId('call_0123456789')];
        chat.user('Why did the service stop?');
        await chat.turn(proxy.url, { calls: [{ id: bash, name: 'Bash', input: { command: 'journalctl' } }] });
        chat.results([{ id: bash, content: log }]);
        const call = { id: theirs, name, input: { hash: originalId(log) } };
        const { forwarded: first, response } = await chat.turn(proxy.url, { calls: [call] });
        assert.match(lastText(first), /Retrieve more: hash=/);
        assert.ok(response.text().includes(theirs), 'the call is the client’s');
        chat.results([{ id: theirs, content: log }]);
        for (let turn = 0; turn < 2; ++turn) {
          const { forwarded } = await chat.turn(proxy.url);
          const results = JSON.stringify(forwarded.json().messages);
          assert.equal(results.split(JSON.stringify(log).slice(1, -1)).length, 2, 'the retrieved text in full, once');
          assert.equal(JSON.stringify(forwarded.json().tools), JSON.stringify(chat.tools));
          chat.user('And now?');
        }
      });
    }
  });
}

describe('a provider whose key the proxy brings', async () => {
  const jwt = ['{"alg":"RS256"}', '{"iss":"https://auth.example","sub":"user-9"}', 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

  for (const [kind, key] of [
    ['a login whose claims nobody verifies', jwt],
    ['an opaque login', 'opaque-login-of-somebody'],
  ]) {
    it(`${kind}: the model opens what its own conversation names`, async (t) => {
      const own = await startProxy({
        provider,
        env: { OWN_KEY: 'sk-own' },
        config: `[[upstream]]\nname = "own"\nbase_url = "${provider.url}"\napi = "chat"\nmodels = ["gpt*"]\nkey_env = "OWN_KEY"\n`,
      });
      t.after(() => own.stop());
      const asOwn = {
        reply: (reply) => provider.reply(reply, { key: 'sk-own' }),
        requests: () => provider.requests().map((request) => Object.assign(Object.create(request), { key })),
      };
      const { chat, log } = await withLog(OpenAiConversation, { base: own.url, provider: asOwn, key });
      provider.reply({ text: 'Let me open it. ', calls: [ours(chat, log)] }, { key: 'sk-own' });
      const { forwarded } = await chat.turn(own.url, { text: 'Found it.' });
      assert.equal(forwarded.json().messages.at(-1).content, log);
      // Another original of the same tenant stays closed to it: its login proves nothing.
      const { log: other } = await withLog(OpenAiConversation, { base: own.url, provider: asOwn, key });
      chat.user('And the other one?');
      provider.reply({ calls: [ours(chat, other)] }, { key: 'sk-own' });
      const { forwarded: second } = await chat.turn(own.url, { text: 'No.' });
      assert.match(second.json().messages.at(-1).content, /Nothing is kept under this hash/);
    });
  }
});

describe('a rotated login', () => {
  it('opens what its conversation opened before', async () => {
    const { chat, log } = await withLog(AnthropicConversation, { key: 'sk-ant-oat01-first-token' });
    await chat.turn(proxy.url, { text: 'I see.' });
    chat.key = 'sk-ant-oat01-second-token';
    chat.user('Open it.');
    script(chat, { text: 'Let me open it. ', calls: [ours(chat, log)] });
    const { forwarded } = await chat.turn(proxy.url, { text: 'Found it.' });
    assert.equal(forwarded.json().messages.at(-1).content[0].content, log);
  });
});
