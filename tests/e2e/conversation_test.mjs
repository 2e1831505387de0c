// Conversations that grow over many requests: whatever happens to the client,
// what the provider has seen stays as it was.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { assertPrefixKept, blocksOf, changedResults, originalId, resultTexts } from './support/compare.mjs';
import { APIS, AnthropicConversation, callId, toolTurn } from './support/conversation.mjs';
import { Random, SHAPES, grepHits, jsonRows } from './support/data.mjs';
import { MIXED, STYLES, begin, finish, grow } from './support/growth.mjs';
import { post, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';

const { provider, proxy } = await startPair({ args: ['--no-ccr'] });

const make = (style, options = {}) => STYLES[style]({ provider, ...options });

describe('a growing conversation', () => {
  for (const style of Object.keys(STYLES)) {
    it(`keeps its forwarded prefix: ${style}`, async () => {
      const chat = begin(make(style));
      const bodies = await grow(chat, proxy.url, new Random(1), MIXED);
      const { changes } = await finish(chat, proxy.url, bodies);
      assert.ok(changes.length >= 5, `only ${changes.length} results were shortened`);
      chat.user('And now the other one.');
      const more = await grow(chat, proxy.url, new Random(2), MIXED, { from: bodies });
      await finish(chat, proxy.url, more);
    });

    it(`is the same for the same conversation under another key: ${style}`, async () => {
      const bodies = [];
      for (const key of [`sk-a-${style}`, `sk-b-${style}`]) {
        const chat = begin(make(style, { key }));
        chat.called({ id: 'call_1', name: 'list', input: {} });
        chat.results([{ id: 'call_1', content: jsonRows(new Random(3), 40) }]);
        chat.thinking = false;
        bodies.push((await chat.turn(proxy.url)).forwarded.body.toString());
      }
      assert.equal(bodies[0], bodies[1]);
    });
  }

  it('forwards one turn as the bytes of the turn before and more', async () => {
    const chat = begin(new AnthropicConversation({ provider, style: 'plain' }));
    let previous;
    for (const shapes of MIXED) {
      const { forwarded } = await toolTurn(chat, proxy.url, shapes, new Random(9));
      const bytes = forwarded.body.toString();
      if (previous) assert.ok(bytes.startsWith(previous.slice(0, -2)), 'the bytes of the prefix changed');
      previous = bytes;
    }
  });
});

describe('a client that', () => {
  const jwt = (claims) =>
    ['{"alg":"none"}', JSON.stringify(claims), 'signature']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
  const ROTATIONS = {
    'opaque bearer': (api) =>
      ['first', 'second'].map((name) => (api === 'anthropic' ? `sk-ant-oat01-${name}` : `opaque-${api}-${name}`)),
    JWT: (api) =>
      [1, 2].map((n) => jwt({ iss: 'https://auth.example', sub: `user-${api}`, exp: 1_800_000_000 + n, jti: `j${n}` })),
  };
  for (const [kind, tokens] of Object.entries(ROTATIONS)) {
    for (const [api, Chat] of Object.entries(APIS)) {
      it(`rotates its ${kind} in mid-conversation keeps its decisions and originals: ${api}`, async () => {
        const [first, second] = tokens(api);
        const chat = begin(new Chat({ provider, key: first }), `Find it, ${kind}.`);
        const bodies = await grow(chat, proxy.url, new Random(4), MIXED.slice(0, 4));
        const { changes } = await finish(chat, proxy.url, bodies);
        assert.ok(changes.length > 0);
        chat.key = second;
        chat.user('go on');
        await grow(chat, proxy.url, new Random(5), MIXED.slice(0, 3), { from: bodies });
        const reply = await request({
          url: `${proxy.url}/v1/retrieve/${originalId(changes[0].sent)}`,
          headers: [['authorization', `Bearer ${second}`]],
        });
        assert.equal(reply.status, 200);
      });
    }
  }

  it('presents an opaque bearer and a conversation without provider-issued ids joins nobody', async () => {
    const content = jsonRows(new Random(60), 40);
    const conversation = (id) => ({
      model: 'gpt-5.1',
      messages: [
        { role: 'user', content: 'list' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id, type: 'function', function: { name: 'list', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: id, content },
      ],
    });
    await post(proxy.url, '/v1/chat/completions', conversation('call_Zq81hXk2mN'), { key: 'opaque-owner' });
    const plain = {
      model: 'gpt-5.1',
      messages: [
        { role: 'user', content: 'list' },
        { role: 'assistant', content: 'ok' },
        { role: 'user', content: 'go' },
      ],
    };
    await post(proxy.url, '/v1/chat/completions', plain, { key: 'opaque-owner' });
    await post(proxy.url, '/v1/chat/completions', plain, { key: 'opaque-stranger' });
    const fetchAs = (key) =>
      request({
        url: `${proxy.url}/v1/retrieve/${originalId(content)}`,
        headers: [['authorization', `Bearer ${key}`]],
      });
    assert.equal((await fetchAs('opaque-owner')).status, 200);
    assert.equal((await fetchAs('opaque-stranger')).status, 404);
  });

  it('sends another date in its system prompt keeps its decisions', async () => {
    for (const style of Object.keys(STYLES)) {
      const chat = begin(make(style, { system: 'Today is 2026-11-03.' }));
      if (chat.thinking) continue;
      const bodies = await grow(chat, proxy.url, new Random(6), MIXED.slice(0, 4));
      chat.setSystem('Today is 2026-11-04.');
      const { forwarded } = await toolTurn(chat, proxy.url, [SHAPES.grep], new Random(7));
      const conversation = (message) => !/^(system|developer)$/.test(message.role);
      const without = (body) => ({
        messages: body.messages?.filter(conversation),
        input: body.input?.filter(conversation),
      });
      assertPrefixKept(without(bodies.at(-1)), without(forwarded.json()));
    }
  });

  it('changes its tools and settings keeps its decisions', async () => {
    const chat = begin(make('claude-code marks'));
    const bodies = await grow(chat, proxy.url, new Random(8), MIXED.slice(0, 3));
    chat.tools.push({ name: 'Extra', description: 'x', input_schema: { type: 'object' } });
    chat.options = { temperature: 0.5, tool_choice: { type: 'auto' } };
    await grow(chat, proxy.url, new Random(9), MIXED.slice(0, 3), { from: bodies });
  });

  it('switches the model and back keeps its decisions', async () => {
    for (const [style, other] of [
      ['claude-code marks', 'claude-opus-5'],
      ['chat completions', 'gpt-4.1'],
    ]) {
      const chat = begin(make(style));
      const own = chat.model;
      const bodies = await grow(chat, proxy.url, new Random(10), MIXED.slice(0, 3));
      chat.model = other;
      const abroad = await grow(chat, proxy.url, new Random(11), MIXED.slice(0, 2), { from: bodies });
      chat.model = own;
      await grow(chat, proxy.url, new Random(12), MIXED.slice(0, 2), { from: abroad });
    }
  });

  it('leaves out earlier thinking keeps its decisions', async () => {
    const chat = begin(make('checked thinking'));
    const bodies = await grow(chat, proxy.url, new Random(13), MIXED.slice(0, 4));
    await finish(chat, proxy.url, bodies);
    for (const message of chat.messages) {
      if (message.role === 'assistant') message.content = message.content.filter((block) => block.type !== 'thinking');
    }
    chat.user('go on');
    const { forwarded } = await toolTurn(chat, proxy.url, [SHAPES.rows], new Random(14), {
      reply: { thinking: 'Again.' },
    });
    assertPrefixKept(bodies.at(-1), forwarded.json(), { thinking: false });
  });

  it('clears an old result changes that block only; what stood before it stays', async () => {
    for (const style of ['claude-code marks', 'chat completions']) {
      const chat = begin(make(style));
      const bodies = await grow(chat, proxy.url, new Random(15), [
        [SHAPES.rows],
        [SHAPES.grep],
        [SHAPES.log],
        [SHAPES.rows],
      ]);
      const full = (await finish(chat, proxy.url, bodies)).body;
      const cleared = chat.messages.findIndex(
        (message, i) =>
          i > 3 &&
          (message.role === 'tool' || (Array.isArray(message.content) && message.content[0]?.type === 'tool_result')),
      );
      const target = chat.messages[cleared];
      if (target.role === 'tool') target.content = '[Old tool result content cleared]';
      else target.content[0].content = '[Old tool result content cleared]';
      chat.user('go on');
      const { sent, forwarded } = await chat.turn(proxy.url);
      const keptBlocks = blocksOf({ messages: full.messages.slice(0, cleared) }).length;
      assertPrefixKept(full, forwarded.json(), { count: keptBlocks });
      const texts = resultTexts(forwarded.json());
      assert.equal(texts.filter(({ text }) => text === '[Old tool result content cleared]').length, 1);
      // The second key: what hangs on no context comes back as it was.
      const before = new Map(resultTexts(full).map(({ id, text }) => [id, text]));
      for (const { id, text } of texts) if (!text.startsWith('[Old')) assert.equal(text, before.get(id));
      changedResults(sent, forwarded.json());
    }
  });

  it('edits a user message in the middle gets a valid request, and the part before stays', async () => {
    const chat = begin(make('claude-code marks'));
    const bodies = await grow(chat, proxy.url, new Random(16), MIXED.slice(0, 2));
    await finish(chat, proxy.url, bodies);
    chat.user('wrong question');
    const more = await grow(chat, proxy.url, new Random(17), MIXED.slice(0, 2), { from: [] });
    const edited = chat.messages.findIndex((message) => message.content[0]?.text === 'wrong question');
    chat.messages[edited].content[0].text = 'right question';
    const { forwarded } = await chat.turn(proxy.url);
    assertPrefixKept(more.at(-1), forwarded.json(), {
      count: blocksOf({ messages: more.at(-1).messages.slice(0, edited) }).length,
    });
  });

  it('sends results now as a string and now as one text block keeps its decisions', async () => {
    for (const style of ['claude-code marks', 'chat completions']) {
      const chat = begin(make(style));
      await grow(chat, proxy.url, new Random(26), [[SHAPES.rows], [SHAPES.grep], [SHAPES.small], [SHAPES.log]]);
      const strings = resultTexts((await chat.turn(proxy.url, {}, { append: false })).forwarded.json());
      for (const message of chat.messages) {
        const holders =
          message.role === 'tool'
            ? [message]
            : (message.content.filter?.((block) => block.type === 'tool_result') ?? []);
        for (const holder of holders) holder.content = [{ type: 'text', text: holder.content }];
      }
      const lists = resultTexts((await chat.turn(proxy.url, {}, { append: false })).forwarded.json());
      assert.deepEqual(
        lists.map(({ text }) => text),
        strings.map(({ text }) => text),
      );
      assert.ok(strings.some(({ text }, i) => text !== resultTexts(chat.body())[i].text));
    }
  });

  it('escapes its JSON differently from one request to the next keeps its decisions', async () => {
    const content = JSON.stringify(
      Array.from({ length: 40 }, (_, i) => ({ id: i, name: `Zürich/${i}`, state: 'läuft 😀' })),
      null,
      2,
    );
    const body = JSON.stringify({
      model: 'gpt-5.1',
      messages: [
        { role: 'user', content: 'Größe? 😀' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_esc', type: 'function', function: { name: 'list', arguments: '{"x":"ü/"}' } }],
        },
        { role: 'tool', tool_call_id: 'call_esc', content },
      ],
    });
    const spellings = [
      body,
      body.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
      body.replaceAll('/', '\\/'),
    ];
    const forwarded = [];
    for (const spelling of spellings) {
      assert.deepEqual(JSON.parse(spelling), JSON.parse(body));
      await post(proxy.url, '/v1/chat/completions', spelling, { key: 'sk-escapes' });
      forwarded.push(provider.last().json());
    }
    assert.notEqual(forwarded[0].messages[2].content, content);
    assert.deepEqual(forwarded[1], forwarded[0]);
    assert.deepEqual(forwarded[2], forwarded[0]);
  });

  it('compacts goes on with the summary', async () => {
    const chat = begin(make('claude-code marks'));
    const bodies = await grow(chat, proxy.url, new Random(18), MIXED);
    await finish(chat, proxy.url, bodies);
    chat.messages = [];
    chat.user('This session continues another one. Summary: the service is slow because of the cache.');
    const after_ = await grow(chat, proxy.url, new Random(19), MIXED);
    await finish(chat, proxy.url, after_);
  });

  it('resumes a conversation after a while, or forks it, gets the old bytes', async () => {
    const chat = begin(make('claude-code marks'));
    const bodies = await grow(chat, proxy.url, new Random(20), MIXED);
    const [left, right] = [chat.fork(), chat.fork()];
    await grow(left, proxy.url, new Random(21), MIXED.slice(0, 3), { from: bodies });
    await grow(right, proxy.url, new Random(22), MIXED.slice(0, 3), { from: bodies });
    await grow(chat, proxy.url, new Random(23), MIXED.slice(0, 3), { from: bodies });
  });

  it('sends the same request in parallel gets one decision', async () => {
    for (const [api, Chat] of Object.entries(APIS)) {
      const chat = begin(new Chat({ provider }));
      await toolTurn(chat, proxy.url, [SHAPES.rows, SHAPES.grep, SHAPES.log], new Random(24));
      provider.forget();
      const body = JSON.stringify(chat.body());
      await Promise.all(
        Array.from({ length: 24 }, () => post(proxy.url, chat.path, body, { key: chat.key, api, fresh: true })),
      );
      const digests = new Set(provider.requests().map((request) => request.sha256));
      assert.equal(provider.requests().length, 24);
      assert.equal(digests.size, 1);
    }
  });

  it('counts tokens of the next request sees what that request will be', async () => {
    const chat = begin(make('claude-code marks'));
    await toolTurn(chat, proxy.url, [SHAPES.rows, SHAPES.grep], new Random(25));
    const { max_tokens, ...countable } = chat.body();
    const reply = await post(proxy.url, '/v1/messages/count_tokens', countable, { key: chat.key });
    assert.equal(reply.status, 200);
    const counted = provider.last().json();
    const { forwarded } = await chat.turn(proxy.url);
    assert.deepEqual(counted.messages, forwarded.json().messages);
    assert.equal(reply.json().input_tokens, forwarded.account.total);
  });
});

describe('first contact in mid-conversation', () => {
  // The requests of a conversation that so far went straight to the provider.
  async function grownElsewhere(chat) {
    begin(chat);
    for (const shapes of [[SHAPES.rows], [SHAPES.grep], [SHAPES.rows]]) {
      await toolTurn(chat, provider.url, shapes, new Random(30), { reply: chat.thinking ? { thinking: 'Hm.' } : {} });
    }
    return chat;
  }

  it('with marks: what stands before the last assistant message stays, the new is shortened', async () => {
    const chat = await grownElsewhere(make('claude-code marks'));
    const { sent, forwarded } = await chat.turn(proxy.url);
    const changes = changedResults(sent, forwarded.json());
    assert.deepEqual(
      changes.map(({ id }) => id),
      [resultTexts(sent).at(-1).id],
    );
    chat.user('and?');
    await grow(chat, proxy.url, new Random(31), MIXED.slice(0, 3), { from: [forwarded.json()] });
  });

  it('with signed thinking: the same, and the provider accepts it', async () => {
    const chat = await grownElsewhere(make('checked thinking'));
    for (const block of chat.messages.flatMap((message) => message.content)) delete block.cache_control;
    chat.style = 'plain';
    const { sent, forwarded } = await chat.turn(proxy.url, { text: 'ok', thinking: 'Right.' });
    assert.deepEqual(
      changedResults(sent, forwarded.json()).map(({ id }) => id),
      [resultTexts(sent).at(-1).id],
    );
    chat.user('and?');
    await grow(chat, proxy.url, new Random(32), MIXED.slice(0, 3), { from: [forwarded.json()] });
  });

  it('without either: all of it is decided now', async () => {
    const chat = await grownElsewhere(new AnthropicConversation({ provider, style: 'plain' }));
    const { sent, forwarded } = await chat.turn(proxy.url);
    assert.equal(changedResults(sent, forwarded.json()).length, 3);
  });
});

describe('seen before', () => {
  it('an identical result becomes a line that names the tool it came from', async () => {
    for (const style of ['claude-code marks', 'chat completions']) {
      const chat = begin(make(style));
      const content = grepHits(new Random(40), 60);
      let lastBody;
      for (let i = 0; i < 3; ++i) {
        const id = callId();
        const { forwarded } = await chat.turn(proxy.url, {
          calls: [{ id, name: 'Grep', input: { pattern: 'cache' } }],
        });
        if (lastBody) assertPrefixKept(lastBody, forwarded.json());
        lastBody = forwarded.json();
        chat.results([{ id, content }]);
      }
      const { sent, forwarded } = await chat.turn(proxy.url);
      assertPrefixKept(lastBody, forwarded.json());
      const [first, second, third] = resultTexts(forwarded.json()).map(({ text }) => text);
      assert.ok(first.length > 500);
      for (const reference of [second, third]) {
        assert.ok(reference.length < 300, `a reference of ${reference.length} characters`);
        assert.ok(!reference.includes('\n'));
        assert.match(reference, /Grep/);
      }
      changedResults(sent, forwarded.json());
    }
  });

  it('a reference is not used where its anchor is gone or was changed', async () => {
    const chat = begin(new AnthropicConversation({ provider, style: 'plain' }));
    const content = jsonRows(new Random(41), 40);
    for (let i = 0; i < 2; ++i) {
      const id = callId();
      await chat.turn(proxy.url, { calls: [{ id, name: 'list', input: {} }] });
      chat.results([{ id, content }]);
    }
    await chat.turn(proxy.url);
    const anchor = chat.messages.find((message) => message.content[0]?.type === 'tool_result');
    anchor.content[0].content = 'cleared';
    chat.user('go on');
    const { forwarded } = await chat.turn(proxy.url);
    const [cleared, other] = resultTexts(forwarded.json()).map(({ text }) => text);
    assert.equal(cleared, 'cleared');
    assert.ok(other.length > 500, `the only copy left is ${JSON.stringify(other)}`);
  });

  it('nothing refers to an anchor when the provider edits the context itself', async () => {
    const chat = begin(new AnthropicConversation({ provider, style: 'plain' }));
    chat.options = { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } };
    chat.headers = [['anthropic-beta', 'context-management-2025-06-27']];
    const content = jsonRows(new Random(42), 40);
    for (let i = 0; i < 2; ++i) {
      const id = callId();
      await chat.turn(proxy.url, { calls: [{ id, name: 'list', input: {} }] });
      chat.results([{ id, content }]);
    }
    const { forwarded } = await chat.turn(proxy.url);
    for (const { text } of resultTexts(forwarded.json())) assert.ok(text.length > 500);
  });
});
