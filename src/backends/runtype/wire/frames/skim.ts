/**
 * Finds the frames of which nothing is read but their number and their text, without looking into them: nearly all of a
 * stream. Tested in test/backends/runtype/wire/frames/skim.test.ts.
 */

import type { Frame } from './frame.ts';

/** Of a run of frames: a longer frame is read like any other. */
const FRAME_MAX = 16 * 1024;
/** How a frame begins whose event says twice what it is, so that nothing else in it can say otherwise. */
const beginning = /^(?:event: ?([a-z_]+)\n)?data: ?\{"type":"([a-z_]+)"/;
/** More than such a beginning has, with an id before it. */
const BEGINNING_MAX = 256;
const ID = Buffer.from('id: ');
const DIGITS_MAX = 15;
const [NEW_LINE, SPACE, ZERO, NINE] = [10, 32, 48, 57];
/** Streams alternate between few types. */
const HEADS_MAX = 4;
/** A run ends with the frame in which it reaches so many bytes. */
const RUN_BYTES = 8 * 1024;

/** Frames one after the other that begin alike, each with one line of data. */
export interface Run {
  type: string;
  from: number;
  end: number;
  count: number;
  /** The number that is the id of the last frame in it; null: none of them has an id. */
  id: string | null;
}

/** Gets what a stream consists of, found once for all who need it. */
export interface FrameListener {
  frame(frame: Frame): void;
  /** Frames of which nothing has to be read. The bytes may change afterwards. */
  run(bytes: Uint8Array, run: Run): void;
}

interface Head {
  type: string;
  bytes: Uint8Array;
}

export class Skimmer {
  readonly #mayPass: (type: string) => boolean;
  /** How frames begin that may be passed; the latest first. */
  #heads: Head[] = [];

  /** @param mayPass whether events of this type are passed without being read */
  constructor(mayPass: (type: string) => boolean) {
    this.#mayPass = mayPass;
  }

  /**
   * The run that begins here; null: the frame here has to be read.
   * @param bytes without a `\r`, which would be the end of a line
   */
  run(bytes: Buffer, from: number): Run | null {
    const head = this.#headAt(bytes, from);
    if (head === null) return null;
    const hasIds = afterId(bytes, from) > from;
    let [end, count, lastId] = [from, 0, from];
    while (end - from < RUN_BYTES) {
      const start = hasIds ? afterId(bytes, end) : end;
      if ((hasIds && start === end) || !isAt(bytes, start, head.bytes)) break;
      const lineEnd = bytes.indexOf(NEW_LINE, start + head.bytes.length);
      if (lineEnd === -1 || lineEnd + 1 === bytes.length || lineEnd - start > FRAME_MAX) break;
      if (bytes[lineEnd + 1] !== NEW_LINE) break;
      lastId = end;
      end = lineEnd + 2;
      count += 1;
    }
    const id = hasIds ? bytes.toString('latin1', lastId + ID.length, afterId(bytes, lastId) - 1) : null;
    return count === 0 ? null : { type: head.type, from, end, count, id };
  }

  #headAt(bytes: Buffer, from: number): Head | null {
    const start = afterId(bytes, from);
    for (const head of this.#heads) if (isAt(bytes, start, head.bytes)) return head;
    const [found, name, type] = beginning.exec(bytes.toString('latin1', start, start + BEGINNING_MAX)) ?? [];
    if (found === undefined || type === undefined) return null;
    if ((name !== undefined && name !== type) || !this.#mayPass(type)) return null;
    const head = { type, bytes: Buffer.from(found, 'latin1') };
    this.#heads = [head, ...this.#heads.slice(0, HEADS_MAX - 1)];
    return head;
  }
}

function isAt(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
  // No byte beyond the last one is read: that alone makes this loop slow.
  if (from + wanted.length > bytes.length) return false;
  for (let at = 0; at < wanted.length; at += 1) if (bytes[from + at] !== wanted[at]) return false;
  return true;
}

const isDigit = (code: number) => code >= ZERO && code <= NINE;

/** Where the line after the id of a frame begins, which is a number; a frame without such an id begins there. */
function afterId(bytes: Uint8Array, from: number): number {
  if (!isAt(bytes, from, ID)) return from;
  const first = from + ID.length;
  let at = first;
  while (at < bytes.length && isDigit(bytes[at] ?? 0)) at += 1;
  return at > first && at - first <= DIGITS_MAX && bytes[at] === NEW_LINE ? at + 1 : from;
}

/** The data of the last of these frames, each of which has one line of it, in their order, as latin1. @param most how many */
export function lastData(bytes: Buffer, from: number, end: number, most: number): string[] {
  const data: string[] = [];
  for (let at = end; at > from && data.length < most; ) {
    const lineEnd = at - 2;
    const line = bytes.lastIndexOf(NEW_LINE, lineEnd - 1) + 1;
    data.push(bytes.toString('latin1', line + (bytes[line + 5] === SPACE ? 6 : 5), lineEnd));
    for (at = line; at > from && !(bytes[at - 1] === NEW_LINE && bytes[at - 2] === NEW_LINE); ) at -= 1;
  }
  return data.reverse();
}
