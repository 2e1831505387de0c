// node tiktoken_ids.mjs ENCODING IN OUT: encodes texts with npm tiktoken, for
// tiktoken_test.cc to compare with.
//
//   IN    per text: u32 bytes, then UTF-8
//   OUT   per text: u32 tokens, then a u32 per token (little-endian)
import { readFileSync, writeFileSync } from "node:fs";
import { get_encoding } from "tiktoken";

const [encodingName, inPath, outPath] = process.argv.slice(2);
const encoding = get_encoding(encodingName);
const input = readFileSync(inPath);
const out = [];
for (let at = 0; at < input.length; ) {
  const size = input.readUInt32LE(at);
  const text = input.toString("utf8", at + 4, at + 4 + size);
  const ids = encoding.encode_ordinary(text);
  out.push(Buffer.from(Uint32Array.of(ids.length, ...ids).buffer));
  at += 4 + size;
}
writeFileSync(outPath, Buffer.concat(out));
