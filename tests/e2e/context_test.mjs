// Conversations that grow past their model's limit go on: older messages are
// left out in epochs, each of which every later request repeats byte for byte.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { assertPrefixKept, blocksOf, changedResults } from './support/compare.mjs';
import { AnthropicConversation, OpenAiConversation, ResponsesConversation, callId } from './support/conversation.mjs';
import { Random, serverLog, words } from './support/data.mjs';
import { request } from './support/http.mjs';
import { startProxy } from './support/proxy.mjs';

const LIMIT = 20_000;
const MODEL = 'claude-sonnet-4-5';
const CHECKS_THINKING = 'claude-sonnet-5-5';
const MARKER = /<headroom:dropped_context reason=\\?"(\w+)\\?" count=\\?"(\d+)\\?">/;
const HASH = /Retrieve more: hash=([0-9a-f]{24})/;
const LIMITS = JSON.stringify({ [MODEL]: LIMIT, [CHECKS_THINKING]: LIMIT, 'gpt-5.1': LIMIT });

const random = new Random(31);
// Text that no compressor shortens, about `tokens` of it by the provider's count.
const page = (tokens) => words(random, Math.ceil((tokens * 4) / 7.6)).replaceAll(' ', '\n');

async function statsOf(proxy) {
  return (await request({ url: `${proxy.url}/stats` })).json().context;
}

// One turn: the model calls a tool, the client sends what it gave.
async function work(chat, base, result, { name = 'Bash', input = { command: `run ${callId('')}` }, ...reply } = {}) {
  const id = callId();
  const turn = await chat.turn(base, { text: 'On it.', calls: [{ id, name, input }], ...reply });
  chat.results([{ id, content: result }]);
  return turn;
}

// The number of requests whose forwarded blocks do not begin with those of the request before.
function breaks(bodies) {
  let count = 0;
  for (let i = 1; i < bodies.length; ++i) {
    const before = blocksOf(bodies[i - 1]);
    const now = blocksOf(bodies[i]);
    count += before.every((block, at) => block === now[at]) ? 0 : 1;
  }
  return count;
}

// The first result of `turns` that was dropped.
const firstDropped = (body, turns) => {
  const text = JSON.stringify(body);
  return Array.from({ length: turns }, (_, i) => `result ${i}`).find((result) => !text.includes(`${result}\\n`));
};
const markerOf = (body) => MARKER.exec(JSON.stringify(body));
const hashOf = (body) => HASH.exec(JSON.stringify(body).slice(markerOf(body).index))[1];

const STYLES = {
  'Messages, moving marks': (options) => new AnthropicConversation({ style: 'claude-code', ...options }),
  'Messages, lists': (options) => new AnthropicConversation({ style: 'langchain', ...options }),
  'Chat Completions': (options) => new OpenAiConversation(options),
  Responses: (options) => new ResponsesConversation(options),
};

