// What of a request the proxy changed, and whether a conversation's forwarded
// prefix stayed as it was.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

// The id under which the original of a changed block is kept.
export function originalId(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

function withoutMark(value) {
  if (Array.isArray(value)) return value.map(withoutMark);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'cache_control')
      .map(([key, inner]) => [key, withoutMark(inner)]),
  );
}

// The blocks of all messages in order, as text that is equal for equal blocks:
// marks are left out and a string is one text block.
export function blocksOf(body, { thinking = true } = {}) {
  if (body.input) {
    const items = thinking ? body.input : body.input.filter((item) => item.type !== 'reasoning');
    return items.map((item, i) => `${i} ${JSON.stringify(item)}`);
  }
  return body.messages.flatMap((message, m) => {
    const { content, ...rest } = message;
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
    const kept = thinking ? blocks : blocks.filter((block) => !/thinking$/.test(block.type));
    const head = JSON.stringify(withoutMark(rest));
    return kept.length === 0
      ? [`${m} ${head}`]
      : kept.map((block) => `${m} ${head} ${JSON.stringify(withoutMark(block))}`);
  });
}

// `next` (a parsed body) starts with the first `count` blocks of `previous`, all by default.
export function assertPrefixKept(previous, next, { thinking = true, count, what = 'the forwarded prefix' } = {}) {
  const before = blocksOf(previous, { thinking });
  const after = blocksOf(next, { thinking });
  const end = count ?? before.length;
  for (let i = 0; i < end; ++i) {
    if (before[i] !== after[i]) {
      assert.fail(
        `${what} changed at block ${i} of ${end}:\n  before ${excerpt(before[i], after[i])}\n  after  ${excerpt(after[i], before[i])}`,
      );
    }
  }
}

function excerpt(text, other = '') {
  if (text === undefined) return '(nothing)';
  let at = 0;
  while (at < text.length && text[at] === other[at]) ++at;
  return `${JSON.stringify(text.slice(Math.max(0, at - 60), at + 120))} (${text.length} characters, differs at ${at})`;
}

// The texts of a request that an optimiser may shorten: results of tools.
//   [{ where, id, isError, text }]
export function resultTexts(body) {
  if (body.input) {
    return body.input.flatMap((item, i) =>
      isOutput(item) ? textsOf(item.output, `${i}`, item.call_id, item.status === 'failed') : [],
    );
  }
  return body.messages.flatMap((message, m) => {
    if (message.role === 'tool' || message.role === 'function')
      return textsOf(message.content, `${m}`, message.tool_call_id, false);
    if (!Array.isArray(message.content)) return [];
    return message.content.flatMap((block, b) =>
      block.type === 'tool_result'
        ? textsOf(block.content, `${m}.${b}`, block.tool_use_id, Boolean(block.is_error))
        : [],
    );
  });
}

function isOutput(item) {
  return item.type?.endsWith('_call_output');
}

function textsOf(content, where, id, isError) {
  if (typeof content === 'string') return [{ where, id, isError, text: content }];
  return (content ?? []).flatMap((part, i) =>
    /^(input_)?text$/.test(part.type) ? [{ where: `${where}.${i}`, id, isError, text: part.text }] : [],
  );
}

// The body with every result text replaced by a fixed word.
function blanked(body) {
  const copy = structuredClone(body);
  const blank = (content) =>
    typeof content === 'string'
      ? 'RESULT'
      : content?.map((part) => (/^(input_)?text$/.test(part.type) ? { ...part, text: 'RESULT' } : part));
  for (const item of copy.input ?? []) if (isOutput(item)) item.output = blank(item.output);
  for (const message of copy.messages ?? []) {
    if (message.role === 'tool' || message.role === 'function') message.content = blank(message.content);
    if (!Array.isArray(message.content)) continue;
    for (const block of message.content) if (block.type === 'tool_result') block.content = blank(block.content);
  }
  return copy;
}

// Results that differ between two parsed bodies: [{ id, isError, sent, forwarded }].
// Anything else that differs is a failure, order of fields included.
export function changedResults(sent, forwarded) {
  assert.equal(
    JSON.stringify(blanked(forwarded)),
    JSON.stringify(blanked(sent)),
    'something other than a tool result was changed',
  );
  const after = resultTexts(forwarded);
  return resultTexts(sent).flatMap((result, i) =>
    after[i].text === result.text
      ? []
      : [{ id: result.id, isError: result.isError, sent: result.text, forwarded: after[i].text }],
  );
}
