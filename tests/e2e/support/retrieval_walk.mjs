// One random conversation in which the model opens gaps, and the checks after each of its turns. See
// model_retrieval_test.mjs.

import assert from 'node:assert/strict';

import { AnthropicConversation, OpenAiConversation, ResponsesConversation, callId, callOf } from './conversation.mjs';
import { SHAPES, serverLog, words } from './data.mjs';
import {
  CHAT_ECHOES,
  ECHOES,
  STRING_ECHOES,
  accumulateChat,
  accumulateMessages,
  accumulateResponses,
} from './echoes.mjs';
import { post } from './http.mjs';
import { assertSameButOurs, droppedOf, expectedAfter, promptOf } from './prompts.mjs';

const TOOL = 'headroom_retrieve';
const TOO_LONG = /prompt is too long|maximum context length/;
const ACCUMULATE = { anthropic: accumulateMessages, openai: accumulateChat, responses: accumulateResponses };
// A window of 14,000 tokens holds some ten such results.
const SHORT_SHAPES = {
  log: { ...SHAPES.journal, output: (random) => serverLog(random, 40 + random.below(60), `ERROR ${words(random, 5)}`) },
  rows: SHAPES.rows,
  small: SHAPES.small,
  read: SHAPES.read,
};
// Messages of calls cannot be strings; those of a pending turn keep their thoughts.
const THINKING_ECHOES = [
  'as it was shown',
  'with blank texts left out',
  'with each text trimmed',
  'with adjacent texts joined',
];
const MESSAGE_ECHOES = [...THINKING_ECHOES, 'with all texts in one block in front of the calls'];

const KINDS = [
  { Chat: OpenAiConversation, model: 'gpt-5.1' },
  { Chat: ResponsesConversation, model: 'gpt-5.1', style: 'full' },
  { Chat: ResponsesConversation, model: 'gpt-5.1', style: 'chained', noEpochs: true },
  { Chat: AnthropicConversation, model: 'claude-sonnet-5-5', style: 'claude-code', thinking: true },
  { Chat: AnthropicConversation, model: 'claude-sonnet-4-5', style: 'claude-code' },
  { Chat: AnthropicConversation, model: 'claude-sonnet-4-5', style: 'langchain' },
  { Chat: AnthropicConversation, model: 'claude-sonnet-4-5', style: 'plain' },
];

export class RetrievalWalk {
  constructor(world, random, number) {
    const { Chat, noEpochs, ...kind } = random.pick(KINDS);
    const size = random.pick(['large', 'large', 'large', 'small', 'tight']);
    this.small = size !== 'large' && !noEpochs;
    if (this.small) kind.model += size === 'tight' && !kind.thinking ? '-tight' : '-small';
    this.world = world;
    this.random = random;
    this.key = `sk-walk-${number}`;
    this.chat = new Chat({ ...kind, provider: world.provider, key: this.key, system: words(random, 6) });
    this.chat.user(`${number}: ${words(random, 12)}`);
    this.left = this.small ? 12 + random.below(16) : 3 + random.below(8);
    this.hashes = new Set();
    this.ours = new Set(); // ids of our tool's calls
    this.expected = undefined; // what the next prompt begins with
    this.cached = 0; // tokens that the cache must read for it
    this.epochs = new Set(); // by the first block of each that differs
    this.unwatched = false; // a prompt had no other to be compared with, whole: an epoch may have begun there
    this.history = [`${number} ${this.chat.api} ${this.chat.style ?? ''} ${this.chat.model}`];
  }

  // ---- the model

