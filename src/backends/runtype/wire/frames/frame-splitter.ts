/**
 * Splits the bytes of an event stream into frames, as latin1: one character for each byte.
 * Tested in test/backends/runtype/wire/frames/frames.test.ts and test/fuzz/edges/sse.test.ts.
 */
import type { BufferBudget, BufferLease } from '../../../../core/ports/buffer-budget.ts';
import { FRAME_PARSED_MAX_BYTES, Frame } from './frame.ts';
import { LargeFrame } from './large-frame.ts';

/** Bytes. Of a longer frame only an outline is kept, and its stream is read on. */
export const FRAME_MAX_BYTES = 4 * 1024 * 1024;

/** Of an incomplete frame, what is not counted: every stream may keep this much, so that a full budget spoils no short pause. */
const UNCOUNTED_BYTES = 16 * 1024;

const [NEW_LINE, RETURN] = [10, 13];

/** The byte order mark that a stream may begin with, as latin1. */
export const MARK = '\xef\xbb\xbf';
// Two line ends in a row, in any of the three spellings; a `\r` before a `\n` is half of one.
const blankLine = /(?:\r\n|\n|\r(?!\n)){2}/g;
const blankLineAtEnd = new RegExp(`${blankLine.source}$`);

/** Splits a stream into its frames, however its bytes are cut. Takes time in proportion to the bytes. */
export class FrameSplitter {
  readonly #maxBytes: number;
  readonly #onOversize: () => void;
  readonly #lease: BufferLease | null;
  #pieces: string[] = [];
  #size = 0;
  #large: LargeFrame | null = null;
  /** The last characters of the incomplete frame: a blank line may arrive in two pieces. */
  #tail = '';
  /** Whether the rest of the incomplete frame is only outlined, or dropped. */
  #isSkipping = false;
  #isFirst = true;
  /** Whether the last frame ended in a `\r` that may be half of a line end. */
  #endedInReturn = false;

  /** @param onOversize called when a frame exceeds the limit: it arrives without its bytes */
  constructor({ maxBytes = FRAME_MAX_BYTES, onOversize = () => {}, room }: FrameLimits = {}) {
    this.#maxBytes = maxBytes;
    this.#lease = room?.lease() ?? null;
    this.#onOversize = onOversize;
  }

  /** The frames that these bytes complete. Their raw text, joined, is what was pushed, except for those over the limit. */
  push(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    this.each(bytes, (frame) => frames.push(frame));
    return frames;
  }

  /**
   * Gives the frames that these bytes complete to `take`, one by one.
   * @param pass takes whole frames from here on itself, and returns where the first one begins that it did not take
   */
  each(bytes: Uint8Array, take: (frame: Frame) => void, pass?: Pass): void {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (buffer.length === 0) return;
    let at = 0;
    if (this.#endedInReturn && buffer[0] === NEW_LINE) {
      take(new Frame('\n'));
      at = 1;
    }
    const text = buffer.includes(RETURN) ? buffer.toString('latin1') : null;
    for (let isBegin = true; at < buffer.length; isBegin = false) {
      if (pass !== undefined && text === null && this.#size === 0 && !this.#isSkipping && !this.#isFirst) {
        const passed = pass(buffer, at);
        if (passed > at) {
          at = passed;
          continue;
        }
      }
      const across = isBegin ? this.#lengthAcross(buffer, at) : null;
      const end = across === null ? endOfFrame(buffer, text, at) : at + across;
      if (end === -1) break;
      this.#add(buffer.toString('latin1', at, end));
      this.#complete(take);
      at = end;
    }
    this.#endedInReturn = at === buffer.length && buffer.at(-1) === RETURN;
    if (at === buffer.length) return;
    this.#tail = (this.#tail + buffer.toString('latin1', Math.max(at, buffer.length - 3))).slice(-3);
    this.#add(buffer.toString('latin1', at));
  }

