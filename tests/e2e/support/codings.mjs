// Content codings for bodies under test.

import zlib from 'node:zlib';

// A zstd frame (RFC 8878) of stored blocks: Node 18 has no zstd.
export function zstd(bytes) {
  const BLOCK = 128 * 1024;
  const head = Buffer.alloc(13);
  head.writeUInt32LE(0xfd2fb528, 0);
  head[4] = 0b1110_0000; // single segment, 8-byte content size
  head.writeBigUInt64LE(BigInt(bytes.length), 5);
  const parts = [head];
  for (let at = 0; at < bytes.length || at === 0; at += BLOCK) {
    const part = bytes.subarray(at, at + BLOCK);
    const header = Buffer.alloc(3);
    header.writeUIntLE((part.length << 3) | (at + BLOCK >= bytes.length ? 1 : 0), 0, 3);
    parts.push(header, part);
  }
  return Buffer.concat(parts);
}

export const CODINGS = { gzip: zlib.gzipSync, deflate: zlib.deflateSync, br: zlib.brotliCompressSync, zstd };
