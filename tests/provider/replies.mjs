// Scripted replies as the providers put them on the wire.
//
//   reply { text, thinking, calls: [{ id, name, input }], stop }
//
// `thinking` is a signed block (thinking.mjs). Streams are lists of events so
// that a test can cut, delay and re-frame them.

const PIECE = 48;

function pieces(text) {
  const characters = Array.from(text);
  const out = [];
  for (let i = 0; i < characters.length; i += PIECE) out.push(characters.slice(i, i + PIECE).join(''));
  return out;
}

function anthropicContent(reply) {
  return [
    ...(reply.thinking ? [reply.thinking] : []),
    ...(reply.text ? [{ type: 'text', text: reply.text }] : []),
    ...(reply.calls ?? []).map(({ id, name, input }) => ({ type: 'tool_use', id, name, input })),
  ];
}

// The text the provider would count as output.
export function outputText(reply) {
  const calls = (reply.calls ?? []).map(({ name, input }) => `${name} ${JSON.stringify(input)}`);
  return [reply.thinking?.thinking ?? '', reply.text ?? '', ...calls].join('');
}

export function anthropicMessage(body, reply, usage, id) {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: body.model,
    content: anthropicContent(reply),
    stop_reason: reply.stop ?? (reply.calls?.length ? 'tool_use' : 'end_turn'),
    stop_sequence: null,
    usage,
    ...(reply.inputTransformations?.length ? { input_transformations: reply.inputTransformations } : {}),
  };
}

function anthropicDeltas(block) {
  if (block.type === 'text') return pieces(block.text).map((text) => ({ type: 'text_delta', text }));
  if (block.type === 'thinking') {
    return [
      ...pieces(block.thinking).map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: block.signature },
    ];
  }
  return ['', ...pieces(JSON.stringify(block.input))].map((partial_json) => ({
    type: 'input_json_delta',
    partial_json,
  }));
}

function emptied(block) {
  if (block.type === 'text') return { ...block, text: '' };
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return { ...block, input: {} };
}

// [{ event, data }] of a Messages stream.
export function anthropicEvents(body, reply, usage, id) {
  const message = anthropicMessage(body, reply, usage, id);
  const events = [];
  const add = (data) => events.push({ event: data.type, data: JSON.stringify(data) });
  add({
    type: 'message_start',
    message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
  });
  message.content.forEach((block, index) => {
    add({ type: 'content_block_start', index, content_block: emptied(block) });
    if (index === 0) add({ type: 'ping' });
    for (const delta of anthropicDeltas(block)) add({ type: 'content_block_delta', index, delta });
    add({ type: 'content_block_stop', index });
  });
  add({ type: 'message_delta', delta: { stop_reason: message.stop_reason, stop_sequence: null }, usage });
  add({ type: 'message_stop' });
  return events;
}

function toolCalls(reply) {
  return (reply.calls ?? []).map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));
}

export function openAiCompletion(body, reply, usage, id) {
  const calls = toolCalls(reply);
  const message = {
    role: 'assistant',
    content: reply.text ?? null,
    refusal: null,
    annotations: [],
    ...(calls.length ? { tool_calls: calls } : {}),
  };
  return {
    id,
    object: 'chat.completion',
    created: 1764000000,
    model: body.model,
    service_tier: 'default',
    system_fingerprint: 'fp_simulated',
    choices: [
      { index: 0, message, logprobs: null, finish_reason: reply.stop ?? (calls.length ? 'tool_calls' : 'stop') },
    ],
    usage,
  };
}

// [{ data }] of a Chat Completions stream. Usage comes only when asked for.
export function openAiEvents(body, reply, usage, id) {
  const wantsUsage = Boolean(body.stream_options?.include_usage);
  const calls = toolCalls(reply);
  const events = [];
  const add = (choices, total = null) =>
    events.push({
      data: JSON.stringify({
        id,
        object: 'chat.completion.chunk',
        created: 1764000000,
        model: body.model,
        service_tier: 'default',
        system_fingerprint: 'fp_simulated',
        choices,
        ...(wantsUsage ? { usage: total } : {}),
      }),
    });
  const delta = (value, finish = null) => add([{ index: 0, delta: value, logprobs: null, finish_reason: finish }]);
  delta({ role: 'assistant', content: reply.text ? '' : null, refusal: null });
  for (const piece of pieces(reply.text ?? '')) delta({ content: piece });
  calls.forEach((call, index) => {
    delta({
      tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.function.name, arguments: '' } }],
    });
    for (const piece of pieces(call.function.arguments))
      delta({ tool_calls: [{ index, function: { arguments: piece } }] });
  });
  delta({}, reply.stop ?? (calls.length ? 'tool_calls' : 'stop'));
  if (wantsUsage) add([], usage);
  events.push({ data: '[DONE]' });
  return events;
}

// Events -> wire bytes, one buffer per event.
//   newline      '\n' (default) or '\r\n'
//   comments     a comment line before each event
//   finalBlank   false: the last event lacks its blank line
export function frameEvents(events, { newline = '\n', comments = false, finalBlank = true } = {}) {
  return events.map(({ event, data }, i) => {
    const lines = [...(comments ? [`: keep-alive ${i}`] : []), ...(event ? [`event: ${event}`] : []), `data: ${data}`];
    if (finalBlank || i < events.length - 1) lines.push('');
    return Buffer.from(lines.map((line) => line + newline).join(''), 'utf8');
  });
}

export function anthropicError(error, id) {
  return { type: 'error', error: { type: error.type, message: error.message }, request_id: id };
}

export function openAiError(error) {
  return { error: { message: error.message, type: error.type, param: null, code: error.code } };
}
