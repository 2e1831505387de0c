// Clients that grow a conversation turn by turn, as agents do.
//
//   const chat = new AnthropicConversation({ provider, key: 'sk-1', style: 'claude-code' });
//   chat.user('find the bug');
//   await chat.turn(proxy.url, { calls: [call] });   the provider's next reply is scripted
//   chat.results([{ id: call.id, content: '...' }]);
//   const { sent, forwarded } = await chat.turn(proxy.url);
//
// `sent` is the parsed body the client sent, `forwarded` the provider's Request.
//
// Anthropic styles:
//   claude-code   cache marks on the system and on the last block of the last two
//                 user messages, moving each turn; a lone text is a string until it
//                 is marked, then a block, then a string again
//   langchain     results as lists of text blocks, automatic caching
//   plain         strings, no marks

import assert from 'node:assert/strict';

import { post } from './http.mjs';

const MARK = { type: 'ephemeral' };

let nextId = 0;
export function callId(prefix = 'toolu_') {
  return `${prefix}01${String(++nextId).padStart(22, '0')}`; // as long as the providers'
}

class Conversation {
  constructor({ provider, key = `sk-${callId('')}`, headers = [], options = {} }) {
    this.provider = provider;
    this.key = key;
    this.headers = headers;
    this.options = options; // fields of the body
    this.messages = [];
  }

  // Sends the conversation as it stands and appends the answer. `reply` is
  // what the provider will say. Fails on anything but `expect`.
  async turn(base, reply = { text: 'Done.' }, { expect = 200, append = true } = {}) {
    const sent = this.body();
    this.provider.reply(reply, { key: this.key });
    const response = await post(base, this.path, JSON.stringify(sent), {
      key: this.key,
      api: this.api,
      headers: this.headers,
    });
    assert.equal(response.status, expect, response.text().slice(0, 500));
    const forwarded = this.provider.requests().findLast((request) => request.key === this.key);
    if (append && response.status === 200) this.append(response.json());
    return { sent, forwarded, response };
  }

  // A copy that shares the past and goes its own way.
  fork() {
    const copy = Object.create(Object.getPrototypeOf(this));
    return Object.assign(copy, this, {
      messages: structuredClone(this.messages),
      options: structuredClone(this.options),
    });
  }
}

export class AnthropicConversation extends Conversation {
  api = 'anthropic';
  path = '/v1/messages';

  constructor({
    style = 'plain',
    model = 'claude-sonnet-4-5',
    system = 'You are a careful engineer.',
    thinking = false,
    ...rest
  }) {
    super(rest);
    this.style = style;
    this.model = model;
    this.system = system;
    this.thinking = thinking;
    this.tools = [
      {
        name: 'Bash',
        description: 'Runs a command',
        input_schema: { type: 'object', properties: { command: { type: 'string' } } },
      },
    ];
  }

  user(text) {
    this.messages.push({ role: 'user', content: [{ type: 'text', text }] });
  }

  // [{ id, content, isError, list }]; `text` is said after the results.
  results(results, text) {
    const content = results.map((result) => ({
      type: 'tool_result',
      tool_use_id: result.id,
      content: result.list || this.style === 'langchain' ? [{ type: 'text', text: result.content }] : result.content,
      ...(result.isError ? { is_error: true } : {}),
    }));
    if (text) content.push({ type: 'text', text });
    this.messages.push({ role: 'user', content });
  }

  append({ content }) {
    this.messages.push({ role: 'assistant', content });
  }

  called({ id, name, input }, text) {
    this.append({ content: [...(text ? [{ type: 'text', text }] : []), { type: 'tool_use', id, name, input }] });
  }

  setSystem(text) {
    this.system = text;
  }

  // `messages` is the last field, so that the body of one turn begins with the
  // bytes of the turn before.
  body() {
    const marks =
      this.style === 'claude-code' ? new Set(this.messages.filter((m) => m.role === 'user').slice(-2)) : new Set();
    return {
      model: this.model,
      max_tokens: 4096,
      ...this.options,
      ...(this.thinking ? { thinking: { type: 'enabled', budget_tokens: 1024 } } : {}),
      ...(this.style === 'langchain' ? { cache_control: MARK } : {}),
      system: this.style === 'claude-code' ? [{ type: 'text', text: this.system, cache_control: MARK }] : this.system,
      tools: this.tools,
      messages: this.messages.map((message) => ({
        role: message.role,
        content: renderContent(message.content, marks.has(message)),
      })),
    };
  }
}

