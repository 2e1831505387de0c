// What the providers' prompt caches read and write for a request, and what the
// request costs.
//
//   account { total, read, write5m, write1h, write, uncached, hit, usd(outputTokens), usage(outputTokens) }
//
// Anthropic: an entry is written only at a mark. Reading starts at each mark
// and walks back over at most 20 positions, the mark being the first; a run of
// tool_use (or of tool_result) blocks is one position. Prefixes below the
// model's minimum are not cached. An entry lives 5 minutes or 1 hour from its
// last use. OpenAI: the longest cached prefix in steps of 128 tokens from the
// model's minimum on; newer models read and write at the ends of messages.
//
// Times are seconds of whatever clock the caller keeps.

import { createHash } from 'node:crypto';

import { ApiError, invalid } from './api_error.mjs';
import { ANTHROPIC_MODELS, OPENAI_MODELS, modelRow } from './models.mjs';

const LOOKBACK_POSITIONS = 20;
const TTL_SECONDS = { '5m': 300, '1h': 3600 };
const EARLIER_ENDS = 20;
const MILLION = 1e6;

function runningSums(blocks) {
  let sum = 0;
  return blocks.map((block) => (sum += block.tokens));
}

class Entries {
  constructor() {
    this.live = new Map(); // key -> { until, ttl }
  }

  has(key, now) {
    return (this.live.get(key)?.until ?? -Infinity) >= now;
  }

  touch(key, now) {
    const entry = this.live.get(key);
    entry.until = now + entry.ttl;
  }

  write(key, ttl, now) {
    if (!this.has(key, now) || this.live.get(key).ttl < ttl) this.live.set(key, { until: now + ttl, ttl });
  }
}

export class AnthropicCache {
  constructor() {
    this.entries = new Entries();
  }

  // Errors: ApiError (unknown model, prompt too long).
  account(tenant, body, blocks, now) {
    const row = modelRow(ANTHROPIC_MODELS, body.model);
    if (row === undefined) throw new ApiError(404, 'not_found_error', `model: ${body.model}`);
    const sums = runningSums(blocks);
    const total = sums.at(-1) ?? 0;
    if (total > row.context) throw invalid(`prompt is too long: ${total} tokens > ${row.context} maximum`);
    const keys = this.prefixKeys(tenant, body, blocks);
    const marks = blocks.flatMap((block, i) => (block.mark && sums[i] >= row.minPrefix ? [i] : []));
    const hit = Math.max(-1, ...marks.map((mark) => this.lookBack(blocks, keys, mark, now)));
    if (hit >= 0) this.entries.touch(keys[hit], now);
    for (const mark of marks) {
      if (mark <= hit && this.entries.has(keys[mark], now)) this.entries.touch(keys[mark], now);
      this.entries.write(keys[mark], TTL_SECONDS[blocks[mark].mark], now);
    }
    const upTo = (i) => (i < 0 ? 0 : sums[i]);
    const read = upTo(hit);
    const last1h = marks.filter((i) => blocks[i].mark === '1h').at(-1) ?? -1;
    const write1h = Math.max(0, upTo(last1h) - read);
    const write5m = Math.max(0, upTo(marks.at(-1) ?? -1) - read - write1h);
    return anthropicAccount(row, { total, read, write5m, write1h, uncached: total - read - write5m - write1h, hit });
  }

  // A change of tool_choice, thinking or effort leaves tools and system cached.
  prefixKeys(tenant, body, blocks) {
    const hash = createHash('sha256').update(`${tenant}\0${body.model}\0`);
    const salt = JSON.stringify([body.tool_choice, body.thinking, body.output_config?.effort]);
    let level = 'tools';
    return blocks.map((block) => {
      if (block.level === 'messages' && level !== 'messages') hash.update(`\x02${salt}\x02`);
      level = block.level;
      hash.update(`${block.canon.length}\x03${block.canon}`);
      return hash.copy().digest('latin1');
    });
  }

  lookBack(blocks, keys, mark, now) {
    let positions = 0;
    let run;
    for (let i = mark; i >= 0; --i) {
      const { type } = blocks[i];
      const inRun = type === 'tool_use' || type === 'tool_result' ? type : undefined;
      if (inRun === undefined || inRun !== run) ++positions;
      if (positions > LOOKBACK_POSITIONS) return -1;
      run = inRun;
      if (this.entries.has(keys[i], now)) return i;
    }
    return -1;
  }
}

