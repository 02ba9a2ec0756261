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
import { closesFrame } from '../../wire/frame-splitter.ts';
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
  readonly #decoder: Decoder | null;
  /** All that was decoded, where it is kept. */
  #kept: Uint8Array[] | null;
  #last = '';
  #hasRead = false;

  /** @param keeps whether the whole text is needed at the end; only of an answer in one piece */
  constructor({ headers }: Incoming, tap: Tap | null, keeps: boolean) {
    this.#codings = codingsOf(headers['content-encoding']);
    this.#tap = tap;
    this.#kept = keeps ? [] : null;
    const limits = isEventStream(headers) ? {} : { maxBytes: JSON_MAX_BYTES };
    const isRead = tap !== null && this.#codings !== null;
    this.#decoder = isRead ? new Decoder(this.#codings ?? [], (bytes) => this.#take(bytes), limits) : null;
  }

  get isPlain(): boolean {
    return this.#codings?.length === 0;
  }

  /** Resolves once the tap has these bytes; at once where they are plain. Never rejects. */
  push(bytes: Uint8Array): Promise<void> {
    return this.#decoder?.push(bytes) ?? Promise.resolve();
  }

  async finish(how: 'ended' | 'cut'): Promise<void> {
    await this.#decoder?.end();
    const isWhole = this.#decoder?.failure === null;
    this.#tap?.finish(isWhole ? how : 'cut');
    if (!isWhole && !this.#hasRead) this.#tap?.unread?.();
  }

  /** Its text so far; null where it can't be read. */
  get text(): string | null {
    return this.#kept === null || this.#decoder?.failure !== null ? null : Buffer.concat(this.#kept).toString('latin1');
  }

  /** What is kept is not needed any more. */
  drop(): void {
    this.#kept = null;
  }

  /** Whether its last frame is closed. */
  get closesFrame(): boolean {
    return closesFrame(this.#last);
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
    this.#last = (this.#last + Buffer.from(bytes.subarray(-4)).toString('latin1')).slice(-4);
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
