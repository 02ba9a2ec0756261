/** Tested in test/backends/runtype/stream/reader/reader.test.ts and test/fuzz/limits/hang.test.ts. */
import { clipMiddle } from '../../../core/text/clip.ts';
import { parseExact } from '../../../core/text/exact/parse.ts';
import { isRecord } from '../../../core/text/json.ts';
import { textOf } from './events.ts';
import { ByteTail } from './frames/byte-tail.ts';
import type { Frame } from './frames/frame.ts';
import { FrameSplitter } from './frames/frame-splitter.ts';
import type { Run } from './frames/skim.ts';

/** More than any card or thread shows; of a longer text the middle is cut. */
export const RESULT_MAX_CHARACTERS = 16 * 1024;
/** Of the frames that are kept from either end of a text in pieces, about ten times the characters of the text. */
const FRAMES_MAX_BYTES = 256 * 1024;

/** The events that begin a text, carry a piece of it, or all of it, in both vocabularies. */
const beginnings = new Set(['text_start', 'agent_turn_start', 'step_start']);
const pieces = new Set(['text_delta', 'agent_turn_delta', 'step_delta', 'chunk']);
const wholes = new Set(['text_complete']);

export function isTextEvent(type: string): boolean {
  return pieces.has(type) || wholes.has(type) || beginnings.has(type);
}

/** Whether an event of this type carries a piece of a text, and no more. */
export function isTextPiece(type: string): boolean {
  return pieces.has(type);
}

/**
 * The last text of a run, for runs whose end carries no output. Most events of a stream are pieces of text and are never
 * needed, so they are kept as they are on the wire and parsed only when the value is read.
 */
export class OutputText {
  /** Frames with pieces of the text: the first ones, and the last ones after them. */
  readonly #first = new ByteTail(FRAMES_MAX_BYTES);
  readonly #last = new ByteTail(FRAMES_MAX_BYTES);
  #dropped = false;
  #whole: string | null = null;
  #step: string | null = null;

  /** A text event, as its JSON is on the wire. */
  add(type: string, json: string): void {
    if (beginnings.has(type)) this.#begin(null);
    else if (wholes.has(type)) this.#begin(json);
    else this.#keep(Buffer.from(`data: ${json.replaceAll('\n', '\ndata: ')}\n\n`));
  }

  /** Frames with pieces of the text. */
  addRun(bytes: Uint8Array, { from, end }: Run): void {
    this.#keep(bytes.subarray(from, end));
  }

  /** The result of a step, which replaces the text before it. */
  step(text: string | null): void {
    if (text !== null) this.#step = text;
  }

  /** Keeps nothing of it. */
  forget(): void {
    this.#begin(null);
  }

  value(): string | null {
    const text = this.#step ?? (this.#whole === null ? null : deltaOf(this.#whole)) ?? this.#joined();
    return text === null ? null : bounded(text);
  }

  #begin(whole: string | null): void {
    // A closing frame without text keeps the pieces.
    if (whole !== null && deltaOf(whole) === null) return;
    this.#first.clear();
    this.#last.clear();
    this.#dropped = false;
    this.#step = null;
    this.#whole = whole;
  }

  #keep(frames: Uint8Array): void {
    this.#step = null;
    this.#whole = null;
    const first = frames.subarray(0, FRAMES_MAX_BYTES - this.#first.length);
    if (first.length > 0) this.#first.add(first);
    if (first.length < frames.length)
      this.#dropped = this.#last.add(frames.subarray(first.length)) > 0 || this.#dropped;
  }

  #joined(): string | null {
    const first = this.#first.read();
    const last = this.#last.read();
    // The frames in which what is kept ends and begins again are not whole.
    const joined = this.#dropped
      ? `${textIn(first)}\n…\n${textIn(last.subarray(last.indexOf('\n\n') + 2))}`
      : textIn(Buffer.concat([first, last]));
    return joined === '' ? null : joined;
  }
}

function textIn(frames: Uint8Array): string {
  const text = ({ data }: Frame) => deltaOf(data ?? '') ?? '';
  return new FrameSplitter().push(frames).map(text).join('');
}

export function bounded(text: string): string {
  return clipMiddle(text, RESULT_MAX_CHARACTERS).text;
}

/** The text of one event; null for reasoning, tool input, and the text of a flow that runs as a tool. */
function deltaOf(json: string): string | null {
  try {
    const frame = parseExact(json);
    if (!isRecord(frame)) return null;
    const { delta, text, contentType, toolContext } = frame;
    const isOutput = (contentType === undefined || contentType === 'text') && toolContext === undefined;
    return isOutput ? textOf(text ?? delta) : null;
  } catch {
    return null;
  }
}
