/**
 * One frame of an event stream, whose JSON is parsed when it is asked for. Raw text is latin1, one character for each byte,
 * so a frame that is passed on keeps its bytes. Tested in test/backends/runtype/wire/frames/frames.test.ts.
 */

import { copyRepeats, parseExact } from '../../../../core/text/exact/parse.ts';
import { isRecord, toJson } from '../../../../core/text/json.ts';
import { markOutlined, PARSED_MAX } from '../../../shared/large-json.ts';
import { LargeFrame } from './large-frame.ts';

/** Bytes. A longer frame is outlined while it arrives: its JSON would take too long to parse in one turn. */
export const FRAME_PARSED_MAX_BYTES = PARSED_MAX;

/** One event of a stream, or a comment. */
export class Frame {
  /** Its bytes as latin1, up to the end of its blank line; empty where it exceeded the limit. */
  readonly raw: string;
  /** What is read of it instead of its whole JSON; null for a frame that is parsed. */
  readonly large: LargeFrame | null;
  /** The value of the `event` line; null where there is none. */
  readonly event: string | null;
  readonly id: string | null;
  readonly hasData: boolean;
  /** Its stream ended within it. */
  readonly isCut: boolean;
  readonly #start: number;
  #lines: readonly DataLine[] | null;
  #data: string | null | undefined;
  #json: { value: unknown } | null = null;
  #outline: { value: unknown } | null = null;

  /**
   * @param start where its first line begins in `raw`
   * @param large what was read of it while it arrived
   */
  constructor(raw: string, start = 0, large: LargeFrame | null = null, isCut = false) {
    this.raw = raw;
    this.isCut = isCut;
    this.large = large ?? (raw.length > FRAME_PARSED_MAX_BYTES ? new LargeFrame(raw.slice(start)) : null);
    const fields = this.large ?? fieldsOf(raw, start);
    this.event = fields.event;
    this.id = fields.id;
    this.hasData = fields.hasData;
    this.#start = start;
    this.#lines = 'data' in fields ? fields.data : null;
  }

  /** Of a large frame they are read only when they are asked for. */
  get dataLines(): readonly DataLine[] {
    this.#lines ??= fieldsOf(this.raw, this.#start).data;
    return this.#lines;
  }

  /** The data, decoded; null for a frame without any, such as a comment or a single `id` line. */
  get data(): string | null {
    if (this.#data === undefined) this.#data = this.dataLines.length === 0 ? null : decode(this.dataLatin1);
    return this.#data;
  }

  /** The same, as latin1; empty where there is none. */
  get dataLatin1(): string {
    const [first, ...others] = this.dataLines;
    if (others.length === 0) return first?.value ?? '';
    return this.dataLines.map(({ value }) => value).join('\n');
  }

  /** The data as JSON, with the name of the event as `type` where it has none; undefined where it is not JSON. */
  json(): unknown {
    this.#json ??= { value: this.#parse() };
    return this.#json.value;
  }

  /** The same; of a large frame an outline, marked as one. */
  brief(): unknown {
    if (this.large === null) return this.json();
    this.#outline ??= { value: this.#outlineOf(this.large) };
    return this.#outline.value;
  }

  #outlineOf(large: LargeFrame): unknown {
    const value = large.value();
    const why = this.raw === '' ? 'frame' : 'size';
    return value && markOutlined(value, { why, bytes: large.bytes, hash: large.hash() });
  }

  #parse(): unknown {
    const { event, data } = this;
    if (data === null) return undefined;
    try {
      const value = parseExact(data);
      return event !== null && isRecord(value) && value['type'] === undefined
        ? copyRepeats(value, { ...value, type: event })
        : value;
    } catch {
      return undefined;
    }
  }
}

/** The values of a frame's lines; null where there is no such line, or an empty event. */
interface Fields {
  event: string | null;
  id: string | null;
  hasData: boolean;
  data: readonly DataLine[];
}

/** The value of one `data` line, latin1, and where it begins in the raw frame. */
export interface DataLine {
  start: number;
  value: string;
}

const lineEnd = /\r\n|\n|\r|$/g;

function fieldsOf(raw: string, start: number): Fields {
  const data: DataLine[] = [];
  const fields: Fields = { event: null, id: null, hasData: false, data };
  const hasReturn = raw.includes('\r');
  let next = start;
  for (let at = start; at < raw.length; at = next) {
    const end = endOfLine(raw, at, hasReturn);
    next = Math.max(end + 1, hasReturn ? lineEnd.lastIndex : 0);
    const line = raw.slice(at, end);
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const from = colon === -1 ? line.length : line[colon + 1] === ' ' ? colon + 2 : colon + 1;
    const value = line.slice(from);
    if (name === 'event') fields.event = decode(value) || null;
    else if (name === 'id') fields.id = value;
    else if (name === 'data') data.push({ start: at + from, value });
  }
  fields.hasData = data.length > 0;
  return fields;
}

/** @returns the index of the line's end; where it is a `\r\n`, `lineEnd` has the index after it */
function endOfLine(raw: string, at: number, hasReturn: boolean): number {
  if (!hasReturn) {
    const end = raw.indexOf('\n', at);
    return end === -1 ? raw.length : end;
  }
  lineEnd.lastIndex = at;
  return lineEnd.exec(raw)?.index ?? raw.length;
}

/** A frame of our own, for an event of an answer in one piece. */
export function frameOf(event: Record<string, unknown> & { type: string }): Frame {
  return new Frame(toLatin1(`event: ${event.type}\ndata: ${toJson(event)}\n\n`));
}

export function toLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function bytesOf(latin1: string): Buffer {
  return Buffer.from(latin1, 'latin1');
}

/** The UTF-8 that these latin1 characters are the bytes of. */
export function decode(latin1: string): string {
  return /[\x80-\xff]/.test(latin1) ? bytesOf(latin1).toString('utf8') : latin1;
}
