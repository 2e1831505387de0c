// The vendors' own clients through the proxy, plain and streaming, with tools.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

import { assertPrefixKept } from './support/compare.mjs';
import { Random, grepHits, jsonRows } from './support/data.mjs';
import { startPair } from './support/pair.mjs';

const TEXT = 'Grüße — the answer is 42. '.repeat(10);
const ROWS = jsonRows(new Random(1), 40);
const HITS = grepHits(new Random(2), 60);

const { provider, proxy } = await startPair();

// Script of an agent that calls two tools at once, then answers.
function scriptAgent(extra = {}) {
  provider.reply({
    text: 'Looking.',
    ...extra,
    calls: [
      { id: 'toolu_call_1', name: 'list_services', input: { region: 'eu', tags: ['a', 'ü'] } },
      { id: 'toolu_call_2', name: 'grep', input: { pattern: '"x"' } },
    ],
  });
  provider.reply({ text: TEXT });
}

// The second request: both results shorter, the prefix as it was.
function assertSecondRequest(expectedChanges = 2) {
  const [first, second] = provider.requests();
  assert.equal(provider.requests().length, 2);
  assertPrefixKept(first.json(), second.json());
  const texts = second
    .json()
    .messages.flatMap((message) =>
      message.role === 'tool'
        ? [message.content]
        : Array.isArray(message.content)
          ? message.content.filter((block) => block.type === 'tool_result').map((block) => block.content)
          : [],
    );
  assert.equal(texts.filter((text) => text !== ROWS && text !== HITS).length, expectedChanges);
}

describe('@anthropic-ai/sdk', () => {
  const client = () => new Anthropic({ baseURL: proxy.url, apiKey: 'sk-ant-test', maxRetries: 0 });
  const tools = ['list_services', 'grep'].map((name) => ({
    name,
    description: name,
    input_schema: { type: 'object' },
  }));
  const results = [
    { type: 'tool_result', tool_use_id: 'toolu_call_1', content: ROWS },
    { type: 'tool_result', tool_use_id: 'toolu_call_2', content: HITS },
  ];
  const request = { model: 'claude-sonnet-4-5', max_tokens: 2000, tools };

  it('plain, with tools', async () => {
    scriptAgent();
    const messages = [{ role: 'user', content: 'Why?' }];
    const first = await client().messages.create({ ...request, messages });
    assert.equal(first.stop_reason, 'tool_use');
    assert.deepEqual(first.content[1].input, { region: 'eu', tags: ['a', 'ü'] });
    messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: results });
    const second = await client().messages.create({ ...request, messages });
    assert.equal(second.content[0].text, TEXT);
    assert.equal(second._request_id, provider.last().id);
    assertSecondRequest();
  });

  it('streaming, with tools and thinking', async () => {
    scriptAgent({ thinking: 'Let me think.' });
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    const messages = [{ role: 'user', content: 'Why?' }];
    const first = await client()
      .messages.stream({ ...request, model: 'claude-sonnet-5-5', thinking, messages })
      .finalMessage();
    assert.deepEqual(
      first.content.map((block) => block.type),
      ['thinking', 'text', 'tool_use', 'tool_use'],
    );
    messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: results });
    const pieces = [];
    const stream = client().messages.stream({ ...request, model: 'claude-sonnet-5-5', thinking, messages });
    stream.on('text', (text) => pieces.push(text));
    const second = await stream.finalMessage();
    assert.equal(pieces.join(''), TEXT);
    assert.equal(second.usage.output_tokens, provider.last().account.usage(second.usage.output_tokens).output_tokens);
    assertSecondRequest();
  });

  it('counts tokens, lists models and creates batches', async () => {
    const counted = await client().messages.countTokens({
      model: request.model,
      messages: [{ role: 'user', content: 'hi' }],
    });
    assert.ok(counted.input_tokens > 0);
    const models = await client().models.list();
    assert.ok(models.data.some((model) => model.id === 'claude-sonnet-4-5'));
    provider.reply({
      status: 200,
      headers: [['content-type', 'application/json']],
      body: '{"id":"msgbatch_1","type":"message_batch","processing_status":"in_progress"}',
    });
    const batch = await client().messages.batches.create({
      requests: [{ custom_id: 'a', params: { ...request, messages: [{ role: 'user', content: 'hi' }] } }],
    });
    assert.equal(batch.id, 'msgbatch_1');
  });

  it("sees the provider's errors as its own error classes", async () => {
    const body = (type) => JSON.stringify({ type: 'error', error: { type, message: 'no' } });
    const headers = [
      ['content-type', 'application/json'],
      ['request-id', 'req_err'],
      ['retry-after', '3'],
    ];
    for (const [status, type, ErrorClass] of [
      [401, 'authentication_error', Anthropic.AuthenticationError],
      [429, 'rate_limit_error', Anthropic.RateLimitError],
      [529, 'overloaded_error', Anthropic.InternalServerError],
      [400, 'invalid_request_error', Anthropic.BadRequestError],
    ]) {
      for (const stream of [false, true]) {
        provider.reply({ status, headers, body: body(type) });
        const error = await client()
          .messages.create({ ...request, stream, messages: [{ role: 'user', content: 'hi' }] })
          .then(
            () => undefined,
            (e) => e,
          );
        assert.ok(error instanceof ErrorClass, `${status}: ${error}`);
        assert.deepEqual([error.status, error.error.error.type, error.headers.get('retry-after')], [status, type, '3']);
      }
    }
  });

  it('retries an overloaded provider by itself', async () => {
    provider.reply({ status: 529, headers: [['retry-after-ms', '1']], body: '{}' });
    provider.reply({ text: 'now' });
    const patient = new Anthropic({ baseURL: proxy.url, apiKey: 'k', maxRetries: 1 });
    assert.equal(
      (await patient.messages.create({ ...request, messages: [{ role: 'user', content: 'hi' }] })).content[0].text,
      'now',
    );
  });

  it('aborts', async () => {
    provider.reply({ text: TEXT, sse: { gapMs: 20 } });
    const stream = client().messages.stream({ ...request, messages: [{ role: 'user', content: 'hi' }] });
    stream.on('text', () => stream.abort());
    await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
    await provider.last().closed;
    assert.equal(provider.last().finished, false);
  });
});

