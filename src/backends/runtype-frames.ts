/**
 * Frames of an event stream as they stood on the wire. Texts here are latin1: one character is one byte, so a frame that
 * is passed on is the same bytes again, and its JSON can still be parsed for what is plain ASCII in it.
 */
import { isRecord } from './runtype-body.ts';

// Two line ends in a row, in any of the three spellings; a `\r` before a `\n` is half of one.
const blankLine = /(?:\r\n|\n|\r(?!\n)){2}/g;

/** Whether these last bytes of a stream close its last frame. */
export function closesFrame(last: string): boolean {
  return /(?:\r\n|\n|\r(?!\n)){2}$/.test(last);
}

/** Cuts a stream into its frames, blank line included, however its bytes come. */
export class FrameSplitter {
  #pieces: string[] = [];
  #size = 0;
  /** The last characters seen of a frame not yet whole: a blank line may be cut in two. */
  #tail = '';

  push(bytes: Uint8Array): string[] {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const frames: string[] = [];
    const before = this.#tail.length;
    let at = 0;
    for (const found of (this.#tail + text).matchAll(blankLine)) {
      const end = found.index + found[0].length - before;
      frames.push(this.#pieces.join('') + text.slice(at, end));
      this.#pieces = [];
      this.#size = 0;
      this.#tail = '';
      at = end;
    }
    const rest = text.slice(at);
    if (rest === '') return frames;
    this.#pieces.push(rest);
    this.#size += rest.length;
    this.#tail = (this.#tail + rest).slice(-3);
    return frames;
  }

  /** Characters of the frame that is not yet whole. */
  get pending(): number {
    return this.#size;
  }

  /** Lets go of what came of the frame that is not yet whole; the next whole frame is only what is left of it. */
  drop(): void {
    this.#pieces = [];
    this.#size = 0;
  }

  /** Forgets the frame that is not yet whole: its stream broke off. */
  reset(): void {
    this.#pieces = [];
    this.#size = 0;
    this.#tail = '';
  }
}

export interface FrameParts {
  event: string | null;
  id: string | null;
  /** Null for a frame without data: a comment, a lone `id:`. */
  data: string | null;
}

export function partsOf(frame: string): FrameParts {
  const parts: FrameParts = { event: null, id: null, data: null };
  for (const line of frame.split(/\r\n|\n|\r/)) {
    const [, field, value = ''] = /^([a-z]+)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') parts.event = value;
    else if (field === 'id') parts.id = value;
    else if (field === 'data') parts.data = parts.data === null ? value : `${parts.data}\n${value}`;
  }
  return parts;
}

/** The event in a frame's data; null where there is none. */
export function eventIn({ event, data }: FrameParts): (Record<string, unknown> & { type: string }) | null {
  if (data === null) return null;
  try {
    const json: unknown = JSON.parse(data);
    if (!isRecord(json)) return null;
    const type = json['type'] ?? event;
    return typeof type === 'string' ? { ...json, type } : null;
  } catch {
    return null;
  }
}

/** The same frame with another `seq`; every other byte of it stays. */
export function withSeq(frame: string, seq: number): string {
  const { event, id, data } = partsOf(frame);
  const json: unknown = data === null ? null : JSON.parse(data);
  if (data === null || !isRecord(json) || json['seq'] === seq) return frame;
  if (!data.includes('\n')) {
    const from = frame.indexOf(data);
    for (const found of data.matchAll(/"seq"\s*:\s*-?\d+/g)) {
      const changed = `${data.slice(0, found.index)}"seq":${seq}${data.slice(found.index + found[0].length)}`;
      // The first is nearly always the one; another may stand inside the parameters of a call.
      if (seqIn(changed) === seq) return frame.slice(0, from) + changed + frame.slice(from + data.length);
    }
  }
  const head = `${id === null ? '' : `id: ${id}\n`}${event === null ? '' : `event: ${event}\n`}`;
  return `${head}data: ${JSON.stringify({ ...json, seq })}\n\n`;
}

/** The `seq` of an event's JSON; null where it has none. */
export function seqIn(data: string): number | null {
  try {
    const json: unknown = JSON.parse(data);
    return isRecord(json) && typeof json['seq'] === 'number' ? json['seq'] : null;
  } catch {
    return null;
  }
}

/** A frame of our own, for an event that came in a whole answer. */
export function frameOf(event: Record<string, unknown> & { type: string }): string {
  return toLatin1(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

export function toLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function bytesOf(latin1: string): Buffer {
  return Buffer.from(latin1, 'latin1');
}