describe('a conversation past its limit', () => {
  let provider;
  let proxy;
  before(async () => {
    provider = await startProvider({ context: LIMIT });
    proxy = await startProxy({ provider, args: ['--no-ccr', '--model-limits', LIMITS] });
  });
  after(async () => {
    await proxy.stop();
    await provider.close();
  });
  beforeEach(() => provider.forget());

  for (const [style, make] of Object.entries(STYLES)) {
    it(`${style}: goes on, breaks the prefix once an epoch, keeps the first task and the last turns`, async () => {
      const before = await statsOf(proxy);
      const chat = make({ provider });
      chat.user('The first task: find the leak.');
      const bodies = [];
      for (let i = 0; i < 30; ++i) {
        if (i % 9 === 5) chat.user(`Task number ${i}: look further.`);
        const { forwarded, sent } = await work(chat, proxy.url, `result ${i}\n${page(1500)}`);
        const text = forwarded.body.toString();
        bodies.push(forwarded.json());
        assert.ok(text.includes('The first task: find the leak.'));
        for (let turn = Math.max(0, i - 4); turn < i; ++turn) assert.ok(text.includes(`result ${turn}\\n`), `${turn} of ${i}`);
        if (i >= 5) assert.ok(text.includes(`Task number ${i - ((i - 5) % 9)}:`));
        // What stays is what the client sent, but for the marker.
        const list = sent.messages ?? sent.input;
        const known = new Set(list.map((message) => JSON.stringify(message)));
        const kept = forwarded.json().messages ?? forwarded.json().input;
        const others = kept.filter((message) => !known.has(JSON.stringify(message)));
        assert.ok(others.length <= 1, JSON.stringify(others.map((other) => JSON.stringify(other).slice(0, 200))));
      }
      const after = await statsOf(proxy);
      const epochs = after.epochs - before.epochs;
      assert.ok(epochs >= 2, `${epochs} epochs`);
      assert.equal(after.refusals, before.refusals);
      assert.equal(breaks(bodies), epochs);
      assert.equal(JSON.stringify(bodies.at(-1)).split('headroom:dropped_context reason').length - 1, 1);
    });
  }

  it('an epoch is replayed after a restart, in a branch and by a client that sends the same again', async () => {
    const chat = new AnthropicConversation({ provider });
    chat.user('Find the leak.');
    let body;
    for (let i = 0; i < 16; ++i) body = (await work(chat, proxy.url, page(1500))).forwarded.json();
    assert.ok(markerOf(body));
    const branch = chat.fork();
    await proxy.restart({ hard: false });
    const { forwarded } = await chat.turn(proxy.url, { text: 'ok' }, { append: false });
    assertPrefixKept(body, forwarded.json());
    const again = await chat.turn(proxy.url);
    assert.equal(again.forwarded.sha256, forwarded.sha256);
    branch.results([{ id: branch.messages.at(-2).content.at(-1).id, content: 'another end' }]);
    branch.messages.splice(-2, 1);
    const other = await branch.turn(proxy.url);
    assert.ok(markerOf(other.forwarded.json()));
    assertPrefixKept(body, other.forwarded.json());
  });

  it('what was dropped can be fetched, exactly as it was sent', async () => {
    const chat = new AnthropicConversation({ provider });
    chat.user('Find the leak.');
    let turn;
    for (let i = 0; i < 16; ++i) turn = await work(chat, proxy.url, `result ${i}\n${page(1500)}`);
    const body = turn.forwarded.json();
    const dropped = turn.sent.messages.filter(
      (message) => !body.messages.some((kept) => JSON.stringify(kept) === JSON.stringify(message)),
    );
    const [, reason, count] = markerOf(body);
    assert.equal(reason, 'intelligent_cap');
    assert.equal(Number(count), dropped.length / 2);
    const url = `${proxy.url}/v1/retrieve/${hashOf(body)}`;
    const whole = await request({ url, headers: [['x-api-key', chat.key]] });
    assert.equal(whole.status, 200);
    assert.deepEqual(JSON.parse(whole.json().original_content), dropped);
    const stranger = await request({ url, headers: [['x-api-key', 'sk-somebody-else']] });
    assert.equal(stranger.status, 404);
    const wanted = firstDropped(body, 16);
    const part = await request({ url: `${url}?query=${encodeURIComponent(wanted)}`, headers: [['x-api-key', chat.key]] });
    assert.ok(part.json().results.includes(wanted));
    assert.ok(part.text().length < 20_000);
  });

  it('a request that fits is not touched, and a client that compacts its history has left the epoch', async () => {
    const chat = new AnthropicConversation({ provider });
    chat.user('Find the leak.');
    for (let i = 0; i < 16; ++i) await work(chat, proxy.url, page(1500));
    chat.messages = [{ role: 'user', content: [{ type: 'text', text: 'Summary of what was: nothing yet.' }] }];
    const { sent, forwarded } = await chat.turn(proxy.url);
    assert.deepEqual(changedResults(sent, forwarded.json()), []);
    assert.equal(forwarded.body.toString(), JSON.stringify(sent));
  });

  it('a client that edits an early message has left the epoch and gets its own', async () => {
    const chat = new AnthropicConversation({ provider });
    chat.user('Find the leak.');
    for (let i = 0; i < 15; ++i) await work(chat, proxy.url, page(1500));
    chat.messages[2].content[0].content = 'cleared';
    const { forwarded } = await chat.turn(proxy.url);
    assert.ok(markerOf(forwarded.json()));
    assert.ok(!hashOf(forwarded.json()).includes('undefined'));
  });

  it('where everything is protected the request goes as it came and the refusal is the client’s', async () => {
    const before = await statsOf(proxy);
    const chat = new AnthropicConversation({ provider });
    chat.user('Read it.');
    await work(chat, proxy.url, page(LIMIT + 1000));
    const { sent, forwarded, response } = await chat.turn(proxy.url, { text: 'never' }, { expect: 400 });
    assert.match(response.json().error.message, /prompt is too long/);
    assert.equal(forwarded.body.toString(), JSON.stringify(sent));
    const after = await statsOf(proxy);
    assert.equal(after.all_protected, before.all_protected + 1);
    assert.equal(after.epochs, before.epochs);
  });

  for (const boundary of ['in a pending tool turn', 'at a user’s message']) {
    it(`signed thinking: the provider accepts what follows an epoch ${boundary}`, async () => {
      const before = await statsOf(proxy);
      const chat = new AnthropicConversation({ provider, style: 'claude-code', thinking: true, model: CHECKS_THINKING });
      chat.user('Find the leak.');
      for (let i = 0; i < 24; ++i) {
        await work(chat, proxy.url, page(1300), { thinking: `Step ${i}.` });
        if (boundary === 'in a pending tool turn') continue;
        await chat.turn(proxy.url, { thinking: 'Think.', text: 'Found something.' });
        chat.user(`Question ${i}. ${page(200)}`);
      }
      const after = await statsOf(proxy);
      assert.ok(after.epochs - before.epochs >= 2);
      const { failures } = (await request({ url: `${proxy.url}/stats` })).json();
      assert.equal(failures.thinking_prefix_mismatch, undefined);
    });
  }
});

