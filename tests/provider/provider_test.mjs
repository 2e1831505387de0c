// The simulation against the providers' published rules. Needs no proxy.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { readAnthropicRequest } from './anthropic.mjs';
import { AnthropicCache, OpenAiCache } from './cache.mjs';
import { readOpenAiRequest } from './openai.mjs';
import { startProvider } from './provider.mjs';
import { bytes4Tokens, makeTokenizer } from './tokens.mjs';

const count = (text) => bytes4Tokens(text).length;
const THOUSAND_TOKENS = (i) => String(i).padStart(4, '0') + 'w'.repeat(3996);
const BLOCK = 1004; // 1,000 tokens and what a block adds

// One user message of numbered thousand-token texts; marks: { index: ttl }.
function marked(blocks, marks, model = 'claude-sonnet-4-5') {
  const content = Array.from({ length: blocks }, (_, i) => ({
    type: 'text',
    text: THOUSAND_TOKENS(i),
    ...(marks[i] ? { cache_control: { type: 'ephemeral', ttl: marks[i] } } : {}),
  }));
  return { model, max_tokens: 10, messages: [{ role: 'user', content }] };
}

function account(cache, body, now = 0, tenant = 'k') {
  return cache.account(tenant, body, readAnthropicRequest(body, count), now);
}

describe('Anthropic prompt cache', () => {
  it('reads the earlier mark while it is within 20 positions and misses it beyond', () => {
    const cache = new AnthropicCache();
    assert.equal(account(cache, marked(10, { 9: '5m' })).write5m, 10 * BLOCK);
    const second = account(cache, marked(15, { 14: '5m' }), 10);
    assert.deepEqual([second.read, second.write5m], [10 * BLOCK, 5 * BLOCK]);
    const third = account(cache, marked(35, { 34: '5m' }), 20);
    assert.deepEqual([third.read, third.write5m], [0, 35 * BLOCK]);
  });

  it('finds an entry exactly 20 positions back', () => {
    const cache = new AnthropicCache();
    account(cache, marked(15, { 14: '5m' }));
    assert.equal(account(cache, marked(34, { 33: '5m' }), 1).read, 15 * BLOCK);
  });

  it('forgets an entry five minutes after its last use', () => {
    const cache = new AnthropicCache();
    account(cache, marked(3, { 2: '5m' }));
    assert.equal(account(cache, marked(3, { 2: '5m' }), 300).read, 3 * BLOCK);
    assert.equal(account(cache, marked(3, { 2: '5m' }), 600).read, 3 * BLOCK);
    assert.equal(account(cache, marked(3, { 2: '5m' }), 901).read, 0);
  });

  it('keeps tenants and models apart and caches no short prefix', () => {
    const cache = new AnthropicCache();
    account(cache, marked(3, { 2: '5m' }));
    assert.equal(account(cache, marked(3, { 2: '5m' }), 1, 'other').read, 0);
    assert.equal(account(cache, marked(3, { 2: '5m' }, 'claude-sonnet-5'), 1).read, 0);
    account(cache, marked(1, { 0: '5m' }));
    assert.equal(account(cache, marked(1, { 0: '5m' }), 1).read, 0);
  });

  it('charges 1.25 times for writing and a tenth for reading', () => {
    const cache = new AnthropicCache();
    const first = account(cache, marked(10, { 9: '5m' }));
    assert.ok(Math.abs(first.usd(100) - (10_040 * 3.75 + 100 * 15) / 1e6) < 1e-12);
    const again = account(cache, marked(10, { 9: '5m' }), 1);
    assert.ok(Math.abs(again.usd(0) - (10_040 * 0.3) / 1e6) < 1e-12);
  });
});

