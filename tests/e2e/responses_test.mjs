// The Responses API through the proxy: the vendor's SDK, conversations that the
// provider keeps, what belongs to a response, and WebSockets that are refused.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import http from 'node:http';
import { after, describe, it } from 'node:test';

import OpenAI from 'openai';

import { assertPrefixKept, changedResults, originalId, resultTexts } from './support/compare.mjs';
import { ResponsesConversation, callId, toolTurn } from './support/conversation.mjs';
import { Random, SHAPES, buildLog, grepHits, jsonRows, numberedSource } from './support/data.mjs';
import { begin } from './support/growth.mjs';
import { post, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';
import { startProxy } from './support/proxy.mjs';

const TEXT = 'Grüße — the answer is 42. '.repeat(10);
const ROWS = jsonRows(new Random(1), 40);
const HITS = grepHits(new Random(2), 60);

const { provider, proxy } = await startPair({ args: ['--no-ccr'] });

const post_ = (body, options) => post(proxy.url, '/v1/responses', body, options);
const forwarded = () => provider.last().json();
const output = (call_id, text, type = 'function_call_output') => ({ type, call_id, output: text });

describe('openai', () => {
  const client = (base = `${proxy.url}/v1`) => new OpenAI({ baseURL: base, apiKey: 'sk-test', maxRetries: 0 });
  const tools = ['list_services', 'grep'].map((name) => ({
    type: 'function',
    name,
    parameters: { type: 'object' },
    strict: false,
  }));
  const CALLS = [
    { id: 'call_0123456789abcdefghij01', name: 'list_services', input: { region: 'eu', tags: ['a', 'ü'] } },
    { id: 'call_0123456789abcdefghij02', name: 'grep', input: { pattern: '"x"' } },
  ];
  const results = [output(CALLS[0].id, ROWS), output(CALLS[1].id, HITS)];
  const script = (extra = {}) => {
    provider.reply({ text: 'Looking.', reasoning: 'hm', calls: CALLS, ...extra });
    provider.reply({ text: TEXT, ...extra });
  };

  it('plain, with tools and full input', async () => {
    script();
    const input = [{ role: 'user', content: 'Why?' }];
    const settings = { model: 'gpt-5.1', store: false, include: ['reasoning.encrypted_content'], tools };
    const first = await client().responses.create({ ...settings, input });
    assert.deepEqual(
      first.output.map((item) => item.type),
      ['reasoning', 'message', 'function_call', 'function_call'],
    );
    input.push(...first.output, ...results);
    const sent = { ...settings, input };
    const second = await client().responses.create(sent);
    assert.equal(second.output_text, TEXT);
    assert.equal(second.usage.input_tokens, provider.last().account.total);
    assert.equal(changedResults(sent, forwarded()).length, 2);
  });

  for (const emptyAtEnd of [false, true]) {
    it(`streaming, with tools and the id of the last reply${emptyAtEnd ? ', its items sent once' : ''}`, async () => {
      script({ emptyAtEnd });
      const events = [];
      const ask = async (body) => {
        const stream = await client().responses.create({ model: 'gpt-5.1', tools, stream: true, ...body });
        for await (const event of stream) events.push(event);
        return events.findLast((event) => event.type === 'response.completed').response;
      };
      const first = await ask({ input: 'Why?' });
      const second = await ask({ previous_response_id: first.id, input: results });
      assert.equal(
        events
          .filter((event) => event.type === 'response.output_text.delta')
          .map((event) => event.delta)
          .join(''),
        `Looking.${TEXT}`,
      );
      assert.equal(second.usage.input_tokens, provider.last().account.total);
      assert.equal(provider.last().headers.authorization, 'Bearer sk-test');
      assert.deepEqual(
        resultTexts(forwarded()).map(({ text }) => text === ROWS || text === HITS),
        [false, false],
      );
    });
  }

  it('the helper for streams understands what it is given', async () => {
    script();
    const stream = client().responses.stream({ model: 'gpt-5.1', tools, input: 'Why?' });
    const final = await stream.finalResponse();
    assert.equal(final.output.length, 4);
  });

  it('fetches, lists, cancels and deletes a response', async () => {
    const made = await client().responses.create({ model: 'gpt-5.1', input: 'Why?' });
    assert.equal((await client().responses.retrieve(made.id)).id, made.id);
    const items = await client().responses.inputItems.list(made.id);
    assert.equal(items.data[0].content, 'Why?');
    assert.equal((await client().responses.cancel(made.id)).id, made.id);
    await client().responses.delete(made.id);
    await assert.rejects(client().responses.retrieve(made.id), OpenAI.NotFoundError);
  });

  it('works with the bare address', async () => {
    assert.equal((await client(proxy.url).responses.create({ model: 'gpt-5.1', input: 'x' })).output_text, 'ok');
    assert.equal(provider.last().path, '/v1/responses');
  });

  it("sees the provider's errors as its own error classes", async () => {
    await assert.rejects(
      client().responses.create({ model: 'gpt-5.1', previous_response_id: 'resp_gone', input: 'x' }),
      (error) => error instanceof OpenAI.BadRequestError && error.code === 'previous_response_not_found',
    );
  });
});

describe('a conversation that the provider keeps', () => {
  const chained = (options) => begin(new ResponsesConversation({ provider, style: 'chained', ...options }));

  it('has each new result decided, and only new items in its requests', async () => {
    const chat = chained();
    const random = new Random(3);
    for (const shape of [SHAPES.rows, SHAPES.grep, SHAPES.log]) {
      await toolTurn(chat, proxy.url, [shape], random);
      const { sent, forwarded } = await chat.turn(proxy.url, { text: 'I see.' });
      assert.equal(changedResults(sent, forwarded.json()).length, 1, shape.tool);
      assert.equal(sent.input.length, 1);
      chat.user('go on');
    }
  });

  it('leaves a file that was read as it is, whoever holds the call', async () => {
    const chat = chained();
    await toolTurn(chat, proxy.url, [SHAPES.read], new Random(4));
    const { sent, forwarded } = await chat.turn(proxy.url);
    assert.equal(forwarded.body.toString(), JSON.stringify(sent));
  });

  it('meets its decisions again when the client sends everything', async () => {
    const chat = chained();
    const random = new Random(5);
    const seen = new Map();
    for (const shape of [SHAPES.rows, SHAPES.grep]) {
      await toolTurn(chat, proxy.url, [shape], random, { reply: { reasoning: 'hm' } });
      const { forwarded } = await chat.turn(proxy.url, { text: 'I see.' });
      for (const { id, text } of resultTexts(forwarded.json())) seen.set(id, text);
      chat.user('go on');
    }
    chat.style = 'full';
    const { response } = await toolTurn(chat, proxy.url, [SHAPES.log], random);
    assert.equal(response.status, 200);
    const texts = resultTexts(forwarded());
    assert.equal(texts.length, 2);
    for (const { id, text } of texts) assert.equal(text, seen.get(id));
    const log = await request({ url: `${proxy.url}/stats` });
    assert.ok(log.json().blocks.replayed >= 2);
  });

  it('goes on after a restart with the calls of before', async (t) => {
    const mine = await startProxy({ provider, args: ['--no-ccr'] });
    t.after(() => mine.stop());
    const chat = chained();
    await toolTurn(chat, mine.url, [SHAPES.rows], new Random(6));
    await mine.restart();
    const { sent, forwarded } = await chat.turn(mine.url);
    assert.equal(changedResults(sent, forwarded.json()).length, 1);
  });

  it('sends the same bytes when a request is repeated', async () => {
    const chat = chained();
    await toolTurn(chat, proxy.url, [SHAPES.rows], new Random(7));
    const one = await chat.turn(proxy.url, { text: 'a' }, { append: false });
    const two = await chat.turn(proxy.url, { text: 'b' }, { append: false });
    assert.equal(one.forwarded.sha256, two.forwarded.sha256);
    assert.equal(changedResults(two.sent, two.forwarded.json()).length, 1);
  });

  it('stays raw where its call is unknown', async () => {
    const chat = chained();
    await toolTurn(chat, provider.url, [SHAPES.rows], new Random(8)); // not through us
    const { sent, forwarded } = await chat.turn(proxy.url);
    assert.equal(forwarded.body.toString(), JSON.stringify(sent));
  });

  it('may be a conversation object', async () => {
    const key = 'sk-conversation';
    const call = { id: callId('call_'), name: 'list_services', input: {} };
    const conversation = { id: 'conv_1' };
    provider.reply({ calls: [call] });
    assert.equal((await post_({ model: 'gpt-5.1', conversation, input: 'list' }, { key })).status, 200);
    const sent = { model: 'gpt-5.1', conversation, input: [output(call.id, ROWS)] };
    assert.equal((await post_(sent, { key })).status, 200);
    assert.equal(changedResults(sent, forwarded()).length, 1);
  });
});

describe('an item', () => {
  const ask = async (items) => {
    const sent = { model: 'gpt-5.1', store: false, input: [{ role: 'user', content: 'go' }, ...items] };
    const reply = await post_(sent, { key: `sk-${callId('')}` });
    assert.equal(reply.status, 200, reply.text());
    return { sent, changes: changedResults(sent, forwarded()) };
  };

  it('with the result of a custom tool gets smaller', async () => {
    const call = { type: 'custom_tool_call', call_id: 'c', name: 'query', input: 'select 1' };
    assert.equal((await ask([call, output('c', ROWS, 'custom_tool_call_output')])).changes.length, 1);
  });

  it('with the result of a shell gets smaller, a file read by it does not', async () => {
    const local = (command) => ({ type: 'local_shell_call', id: 'l', call_id: 'c', action: { type: 'exec', command } });
    const log = buildLog(new Random(9), 80);
    const file = numberedSource(new Random(10));
    const result = (text) => output('c', text, 'local_shell_call_output');
    assert.equal((await ask([local(['make']), result(log)])).changes.length, 1);
    assert.equal((await ask([local(['cat', 'a.cc']), result(file)])).changes.length, 0);
  });

  it('with the streams of a shell has each of them decided', async () => {
    const call = { type: 'shell_call', call_id: 'c', action: { commands: ['make', 'list'] } };
    const outcome = { type: 'exit', exit_code: 0 };
    const chunks = [
      { stdout: buildLog(new Random(11), 80), stderr: '', outcome },
      { stdout: ROWS, stderr: 'warning: slow', outcome },
    ];
    const sent = { model: 'gpt-5.1', store: false, input: [call, output('c', chunks, 'shell_call_output')] };
    assert.equal((await post_(sent)).status, 200);
    const after = forwarded();
    const [one, two] = after.input[1].output;
    assert.ok(one.stdout.length < chunks[0].stdout.length);
    assert.ok(two.stdout.length < ROWS.length);
    one.stdout = chunks[0].stdout;
    two.stdout = ROWS;
    assert.deepEqual(after, sent);
  });

  it('of another kind is carried: reasoning, hosted tools, compaction, unknown ones', async () => {
    const items = [
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: ROWS },
      { type: 'mcp_call', id: 'mcp_1', server_label: 's', name: 'list', arguments: '{}', output: ROWS },
      { type: 'compaction', id: 'cmp_1', encrypted_content: ROWS },
      { type: 'brand_new', text: ROWS, output: ROWS },
      { role: 'assistant', content: ROWS },
      { role: 'developer', content: ROWS },
    ];
    const { sent } = await ask(items);
    assert.equal(provider.last().body.toString(), JSON.stringify(sent));
  });

  it("'s original can be fetched", async () => {
    const key = 'sk-fetch';
    const call = { type: 'function_call', call_id: 'c', name: 'list', arguments: '{}' };
    await post_({ model: 'gpt-5.1', input: [call, output('c', ROWS)] }, { key });
    const reply = await request({
      url: `${proxy.url}/v1/retrieve/${originalId(ROWS)}`,
      headers: [['authorization', `Bearer ${key}`]],
    });
    assert.equal(reply.json().original_content, ROWS);
  });
});