  // The provider asks for a reply to a prompt. A prompt that is too long gets none, and the next is asked for anew.
  speak(asked) {
    const { chat, random } = this;
    const body = asked.body.toString();
    for (const [, hash] of body.matchAll(/hash=([0-9a-f]{24})/g)) this.hashes.add(hash);
    const can = body.includes(`"name":"${TOOL}"`) && this.hashes.size > 0;
    const opens = can && random.chance(this.turn.rounds < 5 ? this.turn.eagerness : 0.5) ? this.callsOfOurs() : [];
    const ends = opens.length === 0 || random.chance(0.25);
    const theirs = ends && this.turn.calls ? this.theirCalls() : [];
    const silent = opens.length > 0 && random.chance(0.2) && !this.turn.twin;
    asked.said = {
      ...(chat.thinking && random.chance(0.9) ? { thinking: words(random, 8) } : {}),
      ...(chat.api === 'responses' && random.chance(0.4) ? { reasoning: words(random, 4).replaceAll(' ', '') } : {}),
      ...(silent ? {} : { text: random.pick(['', ' ', '\n\n']) + words(random, 5) + random.pick(['', '\n', ' ']) }),
      calls: random.chance(0.5) ? [...opens, ...theirs] : [...theirs, ...opens],
    };
    // A tool turn begins with a thought.
    if (chat.thinking && asked.said.calls.length > 0) asked.said.thinking ??= 'Hm.';
    if (opens.length > 0) ++this.turn.rounds;
    // The provider signs the thought of what it is given.
    return (asked.said.reply = { ...asked.said, sse: this.framing() });
  }

  callsOfOurs() {
    return Array.from({ length: 1 + this.random.below(3) }, () => {
      const call = { id: callId(this.prefix()), name: TOOL, input: this.input() };
      this.ours.add(call.id);
      return call;
    });
  }

  input() {
    const { random } = this;
    const hash = random.pick([...this.hashes]);
    return random.pick([
      { hash },
      { hash, query: words(random, 2) },
      { hash, query: 'error failed' },
      { hash: hash.toUpperCase() },
      { hash: random.hex(24) },
      random.pick([{}, { hash: 7 }, { hash: 'abc' }, { hash, query: { a: [1] } }, { hash, page: 2 }]),
    ]);
  }

  theirCalls() {
    const { random } = this;
    const shapes = Object.values(this.small ? SHORT_SHAPES : SHAPES);
    const made = Array.from({ length: 1 + random.below(this.small ? 2 : 3) }, () =>
      callOf(random.pick(shapes), random, callId(this.prefix())),
    );
    for (const { result } of made) this.turn.results.set(result.id, result);
    return made.map(({ call }) => call);
  }

  prefix() {
    return this.chat.api === 'anthropic' ? 'toolu_' : 'call_';
  }

  framing() {
    const { random } = this;
    return random.chance(0.3) ? { pieceBytes: 5 + random.below(400), newline: random.pick(['\n', '\r\n']) } : {};
  }

  // ---- the client

  async step() {
    --this.left;
    const { random, world } = this;
    ++world.turns;
    world.byKey.set(this.key, this);
    this.turn = {
      rounds: 0,
      eagerness: random.chance(0.03) ? 1 : 0.35,
      calls: random.chance(this.small ? 0.85 : 0.75),
      twin: random.chance(0.07) ? random.pick(['at once', 'retry']) : undefined,
      results: new Map(),
    };
    const sent = this.chat.body();
    const asked = () => this.ask(sent);
    const replies = this.turn.twin === 'at once' ? await Promise.all([asked(), asked()]) : [await asked()];
    if (this.turn.twin === 'retry') replies.push(await asked());
    const reply = replies[this.turn.twin === 'retry' ? 1 : random.below(replies.length)];
    this.history.push(`turn${this.turn.twin ? ` ${this.turn.twin}` : ''}`);
    if (reply.refused) return this.giveUp(reply.refused);
    this.check(sent, replies, reply);
    this.answer(reply);
    return this.mutate();
  }

  async ask(sent) {
    const { chat, random, world } = this;
    const stream = random.chance(0.5);
    const counts = stream && chat.api === 'openai' && random.chance(0.5);
    const options = counts ? { stream_options: { include_usage: true } } : {};
    // `messages` stays the last field.
    const { messages, input, ...head } = sent;
    const body = { ...head, ...(stream ? { stream, ...options } : {}), ...(messages ? { messages } : { input }) };
    const response = await post(world.proxy.url, chat.path, JSON.stringify(body), { key: this.key, api: chat.api });
    const bytes = response.text();
    assert.ok(!response.cut, this.told('the reply was cut'));
    this.assertUnseen(bytes);
    if (response.status !== 200) return { refused: `${response.status} ${bytes.slice(0, 300)}` };
    const message = stream ? ACCUMULATE[chat.api](bytes) : response.json();
    if (message.error) return { refused: `in a stream: ${JSON.stringify(message.error).slice(0, 300)}` };
    return { message, stream };
  }