function renderContent(blocks, marked) {
  if (marked) return blocks.map((block, i) => (i === blocks.length - 1 ? { ...block, cache_control: MARK } : block));
  return blocks.length === 1 && blocks[0].type === 'text' ? blocks[0].text : blocks;
}

export class OpenAiConversation extends Conversation {
  api = 'openai';
  path = '/v1/chat/completions';

  constructor({ model = 'gpt-5.1', system = 'You are a careful engineer.', ...rest }) {
    super(rest);
    this.model = model;
    this.messages.push({ role: 'system', content: system });
    this.tools = [
      {
        type: 'function',
        function: {
          name: 'Bash',
          description: 'Runs a command',
          parameters: { type: 'object', properties: { command: { type: 'string' } } },
        },
      },
    ];
  }

  user(text) {
    this.messages.push({ role: 'user', content: text });
  }

  results(results, text) {
    for (const { id, content, list } of results) {
      this.messages.push({
        role: 'tool',
        tool_call_id: id,
        content: list ? [{ type: 'text', text: content }] : content,
      });
    }
    if (text) this.user(text);
  }

  append({ choices }) {
    const { role, content, tool_calls } = choices[0].message;
    this.messages.push({ role, content, ...(tool_calls ? { tool_calls } : {}) });
  }

  called({ id, name, input }, text = null) {
    const function_ = { name, arguments: JSON.stringify(input) };
    this.messages.push({
      role: 'assistant',
      content: text,
      tool_calls: [{ id, type: 'function', function: function_ }],
    });
  }

  setSystem(text) {
    this.messages[0].content = text;
  }

  body() {
    return { model: this.model, ...this.options, tools: this.tools, messages: structuredClone(this.messages) };
  }
}

// `messages` are the items. Styles:
//   full      the whole conversation each time, nothing kept by the provider
//   chained   only what is new, after the id of the last reply
export class ResponsesConversation extends Conversation {
  api = 'responses';
  path = '/v1/responses';

  constructor({ style = 'full', model = 'gpt-5.1', system = 'You are a careful engineer.', ...rest }) {
    super(rest);
    this.style = style;
    this.model = model;
    this.messages.push({ type: 'message', role: 'developer', content: [{ type: 'input_text', text: system }] });
    this.sent = 0; // items that the provider keeps, in the chained style
    this.tools = [
      {
        type: 'function',
        name: 'Bash',
        description: 'Runs a command',
        parameters: { type: 'object', properties: { command: { type: 'string' } } },
      },
    ];
  }

  user(text) {
    this.messages.push({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
  }

  results(results, text) {
    for (const { id, content, list } of results) {
      this.messages.push({
        type: 'function_call_output',
        call_id: id,
        output: list ? [{ type: 'input_text', text: content }] : content,
      });
    }
    if (text) this.user(text);
  }

  append({ id, output }) {
    this.messages.push(...output);
    this.previous = id;
    this.sent = this.messages.length;
  }

  called({ id, name, input }, text) {
    if (text) this.messages.push({ role: 'assistant', content: text });
    this.messages.push({ type: 'function_call', call_id: id, name, arguments: JSON.stringify(input) });
  }

  setSystem(text) {
    this.messages[0].content = text;
  }

  body() {
    const chained = this.style === 'chained';
    return {
      model: this.model,
      ...this.options,
      ...(chained
        ? { previous_response_id: this.previous }
        : { store: false, include: ['reasoning.encrypted_content'] }),
      tools: this.tools,
      input: structuredClone(chained ? this.messages.slice(this.sent) : this.messages),
    };
  }
}

export const APIS = {
  anthropic: AnthropicConversation,
  openai: OpenAiConversation,
  responses: ResponsesConversation,
};

// A tool call of one of data.mjs's shapes and its result.
export function callOf(shape, random, id = callId()) {
  return { call: { id, name: shape.tool, input: shape.input(random) }, result: { id, content: shape.output(random) } };
}

// One whole tool turn: the model calls `shapes`, the client answers. Returns
// what was sent and forwarded for the request that led to the calls.
export async function toolTurn(chat, base, shapes, random, { reply = {}, list = false, isError = false } = {}) {
  const made = shapes.map((shape) => callOf(shape, random));
  const exchange = await chat.turn(base, { text: 'Let me look.', ...reply, calls: made.map(({ call }) => call) });
  chat.results(made.map(({ result }) => ({ ...result, list, isError })));
  return { ...exchange, results: made.map(({ result }) => result) };
}