describe('OpenAI prompt cache', () => {
  const chat = (model, ...texts) => ({
    model,
    messages: texts.map((text, i) => ({ role: i % 2 ? 'assistant' : 'user', content: text })),
  });
  const read = (cache, body, now) => cache.account('k', body, readOpenAiRequest(body, bytes4Tokens), now);

  it('reads the longest prefix in steps of 128 tokens', () => {
    const cache = new OpenAiCache();
    assert.equal(read(cache, chat('gpt-5.1', THOUSAND_TOKENS(1), 'a', THOUSAND_TOKENS(2)), 0).read, 0);
    const grown = read(cache, chat('gpt-5.1', THOUSAND_TOKENS(1), 'a', THOUSAND_TOKENS(2), 'b', 'c'), 1);
    assert.equal(grown.read, Math.floor((2 + 1003 + 4 + 1002) / 128) * 128);
  });

  it('reads nothing after an early change', () => {
    const cache = new OpenAiCache();
    read(cache, chat('gpt-5.1', THOUSAND_TOKENS(1), 'a', THOUSAND_TOKENS(2)), 0);
    assert.equal(read(cache, chat('gpt-5.1', THOUSAND_TOKENS(9), 'a', THOUSAND_TOKENS(2)), 1).read, 0);
  });

  it('charges for writing on models that cache at the ends of messages', () => {
    const cache = new OpenAiCache();
    const first = read(cache, chat('gpt-6.1-sol', THOUSAND_TOKENS(1) + THOUSAND_TOKENS(2)), 0);
    assert.ok(first.write > 2000 && first.uncached === 3);
    const grown = read(cache, chat('gpt-6.1-sol', THOUSAND_TOKENS(1) + THOUSAND_TOKENS(2), 'a', 'b'), 1);
    assert.equal(grown.read, first.write);
  });
});

