// OpenAI's Responses API: reads a request as the API does, with the items that
// it keeps of earlier responses put in front, and renders replies.
//
//   const kept = new KeptResponses();
//   readResponsesRequest(body, tokenize, kept) -> blocks as openai.mjs has them
//   responseObject(body, reply, usage, id)     -> a response; kept.add(body, response) if it is to be stored
//   responseEvents(...)                        -> [{ event, data }] of a stream
//
//   reply { text, reasoning, calls: [{ id, name, input }], items: [raw output items, instead of the others] }

import { createHash } from 'node:crypto';

import { ApiError, invalid } from './api_error.mjs';
import { END, ROLE_IDS, SETTINGS, START, TOOL, joinIds } from './openai.mjs';

const ROLES = ['system', 'developer', 'user', 'assistant'];
const CALLS = ['function_call', 'custom_tool_call', 'local_shell_call', 'shell_call', 'apply_patch_call'];
const PIECE = 48;

export class KeptResponses {
  constructor() {
    this.byId = new Map(); // id -> { input: items in full, response }
    this.conversations = new Map(); // id -> items
  }

  conversationOf(body) {
    return typeof body.conversation === 'string' ? body.conversation : body.conversation?.id;
  }

  // The items before this request's input. Errors: ApiError.
  before(body) {
    const conversation = this.conversationOf(body);
    if (conversation !== undefined) {
      if (body.previous_response_id) {
        throw invalid("Mutually exclusive parameters: 'conversation' and 'previous_response_id'.");
      }
      return this.conversations.get(conversation) ?? [];
    }
    if (!body.previous_response_id) return [];
    const kept = this.byId.get(body.previous_response_id);
    if (kept === undefined) {
      throw new ApiError(
        400,
        'invalid_request_error',
        `Previous response with id '${body.previous_response_id}' not found.`,
        'previous_response_not_found',
      );
    }
    return [...kept.input, ...kept.response.output];
  }

  add(body, response) {
    const input = [...this.before(body), ...itemsOf(body)];
    const conversation = this.conversationOf(body);
    if (conversation !== undefined) this.conversations.set(conversation, [...input, ...response.output]);
    if (body.store !== false) this.byId.set(response.id, { input, response });
  }
}

function itemsOf(body) {
  if (body.input === undefined || body.input === null) return [];
  return typeof body.input === 'string' ? [{ type: 'message', role: 'user', content: body.input }] : body.input;
}

function contentText(content, where) {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) {
    throw invalid(`Invalid type for '${where}': expected one of an array of objects or string.`, 'invalid_type');
  }
  return content
    .map((part) => {
      if (/^(input|output)_text$/.test(part?.type) && typeof part.text === 'string') return part.text;
      if (part?.type === 'text')
        throw invalid(`Invalid value: 'text'. Supported values are: 'input_text', ...`, 'invalid_value');
      return JSON.stringify(part);
    })
    .join('\n');
}

// An item as the model reads it: ids and states of items are no part of that.
function promptOf(item, where) {
  const type = item.type ?? 'message';
  if (type === 'message') {
    if (!ROLES.includes(item.role)) {
      throw invalid(`Invalid value: '${item.role}'. Supported values are: ${ROLES.join(', ')}.`, 'invalid_value');
    }
    return { role: item.role, text: contentText(item.content, `${where}.content`) };
  }
  if (type.endsWith('_call_output')) {
    if (typeof item.call_id !== 'string')
      throw invalid(`Missing required parameter: '${where}.call_id'.`, 'missing_required_parameter');
    const shell = type === 'shell_call_output';
    const text = shell ? JSON.stringify(item.output) : contentText(item.output, `${where}.output`);
    return { role: 'tool', text: `${item.call_id}\x01${text}` };
  }
  const { id, status, ...rest } = item;
  return { role: 'assistant', text: JSON.stringify(rest) };
}

// What is named by its id must have been kept: reasoning that is not sealed.
function checkReasoning(items, body, kept) {
  const known = new Set([...kept.byId.values()].flatMap(({ response }) => response.output.map(({ id }) => id)));
  for (const { type, id, encrypted_content } of items) {
    if (type !== 'reasoning' || encrypted_content || known.has(id)) continue;
    const hint = body.store === false ? ' Items are not persisted when `store` is set to false.' : '';
    throw new ApiError(404, 'invalid_request_error', `Item with id '${id}' not found.${hint}`);
  }
}

// Each result belongs to a call, each call has its result.
function checkCalls(items) {
  const open = new Set();
  for (const item of items) {
    if (CALLS.includes(item.type)) open.add(item.call_id);
    if (!item.type?.endsWith('_call_output')) continue;
    if (!open.delete(item.call_id))
      throw invalid(`No tool call found for function call output with call_id ${item.call_id}.`);
  }
  if (open.size > 0) throw invalid(`No tool output found for function call ${[...open][0]}.`);
}