  assertUnseen(bytes) {
    assert.ok(!bytes.includes(TOOL), this.told('the client sees our tool'));
    for (const id of this.ours) assert.ok(!bytes.includes(id), this.told(`the client sees our call ${id}`));
  }

  // Nothing more can be left out in the middle of a reply (docs/retrieval.md): where even short answers do not fit
  // behind it, the client gets the provider's refusal. So it does where all that is too long is protected, and where
  // an epoch that should just have fitted did not by the provider's count.
  giveUp(refused) {
    assert.ok(this.small && TOO_LONG.test(refused), this.told(`the client was refused: ${refused}`));
    this.checkAccepted();
    const [, tokens, limit] = /(\d+) tokens > (\d+)/.exec(refused) ?? [];
    const [, window, counted] = /length is (\d+) tokens.* (\d+) tokens/.exec(refused) ?? [];
    const excess = Number(tokens ?? counted) / Number(limit ?? window);
    if (this.turn.rounds > 0) ++this.world.refused;
    else if (excess <= 1.03) ++this.world.nearly;
    else ++this.world.protected;
    this.left = 0;
    return undefined;
  }

  // ---- what must hold

  told(what) {
    return `after "${this.history.join(', ')}" ${what}`;
  }

  // The prompts of this turn that the provider took. Others were too long, and for nothing else.
  checkAccepted() {
    const all = this.world.provider.requests().filter(({ key }) => key === this.key);
    for (const { status, error } of all)
      assert.ok(status === 200 || TOO_LONG.test(error), this.told(`refused: ${error}`));
    return all.filter(({ status }) => status === 200);
  }

  check(sent, replies, reply) {
    const accepted = this.checkAccepted();
    const chains = replies.filter(({ refused }) => !refused).map((one) => this.chainOf(one, accepted, replies.length));
    const chain = chains[replies.filter(({ refused }) => !refused).indexOf(reply)];
    if (chains.length === 2) {
      const [a, b] = chains.map(([first]) => JSON.stringify(promptOf(first)));
      assert.ok(a === b || this.small, this.told('equal requests went upstream unequal'));
    }
    this.assertPrefix(chain[0]);
    chain.slice(1).forEach((next, i) => {
      const expected = expectedAfter(chain[i]);
      this.assertBegins(promptOf(next), expected, expected.length, 'a continuation');
    });
    const dropped = droppedOf(promptOf(chain[0]));
    assert.ok(dropped === undefined || this.small, this.told('messages were dropped that fit'));
    assertSameButOurs(sent, chain[0].json(), { ours: this.ours, dropped, told: (what) => this.told(what) });
    this.assertShown(chain, this.shown(reply.message));
    const last = chain.at(-1);
    this.world.rounds += chain.filter(({ said }) => said.calls.some(({ id }) => this.ours.has(id))).length;
    if (new Set(last.said.calls.map(({ id }) => this.ours.has(id))).size === 2) ++this.world.mixed;
    this.last = last;
  }

  // The prompts that led to one reply. Of two at once each text tells whose it is.
  chainOf({ message }, accepted, replies) {
    if (replies === 1) return accepted;
    const { text } = this.shown(message);
    return accepted.filter(({ said }) => said.text && text.includes(said.text));
  }

  assertPrefix(first) {
    const prompt = promptOf(first);
    this.unwatched ||= this.chat.messages.length > 2 && (this.expected === undefined || this.kept !== undefined);
    if (this.expected === undefined) return;
    const end = Math.min(this.kept ?? Infinity, this.expected.length);
    const at = this.expected.slice(0, end).findIndex((block, i) => block !== prompt[i]);
    if (at !== -1 && this.small) return this.enterEpoch(prompt[at], this.expected[at]);
    this.assertBegins(prompt, this.expected, end, 'the prompt');
    if (this.kept === undefined && this.chat.model === this.cachedModel) {
      assert.ok(first.account.read >= this.cached, this.told(`the cache read ${first.account.read} of ${this.cached}`));
    }
    return undefined;
  }

