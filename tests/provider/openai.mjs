// Reads a Chat Completions request as OpenAI's API does: refuses what it
// refuses and yields the prompt as blocks in cache order (settings, tools,
// messages), each with its token ids.
//
//   block { level, type, canon, text, ids, mark, message }

import { createHash } from 'node:crypto';

import { invalid } from './api_error.mjs';

// Ids above any vocabulary, for the structure between texts.
export const ROLE_IDS = {
  system: 0xffffff10,
  developer: 0xffffff11,
  user: 0xffffff12,
  assistant: 0xffffff13,
  tool: 0xffffff14,
  function: 0xffffff15,
};
export const START = 0xffffff01;
export const END = 0xffffff02;
const CALL = 0xffffff03;
export const TOOL = 0xffffff04;
export const SETTINGS = 0xffffff05;

export function joinIds(...parts) {
  const ids = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    ids.set(part, at);
    at += part.length;
  }
  return ids;
}

function readContent(content, where) {
  if (content === undefined || content === null) return { text: '', mark: false };
  if (typeof content === 'string') return { text: content, mark: false };
  if (!Array.isArray(content)) {
    throw invalid(`Invalid type for '${where}.content': expected one of a string or array of objects.`, 'invalid_type');
  }
  let mark = false;
  const texts = content.map((part, i) => {
    if (typeof part !== 'object' || part === null)
      throw invalid(`Invalid type for '${where}.content[${i}]': expected an object.`, 'invalid_type');
    if (part.prompt_cache_breakpoint) mark = true;
    if (part.type === 'text') {
      if (typeof part.text !== 'string')
        throw invalid(`Missing required parameter: '${where}.content[${i}].text'.`, 'missing_required_parameter');
      return part.text;
    }
    return part.type === 'refusal' ? part.refusal : JSON.stringify(part);
  });
  return { text: texts.join('\n'), mark };
}

// One message may follow another only if all tool calls before it are answered.
class CallPairing {
  constructor() {
    this.pending = [];
  }

  accept(message) {
    if (message.role === 'tool') {
      if (!this.pending.includes(message.tool_call_id)) {
        throw invalid(
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        );
      }
      this.pending = this.pending.filter((id) => id !== message.tool_call_id);
      return;
    }
    this.end();
    if (message.role === 'assistant') this.pending = (message.tool_calls ?? []).map((call) => call.id);
  }

  end() {
    if (this.pending.length === 0) return;
    throw invalid(
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
        `The following tool_call_ids did not have response messages: ${this.pending.join(', ')}`,
    );
  }
}

function messageBlock(message, position, tokenize) {
  const where = `messages[${position}]`;
  const role = message?.role;
  if (ROLE_IDS[role] === undefined) {
    throw invalid(
      `Invalid value: '${role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
      'invalid_value',
    );
  }
  const { text, mark } = readContent(message.content, where);
  const calls = [
    ...(message.tool_calls ?? []).map((call) => call.function),
    ...(message.function_call ? [message.function_call] : []),
  ].map((call) => `${call?.name} ${call?.arguments}`);
  const ids = joinIds(
    [START, ROLE_IDS[role]],
    tokenize(message.name ?? ''),
    tokenize(text),
    ...calls.flatMap((call) => [[CALL], tokenize(call)]),
    [END],
  );
  const canon = JSON.stringify([role, message.name ?? '', text, calls]);
  return {
    level: 'messages',
    type: role,
    role,
    canon,
    text: [text, ...calls].join('\x01'),
    ids,
    tokens: ids.length,
    mark,
    message: position,
  };
}

function settingsBlock(body) {
  const canon = JSON.stringify([
    body.tool_choice,
    body.parallel_tool_calls,
    body.response_format,
    body.reasoning_effort,
    body.verbosity,
    body.functions,
  ]);
  const ids = Uint32Array.of(SETTINGS, createHash('sha256').update(canon).digest().readUInt32LE(0));
  return {
    level: 'tools',
    type: 'settings',
    role: '',
    canon,
    text: '',
    ids,
    tokens: ids.length,
    mark: false,
    message: -1,
  };
}

// Parsed body -> blocks. `tokenize` is text -> Uint32Array.
// Errors: ApiError, worded as the API does.
export function readOpenAiRequest(body, tokenize) {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid('We could not parse the JSON body of your request.');
  for (const field of ['model', 'messages']) {
    if (body[field] === undefined)
      throw invalid(`Missing required parameter: '${field}'.`, 'missing_required_parameter');
  }
  if (!Array.isArray(body.messages))
    throw invalid("Invalid type for 'messages': expected an array of objects.", 'invalid_type');
  if (body.messages.length === 0)
    throw invalid("Invalid 'messages': empty array. Expected an array with minimum length 1.", 'empty_array');
  const blocks = [settingsBlock(body)];
  for (const tool of body.tools ?? []) {
    const canon = JSON.stringify(tool);
    const ids = joinIds([TOOL], tokenize(canon));
    blocks.push({
      level: 'tools',
      type: 'tool',
      role: '',
      canon,
      text: canon,
      ids,
      tokens: ids.length,
      mark: false,
      message: -1,
    });
  }
  const pairing = new CallPairing();
  body.messages.forEach((message, i) => {
    blocks.push(messageBlock(message, i, tokenize));
    pairing.accept(message);
  });
  pairing.end();
  return blocks;
}