function block(level, role, canon, ids, message) {
  return { level, type: role, role, canon, text: canon, ids, tokens: ids.length, mark: false, message };
}

export function readResponsesRequest(body, tokenize, kept) {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid('We could not parse the JSON body of your request.');
  if (body.model === undefined) throw invalid("Missing required parameter: 'model'.", 'missing_required_parameter');
  if (body.input !== undefined && typeof body.input !== 'string' && !Array.isArray(body.input))
    throw invalid("Invalid type for 'input': expected one of a string or array of input items.", 'invalid_type');
  const settings = JSON.stringify([body.tool_choice, body.parallel_tool_calls, body.text, body.reasoning]);
  const hashed = Uint32Array.of(SETTINGS, createHash('sha256').update(settings).digest().readUInt32LE(0));
  const blocks = [block('tools', 'settings', settings, hashed, -1)];
  for (const tool of body.tools ?? []) {
    const canon = JSON.stringify(tool);
    blocks.push(block('tools', 'tool', canon, joinIds([TOOL], tokenize(canon)), -1));
  }
  const instructions = body.instructions ? [{ role: 'system', content: body.instructions }] : [];
  const items = [...instructions, ...kept.before(body), ...itemsOf(body)];
  items.forEach((item, i) => {
    const { role, text } = promptOf(item, `input[${i}]`);
    blocks.push(block('messages', role, text, joinIds([START, ROLE_IDS[role]], tokenize(text), [END]), i));
  });
  checkCalls(items);
  checkReasoning(itemsOf(body), body, kept);
  return blocks;
}

function outputItems(body, reply, id) {
  if (reply.items) return reply.items;
  const items = [];
  if (reply.reasoning) {
    const wanted = body.include?.includes('reasoning.encrypted_content');
    const sealed = wanted ? { encrypted_content: `gAAA${reply.reasoning}` } : {};
    items.push({ id: `rs_${id}`, type: 'reasoning', summary: [], ...sealed });
  }
  if (reply.text) {
    items.push({
      id: `msg_${id}`,
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: reply.text, annotations: [], logprobs: [] }],
    });
  }
  for (const call of reply.calls ?? []) {
    items.push({
      id: `fc_${call.id}`,
      type: 'function_call',
      status: 'completed',
      arguments: JSON.stringify(call.input),
      call_id: call.id,
      name: call.name,
    });
  }
  return items;
}

// What the accounts of cache.mjs say, in this API's names.
function renderUsage(usage) {
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: { cached_tokens: usage.prompt_tokens_details.cached_tokens },
    output_tokens: usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: usage.total_tokens,
  };
}

export function responseObject(body, reply, usage, id) {
  return {
    id,
    object: 'response',
    created_at: 1764000000,
    status: 'completed',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    model: body.model,
    output: outputItems(body, reply, id),
    parallel_tool_calls: true,
    previous_response_id: body.previous_response_id ?? null,
    store: body.store ?? true,
    tool_choice: 'auto',
    tools: body.tools ?? [],
    usage: renderUsage(usage),
    metadata: {},
  };
}

function pieces(text) {
  const characters = Array.from(text);
  const out = [];
  for (let i = 0; i < characters.length; i += PIECE) out.push(characters.slice(i, i + PIECE).join(''));
  return out;
}

function messageEvents(add, item, output_index) {
  const where = { item_id: item.id, output_index, content_index: 0 };
  const part = item.content[0];
  add('response.content_part.added', { ...where, part: { ...part, text: '' } });
  for (const delta of pieces(part.text)) add('response.output_text.delta', { ...where, delta, logprobs: [] });
  add('response.output_text.done', { ...where, text: part.text, logprobs: [] });
  add('response.content_part.done', { ...where, part });
}

export function responseEvents(body, reply, usage, id) {
  const response = responseObject(body, reply, usage, id);
  const begun = { ...response, status: 'in_progress', output: [], usage: null };
  const events = [];
  const add = (type, value) =>
    events.push({ event: type, data: JSON.stringify({ type, sequence_number: events.length, ...value }) });
  add('response.created', { response: begun });
  add('response.in_progress', { response: begun });
  response.output.forEach((item, output_index) => {
    const emptied = item.type === 'message' ? { ...item, content: [] } : { ...item };
    if (item.type === 'function_call') emptied.arguments = '';
    add('response.output_item.added', { output_index, item: { ...emptied, status: 'in_progress' } });
    if (item.type === 'message') messageEvents(add, item, output_index);
    if (item.type === 'function_call') {
      const where = { item_id: item.id, output_index };
      for (const delta of pieces(item.arguments)) add('response.function_call_arguments.delta', { ...where, delta });
      add('response.function_call_arguments.done', { ...where, arguments: item.arguments });
    }
    add('response.output_item.done', { output_index, item });
  });
  // reply.emptyAtEnd: as servers do that do not repeat the items.
  add('response.completed', { response: reply.emptyAtEnd ? { ...response, output: [] } : response });
  return events;
}
