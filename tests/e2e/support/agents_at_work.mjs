// Traffic as a morning's work of some agents makes it, for what shows traffic: conversations of several clients and
// models with logs, tables, file reads and search hits, one model that opens a gap, and answers that are errors.

import { AnthropicConversation, callId, callOf, OpenAiConversation, ResponsesConversation } from './conversation.mjs';
import { originalId } from './compare.mjs';
import { Random, serverLog, SHAPES } from './data.mjs';
import { post } from './http.mjs';

export const ODD_LINE = '2026-03-01T10:09:00.000Z ERROR disk sda3 is failing: no space left on device';

const AGENTS = [
  { of: AnthropicConversation, model: 'claude-sonnet-4-5', agent: 'claude-cli/2.0.14 (external, cli)', style: 'claude-code' },
  { of: ResponsesConversation, model: 'gpt-5.1', agent: 'codex_cli_rs/0.46.0 (Debian 12; x86_64)' },
  { of: OpenAiConversation, model: 'gpt-4.1', agent: 'OpenAI/Python 1.99.0' },
];

const TASKS = ['Why did the service stop?', 'List the services that fail.', 'Where is the journal read?', 'Build it.'];

// Returns what was asked and saved: { log } of the first conversation's last result.
export async function work({ provider, proxy, turns = 6, seed = 7, lines = 120 }) {
  const random = new Random(seed);
  const first = await readLog({ provider, proxy, random, lines });
  for (const { of, model, agent, style } of AGENTS) {
    const chat = new of({ provider, model, headers: [['user-agent', agent]], ...(style ? { style } : {}) });
    for (let turn = 0; turn < turns; ++turn) {
      const made = ['rows', 'log', 'grep', 'read'].slice(0, 1 + (turn % 3)).map((name) => callOf(SHAPES[name], random));
      if (turn === 0) chat.user(random.pick(TASKS));
      await chat.turn(proxy.url, { text: 'Let me look.', calls: made.map(({ call }) => call) });
      chat.results(made.map(({ result }) => result));
    }
    await chat.turn(proxy.url, { text: 'That is why.' });
  }
  return first;
}

// A log is read, and the model opens its gap.
export async function readLog({ provider, proxy, random = new Random(3), lines = 120 }) {
  const chat = new AnthropicConversation({ provider, style: 'claude-code', headers: [['user-agent', 'claude-cli/2.0.14 (external, cli)']] });
  const log = serverLog(random, lines, ODD_LINE);
  const id = callId();
  chat.user(TASKS[0]);
  await chat.turn(proxy.url, { text: 'I look.', calls: [{ id, name: 'Bash', input: { command: 'journalctl -u service' } }] });
  chat.results([{ id, content: log }]);
  provider.reply({ calls: [{ id: callId(), name: 'headroom_retrieve', input: { hash: originalId(log), query: 'tenant 7' } }] }, { key: chat.key });
  await chat.turn(proxy.url, { text: 'The disk is full.' });
  return { log, chat };
}

export async function fail({ provider, proxy, status = 529 }) {
  provider.reply({ status, headers: [['content-type', 'application/json']], body: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' });
  return post(proxy.url, '/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 10, messages: [{ role: 'user', content: 'Go' }] }, { headers: [['user-agent', 'claude-cli/2.0.14']] });
}
