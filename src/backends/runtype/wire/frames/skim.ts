/**
 * Finds the frames of which nothing is read but their number and their text, without looking into them: nearly all of a
 * stream. Tested in test/backends/runtype/wire/frames/skim.test.ts.
 */

/** Of a run of frames: a longer frame is read like any other. */
const FRAME_MAX = 16 * 1024;
/** How a frame begins whose event says twice what it is, so that nothing else in it can say otherwise. */
const beginning = /(?:event: ?([a-z_]+)\n)?data: ?\{"type":"([a-z_]+)"/y;
const ID = 'id: ';
const DIGITS_MAX = 15;
const [NEW_LINE, ZERO, NINE, LETTER_I] = [10, 48, 57, 105];
/** Streams alternate between few types. */
const HEADS_MAX = 4;

/** Frames one after the other that begin alike, each with one line of data. */
export interface Run {
  type: string;
  from: number;
  end: number;
  count: number;
  /** The number that is the id of the last frame in it; null: none of them has an id. */
  id: string | null;
}

interface Head {
  type: string;
  text: string;
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
   * @param text whole bytes as latin1, without a `\r`, which would be the end of a line
   * @param enough the run ends with the frame in which it reaches so many characters
   */
  run(text: string, from: number, enough = Number.POSITIVE_INFINITY): Run | null {
    const head = this.#headAt(text, from);
    if (head === null) return null;
    const run: Run = { type: head.type, from, end: from, count: 0, id: null };
    const hasIds = afterId(text, from) > from;
    let lastId = from;
    while (run.end - from < enough) {
      const start = hasIds ? afterId(text, run.end) : run.end;
      if ((hasIds && start === run.end) || !text.startsWith(head.text, start)) break;
      const lineEnd = text.indexOf('\n', start + head.text.length);
      if (lineEnd === -1 || text.charCodeAt(lineEnd + 1) !== NEW_LINE || lineEnd - start > FRAME_MAX) break;
      lastId = run.end;
      run.end = lineEnd + 2;
      run.count += 1;
    }
    if (hasIds) run.id = text.slice(lastId + ID.length, afterId(text, lastId) - 1);
    return run.count === 0 ? null : run;
  }

  #headAt(text: string, from: number): Head | null {
    const start = afterId(text, from);
    for (const head of this.#heads) if (text.startsWith(head.text, start)) return head;
    beginning.lastIndex = start;
    const [found, name, type] = beginning.exec(text) ?? [];
    if (found === undefined || type === undefined) return null;
    if ((name !== undefined && name !== type) || !this.#mayPass(type)) return null;
    const head = { type: copyOf(type), text: copyOf(found) };
    this.#heads = [head, ...this.#heads.slice(0, HEADS_MAX - 1)];
    return head;
  }
}

/** Where the line after the id of a frame begins, which is a number; a frame without such an id begins there. */
function afterId(text: string, from: number): number {
  if (text.charCodeAt(from) !== LETTER_I || !text.startsWith(ID, from)) return from;
  const lineEnd = text.indexOf('\n', from);
  const digits = lineEnd - from - ID.length;
  if (digits < 1 || digits > DIGITS_MAX) return from;
  for (let at = from + ID.length; at < lineEnd; at += 1) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE) return from;
  }
  return lineEnd + 1;
}

/** The data of the last frames of a run, in their order, as latin1. @param most how many */
export function lastData(text: string, { from, end }: Run, most: number): string[] {
  const data: string[] = [];
  for (let at = end; at > from && data.length < most; ) {
    const lineEnd = at - 2;
    const line = text.slice(text.lastIndexOf('\n', lineEnd - 1) + 1, lineEnd);
    data.push(line.slice(line[5] === ' ' ? 6 : 5));
    const before = text.lastIndexOf('\n\n', lineEnd - 1);
    at = before < from ? from : before + 2;
  }
  return data.reverse();
}

/** The same characters, without keeping the longer text that they are a piece of. */
export function copyOf(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('latin1');
}