describe('openai', () => {
  const client = () => new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'sk-test', maxRetries: 0 });
  const tools = ['list_services', 'grep'].map((name) => ({
    type: 'function',
    function: { name, description: name, parameters: { type: 'object' } },
  }));
  const results = [
    { role: 'tool', tool_call_id: 'toolu_call_1', content: ROWS },
    { role: 'tool', tool_call_id: 'toolu_call_2', content: HITS },
  ];

  it('plain, with tools', async () => {
    scriptAgent();
    const messages = [
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'Why?' },
    ];
    const first = await client().chat.completions.create({ model: 'gpt-5.1', tools, messages });
    assert.equal(first.choices[0].finish_reason, 'tool_calls');
    messages.push(first.choices[0].message, ...results);
    const second = await client().chat.completions.create({ model: 'gpt-5.1', tools, messages });
    assert.equal(second.choices[0].message.content, TEXT);
    assertSecondRequest();
  });

  it('streaming, with tools and usage', async () => {
    scriptAgent();
    const messages = [{ role: 'user', content: 'Why?' }];
    const ask = async () => {
      const stream = client().chat.completions.stream({
        model: 'gpt-5.1',
        tools,
        messages,
        stream_options: { include_usage: true },
      });
      return stream.finalChatCompletion();
    };
    const first = await ask();
    const { role, content, tool_calls } = first.choices[0].message;
    assert.equal(tool_calls.length, 2);
    messages.push(
      {
        role,
        content,
        tool_calls: tool_calls.map(({ id, type, function: { name, arguments: text } }) => ({
          id,
          type,
          function: { name, arguments: text },
        })),
      },
      ...results,
    );
    const second = await ask();
    assert.equal(second.choices[0].message.content, TEXT);
    assert.equal(second.usage.prompt_tokens, provider.last().account.total);
    assertSecondRequest();
  });

  it('reaches models, embeddings and responses', async () => {
    assert.ok((await client().models.list()).data.some((model) => model.id === 'gpt-5.1'));
    const body = JSON.stringify({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.25] }],
      model: 'm',
      usage: { prompt_tokens: 1, total_tokens: 1 },
    });
    provider.reply({ status: 200, headers: [['content-type', 'application/json']], body });
    assert.deepEqual(
      (await client().embeddings.create({ model: 'm', input: 'x', encoding_format: 'float' })).data[0].embedding,
      [0.25],
    );
    provider.reply({
      status: 200,
      headers: [['content-type', 'application/json']],
      body: '{"id":"resp_1","object":"response","output":[]}',
    });
    assert.equal((await client().responses.create({ model: 'gpt-5.1', input: 'x' })).id, 'resp_1');
  });

  it("sees the provider's errors and ours as its own error classes", async () => {
    provider.reply({
      status: 429,
      headers: [['content-type', 'application/json']],
      body: '{"error":{"message":"slow","type":"tokens","code":"rate_limit_exceeded"}}',
    });
    const limited = await client()
      .chat.completions.create({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'x' }] })
      .then(
        () => undefined,
        (e) => e,
      );
    assert.ok(limited instanceof OpenAI.RateLimitError);
    assert.equal(limited.code, 'rate_limit_exceeded');
    provider.reply({ fault: 'close' });
    provider.reply({ fault: 'close' });
    const broken = await client()
      .chat.completions.create({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'x' }] })
      .then(
        () => undefined,
        (e) => e,
      );
    assert.ok(broken instanceof OpenAI.InternalServerError);
    assert.equal(broken.status, 502);
  });

  it('works with the bare address, as Cursor is set up', async () => {
    const bare = new OpenAI({ baseURL: proxy.url, apiKey: 'sk-test', maxRetries: 0 });
    const reply = await bare.chat.completions.create({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'x' }] });
    assert.equal(reply.choices[0].message.content, 'ok');
    assert.equal(provider.last().path, '/v1/chat/completions');
  });
});
