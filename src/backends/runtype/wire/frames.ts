/**
 * Frames of an event stream as they stood on the wire. Texts here are latin1: one character is one byte, so a frame that
 * is passed on is the same bytes again, and its JSON can still be parsed for what is plain ASCII in it.
 */
import { toJson } from '../../../core/text/json.ts';
import { isRecord } from './json-body.ts';

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
  const own = data.includes('\n') ? null : ownSeq(data);
  if (own !== null) {
    const from = frame.indexOf(data) + own.index;
    return `${frame.slice(0, from)}"seq":${seq}${frame.slice(from + own.length)}`;
  }
  const head = `${id === null ? '' : `id: ${id}\n`}${event === null ? '' : `event: ${event}\n`}`;
  return `${head}data: ${toJson({ ...json, seq })}\n\n`;
}

const seqValue = /\s*:\s*-?\d+(?![\d.eE])/y;

/** Where the event's own `seq` stands: others may stand inside a call's parameters or its result, thousands of them. */
function ownSeq(data: string): { index: number; length: number } | null {
  let depth = 0;
  let own: { index: number; length: number } | null = null;
  for (let at = 0; at < data.length; at += 1) {
    const character = data[at];
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    else if (character === '"') {
      const end = stringEnd(data, at);
      seqValue.lastIndex = end;
      // Of two, the last one counts, as for every parser.
      if (depth === 1 && end - at === 5 && data.startsWith('"seq"', at) && seqValue.test(data)) {
        own = { index: at, length: seqValue.lastIndex - at };
      }
      at = end - 1;
    }
  }
  return own;
}

/** Behind the quote that closes the JSON string which begins here. */
function stringEnd(data: string, start: number): number {
  for (let at = start + 1; at < data.length; at += 1) {
    if (data[at] === '\\') at += 1;
    else if (data[at] === '"') return at + 1;
  }
  return data.length;
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
  return toLatin1(`event: ${event.type}\ndata: ${toJson(event)}\n\n`);
}

export function toLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function bytesOf(latin1: string): Buffer {
  return Buffer.from(latin1, 'latin1');
}