  /** The frame of a stream that ended before its blank line, closed with one. A new stream may begin. */
  end(): Frame[] {
    const hasMore = this.#size > 0 || this.#large !== null;
    const frames: Frame[] = [];
    if (hasMore) this.#add('\n\n');
    if (hasMore) this.#complete((frame) => frames.push(frame), true);
    this.reset();
    return frames;
  }

  /** Bytes of the incomplete frame that are in memory. */
  get pending(): number {
    return this.#size;
  }

  /** Drops the incomplete frame, and the rest of it when it arrives. */
  skip(): void {
    this.#drop();
    this.#large = null;
  }

  /** Forgets the incomplete frame: another stream begins. */
  reset(): void {
    this.#next();
    this.#isFirst = true;
    this.#endedInReturn = false;
  }

  #add(piece: string): void {
    this.#large?.push(piece);
    if (this.#isSkipping) return;
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size > Math.min(FRAME_PARSED_MAX_BYTES, this.#maxBytes)) this.#large ??= this.#outlined();
    if (this.#size <= this.#maxBytes && this.#hasRoom()) return;
    this.#large ??= this.#outlined();
    this.#drop();
    this.#onOversize();
  }

  #hasRoom(): boolean {
    if (this.#lease === null) return true;
    const counted = Math.max(0, this.#size - UNCOUNTED_BYTES);
    return counted <= this.#lease.used || this.#lease.take(counted - this.#lease.used);
  }

  #outlined(): LargeFrame {
    const raw = this.#pieces.join('');
    return new LargeFrame(raw.slice(this.#startOf(raw)));
  }

  #startOf(raw: string): number {
    return this.#isFirst && raw.startsWith(MARK) ? MARK.length : 0;
  }

  #drop(): void {
    this.#pieces = [];
    this.#size = 0;
    this.#lease?.give(this.#lease.used);
    this.#isSkipping = true;
  }

  #complete(take: (frame: Frame) => void, isCut = false): void {
    const [first = '', ...others] = this.#pieces;
    const raw = others.length === 0 ? first : this.#pieces.join('');
    const isSkipped = this.#isSkipping && this.#large === null;
    const frame = isSkipped ? null : new Frame(raw, this.#startOf(raw), this.#large, isCut);
    this.#isFirst = false;
    this.#next();
    if (frame !== null) take(frame);
  }

  /** What is missing of a blank line that began with what arrived before; null: it did not. */
  #lengthAcross(bytes: Buffer, at: number): number | null {
    const before = this.#tail.length;
    if (before === 0) return null;
    // The longest blank line, and the character after it.
    const joint = this.#tail + bytes.toString('latin1', at, at + 5);
    blankLine.lastIndex = 0;
    const found = blankLine.exec(joint);
    return found !== null && found.index < before ? found.index + found[0].length - before : null;
  }

  #next(): void {
    this.#pieces = [];
    this.#size = 0;
    this.#lease?.give(this.#lease.used);
    this.#large = null;
    this.#tail = '';
    this.#isSkipping = false;
  }
}

/** @returns where it stopped. */
type Pass = (bytes: Buffer, at: number) => number;

export interface FrameLimits {
  /** Default `FRAME_MAX_BYTES`. */
  maxBytes?: number;
  /** For what is kept of an incomplete frame; where there is none, the frame counts as too long. Default: not counted. */
  room?: BufferBudget | undefined;
  onOversize?: () => void;
}

/** After the first blank line from here on; -1: there is none. @param text the same bytes, where a `\r` is in them */
function endOfFrame(bytes: Buffer, text: string | null, at: number): number {
  if (text === null) {
    for (let end = bytes.indexOf(NEW_LINE, at); end !== -1; end = bytes.indexOf(NEW_LINE, end + 1)) {
      if (bytes[end + 1] === NEW_LINE) return end + 2;
    }
    return -1;
  }
  blankLine.lastIndex = at;
  return blankLine.exec(text) === null ? -1 : blankLine.lastIndex;
}

/** Whether these last bytes of a stream close its last frame. */
export function closesFrame(last: string): boolean {
  return blankLineAtEnd.test(last);
}
