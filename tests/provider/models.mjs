// Models the simulated providers serve: prices in USD per million tokens and
// cache rules, as the vendors' price and prompt-caching pages gave them in
// autumn 2026. A dated snapshot ("gpt-4o-2024-11-20") uses its family's row.

export const ANTHROPIC_MODELS = {
  'claude-haiku-4-5': { input: 1, write5m: 1.25, write1h: 2, read: 0.1, output: 5, minPrefix: 4096, context: 200_000 },
  'claude-sonnet-4-5': {
    input: 3,
    write5m: 3.75,
    write1h: 6,
    read: 0.3,
    output: 15,
    minPrefix: 1024,
    context: 200_000,
  },
  'claude-sonnet-5': { input: 2, write5m: 2.5, write1h: 4, read: 0.2, output: 10, minPrefix: 1024, context: 1_000_000 },
  'claude-opus-5': { input: 5, write5m: 6.25, write1h: 10, read: 0.5, output: 25, minPrefix: 512, context: 1_000_000 },
  'claude-sonnet-5-5': {
    input: 2,
    write5m: 2.5,
    write1h: 4,
    read: 0.1,
    output: 10,
    minPrefix: 512,
    context: 1_000_000,
  },
  'claude-opus-5-5': { input: 4, write5m: 5, write1h: 8, read: 0.2, output: 20, minPrefix: 512, context: 1_000_000 },
};

// stepTokens: a cached prefix ends at a multiple of it. Without stepTokens the
// model caches at the ends of messages and charges for writing (GPT-5.6 on).
export const OPENAI_MODELS = {
  'gpt-4o': { input: 2.5, read: 1.25, output: 10, minPrefix: 1024, context: 128_000, stepTokens: 128, ttlSeconds: 600 },
  'gpt-4.1': { input: 2, read: 0.5, output: 8, minPrefix: 1024, context: 1_000_000, stepTokens: 128, ttlSeconds: 600 },
  'gpt-5.1': {
    input: 1.25,
    read: 0.125,
    output: 10,
    minPrefix: 1024,
    context: 272_000,
    stepTokens: 128,
    ttlSeconds: 1800,
  },
  'gpt-6.1-sol': { input: 2, read: 0.1, write: 2.5, output: 10, minPrefix: 1024, context: 922_000, ttlSeconds: 1800 },
};

// Models that refuse replayed thinking whose prefix has changed.
const PREFIX_CHECKED = /^claude-((fable|mythos)-5-[12]|(opus|sonnet|haiku)-5-5)/;

// Models that take messages of role "system" in the conversation.
const SYSTEM_MESSAGES = /^claude-((fable|mythos)-|(opus|sonnet|haiku)-5)/;

export function takesSystemMessages(model) {
  return SYSTEM_MESSAGES.test(model);
}

export function checksThinkingPrefix(model) {
  return PREFIX_CHECKED.test(model);
}

// The row of `model`, or undefined. The longest known name that `model` starts
// with wins: "gpt-4o-2024-11-20" is "gpt-4o".
export function modelRow(table, model) {
  let best;
  for (const name of Object.keys(table)) {
    if (typeof model === 'string' && model.startsWith(name) && name.length > (best ?? '').length) best = name;
  }
  return best === undefined ? undefined : table[best];
}
