// What clients make of a reply: messages out of streams, and the forms in which they send them back.
//
//   accumulate*(sse)  -> the body that a plain reply would have been, as a program puts it together from the events;
//                        `error`: what the stream ended in instead
//   ECHOES[form](content) -> content of the message that goes back

function* eventsOf(sse) {
  for (const event of sse.split(/\r?\n\r?\n/)) {
    const data = event.split(/\r?\n/).find((line) => line.startsWith('data: '));
    if (data !== undefined && data !== 'data: [DONE]') yield JSON.parse(data.slice('data: '.length));
  }
}

export function accumulateMessages(sse) {
  const content = [];
  const message = {};
  for (const { type, index, content_block, delta, error } of eventsOf(sse)) {
    if (type === 'error') message.error = error;
    if (type === 'message_delta') message.stop_reason = delta.stop_reason;
    if (type === 'content_block_start') content[index] = { ...content_block, json: '' };
    if (type === 'content_block_delta') {
      const block = content[index];
      if (delta.type === 'text_delta') block.text += delta.text;
      if (delta.type === 'thinking_delta') block.thinking += delta.thinking;
      if (delta.type === 'signature_delta') block.signature = delta.signature;
      if (delta.type === 'input_json_delta') block.json += delta.partial_json;
    }
  }
  message.content = content.map(({ json, ...block }) => (json ? { ...block, input: JSON.parse(json) } : block));
  return message;
}

export function accumulateChat(sse) {
  const message = { role: 'assistant', content: null };
  const calls = [];
  const choice = { message, finish_reason: null };
  for (const { choices, error } of eventsOf(sse)) {
    if (error) return { error };
    for (const { delta, finish_reason } of choices) {
      if (typeof delta.content === 'string') message.content = (message.content ?? '') + delta.content;
      for (const { index, id, function: part } of delta.tool_calls ?? []) {
        if (id) calls[index] = { id, type: 'function', function: { name: part.name, arguments: '' } };
        calls[index].function.arguments += part.arguments;
      }
      choice.finish_reason = finish_reason ?? choice.finish_reason;
    }
  }
  if (message.content === '') message.content = null;
  return { choices: [{ ...choice, message: { ...message, ...(calls.length > 0 ? { tool_calls: calls } : {}) } }] };
}

export function accumulateResponses(sse) {
  for (const event of eventsOf(sse)) {
    if (event.type === 'error' || event.type === 'response.failed') return { error: event };
    if (event.type === 'response.completed') return event.response;
  }
  return { error: 'no end' };
}

const isText = (block) => block.type === 'text';
const textOf = (content) => content.filter(isText).map(({ text }) => text);

// Of a message of the Messages API.
export const ECHOES = {
  'as it was shown': (content) => content,
  'with blank texts left out': (content) => content.filter((block) => !isText(block) || block.text.trim() !== ''),
  'with each text trimmed': (content) =>
    content.map((block) => (isText(block) ? { ...block, text: block.text.trim() } : block)),
  'with adjacent texts joined': (content) =>
    content.reduce((blocks, block) => {
      const last = blocks.at(-1);
      if (!isText(block) || last === undefined || !isText(last)) return [...blocks, { ...block }];
      last.text += block.text;
      return blocks;
    }, []),
  'with all texts in one block in front of the calls': (content) => [
    ...(content.some(isText) ? [{ type: 'text', text: textOf(content).join('\n') }] : []),
    ...content.filter((block) => block.type === 'tool_use'),
  ],
  'without thoughts': (content) => content.filter((block) => block.type !== 'thinking'),
};

// Those that hold no call can be a string.
export const STRING_ECHOES = {
  'as one string': (content) => textOf(content).join(''),
  'as one trimmed string with its lines folded': (content) => textOf(content).join(' ').replace(/\s+/g, ' ').trim(),
};

// Of the text of a Chat Completions message.
export const CHAT_ECHOES = {
  'as it was shown': (text) => text,
  trimmed: (text) => text.trim(),
  'with its lines folded': (text) => text.replace(/\s+/g, ' '),
  'as one part of a list': (text) => [{ type: 'text', text }],
};
