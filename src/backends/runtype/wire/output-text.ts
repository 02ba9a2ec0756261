/** Tested in test/backends/runtype/stream/reader/reader.test.ts and test/fuzz/limits/hang.test.ts. */
import { clipMiddle } from '../../../core/text/clip.ts';
import { parseExact } from '../../../core/text/exact/parse.ts';
import { isRecord } from '../../../core/text/json.ts';
import { textOf } from './events.ts';
import { bytesOf } from './frames/frame.ts';
import { FrameSplitter } from './frames/frame-splitter.ts';
import { copyOf, type Run } from './frames/skim.ts';

/** More than any card or thread shows; of a longer text the middle is cut. */
export const RESULT_MAX_CHARACTERS = 16 * 1024;
/** Raw JSON kept from either end of a text in pieces, about ten times the characters of the text. */
const FRAMES_MAX_CHARACTERS = 256 * 1024;

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
 * needed, so they are kept as JSON and parsed only when the value is read.
 */
export class OutputText {
  #first: Piece[] = [];
  #last: Piece[] = [];
  #firstSize = 0;
  #lastSize = 0;
  #dropped = false;
  #whole: string | null = null;
  #step: string | null = null;

  /** A text event, as its JSON is on the wire. */
  add(type: string, json: string): void {
    if (beginnings.has(type)) this.#begin(null);
    else if (wholes.has(type)) this.#begin(json);
    else this.#keep({ json });
  }

  /** Frames with pieces of the text. */
  addRun(text: string, { from, end }: Run): void {
    const frames = text.slice(from, end);
    // A short piece must not keep all that it came with.
    this.#keep({ frames: frames.length * 2 < text.length ? copyOf(frames) : frames });
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
    this.#first = [];
    this.#last = [];
    this.#firstSize = 0;
    this.#lastSize = 0;
    this.#dropped = false;
    this.#step = null;
    this.#whole = whole;
  }

  #keep(piece: Piece): void {
    this.#step = null;
    this.#whole = null;
    if (this.#firstSize < FRAMES_MAX_CHARACTERS) {
      this.#firstSize += sizeOf(piece);
      this.#first.push(piece);
      return;
    }
    this.#lastSize += sizeOf(piece);
    this.#last.push(piece);
    if (this.#lastSize < 2 * FRAMES_MAX_CHARACTERS) return;
    while (this.#lastSize > FRAMES_MAX_CHARACTERS) {
      const oldest = this.#last.shift();
      this.#lastSize -= oldest === undefined ? this.#lastSize : sizeOf(oldest);
    }
    this.#dropped = true;
  }

  #joined(): string | null {
    const text = (kept: Piece[]) => kept.flatMap((piece) => jsonIn(piece).map((json) => deltaOf(json) ?? '')).join('');
    const joined = `${text(this.#first)}${this.#dropped ? '\n…\n' : ''}${text(this.#last)}`;
    return joined === '' ? null : joined;
  }
}

/** The JSON of one event, or frames as they are on the wire, latin1. */
type Piece = { json: string } | { frames: string };

function sizeOf(piece: Piece): number {
  return 'json' in piece ? piece.json.length : piece.frames.length;
}

function jsonIn(piece: Piece): string[] {
  if ('json' in piece) return [piece.json];
  return new FrameSplitter().push(bytesOf(piece.frames)).map(({ data }) => data ?? '');
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
