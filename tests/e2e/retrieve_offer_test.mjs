// Which conversations get the retrieval tool, and what becomes of a request that the provider refuses for it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { originalId } from './support/compare.mjs';
import { AnthropicConversation, OpenAiConversation, ResponsesConversation, callId } from './support/conversation.mjs';
import { Random, serverLog } from './support/data.mjs';
import { request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';

const random = new Random(17);
const { provider, proxy } = await startPair();

const APIS = { Messages: AnthropicConversation, Chat: OpenAiConversation, Responses: ResponsesConversation };
const ofChat = (chat) => provider.requests().filter(({ key }) => key === chat.key);
const hasTool = (request) => request.body.toString().includes('"name":"headroom_retrieve"');

async function first(chat) {
  chat.user('Why did the service stop?');
  return chat.turn(proxy.url);
}

for (const [api, Chat] of Object.entries(APIS)) {
  const any = api === 'Messages' ? { type: 'any' } : 'required';

  describe(`the tool is offered, ${api}`, () => {
    it('not beside one tool that has to be called: that prescribes it', async () => {
      const chat = new Chat({ provider, options: { tool_choice: any } });
      const { sent, forwarded } = await first(chat);
      assert.equal(chat.tools.length, 1);
      assert.equal(forwarded.body.toString(), JSON.stringify(sent));
    });

    it('beside several tools of which one has to be called', async () => {
      const chat = new Chat({ provider, options: { tool_choice: any } });
      const second = JSON.parse(JSON.stringify(chat.tools[0]).replace('Bash', 'Other'));
      chat.tools = [...chat.tools, second];
      const { forwarded } = await first(chat);
      assert.ok(hasTool(forwarded));
    });

    const hosted = api === 'Messages' ? { type: 'web_search_20250305', name: 'web_search' } : { type: 'web_search' };

    it('not beside tools of the provider alone, whose results never come from the client', async () => {
      const chat = new Chat({ provider });
      chat.tools = [hosted];
      const { sent, forwarded } = await first(chat);
      assert.equal(forwarded.body.toString(), JSON.stringify(sent));
    });

    it("beside tools of the provider and the client's", async () => {
      const chat = new Chat({ provider });
      chat.tools = [...chat.tools, hosted];
      const { forwarded } = await first(chat);
      assert.ok(hasTool(forwarded));
    });
  });

  for (const status of [400, 422]) {
    const refusal = {
      status,
      headers: [['content-type', 'application/json']],
      body: '{"error":{"type":"invalid_request_error","message":"Tools with mixed values for strict are not allowed"}}',
    };

    describe(`a provider that refuses the tool with ${status}, ${api}`, () => {
      it('gets the first request without it, and so all later ones', async () => {
        const chat = new Chat({ provider });
        const id = callId('call_');
        chat.user('Why did the service stop?');
        provider.reply(refusal, { key: chat.key });
        const calls = [{ id, name: 'Bash', input: { command: 'journalctl' } }];
        const { sent, response } = await chat.turn(proxy.url, { text: 'I look.', calls });
        assert.match(response.text(), /I look/);
        const [refused, taken] = ofChat(chat);
        assert.ok(hasTool(refused));
        assert.equal(taken.body.toString(), JSON.stringify(sent));
        const log = serverLog(random, 50);
        chat.results([{ id, content: log }]);
        const { forwarded } = await chat.turn(proxy.url);
        assert.ok(!hasTool(forwarded));
        assert.ok(!forwarded.body.toString().includes(originalId(log)));
        assert.equal(ofChat(chat).length, 3);
        const metrics = await request({ url: `${proxy.url}/metrics` });
        assert.match(metrics.text(), /reason="retrieve_tool_refused"\} [1-9]/);
      });

      it('and refuses it without, too: the client gets that refusal', async () => {
        const chat = new Chat({ provider });
        chat.user('Why?');
        provider.reply(refusal, { key: chat.key });
        const { response } = await chat.turn(proxy.url, { ...refusal, body: refusal.body.replace('mixed', 'all') }, {
          expect: status,
        });
        assert.match(response.text(), /Tools with all values/);
        assert.equal(ofChat(chat).length, 2);
      });

      it('is asked once where the refusal says nothing of tools', async () => {
        const chat = new Chat({ provider });
        chat.user('Why?');
        const other = { ...refusal, body: '{"error":{"message":"temperature must be below 2"}}' };
        const { response } = await chat.turn(proxy.url, other, { expect: status });
        assert.equal(response.text(), other.body);
        assert.equal(ofChat(chat).length, 1);
      });
    });
  }

  describe(`a key against repetition, ${api}`, () => {
    it('stands for one body: what continues the reply has one of its own', async () => {
      const headers = [['idempotency-key', 'abc']];
      const chat = new Chat({ provider, headers });
      const prefix = api === 'Messages' ? 'toolu_' : 'call_';
      const id = callId(prefix);
      const log = serverLog(random, 50);
      chat.user('Why did the service stop?');
      await chat.turn(proxy.url, { text: 'I look.', calls: [{ id, name: 'Bash', input: { command: 'journalctl' } }] });
      chat.results([{ id, content: log }]);
      const ours = { id: callId(prefix), name: 'headroom_retrieve', input: { hash: originalId(log) } };
      provider.reply({ text: 'Let me open it. ', calls: [ours] }, { key: chat.key });
      await chat.turn(proxy.url, { text: 'The disk is full.' });
      assert.deepEqual(
        ofChat(chat).map(({ headers: sent }) => sent['idempotency-key']),
        ['abc', 'abc', 'abc-1'],
      );
    });
  });
}