  // The first block that differs is the epoch's: its marker, or a result that it shortened. None comes twice.
  enterEpoch(block, was) {
    this.history.push('epoch');
    const fits = droppedOf([block]) !== undefined || block.length < was.length;
    assert.ok(fits, this.told(`the prompt changed: ${was.slice(0, 300)}\nto ${block.slice(0, 300)}`));
    assert.ok(!this.epochs.has(block), this.told(`an epoch comes back: ${block.slice(0, 300)}`));
    this.epochs.add(block);
    this.world.epochs.add(block);
    ++this.world.breaks;
  }

  assertBegins(prompt, expected, end, what) {
    for (let i = 0; i < end; ++i) {
      if (prompt[i] === expected[i]) continue;
      const near = (list) => list.slice(Math.max(0, i - 1), i + 3).map((block) => block.slice(0, 200));
      const both = [expected, prompt].map((list) => JSON.stringify(near(list), null, 1)).join('\n');
      assert.fail(this.told(`${what} changed at block ${i} of ${end}:\n${both}`));
    }
  }

  // A reply as the client has it: its text, its calls, why it ended.
  shown(message) {
    const { api } = this.chat;
    if (api === 'anthropic') {
      const of = (type) => message.content.filter((block) => block.type === type);
      return {
        text: of('text').map(({ text }) => text).join(''),
        thoughts: of('thinking').map(({ signature }) => signature),
        calls: of('tool_use').map(({ id }) => id),
        calling: message.stop_reason === 'tool_use',
      };
    }
    if (api === 'openai') {
      const [{ message: said, finish_reason }] = message.choices;
      return {
        text: said.content ?? '',
        thoughts: [],
        calls: (said.tool_calls ?? []).map(({ id }) => id),
        calling: finish_reason === 'tool_calls',
      };
    }
    const of = (type) => message.output.filter((item) => item.type === type);
    const calls = of('function_call').map(({ call_id }) => call_id);
    return {
      text: of('message').map(({ content }) => content[0].text).join(''),
      thoughts: [],
      calls,
      calling: calls.length > 0, // no field says so
    };
  }

  assertShown(chain, shown) {
    const said = chain.map((asked) => asked.said);
    const calls = said.flatMap((one) => one.calls.map(({ id }) => id)).filter((id) => !this.ours.has(id));
    assert.equal(shown.text, said.map(({ text }) => text ?? '').join(''), this.told('the text'));
    assert.deepEqual(shown.calls, calls, this.told('the calls'));
    assert.equal(shown.calling, calls.length > 0, this.told('the reason of the end'));
    if (!this.chat.thinking) return;
    const thoughts = chain.map(({ said: { reply } }) => reply.thinking?.signature).filter(Boolean);
    assert.deepEqual(shown.thoughts, thoughts, this.told('the thoughts'));
  }

  // ---- and on

  answer({ message }) {
    const { chat, random, last } = this;
    const unanswered = last.said.calls.some(({ id }) => this.ours.has(id)) && !this.hasTheirs(last);
    const form = this.append(message);
    this.expected = form === 'as it was shown' && !unanswered ? expectedAfter(last) : promptOf(last);
    this.kept = undefined;
    this.cached = chat.style === 'langchain' || chat.style === 'plain' ? 0 : cachedOf(chat.api, last);
    this.cachedModel = chat.model;
    this.lastBody = last.json();
    const results = this.shown(message).calls.map((id) => this.turn.results.get(id));
    const text = random.chance(0.2) ? words(random, 6) : undefined;
    if (results.length === 0) chat.user(words(random, 8));
    else chat.results(results.map((one) => ({ ...one, isError: random.chance(0.1), list: random.chance(0.3) })), text);
  }

  hasTheirs({ said }) {
    return said.calls.some(({ id }) => !this.ours.has(id));
  }

