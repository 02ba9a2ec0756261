/**
 * Content codings of HTTP (RFC 9110, 8.4.1; zstd: RFC 8878), read within a limit. What is decoded is only read: it is passed
 * on as it came. Tested in test/backends/runtype/wire/content-coding.test.ts.
 */
import { Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Incoming } from '../../shared/transport.ts';

export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** More than one layer has no use; each one multiplies what a short body can become. */
const LAYERS_MAX = 2;
const OUTPUT_CHUNK_BYTES = 64 * 1024;
/** A stream that becomes more than this many times its size is not text, once it exceeds the floor. */
export const RATIO_MAX = 1_000;
export const RATIO_FLOOR_BYTES = 16 * 1024 * 1024;

const names: Readonly<Record<string, Coding>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
};

/**
 * The codings of a message, in the order in which they were applied; empty for a plain one.
 * @param header the value of `Content-Encoding`
 * @returns null where one of them can't be decoded here
 */
export function codingsOf(header: string | null | undefined): readonly Coding[] | null {
  const given = (header ?? '').toLowerCase().split(',');
  const applied = given.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
  const known = applied.flatMap((name) => (Object.hasOwn(names, name) ? (names[name] ?? []) : []));
  return known.length === applied.length && known.length <= LAYERS_MAX ? known : null;
}

/** A body as it can be read; `broken`: its bytes are not what its codings say. */
export type DecodedBody = { type: 'decoded'; bytes: Uint8Array } | { type: 'too_long' } | { type: 'broken' };

/** Decodes a whole body, as far as it goes where its end is missing: another reader may do so, too. */
export async function decodeBody(
  bytes: Uint8Array,
  codings: readonly Coding[],
  maxBytes: number,
): Promise<DecodedBody> {
  if (codings.length === 0) return bytes.length > maxBytes ? { type: 'too_long' } : { type: 'decoded', bytes };
  const pieces: Uint8Array[] = [];
  const decoder = new Decoder(codings, (piece) => pieces.push(piece), { maxBytes });
  await decoder.push(bytes);
  await decoder.end();
  if (decoder.failure !== null) return { type: decoder.failure };
  return { type: 'decoded', bytes: Buffer.concat(pieces) };
}

export interface DecoderLimits {
  /** Of the decoded bytes of one layer. Default: as many as the ratio allows. */
  maxBytes?: number;
}

/** Decodes bytes as they arrive. Its limits bound memory and time, so that no body can hold anything else up. */
export class Decoder {
  readonly #layers: Layer[];
  readonly #take: (bytes: Uint8Array) => void;
  #failure: 'broken' | 'too_long' | null = null;

  /**
   * @param codings in the order in which they were applied
   * @param take gets what is decoded, in order
   */
  constructor(codings: readonly Coding[], take: (bytes: Uint8Array) => void, limits: DecoderLimits = {}) {
    this.#layers = codings.toReversed().map((coding) => new Layer(coding, limits));
    this.#take = take;
  }

  /** Why nothing more is decoded. */
  get failure(): 'broken' | 'too_long' | null {
    return this.#failure;
  }

  /** Resolves once all that these bytes contain was taken. Never rejects. One call at a time. */
  push(bytes: Uint8Array): Promise<void> {
    return this.#run((layer, pieces) => layer.write(pieces), [bytes]);
  }

  /** No more bytes come; what is left in the layers is taken. Never rejects. */
  end(): Promise<void> {
    return this.#run(async (layer, pieces) => [...(await layer.write(pieces)), ...(await layer.end())], []);
  }

  async #run(work: (layer: Layer, pieces: Uint8Array[]) => Promise<Uint8Array[]>, bytes: Uint8Array[]): Promise<void> {
    let pieces = bytes;
    for (const layer of this.#layers) {
      if (this.#failure !== null) return;
      pieces = await work(layer, pieces);
      // What was decoded before a fault is still what the sender wrote.
      if (layer.failure !== null) this.#failure = layer.failure;
    }
    for (const piece of pieces) this.#take(piece);
    if (this.#failure !== null) for (const layer of this.#layers) layer.close();
  }
}

/**
 * The answer to a call of our own, plain. Identity was requested, and a server that encodes nonetheless is read.
 * An answer that can't be decoded breaks off.
 */
export function plainAnswer(answer: Incoming): Incoming {
  const codings = codingsOf(answer.headers['content-encoding']);
  if (codings === null || codings.length === 0) return answer;
  const coded = ['content-encoding', 'content-length'];
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !coded.includes(name)));
  const body = Readable.from(decodedPieces(answer.body, codings), { objectMode: false });
  // Iterating it throws its errors; a piece that is waited for does not keep the connection open.
  body.on('error', () => {});
  body.once('close', () => answer.body.destroy());
  return { ...answer, headers, body };
}

