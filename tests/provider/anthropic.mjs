// Reads a Messages request as Anthropic's API does: refuses what it refuses and
// yields the prompt as a list of blocks in cache order (tools, system, messages).
//
//   block { level, role, type, canon, text, tokens, mark, message, index }
//     canon    what the prompt cache and signatures compare: a string equals one
//              text block, cache_control is not part of it, field order of the
//              block does not matter, key order inside tool input does
//     mark     '5m' | '1h' where cache_control stands, else undefined
//     message, index   position in `messages`; -1 outside of it

import { invalid } from './api_error.mjs';
import { takesSystemMessages } from './models.mjs';

const BLOCK_TOKENS = 4;
const TOOL_PROMPT_TOKENS = 346; // the tool-use prompt the API adds
const IMAGE_TOKENS = 1500;
const MAX_MARKS = 4;

const USER_TYPES = new Set(['text', 'image', 'document', 'tool_result', 'search_result', 'container_upload']);
const ASSISTANT_TYPES = new Set([
  'text',
  'tool_use',
  'thinking',
  'redacted_thinking',
  'server_tool_use',
  'web_search_tool_result',
  'code_execution_tool_result',
  'mcp_tool_use',
  'mcp_tool_result',
]);

const SYSTEM_TYPES = new Set(['text', 'tool_addition', 'tool_removal']);
const ALLOWED = { user: USER_TYPES, assistant: ASSISTANT_TYPES, system: SYSTEM_TYPES };