function anthropicAccount(row, counts) {
  const { total, read, write5m, write1h, uncached } = counts;
  return {
    ...counts,
    write: write5m + write1h,
    usd: (output) =>
      (uncached * row.input + read * row.read + write5m * row.write5m + write1h * row.write1h + output * row.output) /
      MILLION,
    usage: (output) => ({
      input_tokens: uncached,
      cache_creation_input_tokens: write5m + write1h,
      cache_read_input_tokens: read,
      cache_creation: { ephemeral_5m_input_tokens: write5m, ephemeral_1h_input_tokens: write1h },
      output_tokens: output,
      service_tier: 'standard',
    }),
    total,
  };
}

export class OpenAiCache {
  constructor() {
    this.entries = new Entries();
  }

  // Errors: ApiError (unknown model, prompt too long).
  account(tenant, body, blocks, now) {
    const row = modelRow(OPENAI_MODELS, body.model);
    if (row === undefined) {
      throw new ApiError(
        404,
        'invalid_request_error',
        `The model \`${body.model}\` does not exist or you do not have access to it.`,
        'model_not_found',
      );
    }
    const total = blocks.reduce((sum, block) => sum + block.tokens, 0) + 3; // the reply is primed with three tokens
    if (total > row.context) {
      throw invalid(
        `This model's maximum context length is ${row.context} tokens. However, your messages resulted in ${total} tokens. ` +
          'Please reduce the length of the messages.',
        'context_length_exceeded',
      );
    }
    const scope = createHash('sha256').update(`${tenant}\0${body.model}\0${body.prompt_cache_key ?? ''}\0`);
    const { read, write } = row.stepTokens
      ? this.bySteps(row, scope, blocks, now)
      : this.byEnds(row, scope, blocks, now);
    return openAiAccount(row, { total, read, write, uncached: total - read - write });
  }

  bySteps(row, hash, blocks, now) {
    const ids = new Uint32Array(blocks.reduce((sum, block) => sum + block.ids.length, 0));
    let at = 0;
    for (const block of blocks) {
      ids.set(block.ids, at);
      at += block.ids.length;
    }
    const keys = [];
    for (let end = row.stepTokens; end <= ids.length; end += row.stepTokens) {
      hash.update(ids.subarray(end - row.stepTokens, end));
      if (end >= row.minPrefix) keys.push({ end, key: hash.copy().digest('latin1') });
    }
    const read = keys.findLast(({ key }) => this.entries.has(key, now))?.end ?? 0;
    for (const { key } of keys) {
      this.entries.write(key, row.ttlSeconds, now);
      this.entries.touch(key, now);
    }
    return { read, write: 0 };
  }

  byEnds(row, hash, blocks, now) {
    const sums = runningSums(blocks);
    const keys = blocks.map((block) => hash.update(block.ids).copy().digest('latin1'));
    const ends = blocks.flatMap((block, i) => (endsATurn(blocks, i) ? [i] : []));
    const marks = blocks.flatMap((block, i) => (block.mark ? [i] : []));
    const candidates = [...ends.slice(-1 - EARLIER_ENDS), ...ends.slice(0, 1), ...marks].sort((a, b) => b - a);
    const hit = candidates.find((i) => this.entries.has(keys[i], now)) ?? -1;
    const read = hit < 0 ? 0 : sums[hit];
    const writes = [...marks.slice(-3), ...ends.slice(-1)].filter((i) => sums[i] >= row.minPrefix);
    for (const i of [...writes, ...(hit < 0 ? [] : [hit])]) {
      this.entries.write(keys[i], row.ttlSeconds, now);
      this.entries.touch(keys[i], now);
    }
    return {
      read,
      write: Math.max(0, ...writes.map((i) => sums[i])) > read ? Math.max(...writes.map((i) => sums[i])) - read : 0,
    };
  }
}

// The end of a user message, of a group of tool messages, or of the leading
// developer messages.
function endsATurn(blocks, i) {
  const next = blocks[i + 1]?.type;
  const isSystem = (type) => type === 'system' || type === 'developer';
  if (isSystem(blocks[i].type))
    return !isSystem(next) && blocks.slice(0, i).every((block) => block.level === 'tools' || isSystem(block.type));
  return blocks[i].type === 'user' || (blocks[i].type === 'tool' && next !== 'tool');
}

function openAiAccount(row, counts) {
  const { total, read, write, uncached } = counts;
  return {
    ...counts,
    usd: (output) =>
      (uncached * row.input + read * row.read + write * (row.write ?? 0) + output * row.output) / MILLION,
    usage: (output) => ({
      prompt_tokens: total,
      completion_tokens: output,
      total_tokens: total + output,
      prompt_tokens_details: { cached_tokens: read - (read % 128), audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    }),
  };
}