describe('validation over HTTP', () => {
  let provider;
  before(async () => (provider = await startProvider()));
  after(() => provider.close());

  async function post(path, body, headers = {}) {
    const response = await fetch(provider.url + path, {
      method: 'POST',
      headers: { 'x-api-key': 'k', ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, text, json: () => JSON.parse(text) };
  }

  const user = (content) => ({ role: 'user', content });
  const call = (id) => ({ role: 'assistant', content: [{ type: 'tool_use', id, name: 'ls', input: {} }] });
  const result = (id) => user([{ type: 'tool_result', tool_use_id: id, content: 'x' }]);
  const messages = (...list) => ({ model: 'claude-sonnet-5-5', max_tokens: 100, messages: list });

  const refused = {
    'a call without its result': [messages(user('a'), call('t1'), user('b')), /without `tool_result`/],
    'a result of an unknown call': [
      messages(user('a'), call('t1'), result('t2')),
      /ids were found without|unexpected `tool_use_id`/,
    ],
    'a result without any call': [messages(result('t2')), /unexpected `tool_use_id`/],
    'an unknown role': [messages({ role: 'robot', content: 'a' }), /role/],
    'an empty text': [messages(user([{ type: 'text', text: '' }])), /non-empty/],
    'messages that are a number': [{ ...messages(), messages: 7 }, /valid list/],
    'a fifth mark': [
      messages(
        user(Array.from({ length: 5 }, () => ({ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }))),
      ),
      /maximum of 4/,
    ],
  };
  for (const [what, [body, wording]] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      const reply = await post('/v1/messages', body);
      assert.equal(reply.status, 400);
      assert.equal(reply.json().type, 'error');
      assert.match(reply.json().error.message, wording);
    });
  }

  it('leaves tools whose loading is deferred out of the prefix', () => {
    const [read, write] = ['Read', 'Write'].map((name) => ({ name, input_schema: { type: 'object' } }));
    const blocks = (tools) =>
      readAnthropicRequest({ ...marked(1, {}), tools }, count).map(({ canon, tokens }) => [canon, tokens]);
    assert.deepEqual(blocks([{ ...write, defer_loading: true }, read]), blocks([read]));
    assert.notDeepEqual(blocks([write, read]), blocks([read]));
  });

  it('takes a system message after a user message, from the models that do', async () => {
    const [user, assistant, system] = ['user', 'assistant', 'system'].map((role) => ({ role, content: 'x' }));
    const accepts = (messages, model = 'claude-sonnet-5-5') => {
      try {
        return readAnthropicRequest({ model, max_tokens: 9, messages }, count).length > 0;
      } catch {
        return false;
      }
    };
    assert.ok(accepts([user, system]));
    assert.ok(accepts([user, system, assistant, user, { ...system, content: [], output_config: { effort: 'low' } }]));
    assert.ok(!accepts([user, system], 'claude-haiku-4-5'));
    assert.ok(!accepts([system, user]));
    assert.ok(!accepts([user, system, user]));
    assert.ok(!accepts([user, system, system]));
    assert.ok(!accepts([user, assistant, system]));
    assert.ok(!accepts([user, { ...system, content: [] }]));
  });

  it('refuses an unanswered OpenAI tool call', async () => {
    const body = {
      model: 'gpt-5.1',
      messages: [
        user('a'),
        { role: 'assistant', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] },
        user('b'),
      ],
    };
    const reply = await post('/v1/chat/completions', body);
    assert.equal(reply.status, 400);
    assert.match(reply.json().error.message, /did not have response messages: c1/);
  });

  async function thinkingConversation(model) {
    const request = { ...messages(user('a')), model, thinking: { type: 'enabled', budget_tokens: 1024 } };
    for (const id of ['t1', 't2']) {
      provider.reply({ thinking: `hm ${id}`, calls: [{ id, name: 'ls', input: {} }] });
      const { content } = (await post('/v1/messages', request)).json();
      request.messages.push({ role: 'assistant', content }, result(id));
    }
    return request;
  }

  it('accepts replayed thinking, and the same with its beginning left out', async () => {
    const request = await thinkingConversation('claude-sonnet-5-5');
    assert.equal((await post('/v1/messages', request)).status, 200);
    request.messages[1].content.shift();
    assert.equal((await post('/v1/messages', request)).status, 200);
  });

  it('refuses thinking after a changed result, by the documented sentence', async () => {
    const request = await thinkingConversation('claude-sonnet-5-5');
    request.messages[2].content[0].content = 'y';
    const reply = await post('/v1/messages', request);
    assert.equal(reply.status, 400);
    assert.equal(
      reply.json().error.message,
      'messages.3.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation. Remove the block, ' +
        'or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block".',
    );
  });

  it('drops that thinking where the request asks for it', async () => {
    const request = await thinkingConversation('claude-sonnet-5-5');
    request.messages[2].content[0].content = 'y';
    request.thinking.block_binding = { prefix_mismatch_behavior: 'drop_block' };
    const reply = await post('/v1/messages', request, { 'anthropic-beta': 'thinking-binding-controls-2026-08-01' });
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.json().input_transformations, [
      { type: 'dropped_block', message_index: 3, content_index: 0 },
    ]);
  });

  it('lets an older model read thinking after a changed result, but not changed thinking', async () => {
    const request = await thinkingConversation('claude-sonnet-4-5');
    request.messages[2].content[0].content = 'y';
    assert.equal((await post('/v1/messages', request)).status, 200);
    request.messages[3].content[0].thinking += '!';
    assert.equal((await post('/v1/messages', request)).status, 400);
  });

  it('streams what it would have answered plainly, in both formats', async () => {
    const reply = {
      text: 'A long answer — with ünïcode — '.repeat(9),
      calls: [{ id: 'c1', name: 'f', input: { a: [1, 2] } }],
    };
    provider.reply(reply);
    const anthropic = await post('/v1/messages', { ...messages(user('a')), stream: true });
    const events = anthropic.text
      .trim()
      .split('\n\n')
      .map((event) => JSON.parse(event.split('\ndata: ')[1]));
    assert.equal(
      events
        .filter((e) => e.delta?.type === 'text_delta')
        .map((e) => e.delta.text)
        .join(''),
      reply.text,
    );
    assert.deepEqual(
      JSON.parse(
        events
          .filter((e) => e.delta?.type === 'input_json_delta')
          .map((e) => e.delta.partial_json)
          .join(''),
      ),
      { a: [1, 2] },
    );
    assert.equal(anthropic.text, provider.last().sent.toString());

    provider.reply(reply);
    const openai = await post('/v1/chat/completions', {
      model: 'gpt-5.1',
      messages: [user('a')],
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = openai.text
      .trim()
      .split('\n\n')
      .map((line) => line.slice('data: '.length));
    assert.equal(chunks.pop(), '[DONE]');
    const deltas = chunks
      .map((chunk) => JSON.parse(chunk))
      .filter((chunk) => chunk.choices.length)
      .map((chunk) => chunk.choices[0].delta);
    assert.equal(deltas.map((delta) => delta.content ?? '').join(''), reply.text);
    assert.ok(JSON.parse(chunks.at(-1)).usage.prompt_tokens > 0);
  });
});

