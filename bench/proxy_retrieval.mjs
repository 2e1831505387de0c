// What a retrieval takes of the proxy's own: from the last byte of a reply that calls the tool
// (whose block is held back) to the arrival of the request that goes on, with the answer of an
// original of 200 KB in it. The provider is in this process, so its own time is in it too.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';

import { startProxy } from '../tests/e2e/support/proxy.mjs';
import { agentLog } from './support/agent_request.mjs';
import { printTable } from './support/rounds.mjs';

const ROUNDS = 60;
const WARM_UP = 10;
const BYTES = 200_000;

const event = (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const usage = { input_tokens: 1000, output_tokens: 10 };

// A reply in events: a call of `input`, or a text.
function reply(input) {
  const block = input
    ? { type: 'tool_use', id: `toolu_${Math.random()}`, name: 'headroom_retrieve', input: {} }
    : { type: 'text', text: '' };
  const delta = input
    ? { type: 'input_json_delta', partial_json: JSON.stringify(input) }
    : { type: 'text_delta', text: 'The disk is full.' };
  return [
    { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], usage } },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: input ? 'tool_use' : 'end_turn' }, usage: { output_tokens: 10 } },
    { type: 'message_stop' },
  ].map(event);
}

let called; // when the call was written
let taken = [];
let query;
const provider = createServer((request, response) => {
  const arrived = performance.now();
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString();
    const { messages } = JSON.parse(body);
    const answered = body.includes('"name":"headroom_retrieve","input":{"hash"');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (answered && called !== undefined) {
      assert.ok(messages.at(-1).content[0].content.length > 2000, 'no answer in the request that goes on');
      taken.push(arrived - called);
      called = undefined;
      return response.end(reply().join(''));
    }
    const hash = /hash=([0-9a-f]{24})/.exec(body)?.[1];
    if (hash === undefined) return response.end(reply().join(''));
    const call = reply({ hash, ...(query ? { query } : {}) }).join('');
    called = performance.now();
    return response.end(call);
  });
});
await new Promise((done) => provider.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${provider.address().port}`;
const proxy = await startProxy({ provider: { url }, logLevel: 'warning' });

async function ask(body) {
  const headers = { 'content-type': 'application/json', 'x-api-key': 'sk-bench', 'anthropic-version': '2023-06-01' };
  const response = await fetch(`${proxy.url}/v1/messages`, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.equal(response.status, 200);
  return response.text();
}

async function conversation(number) {
  const tools = [{ name: 'Bash', description: 'Runs a command', input_schema: { type: 'object' } }];
  const head = { model: 'claude-sonnet-4-5', max_tokens: 1024, stream: true, tools };
  const messages = [{ role: 'user', content: `${number}: why did it stop?` }];
  await ask({ ...head, messages });
  const input = { command: 'journalctl -u shop' };
  messages.push({ role: 'assistant', content: [{ type: 'tool_use', id: `toolu_${number}`, name: 'Bash', input }] });
  const content = agentLog(number, BYTES);
  messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: `toolu_${number}`, content }] });
  const seen = await ask({ ...head, messages });
  assert.ok(seen.includes('The disk is full.') && !seen.includes('headroom_retrieve'), seen);
}

try {
  const rows = [];
  for (query of ['ERROR session payment', 'lines 900-1100', undefined]) {
    taken = [];
    for (let i = 0; i < WARM_UP + ROUNDS; ++i) await conversation(1000 * rows.length + i);
    assert.equal(taken.length, WARM_UP + ROUNDS);
    const times = taken.slice(WARM_UP).sort((a, b) => a - b);
    const at = (share) => times[Math.floor(share * (times.length - 1))].toFixed(2);
    rows.push([query ?? 'whole', at(0.5), at(0.9)]);
  }
  printTable('A retrieval of an original of 200 KB', ['query', 'p50 ms', 'p90 ms'], rows);
} finally {
  await proxy.stop();
  provider.close();
}
