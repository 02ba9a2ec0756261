import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Coding, Compression } from '../types.ts';

/** Where an answer's body is written. */
export interface Body {
  write(bytes: Uint8Array | string): void;
  end(): void;
}

/** Announces the coding of an answer, where there is one; to be called before its head is written. */
export function bodyOf(request: IncomingMessage, response: ServerResponse, compression: Compression | null): Body {
  const isCoded = compression !== null && (compression.always || accepts(request, compression.coding));
  if (!isCoded) return { write: (bytes) => void response.write(bytes), end: () => void response.end() };
  response.setHeader('content-encoding', compression.coding);
  response.setHeader('vary', 'Accept-Encoding');
  const encoder = encoderOf(compression.coding);
  encoder.pipe(response);
  return { write: (bytes) => void encoder.write(bytes), end: () => void encoder.end() };
}

/** Each write leaves as soon as it is made, as a server that streams has to do it. */
function encoderOf(coding: Coding): Transform {
  const { constants } = zlib;
  switch (coding) {
    case 'gzip':
      return zlib.createGzip({ flush: constants.Z_SYNC_FLUSH });
    case 'deflate':
      return zlib.createDeflate({ flush: constants.Z_SYNC_FLUSH });
    case 'br':
      return zlib.createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH });
    case 'zstd':
      return zlib.createZstdCompress({ flush: constants.ZSTD_e_flush });
  }
}

function accepts({ headers }: IncomingMessage, coding: Coding): boolean {
  const accepted = String(headers['accept-encoding'] ?? '').toLowerCase();
  return accepted.split(',').some((one) => one.trim().split(';')[0] === coding);
}

/** The body of a request, decompressed; null where it can't be. */
export function plainRequest(bytes: Buffer, coding: string | undefined): Buffer | null {
  const decoders: Record<string, (bytes: Buffer) => Buffer> = {
    gzip: zlib.gunzipSync,
    deflate: zlib.inflateSync,
    br: zlib.brotliDecompressSync,
    zstd: zlib.zstdDecompressSync,
  };
  const decode = decoders[coding ?? ''];
  try {
    return decode?.(bytes) ?? null;
  } catch {
    return null;
  }
}
