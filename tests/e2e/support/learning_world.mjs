// A world in which the same thing is asked for again and again: an agent's tool lists today's shipments, no question
// says which of them matter, and the model always needs those of one carrier; or a tool prints a manifest that the
// model always wants to read whole.
//
//   const world = await startWorld();
//   const proxy = await startProxy({ provider: world.provider, args: ['--ccr'] });
//   const { retrievals, usd } = await world.run(proxy.url, { conversations: 12, kind: 'shipments' });
//   await world.close();
//
// The model opens gaps until it has what it needs, and not when that is in the prompt already. Each conversation begins with an empty
// provider cache, has data of its own, and goes on for three turns after the answer.

import assert from 'node:assert/strict';

import { startProvider } from '../../provider/provider.mjs';
import { AnthropicConversation, callId } from './conversation.mjs';
import { Random, words } from './data.mjs';

const CARRIERS = (
  'Albatross Bittern Cormorant Dunlin Egret Fulmar Gannet Heron Ibis Jacana Kestrel Lapwing Merlin Noddy Osprey ' +
  'Plover Quail Redshank Sandpiper Tern Umbrella Vireo Wigeon Xenops Yellowhammer'
).split(' ');
const WANTED = 'Kestrel';
const ROWS = 300;
const LINES = 260;
const TURNS_AFTER = 3;
const HOUR = 3600;

// { text, needed }: what the tool prints, and what of it the answer is made from.
const KINDS = {
  shipments(random) {
    const rows = Array.from({ length: ROWS }, (_, i) => ({
      shipment: `SH-${random.hex(8)}`,
      carrier: CARRIERS[(i * 7 + random.below(3)) % CARRIERS.length],
      weight_kg: 10 + random.below(900),
      depot: random.pick(['north', 'south', 'east', 'west']),
      contents: words(random, 4),
    }));
    const needed = rows.filter((row) => row.carrier === WANTED).map((row) => row.shipment);
    return { text: JSON.stringify(rows), needed, query: `carrier ${WANTED}` };
  },
  manifest(random) {
    const lines = Array.from({ length: LINES }, (_, i) => `${String(i + 1).padStart(4)} pallet ${words(random, 9)}`);
    return { text: lines.join('\n'), needed: lines, query: undefined };
  },
};

const textOf = (block) =>
  typeof block.content === 'string' ? block.content : (block.content ?? []).map((part) => part.text ?? '').join('');

class World {
  constructor() {
    this.seconds = 0;
    this.needs = new Map(); // by conversation
    this.retrievals = 0;
    this.random = new Random(2026);
    this.begun = 0;
  }

  // The model. What a conversation is about stands in its first message.
  respond = (request) => {
    const { messages } = request.json();
    const first = messages[0].content;
    const name = /run (\d+)/.exec(typeof first === 'string' ? first : first[0].text)[1];
    const need = this.needs.get(name);
    const results = messages.flatMap((message) =>
      Array.isArray(message.content) ? message.content.filter((block) => block.type === 'tool_result') : [],
    );
    const seen = results.map(textOf).join('\n');
    const missing = need.needed.filter((what) => !seen.includes(what));
    if (missing.length === 0 || missing.length === need.missing) return { text: 'Done.' };
    need.missing = missing.length;
    ++this.retrievals;
    const hash = results.map((result) => /Retrieve more: hash=([0-9a-f]{24})/.exec(textOf(result))?.[1]).findLast(Boolean);
    return {
      text: 'I need more of it.',
      calls: [
        { id: callId(), name: 'headroom_retrieve', input: { hash, ...(need.query ? { query: need.query } : {}) } },
      ],
    };
  };

  // A conversation up to the tool's result, which has not been sent yet.
  async begin(url, { kind = 'shipments', key = 'sk-world' } = {}) {
    this.seconds += HOUR;
    const name = String(++this.begun);
    const chat = new AnthropicConversation({ provider: this.provider, key });
    this.needs.set(name, { needed: [] });
    chat.name = name;
    chat.kind = kind;
    chat.tools = [
      { name: `list_${kind}`, description: 'Prints them', input_schema: { type: 'object', properties: {} } },
    ];
    chat.user(`Please see to today's ${kind}, run ${name}.`);
    await this.call(chat, url);
    return chat;
  }

  // The model calls the tool; its result waits to be sent.
  async call(chat, url) {
    const id = callId();
    const { text, needed, query } = KINDS[chat.kind](this.random);
    await chat.turn(url, { text: 'I look.', calls: [{ id, name: `list_${chat.kind}`, input: {} }] });
    this.needs.set(chat.name, { needed, query });
    chat.results([{ id, content: text }]);
    return needed;
  }

  // Sends the conversation as it stands; the model answers as it sees fit.
  async send(chat, url) {
    const sent = chat.body();
    const reply = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': chat.key, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(sent),
    });
    assert.equal(reply.status, 200);
    chat.append(await reply.json());
    return this.provider.requests().findLast((request) => request.key === chat.key);
  }

  async run(url, { conversations, kind = 'shipments' }) {
    const before = { retrievals: this.retrievals, usd: this.provider.usd };
    for (let i = 0; i < conversations; ++i) {
      const chat = await this.begin(url, { kind });
      await this.send(chat, url);
      for (let turn = 0; turn < TURNS_AFTER; ++turn) {
        chat.user(`Go on with step ${turn + 1}.`);
        await this.send(chat, url);
      }
    }
    return { retrievals: this.retrievals - before.retrievals, usd: this.provider.usd - before.usd };
  }

  close() {
    return this.provider.close();
  }
}

export async function startWorld() {
  const world = new World();
  world.provider = await startProvider({ respond: world.respond, now: () => world.seconds });
  return world;
}