async function* decodedPieces(body: Incoming['body'], codings: readonly Coding[]): AsyncIterable<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const decoder = new Decoder(codings, (piece) => pieces.push(piece));
  for await (const bytes of body as AsyncIterable<Uint8Array>) {
    await decoder.push(bytes);
    yield* pieces.splice(0);
    if (decoder.failure !== null) throw new Error('its encoding is broken');
  }
  await decoder.end();
  yield* pieces.splice(0);
}

/** `bytesWritten`: of its input, as far as it is decoded. */
type Decompressor = Transform & { readonly bytesWritten: number };

/** One coding. */
class Layer {
  readonly #coding: Coding;
  readonly #maxBytes: number | undefined;
  #stream: Decompressor | null = null;
  #pieces: Uint8Array[] = [];
  #taken = 0;
  #given = 0;
  failure: 'broken' | 'too_long' | null = null;
  /** What follows the coding's own end is dropped, as other readers drop it. */
  #isOver = false;
  #wake = () => {};

  constructor(coding: Coding, { maxBytes }: DecoderLimits) {
    this.#coding = coding;
    this.#maxBytes = maxBytes;
  }

  async write(pieces: readonly Uint8Array[]): Promise<Uint8Array[]> {
    for (const piece of pieces) {
      this.#taken += piece.length;
      let rest = piece;
      while (rest.length > 0 && this.failure === null && this.#mayGoOn()) rest = await this.#writeOne(rest);
    }
    return this.#pieces.splice(0);
  }

  /** The library decodes one frame of zstd, and a message may consist of several. */
  #mayGoOn(): boolean {
    if (!this.#isOver) return true;
    if (this.#coding !== 'zstd') return false;
    this.#isOver = false;
    this.#stream = null;
    return true;
  }

  /** @returns what follows the end of a frame */
  async #writeOne(piece: Uint8Array): Promise<Uint8Array> {
    const stream = this.#stream ?? this.#open(piece);
    this.#stream = stream;
    const before = stream.bytesWritten;
    await this.#settled((done) => stream.write(piece, () => done()));
    return this.#isOver ? piece.subarray(stream.bytesWritten - before) : piece.subarray(piece.length);
  }

  async end(): Promise<Uint8Array[]> {
    const stream = this.#stream;
    if (stream !== null && this.failure === null && !this.#isOver) await this.#settled(() => stream.end());
    return this.#pieces.splice(0);
  }

  close(): void {
    this.#stream?.destroy();
  }

  #open(first: Uint8Array): Decompressor {
    const stream = create(this.#coding, first);
    stream.on('data', (piece: Uint8Array) => this.#onData(piece));
    stream.on('error', () => this.#fail('broken'));
    stream.on('end', () => {
      this.#isOver = true;
      this.#wake();
    });
    return stream;
  }

  #onData(piece: Uint8Array): void {
    if (this.failure !== null) return;
    this.#given += piece.length;
    const most = this.#maxBytes ?? Math.max(RATIO_FLOOR_BYTES, this.#taken * RATIO_MAX);
    if (this.#given > most) this.#fail('too_long');
    else this.#pieces.push(piece);
  }

  #fail(why: 'broken' | 'too_long'): void {
    this.failure ??= why;
    this.#stream?.destroy();
    this.#wake();
  }

  /** Resolves when `work` is done, or the layer has failed. */
  #settled(work: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      work(resolve);
    });
  }
}

/** A missing end is not a fault: servers flush what they have and close. @param first the first bytes */
function create(coding: Coding, first: Uint8Array): Decompressor {
  const { constants } = zlib;
  const chunkSize = OUTPUT_CHUNK_BYTES;
  const lenient = { chunkSize, finishFlush: constants.Z_SYNC_FLUSH };
  switch (coding) {
    case 'gzip':
      return zlib.createGunzip(lenient);
    case 'deflate':
      // With or without the header of zlib: servers send both.
      return isZlib(first) ? zlib.createInflate(lenient) : zlib.createInflateRaw(lenient);
    case 'br':
      return zlib.createBrotliDecompress({ chunkSize, finishFlush: constants.BROTLI_OPERATION_FLUSH });
    case 'zstd':
      return zlib.createZstdDecompress({ chunkSize, finishFlush: constants.ZSTD_e_flush });
  }
}

/** By its first byte: the method is deflate, and the window is at most 32 KiB. */
function isZlib([first = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && first >> 4 <= 7;
}