describe('the proxy', () => {
  it('forwards the very bytes with optimisation off', async () => {
    const body = Buffer.from(
      `{ "model":"gpt-5.1","n":1.0e3, "store":false,"input":[{"call_id":"c","type":"function_call","name":"l","arguments":"{}"},
        {"type":"function_call_output","call_id":"c","output":${JSON.stringify(ROWS)}, "x":"\\u00fc"}]}`,
    );
    assert.equal((await post_(body, { headers: [['x-headroom-optimize', 'off']] })).status, 200);
    assert.equal(provider.last().sha256, createHash('sha256').update(body).digest('hex'));
  });

  it('touches nothing but the results', async () => {
    const head = `{ "model":"gpt-5.1","n":1.0e3, "store":false,"input":[{"call_id":"c","type":"function_call","name":"l","arguments":"{}"},
        {"type":"function_call_output","call_id":"c","output":`;
    const tail = ', "x":"\\u00fc"}]}';
    const key = 'sk-bytes';
    assert.equal((await post_(Buffer.from(head + JSON.stringify(ROWS) + tail), { key })).status, 200);
    const bytes = provider.last().body.toString();
    assert.ok(bytes.startsWith(head) && bytes.endsWith(tail));
    assert.ok(bytes.length < head.length + tail.length + ROWS.length);
  });

  it('counts input as it would be sent, and leaves no trace of it', async () => {
    const key = 'sk-count';
    const call = { type: 'function_call', call_id: 'c', name: 'list', arguments: '{}' };
    const body = { model: 'gpt-5.1', input: [{ role: 'user', content: 'list' }, call, output('c', ROWS)] };
    const counted = await post(proxy.url, '/v1/responses/input_tokens', body, { key });
    const counting = provider.last().body.toString();
    await post_(body, { key });
    assert.equal(counting, provider.last().body.toString());
    assert.equal(
      provider.last().blocks.reduce((sum, { tokens }) => sum + tokens, 0),
      counted.json().input_tokens,
    );
  });

  it('carries a compaction request as it is', async () => {
    const body = { model: 'gpt-5.1', input: [output('c', ROWS)] };
    assert.equal((await post(proxy.url, '/v1/responses/compact', body)).status, 200);
    assert.deepEqual(forwarded(), body);
  });

  it('reads what a response used, streaming or not', async (t) => {
    const mine = await startProxy({ provider, args: ['--no-ccr'] });
    t.after(() => mine.stop());
    for (const stream of [false, true]) {
      provider.reply({ text: TEXT });
      await post(mine.url, '/v1/responses', { model: 'gpt-5.1', input: TEXT.repeat(40), stream });
    }
    const { tokens } = (await request({ url: `${mine.url}/stats` })).json();
    const [one, two] = provider.requests().map(({ account }) => account);
    assert.equal(tokens.input, one.total + two.total);
    assert.equal(tokens.cache_read, two.read - (two.read % 128));
    assert.ok(tokens.cache_read > 0 && tokens.output > 0);
  });

  it('relays a stream that is cut anywhere byte for byte', async () => {
    const call = { id: callId('call_'), name: 'list_services', input: { region: 'ü' } };
    for (const pieceBytes of [1, 7, 4096]) {
      provider.reply({ text: TEXT, calls: [call], sse: { pieceBytes } });
      const reply = await post_({ model: 'gpt-5.1', input: 'go', stream: true });
      assert.deepEqual(reply.body, provider.last().sent);
      await post_({
        model: 'gpt-5.1',
        previous_response_id: /"id":"(resp_\w+)"/.exec(reply.text())[1],
        input: [output(call.id, ROWS)],
      });
      assert.notEqual(resultTexts(forwarded())[0].text, ROWS);
    }
  });

  // 426 is what makes Codex fall back to HTTP at once.
  it('refuses a WebSocket by 426 and asks the provider for none', async () => {
    const upgrade = (path) =>
      new Promise((done, fail) => {
        const outgoing = http.request(`${proxy.url}${path}`, {
          headers: {
            connection: 'Upgrade',
            upgrade: 'websocket',
            'sec-websocket-version': '13',
            'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          },
        });
        outgoing.on('upgrade', () => fail(new Error('upgraded')));
        outgoing.on('response', (incoming) => {
          incoming.resume();
          done({ status: incoming.statusCode, headers: incoming.headers });
        });
        outgoing.on('error', fail);
        outgoing.end();
      });
    for (const path of ['/v1/responses', '/responses']) {
      const { status, headers } = await upgrade(path);
      assert.deepEqual([status, headers.upgrade], [426, 'HTTP/1.1']);
    }
    assert.equal(provider.requests().length + provider.upgrades, 0);
  });
});
