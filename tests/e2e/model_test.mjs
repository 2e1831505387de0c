// Random conversations against a model of what must hold:
//
//   growing      the forwarded blocks start with those of the request before
//   editing      the same up to the edited block
//   branching    the same up to the branch, on both sides
//   parallel     equal requests have equal bytes
//   restarting   changes none of this
//
// In between every request: it is accepted, only tool results differ from what
// was sent, none is longer, and originals can be fetched; parts may be left out.
// HEADROOM_MODEL_SEED and HEADROOM_MODEL_CONVERSATIONS replay and widen a run.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { assertPrefixKept, blocksOf, changedResults, originalId } from './support/compare.mjs';
import { AnthropicConversation, OpenAiConversation, ResponsesConversation, callOf } from './support/conversation.mjs';
import { Random, SHAPES, words } from './support/data.mjs';
import { credentials, post, request } from './support/http.mjs';
import { startProxy } from './support/proxy.mjs';
import { takeWalks } from './support/walks.mjs';

const SEED = Number(process.env.HEADROOM_MODEL_SEED ?? 20261103);
const CONVERSATIONS = Number(process.env.HEADROOM_MODEL_CONVERSATIONS ?? 300);
const LIMIT_MS = 120_000;

let provider;
let proxy;
before(async () => {
  provider = await startProvider();
  proxy = await startProxy({ provider, args: ['--gaps', 'on'] });
});
after(async () => {
  await proxy.stop();
  await provider.close();
});

function newConversation(random, number) {
  const options = { provider, key: `sk-model-${number % 50}`, system: words(random, 6) };
  const thinking = random.chance(0.4);
  const kinds = [
    () => new OpenAiConversation(options),
    () => new ResponsesConversation(options),
    () =>
      new AnthropicConversation({
        ...options,
        style: 'claude-code',
        thinking,
        model: thinking ? 'claude-sonnet-5-5' : 'claude-sonnet-4-5',
      }),
    () => new AnthropicConversation({ ...options, style: 'langchain' }),
    () => new AnthropicConversation({ ...options, style: 'plain' }),
  ];
  const chat = random.pick(kinds)();
  chat.user(`${number}: ${words(random, 12)}`);
  return new Walk(chat, random, 3 + random.below(8));
}

// One conversation and what the provider has seen of it.
class Walk {
  constructor(chat, random, steps) {
    this.chat = chat;
    this.key = chat.key;
    this.random = random;
    this.left = steps;
    this.seen = undefined; // the last forwarded body
    this.kept = undefined; // how many of its blocks must come again; undefined: all
    this.results = []; // of this conversation, to repeat
    this.history = [`${chat.api} ${chat.style ?? ''}${chat.thinking ? ' thinking' : ''} ${chat.key}`];
  }

  async step() {
    --this.left;
    const { chat, random } = this;
    const shapes = Array.from({ length: 1 + random.below(3) }, () => random.pick(Object.values(SHAPES)));
    const made = shapes.map((shape) => callOf({ ...shape, output: (r) => this.output(shape, r) }, random));
    const reply = {
      text: words(random, 5),
      calls: made.map(({ call }) => call),
      ...(chat.thinking ? { thinking: words(random, 8) } : {}),
    };
    await this.send(reply);
    chat.results(
      made.map(({ result }) => ({ ...result, isError: random.chance(0.1), list: random.chance(0.3) })),
      random.chance(0.2) ? words(random, 4) : undefined,
    );
    return this.mutate();
  }

  // A result, now and then one that was there before.
  output(shape, random) {
    if (this.results.length > 0 && random.chance(0.25)) return random.pick(this.results);
    const text = shape.output(random);
    this.results.push(text);
    return text;
  }

  async send(reply) {
    const { chat } = this;
    let twin;
    if (this.random.chance(0.1)) {
      provider.reply(reply, { key: chat.key });
      twin = post(proxy.url, chat.path, JSON.stringify(chat.body()), { key: chat.key, api: chat.api });
    }
    const { sent, forwarded } = await chat.turn(proxy.url, reply);
    if (twin) {
      assert.equal((await twin).status, 200);
      const twins = provider
        .requests()
        .filter((request) => request.key === chat.key && request.body.length === forwarded.body.length);
      assert.equal(new Set(twins.slice(-2).map((request) => request.sha256)).size, 1, 'parallel requests differ');
    }
    const next = forwarded.json();
    for (const { sent: text, forwarded: shorter } of changedResults(sent, next)) {
      assert.ok(shorter.length < text.length, 'a result grew');
      if (this.random.chance(0.02)) await this.fetchOriginal(text);
    }
    this.history.push(`turn${twin ? ' with a twin' : ''}`);
    if (this.seen)
      assertPrefixKept(this.seen, next, { count: this.kept, what: `after "${this.history.join(', ')}" the prefix` });
    this.seen = next;
    this.kept = undefined;
  }

  async fetchOriginal(text) {
    const [credential] = credentials(this.chat.api, this.chat.key);
    const reply = await request({ url: `${proxy.url}/v1/retrieve/${originalId(text)}`, headers: [credential] });
    assert.equal(reply.status, 200, `after "${this.history.join(', ')}" an original is gone`);
    assert.equal(reply.json().original_content, text);
  }

  // What clients do to their own history. Returns a branch, if one began.
  mutate() {
    const { chat, random } = this;
    if (chat.thinking) return undefined; // edits before signed thinking are refused by the provider itself
    if (random.chance(0.08)) this.edit();
    if (random.chance(0.08)) return this.branch();
    if (random.chance(0.05)) this.switchModel();
    return undefined;
  }

  switchModel() {
    const { chat, random } = this;
    chat.model = random.pick(
      chat.api === 'anthropic' ? ['claude-sonnet-4-5', 'claude-opus-5'] : ['gpt-5.1', 'gpt-4.1'],
    );
    this.history.push(chat.model);
  }

  edit() {
    const { chat, random } = this;
    const at = random.below(chat.messages.length);
    const message = chat.messages[at];
    const text = `edited ${words(random, 3)}`;
    if (typeof message.content === 'string') message.content = text;
    else if (message.content?.[0].type === 'tool_result') message.content[0].content = text;
    else if (/text$/.test(message.content?.[0].type)) message.content[0].text = text;
    else return;
    this.history.push(`message ${at} edited`);
    const { messages, input } = this.seen;
    const before = blocksOf({ messages: messages?.slice(0, at), input: input?.slice(0, at) });
    this.kept = Math.min(this.kept ?? Infinity, before.length);
  }

  branch() {
    const branch = new Walk(this.chat.fork(), this.random, 1 + this.random.below(3));
    Object.assign(branch, {
      seen: this.seen,
      kept: this.kept,
      results: [...this.results],
      history: [...this.history, 'branch'],
    });
    return branch;
  }
}

it(
  `${CONVERSATIONS} random conversations keep their forwarded prefixes (seed ${SEED})`,
  { timeout: LIMIT_MS + 30_000 },
  async () => {
    const { steps } = await takeWalks({
      count: CONVERSATIONS,
      seed: SEED,
      limitMs: LIMIT_MS,
      begin: (number) => newConversation(new Random(SEED + 7919 * number), number),
      between: () => provider.forget(),
      restart: (hard) => proxy.restart({ hard }),
    });
    assert.ok(steps >= 3 * CONVERSATIONS);
  },
);