describe('Responses', () => {
  let provider;
  before(async () => {
    provider = await startProvider();
  });
  after(() => provider.close());
  beforeEach(() => provider.forget());

  const ask = async (body, path = '/v1/responses') => {
    const response = await fetch(provider.url + path, {
      method: 'POST',
      headers: { authorization: 'Bearer k', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5.1', ...body }),
    });
    const text = await response.text();
    return { status: response.status, text, json: () => JSON.parse(text) };
  };
  const CALL = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };
  const RESULT = { type: 'function_call_output', call_id: 'c', output: 'r' };

  it('refuses results without a call, calls without a result, and unknown ids', async () => {
    for (const [body, message] of [
      [{ input: [RESULT] }, /No tool call found for function call output/],
      [{ input: [CALL] }, /No tool output found for function call c/],
      [{ input: [{ role: 'tool', content: 'x' }] }, /Invalid value: 'tool'/],
      [{ input: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] }, /Invalid value: 'text'/],
      [{ input: 7 }, /Invalid type for 'input'/],
      [{ input: 'x', previous_response_id: 'resp_none' }, /Previous response with id 'resp_none' not found/],
      [{ input: 'x', previous_response_id: 'resp_none', conversation: 'c' }, /Mutually exclusive/],
    ]) {
      const reply = await ask(body);
      assert.equal(reply.status, 400, reply.text);
      assert.match(reply.json().error.message, message);
    }
  });

  it('keeps what a later request continues, unless told not to', async () => {
    provider.reply({ calls: [{ id: 'c', name: 'f', input: {} }] });
    const first = (await ask({ input: 'go' })).json();
    assert.equal((await ask({ previous_response_id: first.id, input: [RESULT] })).status, 200);
    const whole = await ask({ store: false, input: [{ role: 'user', content: 'go' }, CALL, RESULT] });
    const totals = provider.requests().map(({ account }) => account.total);
    assert.equal(totals[1], totals[2], 'the same prompt, kept or sent');
    assert.equal((await ask({ previous_response_id: whole.json().id, input: 'x' })).status, 400);
    assert.equal((await fetch(`${provider.url}/v1/responses/${first.id}`)).status, 200);
  });

  it('caches a prompt whether it is kept or sent', async () => {
    const first = (await ask({ input: 'w'.repeat(8000) })).json();
    await ask({ previous_response_id: first.id, input: 'go' });
    assert.ok(provider.last().account.read >= 1920);
  });

  it('streams the items of the reply', async () => {
    const reply = { text: 'Grüße '.repeat(20), calls: [{ id: 'c', name: 'f', input: { a: [1, 2] } }] };
    provider.reply(reply);
    const { text } = await ask({ input: 'go', stream: true });
    const events = text
      .trim()
      .split('\n\n')
      .map((event) => JSON.parse(event.split('\ndata: ')[1]));
    const deltas = (type) =>
      events
        .filter((event) => event.type === type)
        .map((event) => event.delta)
        .join('');
    assert.equal(deltas('response.output_text.delta'), reply.text);
    assert.equal(deltas('response.function_call_arguments.delta'), '{"a":[1,2]}');
    assert.ok(events.at(-1).response.usage.input_tokens > 0);
    assert.deepEqual(
      events.map((event) => event.sequence_number),
      events.map((_, i) => i),
    );
  });
});

describe('tokenizer', () => {
  it('counts o200k_base tokens and reads special tokens as text', () => {
    const tokenize = makeTokenizer('bpe');
    assert.equal(tokenize('hello world').length, 2);
    assert.ok(tokenize('<|endoftext|>').length > 1);
  });
});
