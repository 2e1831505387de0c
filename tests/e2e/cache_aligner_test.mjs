// What makes the provider's cache miss at the beginning of a prompt is said, with its cost, and nothing is rewritten.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { AnthropicConversation } from './support/conversation.mjs';
import { request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';

const { provider, proxy } = await startPair({ args: ['--no-ccr'] });

const figures = async () => (await request({ url: `${proxy.url}/stats` })).json().prompt_prefix;
const rules = 'Always provide valid code and keep the user informed about progress, please.\n'.repeat(120);
const prompt = (time) => `You are a careful engineer.\n${rules}The time is ${time}.\n${rules}`;

describe("the beginning of a conversation's prompt", () => {
  it('with a time that moves is found, counted, said once, and forwarded as it came', async () => {
    const chat = new AnthropicConversation({ provider, style: 'claude-code' });
    chat.user('Why is the service slow?');
    const before = await figures();
    for (const time of ['2026-11-24T12:00:01Z', '2026-11-24T12:00:02Z', '2026-11-24T12:00:03Z']) {
      chat.setSystem(prompt(time));
      const { forwarded } = await chat.turn(proxy.url, { text: 'I look.' });
      assert.ok(forwarded.body.toString().includes(`The time is ${time}.`));
      chat.user('And now?');
    }
    const after = await figures();
    assert.equal(after.requests_compared, before.requests_compared + 3);
    const { requests, tokens_lost: lost } = after.changes.system_time;
    assert.equal(requests, 2);
    assert.ok(lost > 0, `${lost}`);
    const [latest] = after.recent;
    assert.deepEqual(
      { cause: latest.cause, byte: latest.byte, shape: latest.shape },
      { cause: 'system_time', byte: prompt('@').indexOf('@'), shape: '9999-99-99a99:99:99a' },
    );
    const stats = (await request({ url: `${proxy.url}/stats` })).text();
    assert.ok(!stats.includes('careful') && !stats.includes('12:00:0'));
    const metrics = (await request({ url: `${proxy.url}/metrics` })).text();
    assert.match(metrics, /^headroom_prefix_changes_total\{cause="system_time"\} 2$/m);
    assert.match(metrics, new RegExp(`^headroom_prefix_tokens_lost_total\\{cause="system_time"\\} ${lost}$`, 'm'));
    const said = proxy.stderr().match(/the provider's cache is lost after it.*/g);
    assert.equal(said.length, 1);
    assert.match(said[0], new RegExp(`in=system byte=${latest.byte} what=time`));
  });

  it('that stays is no finding, whatever dates stand in it', async () => {
    const before = await figures();
    const chat = new AnthropicConversation({ provider, style: 'claude-code' });
    chat.setSystem(prompt('2026-11-24T12:00:01Z'));
    for (const text of ['Why?', 'And then?', 'And now?']) {
      chat.user(text);
      await chat.turn(proxy.url, { text: 'I look.' });
    }
    const after = await figures();
    assert.deepEqual(after.changes, before.changes);
    assert.equal(after.requests_compared, before.requests_compared + 3);
  });

  it('with its tools in another order is found', async () => {
    const chat = new AnthropicConversation({ provider, style: 'claude-code' });
    const tool = (name) => ({ name, description: name, input_schema: { type: 'object', properties: {} } });
    chat.tools = ['Bash', 'Read', 'Write'].map(tool);
    chat.user('Start.');
    await chat.turn(proxy.url, { text: 'I look.' });
    chat.tools = ['Bash', 'Write', 'Read'].map(tool);
    chat.user('Go on.');
    const { forwarded } = await chat.turn(proxy.url, { text: 'I look.' });
    assert.deepEqual(
      forwarded.json().tools.map(({ name }) => name),
      ['Bash', 'Write', 'Read'],
    );
    assert.equal((await figures()).changes.tools_order.requests, 1);
  });
});