  append(message) {
    const { chat, random } = this;
    const verbatim = random.chance(0.4) || chat.style === 'chained';
    if (chat.api === 'responses') {
      chat.append(message);
      return 'as it was shown';
    }
    if (chat.api === 'openai') {
      chat.append(message);
      const said = chat.messages.at(-1);
      const form = verbatim || said.content === null ? 'as it was shown' : random.pick(Object.keys(CHAT_ECHOES));
      if (said.content !== null) said.content = CHAT_ECHOES[form](said.content);
      return form;
    }
    const calls = message.content.some(({ type }) => type === 'tool_use');
    const others = calls ? MESSAGE_ECHOES : [...MESSAGE_ECHOES, ...Object.keys(STRING_ECHOES)];
    const forms = chat.thinking ? THINKING_ECHOES : others;
    const form = verbatim ? 'as it was shown' : random.pick(forms);
    const content = (ECHOES[form] ?? STRING_ECHOES[form])(structuredClone(message.content));
    chat.append({ content: typeof content === 'string' ? [{ type: 'text', text: content }] : content });
    this.history.push(form);
    return form;
  }

  mutate() {
    const { chat, random } = this;
    if (random.chance(0.06)) return this.branch();
    if (chat.thinking || chat.style === 'chained') return undefined;
    if (random.chance(0.06)) this.edit();
    if (!this.small && random.chance(0.04)) this.switchModel();
    return undefined;
  }

  switchModel() {
    const { chat, random } = this;
    chat.model = random.pick(
      chat.api === 'anthropic' ? ['claude-sonnet-4-5', 'claude-opus-5'] : ['gpt-5.1', 'gpt-4.1'],
    );
    this.history.push(chat.model);
  }

  branch() {
    const branch = Object.assign(Object.create(RetrievalWalk.prototype), this, {
      chat: this.chat.fork(),
      left: 1 + this.random.below(4),
      hashes: new Set(this.hashes),
      epochs: new Set(this.epochs),
      history: [...this.history, 'branch'],
    });
    return branch;
  }

  inEpoch() {
    return this.small && (this.epochs.size > 0 || this.unwatched);
  }

  // The user's words, or the first of a message's results.
  edit() {
    const { chat, random, lastBody } = this;
    const at = random.below(chat.messages.length);
    const message = chat.messages[at];
    const text = `edited ${words(random, 3)}`;
    const name = nameOf(message);
    if (name === undefined) return;
    const list = lastBody.messages ?? lastBody.input;
    const isAnswer = ({ role, type }) => role === 'assistant' || /_call$/.test(type ?? '');
    const where = list.findIndex((one) => JSON.stringify(one).includes(name) && !isAnswer(one));
    rewrite(message, text);
    this.history.push(`message ${at} of ${chat.messages.length} edited`);
    // Under another beginning it is another conversation. Before the answer behind which an epoch was made everything
    // changes, until the next; what is new was not seen yet.
    const leaves = at <= 1 || (this.inEpoch() && at < chat.messages.length - 4);
    if (leaves) this.epochs = new Set();
    if (leaves) this.expected = undefined;
    else if (where !== -1) this.kept = this.expected.filter((block) => !(Number(block.split(' ')[1]) >= where)).length;
    else if (at < chat.messages.length - 4) this.expected = undefined;
  }
}

// What stands in a message of the user's and nowhere else.
function nameOf(message) {
  const { role, type, content } = message;
  if (/^(assistant|system|developer)$/.test(role) || /^(reasoning|function_call)$/.test(type)) return undefined;
  const id = message.tool_call_id ?? message.call_id;
  if (id !== undefined || typeof content === 'string') return id ?? content;
  return content[0].tool_use_id ?? content[0].text;
}

function rewrite(message, text) {
  if (message.output !== undefined) message.output = text;
  else if (typeof message.content === 'string' || message.role === 'tool') message.content = text;
  else if (message.content[0].type === 'tool_result') message.content[0].content = text;
  else message.content[0].text = text;
}

// Tokens of a prompt that the cache gives to the one that goes on from it.
function cachedOf(api, { account }) {
  if (api === 'anthropic') return account.read + account.write;
  const whole = account.total - 3; // what primes the reply is in no cache
  return whole < 1024 ? 0 : whole - (whole % 128);
}
