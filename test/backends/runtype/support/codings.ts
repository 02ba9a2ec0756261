/** Content codings, as a sender applies them. */
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import type { Coding } from '../../../../src/backends/runtype/wire/content-coding.ts';

export const anyCoding = fc.constantFrom<Coding>('gzip', 'deflate', 'br', 'zstd');

const encoders: Record<Coding, (bytes: Uint8Array) => Buffer> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  // The best compression takes far longer.
  br: (bytes) => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: (bytes) => zlib.zstdCompressSync(bytes),
};

export function encode(bytes: Uint8Array, codings: readonly Coding[]): Buffer {
  return codings.reduce<Buffer>((text, coding) => encoders[coding](text), Buffer.from(bytes));
}

/** What a client reads of a whole body. */
export function decoded(bytes: Buffer, coding: Coding): string {
  const decoders = {
    gzip: zlib.gunzipSync,
    deflate: zlib.inflateSync,
    br: zlib.brotliDecompressSync,
    zstd: zlib.zstdDecompressSync,
  };
  return decoders[coding](bytes).toString('utf8');
}
