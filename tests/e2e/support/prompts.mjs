// Prompts as the provider reads them, in blocks that are equal where its cache and its signatures take them for equal.

import assert from 'node:assert/strict';

const MARKER = '<headroom:dropped_context';

const lineOf = (block) => `${block.level} ${block.message} ${block.role} ${block.canon}`;

export function promptOf(request) {
  return request.blocks.map(lineOf);
}

// The prompt and the reply to it, with all of its calls: what the next prompt begins with where the client sends
// the reply back as it was shown. `request.said` is the reply.
export function expectedAfter(request) {
  const { api, said, blocks } = request;
  const next = blocks.at(-1).message + 1;
  const line = (message, canon) => lineOf({ level: 'messages', message, role: 'assistant', canon });
  const prompt = promptOf(request);
  if (api === 'openai') {
    const calls = said.calls.map(({ name, input }) => `${name} ${JSON.stringify(input)}`);
    return [...prompt, line(next, JSON.stringify(['assistant', '', said.text ?? '', calls]))];
  }
  if (api === 'responses') {
    const items = [
      ...(said.text ? [said.text] : []),
      ...said.calls.map(({ id, name, input }) =>
        JSON.stringify({ type: 'function_call', arguments: JSON.stringify(input), call_id: id, name }),
      ),
    ];
    // Thoughts come first; how they are written is the provider's business.
    return said.reasoning ? prompt : [...prompt, ...items.map((canon, i) => line(next + i, canon))];
  }
  const thought = said.reply.thinking;
  return [
    ...prompt,
    ...(thought?.signature ? [line(next, `assistant\0${JSON.stringify(thought)}`)] : []),
    ...(said.text ? [line(next, `assistant\0text\0${said.text}`)] : []),
    ...said.calls.map(({ id, name, input }) =>
      line(next, `assistant\0tool_use\0${id}\0${name}\0${JSON.stringify(input)}`),
    ),
  ];
}

// Messages as a list of [kind, role or id, text] in order; thoughts and what is ours left out.
function partsOf(body, ours) {
  const parts = [];
  const text = (role, value) => {
    const bare = (value ?? '').replace(/\s+/g, '');
    if (bare !== '' && !bare.startsWith(MARKER)) parts.push(['text', role, bare]);
  };
  const call = (id, name, input) => ours.has(id) || parts.push(['call', id, `${name} ${input}`]);
  const result = (id) => ours.has(id) || parts.push(['result', id, '']);
  for (const item of body.messages ?? body.input) {
    if (item.type === 'function_call') call(item.call_id, item.name, item.arguments);
    else if (item.type === 'function_call_output') result(item.call_id);
    else if (item.role === 'tool') result(item.tool_call_id);
    else {
      for (const block of Array.isArray(item.content) ? item.content : []) {
        if (block.type === 'tool_result') result(block.tool_use_id);
        if (block.type === 'tool_use') call(block.id, block.name, JSON.stringify(block.input));
        if (block.text !== undefined) text(item.role, block.text);
      }
      if (typeof item.content === 'string') text(item.role, item.content);
      for (const made of item.tool_calls ?? []) call(made.id, made.function.name, made.function.arguments);
    }
  }
  return parts;
}

function joined(parts) {
  return parts.reduce((list, [kind, who, text]) => {
    const last = list.at(-1);
    if (kind === 'text' && last?.[0] === 'text' && last[1] === who) last[2] += text;
    else list.push([kind, who, text]);
    return list;
  }, []);
}

// Where something was left out: how many messages, as the marker says. Undefined without a marker.
export function droppedOf(forwarded) {
  const marker = forwarded.find((line) => line.includes(MARKER));
  return marker === undefined ? undefined : Number(/to fit the context window: (\d+)/.exec(marker)[1]);
}

// `forwarded` is `sent` with our calls and their results put in, messages cut where they stand, results shortened,
// white space aside. Of its messages `dropped` may be missing, and must be.
export function assertSameButOurs(sent, forwarded, { ours, dropped, told }) {
  const parts = partsOf(forwarded, ours);
  const before = joined(partsOf(sent, ours));
  if (dropped === undefined) {
    assert.deepEqual(joined(parts), before, told('more was changed than is ours'));
    return;
  }
  let at = 0;
  for (const [kind, who, text] of parts) {
    const same = ([k, w, t]) => k === kind && w === who && t.includes(text);
    while (at < before.length && !same(before[at])) ++at;
    assert.ok(at < before.length, told(`more was changed than is ours: ${kind} ${who} ${text.slice(0, 100)}`));
  }
  const { missing, empty } = missingOf(sent, parts, ours);
  const range = `${missing} to ${missing + empty}`;
  assert.ok(dropped >= missing && dropped <= missing + empty, told(`${range} messages are missing, not ${dropped}`));
}

// Messages of `sent` of which nothing stands in `parts`, and those that hold nothing to be found by.
function missingOf(sent, parts, ours) {
  const stands = ([kind, who, text]) =>
    parts.some(([k, w, t]) => k === kind && w === who && (kind === 'text' ? t !== '' && text.includes(t) : true));
  const key = sent.messages ? 'messages' : 'input';
  const all = sent[key].map((message) => partsOf({ [key]: [message] }, ours));
  return {
    missing: all.filter((own) => own.length > 0 && !own.some(stands)).length,
    empty: all.filter((own) => own.length === 0).length,
  };
}
