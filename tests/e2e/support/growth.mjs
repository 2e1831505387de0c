// Conversations in five styles and what must hold while they grow.

import assert from 'node:assert/strict';

import { assertPrefixKept, changedResults } from './compare.mjs';
import { AnthropicConversation, OpenAiConversation, ResponsesConversation, toolTurn } from './conversation.mjs';
import { SHAPES } from './data.mjs';

// Tool calls of seven turns: shortened ones, raw ones, parallel ones.
export const MIXED = [
  [SHAPES.rows],
  [SHAPES.small],
  [SHAPES.grep, SHAPES.read],
  [SHAPES.log],
  [SHAPES.rows, SHAPES.rows],
  [SHAPES.small],
  [SHAPES.grep],
];
const PREFIX_CHECKING = 'claude-sonnet-5-5';

// name -> (options) => conversation; `options.provider` is required.
export const STYLES = {
  'claude-code marks': (options) => new AnthropicConversation({ style: 'claude-code', ...options }),
  'lists and automatic caching': (options) => new AnthropicConversation({ style: 'langchain', ...options }),
  'checked thinking': (options) =>
    new AnthropicConversation({ style: 'claude-code', model: PREFIX_CHECKING, thinking: true, ...options }),
  'chat completions': (options) => new OpenAiConversation(options),
  responses: (options) => new ResponsesConversation(options),
};

export function begin(chat, text = 'Find out why the service is slow.') {
  chat.user(text);
  return chat;
}

// Grows a conversation by one tool turn for each entry of `plan`, asserting
// that each forwarded prefix is the one before. Returns the forwarded bodies,
// `from` in front.
export async function grow(chat, base, random, plan, { onTurn = () => {}, from = [], thinking = true } = {}) {
  const bodies = [...from];
  for (const [i, shapes] of plan.entries()) {
    await onTurn(i);
    const reply = chat.thinking ? { thinking: `Considering step ${i}.` } : {};
    const { forwarded } = await toolTurn(chat, base, shapes, random, { reply });
    const body = forwarded.json();
    if (bodies.length > 0) assertPrefixKept(bodies.at(-1), body, { thinking });
    bodies.push(body);
  }
  return bodies;
}

// The request after the last turn of grow(): its results are in it.
export async function finish(chat, base, bodies) {
  const { sent, forwarded } = await chat.turn(base, {
    text: 'That was it.',
    ...(chat.thinking ? { thinking: 'Done.' } : {}),
  });
  assertPrefixKept(bodies.at(-1), forwarded.json());
  return { sent, body: forwarded.json(), changes: changedResults(sent, forwarded.json()) };
}
