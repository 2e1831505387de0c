// Token ids of a text, for counts and for cache keys over token streams.
//
//   bytes4   four UTF-8 bytes are one token: fast, enough for fidelity tests
//   bpe      o200k_base by npm's gpt-tokenizer: for figures in tokens or money

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export function bytes4Tokens(text) {
  const bytes = Buffer.from(text, 'utf8');
  const ids = new Uint32Array(Math.ceil(bytes.length / 4));
  bytes.copy(Buffer.from(ids.buffer));
  return ids;
}

// Returns text -> Uint32Array. `kind` is 'bytes4' or 'bpe'. The bpe tokenizer
// remembers texts: a growing conversation costs only what is new in it.
export function makeTokenizer(kind = 'bytes4') {
  if (kind === 'bytes4') return bytes4Tokens;
  const { encode } = require('gpt-tokenizer/encoding/o200k_base');
  const known = new Map();
  return (text) => {
    let ids = known.get(text);
    if (ids === undefined) {
      ids = Uint32Array.from(encode(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() }));
      known.set(text, ids);
    }
    return ids;
  };
}