export function isThinking(block) {
  return block.type === 'thinking' || block.type === 'redacted_thinking';
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function without(object, ...keys) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

function readMark(holder, where) {
  const mark = holder.cache_control;
  if (mark === undefined || mark === null) return undefined;
  if (!isObject(mark) || mark.type !== 'ephemeral') {
    throw invalid(`${where}.cache_control.type: Input should be 'ephemeral'`);
  }
  const ttl = mark.ttl ?? '5m';
  if (ttl !== '5m' && ttl !== '1h') throw invalid(`${where}.cache_control.ttl: Input should be '5m' or '1h'`);
  return ttl;
}

function readText(block, where) {
  if (typeof block.text !== 'string') throw invalid(`${where}.text.text: Field required`);
  if (block.text === '') throw invalid(`${where}: text content blocks must be non-empty`);
  return { canon: `text\0${block.text}`, text: block.text };
}

function readToolUse(block, where) {
  if (typeof block.id !== 'string') throw invalid(`${where}.tool_use.id: Field required`);
  if (typeof block.name !== 'string') throw invalid(`${where}.tool_use.name: Field required`);
  if (!isObject(block.input)) throw invalid(`${where}.tool_use.input: Input should be a valid dictionary`);
  const input = JSON.stringify(block.input);
  return { canon: `tool_use\0${block.id}\0${block.name}\0${input}`, text: `${block.name} ${input}` };
}

function readToolResult(block, where) {
  if (typeof block.tool_use_id !== 'string') throw invalid(`${where}.tool_result.tool_use_id: Field required`);
  let parts = block.content ?? [];
  if (typeof parts === 'string') parts = parts === '' ? [] : [{ type: 'text', text: parts }];
  if (!Array.isArray(parts)) throw invalid(`${where}.tool_result.content: Input should be a valid list`);
  const canon = [];
  const texts = [];
  parts.forEach((part, i) => {
    if (!isObject(part)) throw invalid(`${where}.tool_result.content.${i}: Input should be a valid dictionary`);
    if (part.type === 'text') {
      if (typeof part.text !== 'string') throw invalid(`${where}.tool_result.content.${i}.text.text: Field required`);
      texts.push(part.text);
      canon.push(`text\0${part.text}`);
    } else {
      canon.push(JSON.stringify(without(part, 'cache_control')));
    }
  });
  const kind = block.is_error ? 'error' : 'ok';
  return { canon: `tool_result\0${block.tool_use_id}\0${kind}\0${canon.join('\x01')}`, text: texts.join('\n') };
}

function readThinking(block, where) {
  const field = block.type === 'thinking' ? 'signature' : 'data';
  if (typeof block[field] !== 'string') throw invalid(`${where}.${block.type}.${field}: Field required`);
  if (readMark(block, where)) throw invalid(`${where}: cache_control is not allowed on ${block.type} blocks`);
  return { canon: JSON.stringify(without(block, 'cache_control')), text: block.thinking ?? '' };
}

function readContent(block, where) {
  if (!isObject(block)) throw invalid(`${where}: Input should be a valid dictionary or object`);
  if (block.type === undefined) throw invalid(`${where}.type: Field required`);
  if (block.type === 'text') return readText(block, where);
  if (block.type === 'tool_use') return readToolUse(block, where);
  if (block.type === 'tool_result') return readToolResult(block, where);
  if (isThinking(block)) return readThinking(block, where);
  return { canon: JSON.stringify(without(block, 'cache_control')), text: '' };
}

function asBlocks(content) {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

// A tool whose loading is deferred stands in the prompt where a result refers to it, not here.
function toolBlocks(body, count) {
  const loaded = (body.tools ?? []).filter((tool) => tool.defer_loading !== true);
  return loaded.map((tool, i) => {
    const canon = JSON.stringify(without(tool, 'cache_control'));
    const tokens = count(canon) + BLOCK_TOKENS + (i === 0 ? TOOL_PROMPT_TOKENS : 0);
    return {
      level: 'tools',
      role: '',
      type: 'tool',
      canon: `tool\0${canon}`,
      text: canon,
      tokens,
      mark: readMark(tool, `tools.${i}`),
      message: -1,
      index: i,
    };
  });
}

function systemBlocks(body, count) {
  const system = body.system === undefined || body.system === '' ? [] : asBlocks(body.system);
  if (!Array.isArray(system)) throw invalid('system: Input should be a valid string or list');
  return system.map((block, i) => {
    const { canon, text } = readContent(block, `system.${i}`);
    return {
      level: 'system',
      role: 'system',
      type: 'text',
      canon: `system\0${canon}`,
      text,
      tokens: count(text) + BLOCK_TOKENS,
      mark: readMark(block, `system.${i}`),
      message: -1,
      index: i,
    };
  });
}

function messageBlocks(message, position, isLast, count) {
  const { role } = message;
  const content = asBlocks(message.content);
  const mayBeEmpty = role === 'assistant' ? isLast : role === 'system' && isObject(message.output_config);
  if (!Array.isArray(content)) throw invalid(`messages.${position}.content: Input should be a valid string or list`);
  if (content.length === 0 && !mayBeEmpty) {
    throw invalid(
      `messages.${position}: all messages must have non-empty content except for the optional final assistant message`,
    );
  }
  return content.map((block, index) => {
    const where = `messages.${position}.content.${index}`;
    const { canon, text } = readContent(block, where);
    if (!ALLOWED[role].has(block.type)) {
      throw invalid(`${where}: Input tag '${block.type}' found using 'type' does not match any of the expected tags`);
    }
    const tokens = (block.type === 'image' || block.type === 'document' ? IMAGE_TOKENS : count(text)) + BLOCK_TOKENS;
    return {
      level: 'messages',
      role,
      type: block.type,
      canon: `${role}\0${canon}`,
      text,
      tokens,
      mark: readMark(block, where),
      message: position,
      index,
      id: block.id ?? block.tool_use_id,
      signature: block.signature ?? block.data,
    };
  });
}

// A system message in the conversation follows a user's and is the last or followed by an assistant's.
function checkSystemMessages(body) {
  const roles = body.messages.map((message) => message?.role);
  roles.forEach((role, i) => {
    if (role !== 'system') return;
    if (!takesSystemMessages(body.model)) throw invalid(`messages.${i}.role: Input should be 'user' or 'assistant'`);
    if (i === 0) throw invalid("messages.0: use the top-level 'system' parameter for the initial system prompt");
    if (roles[i - 1] !== 'user')
      throw invalid(`messages.${i}: a system message must immediately follow a user message`);
    if (i + 1 < roles.length && roles[i + 1] !== 'assistant')
      throw invalid(`messages.${i}: a system message must be the last or be followed by an assistant message`);
  });
}

// Every tool_use is answered by a tool_result at the start of the next user
// message, and every tool_result answers one.
function checkPairing(messages) {
  let pending = [];
  messages.forEach(({ role, blocks }, i) => {
    if (role === 'system') return;
    const results = blocks.filter((block) => block.type === 'tool_result');
    if (role === 'assistant') {
      pending = blocks.filter((block) => block.type === 'tool_use').map((block) => block.id);
      return;
    }
    const firstOther = blocks.findIndex((block) => block.type !== 'tool_result');
    const lastResult = blocks.findLastIndex((block) => block.type === 'tool_result');
    const answered = results.map((block) => block.id);
    const missing = pending.filter((id) => !answered.includes(id));
    if (missing.length > 0) {
      throw invalid(
        `messages.${i - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ` +
          `${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      );
    }
    const unknown = results.find((block) => !pending.includes(block.id));
    if (unknown) {
      throw invalid(
        `messages.${i}.content.${unknown.index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unknown.id}. ` +
          'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
      );
    }
    if (pending.length > 0 && firstOther !== -1 && firstOther < lastResult) {
      throw invalid(`messages.${i}.content.${lastResult}: \`tool_result\` blocks must come before other content`);
    }
    pending = [];
  });
  if (pending.length > 0) {
    throw invalid(
      `messages.${messages.length - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${pending.join(', ')}`,
    );
  }
}

// A request that asks for thinking must hand back the thinking that began a
// pending tool turn.
function checkPendingThinking(body, messages) {
  if (body.thinking?.type !== 'enabled' || messages.length < 2) return;
  const last = messages.at(-1);
  const before = messages.at(-2);
  const first = before.blocks[0];
  if (!last.blocks.some((block) => block.type === 'tool_result') || isThinking(first)) return;
  throw invalid(
    `messages.${messages.length - 2}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first.type}\`. ` +
      'When `thinking` is enabled, a final `assistant` message must start with a thinking block.',
  );
}

function checkMarks(body, blocks) {
  const automatic = readMark(body, 'request');
  const marked = blocks.filter((block) => block.mark);
  const target = automatic && blocks.findLast((block) => !isThinking(block));
  if (target && !target.mark) {
    target.mark = automatic;
    marked.push(target);
  }
  if (marked.length > MAX_MARKS) {
    throw invalid(`A maximum of ${MAX_MARKS} blocks with cache_control may be provided. Found ${marked.length}.`);
  }
  const first5m = blocks.findIndex((block) => block.mark === '5m');
  if (first5m !== -1 && blocks.slice(first5m).some((block) => block.mark === '1h')) {
    throw invalid("a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block");
  }
}

// Parsed body -> blocks. `count` is text -> number of tokens.
// Errors: ApiError, worded as the API does.
export function readAnthropicRequest(body, count) {
  if (!isObject(body)) throw invalid('Input should be an object');
  for (const field of ['model', 'messages', 'max_tokens']) {
    if (body[field] === undefined) throw invalid(`${field}: Field required`);
  }
  if (!Array.isArray(body.messages)) throw invalid('messages: Input should be a valid list');
  if (body.messages.length === 0) throw invalid('messages: at least one message is required');
  const messages = body.messages.map((message, i) => {
    if (!isObject(message) || !Object.hasOwn(ALLOWED, message.role)) {
      throw invalid(`messages.${i}.role: Input should be 'user' or 'assistant'`);
    }
    return { role: message.role, blocks: messageBlocks(message, i, i === body.messages.length - 1, count) };
  });
  checkSystemMessages(body);
  checkPairing(messages);
  const spoken = messages.filter(({ role }) => role !== 'system');
  checkPendingThinking(body, spoken);
  const blocks = [...toolBlocks(body, count), ...systemBlocks(body, count), ...messages.flatMap((m) => m.blocks)];
  checkMarks(body, blocks);
  return blocks;
}
