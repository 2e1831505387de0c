// Signed thinking and the check of its prefix on replay.
//
// A thinking block is bound to the system, the tools and every non-thinking
// block before it, and to the thinking block before it (a chain). On replay:
//
//   unknown signature or changed text             400, every model
//   another prefix, or a broken chain             400 for the models that check,
//                                                 or dropped where the request says so
//   thinking left out from the start              fine: the chain begins later
//   one left out or moved in the middle           every later one is refused

import { createHash, randomBytes } from 'node:crypto';

import { isThinking } from './anthropic.mjs';
import { invalid } from './api_error.mjs';
import { checksThinkingPrefix } from './models.mjs';

const DROP_BETA = 'thinking-binding-controls-2026-08-01';

export class ThinkingSigner {
  constructor() {
    this.issued = new Map(); // signature -> { prefix, previous, text }
  }

  // A thinking block that follows `blocks` (a whole request).
  sign(text, blocks) {
    const signature = randomBytes(48).toString('base64');
    const previous = blocks.filter(isThinking).at(-1)?.signature;
    this.issued.set(signature, { prefix: prefixDigest(blocks), previous, text });
    return { type: 'thinking', thinking: text, signature };
  }

  // Returns the blocks that were dropped instead of refused, for
  // `input_transformations`. Errors: ApiError 400.
  check(body, blocks, headers) {
    const drops =
      body.thinking?.block_binding?.prefix_mismatch_behavior === 'drop_block' &&
      (headers['anthropic-beta'] ?? '').includes(DROP_BETA);
    const dropped = [];
    const hash = createHash('sha256');
    let previous;
    for (const block of blocks) {
      if (!isThinking(block)) {
        hash.update(`${block.canon}\x02`);
        continue;
      }
      const issued = this.issued.get(block.signature);
      if (issued === undefined || (block.type === 'thinking' && block.text !== issued.text))
        throw wrongSignature(block);
      const bound =
        issued.prefix === hash.copy().digest('hex') && (previous === undefined || issued.previous === previous);
      previous = block.signature;
      if (bound || !checksThinkingPrefix(body.model)) continue;
      if (!drops) throw wrongConversation(block);
      dropped.push({ type: 'dropped_block', message_index: block.message, content_index: block.index });
    }
    return dropped;
  }
}

function prefixDigest(blocks) {
  const hash = createHash('sha256');
  for (const block of blocks) if (!isThinking(block)) hash.update(`${block.canon}\x02`);
  return hash.digest('hex');
}

function wrongSignature(block) {
  return invalid(`messages.${block.message}.content.${block.index}: Invalid \`signature\` in \`thinking\` block`);
}

function wrongConversation(block) {
  return invalid(
    `messages.${block.message}.content.${block.index}: Invalid \`signature\` in \`thinking\` block. ` +
      'The block is bound to a different conversation. Remove the block, or set ' +
      '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block".',
  );
}