describe('a limit that is not known', () => {
  it('is learnt from one refusal, which the client does not see', async () => {
    const provider = await startProvider({ context: LIMIT });
    const proxy = await startProxy({ provider, args: ['--no-ccr'] });
    try {
      for (const chat of [
        new AnthropicConversation({ provider, model: MODEL }),
        new OpenAiConversation({ provider, model: 'gpt-5.1' }),
        new ResponsesConversation({ provider, model: 'gpt-4.1' }),
      ]) {
        const before = await statsOf(proxy);
        chat.user('Find the leak.');
        for (let i = 0; i < 30; ++i) await work(chat, proxy.url, page(1500));
        const after = await statsOf(proxy);
        assert.equal(after.refusals - before.refusals, 1);
        assert.ok(after.epochs - before.epochs >= 2);
      }
    } finally {
      await proxy.stop();
      await provider.close();
    }
  });
});

describe('switches', () => {
  async function run(args, { result = (i) => `result ${i}\n${page(1500)}`, turns = 16, call } = {}, check) {
    const provider = await startProvider({ context: LIMIT });
    const proxy = await startProxy({ provider, args: ['--model-limits', LIMITS, ...args] });
    try {
      const chat = new AnthropicConversation({ provider });
      chat.user('Find the leak.');
      let turn;
      for (let i = 0; i < turns; ++i) turn = await work(chat, proxy.url, result(i), call);
      await check({ body: turn.forwarded.json(), sent: turn.sent, stats: await statsOf(proxy), chat, proxy, provider });
    } finally {
      await proxy.stop();
      await provider.close();
    }
  }

  for (const args of [['--no-intelligent-context'], ['--no-intelligent-scoring']]) {
    it(`${args[0]}: the oldest go first`, () =>
      run([...args, '--no-ccr'], {}, ({ body }) => {
        const [, reason, count] = markerOf(body);
        assert.equal(reason, args[0] === '--no-intelligent-context' ? 'token_cap' : 'intelligent_cap');
        const text = JSON.stringify(body);
        for (let i = 0; i < 15; ++i) assert.equal(text.includes(`result ${i}\\n`), i >= Number(count), `result ${i}`);
      }));
  }

  // Results that are cut with care at first: there is more to be had from them.
  const sentences = () => Array.from({ length: 180 }, () => words(random, 12)).join('\n');
  const logs = { result: (i) => `result ${i}\n${sentences()}`, turns: 60 };
  const careful = ['--ccr', '--tool-profile', 'Bash:conservative'];

  it('where the model can open gaps older results are shortened further before anything is dropped', () =>
    run(careful, logs, ({ stats, body, chat }) => {
      assert.ok(stats.epochs > 1 && stats.deepened_results > 0);
      // Each is counted once, however many epochs there were.
      assert.ok(stats.dropped_messages < chat.messages.length && stats.deepened_results <= logs.turns);
      assert.match(JSON.stringify(body), HASH);
    }));

  it('--no-compress-first: nothing is shortened further', () =>
    run([...careful, '--no-compress-first'], logs, ({ stats }) => {
      assert.equal(stats.deepened_results, 0);
      assert.ok(stats.epochs > 0);
    }));

  it('the model reads dropped messages with its tool, by a query', () =>
    run(['--ccr'], { call: { name: 'Read', input: { file_path: 'src/a.cc' } } }, async ({ body, chat, proxy, provider }) => {
      assert.match(JSON.stringify(body), /call headroom_retrieve with the hash/);
      const ask = { id: callId(), name: 'headroom_retrieve', input: { hash: hashOf(body), query: firstDropped(body, 16) } };
      provider.reply({ text: 'What was it?', calls: [ask] }, { key: chat.key });
      const { response } = await chat.turn(proxy.url, { text: 'Ah.' });
      assert.ok(!response.text().includes('headroom_retrieve'));
      const answer = provider.requests().at(-1).json().messages.at(-1).content[0].content;
      assert.ok(answer.includes(`${firstDropped(body, 16)}\n`));
      assert.ok(answer.length < 20_000);
    }));
});
