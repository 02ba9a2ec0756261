/**
 * Reads an answer while it is relayed, whatever its coding. Tested in
 * test/backends/runtype/gateway/answer/encodings.test.ts.
 */
import { gzipSync } from 'node:zlib';
import type { HttpReply } from '../../../../core/ports/ports.ts';
import { isEventStream } from '../../../shared/response.ts';
import type { Incoming } from '../../../shared/transport.ts';
import { JSON_MAX_BYTES } from '../../stream/sessions.ts';
import { type Coding, codingsOf, Decoder } from '../../wire/content-coding.ts';
import { closesFrame } from '../../wire/frames/frame-splitter.ts';
import type { Tap } from './tap.ts';

/**
 * The codings that can be continued after the end of a message. A gzip file consists of members (RFC 1952, 2.2), and readers
 * read all of them. Of zstd frames Node reads only the first one; the other codings know no second part.
 */
const appendable: Partial<Record<Coding, (bytes: Uint8Array) => Buffer>> = { gzip: (bytes) => gzipSync(bytes) };

/** Gives a tap what an answer says, as it arrives. */
export class CodedAnswer {
  readonly #codings: readonly Coding[] | null;
  readonly #tap: Tap | null;
  /** Null: it is plain, or not read. */
  readonly #decoder: Decoder | null;
  readonly #isRead: boolean;
  /** All that was decoded, where it is kept. */
  #kept: Uint8Array[] | null;
  /** The last four bytes. */
  #last = 0;
  #hasRead = false;

  /** @param keeps whether the whole text is needed at the end; only of an answer in one piece */
  constructor({ headers }: Incoming, tap: Tap | null, keeps: boolean) {
    this.#codings = codingsOf(headers['content-encoding']);
    this.#tap = tap;
    this.#kept = keeps ? [] : null;
    const limits = isEventStream(headers) ? {} : { maxBytes: JSON_MAX_BYTES };
    this.#isRead = tap !== null && this.#codings !== null;
    const isCoded = this.#isRead && !this.isPlain;
    this.#decoder = isCoded ? new Decoder(this.#codings ?? [], (bytes) => this.#take(bytes), limits) : null;
  }

  get isPlain(): boolean {
    return this.#codings?.length === 0;
  }

  /** Undefined: the tap has these bytes, which are plain; else it resolves when that is so. Never rejects. */
  push(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#decoder !== null) return this.#decoder.push(bytes);
    if (this.#isRead) this.#take(bytes);
    return undefined;
  }

  async finish(how: 'ended' | 'cut'): Promise<void> {
    await this.#decoder?.end();
    const isWhole = this.#isWhole;
    this.#tap?.finish(isWhole ? how : 'cut');
    if (!isWhole && !this.#hasRead) this.#tap?.unread?.();
  }

  /** Its text so far; null where it can't be read. */
  get text(): string | null {
    return this.#kept === null || !this.#isWhole ? null : Buffer.concat(this.#kept).toString('latin1');
  }

  /** What is kept is not needed any more. */
  drop(): void {
    this.#kept = null;
  }

  /** Whether its last frame is closed. */
  get closesFrame(): boolean {
    const last = Buffer.alloc(4);
    last.writeUInt32BE(this.#last);
    return closesFrame(last.toString('latin1'));
  }

  /** Whether more can be written after it in its own coding. */
  get canBeContinued(): boolean {
    const [coding, ...others] = this.#codings ?? [];
    return this.isPlain || (coding !== undefined && others.length === 0 && appendable[coding] !== undefined);
  }

  /** Writes after the answer in its own coding. */
  continuing(reply: HttpReply): HttpReply {
    const [coding] = this.#codings ?? [];
    const encode = coding === undefined ? undefined : appendable[coding];
    if (encode === undefined) return reply;
    return { ...bound(reply), write: (bytes) => reply.write(encode(bytes)) };
  }

  #take(bytes: Uint8Array): void {
    this.#hasRead = true;
    this.#tap?.feed(bytes);
    this.#kept?.push(bytes);
    for (let at = Math.max(0, bytes.length - 4); at < bytes.length; at += 1) {
      this.#last = ((this.#last << 8) | (bytes[at] ?? 0)) >>> 0;
    }
  }

  get #isWhole(): boolean {
    return this.#isRead && (this.#decoder?.failure ?? null) === null;
  }
}

function bound(reply: HttpReply): HttpReply {
  return {
    start: (status, rawHeaders) => reply.start(status, rawHeaders),
    write: (bytes) => reply.write(bytes),
    end: () => reply.end(),
    destroy: () => reply.destroy(),
  };
}
