/** Tested in test/backends/runtype/wire/frames/large-frame.test.ts. */
import { JsonOutline, type OutlineOptions } from '../../../shared/json-outline.ts';
import { wireEvent } from '../schema.ts';

/** Of the value of an `event` or `id` line, characters. */
const VALUE_MAX = 1_000;
/** No line that is read has a longer name. */
const NAME_MAX = 5;

/** What a person decides on, and where the answer goes. */
const decidedOn = new Set(
  `approvalId description elicitation externalAgent origin parameters reason subagent toolCallId toolId toolName
  toolType`.split(/\s+/),
);
const texts = new Set('delta error finalOutput output result text'.split(' '));
/** What is read of an event that is too large to be parsed. */
export const eventOutline: OutlineOptions = {
  names: new Set([...wireEvent.options.flatMap(({ shape }) => Object.keys(shape)), ...texts, 'contentType', 'seq']),
  texts,
  hashed: decidedOn,
};

/**
 * Reads the lines of a long frame while its bytes arrive, and outlines the JSON in its data. Its memory is bounded,
 * however long the frame is.
 */
export class LargeFrame {
  readonly #outline = new JsonOutline(eventOutline);
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The name of the present line; null until its colon was read. */
  #field: string | null = null;
  #line = '';
  #isAtValue = false;
  #endedInReturn = false;
  #event = '';
  #id: string | null = null;
  #hasData = false;
  #bytes = 0;

  /** @param begin its first bytes, as latin1 */
  constructor(begin = '') {
    this.push(begin);
  }

  /** @param piece bytes as latin1 */
  push(piece: string): void {
    if (piece === '') return;
    // It may be the second half of a line end.
    let from = this.#endedInReturn && piece.startsWith('\n') ? 1 : 0;
    const lineEnd = /\r\n|\n|\r/g;
    lineEnd.lastIndex = from;
    for (let end = lineEnd.exec(piece); end !== null; end = lineEnd.exec(piece)) {
      this.#take(piece.slice(from, end.index));
      this.#endLine();
      from = lineEnd.lastIndex;
    }
    this.#take(piece.slice(from));
    this.#endedInReturn = piece.endsWith('\r');
  }

  /** The value of the `event` line; null where there is none. */
  get event(): string | null {
    return this.#event === '' ? null : Buffer.from(this.#event, 'latin1').toString('utf8');
  }

  get id(): string | null {
    return this.#id;
  }

  get hasData(): boolean {
    return this.#hasData;
  }

  /** The members of its event that are read, with the long ones described; undefined where it is not an object. */
  value(): Record<string, unknown> | undefined {
    const value = this.#outline.value();
    if (value === null) return undefined;
    return this.event === null || value['type'] !== undefined ? value : { ...value, type: this.event };
  }

  /** Bytes of its data. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of everything that a person would decide on. */
  hash(): string {
    return this.#outline.hash();
  }

  #take(piece: string): void {
    let text = piece;
    if (this.#field === null) {
      const line = this.#line + text;
      const colon = line.indexOf(':');
      this.#line = line.slice(0, NAME_MAX + 1);
      if (colon === -1) return;
      this.#begin(line.slice(0, colon));
      text = line.slice(colon + 1);
    }
    if (text === '') return;
    if (this.#isAtValue && text.startsWith(' ')) text = text.slice(1);
    this.#isAtValue = false;
    if (this.#field !== 'data') {
      this.#line += text.slice(0, VALUE_MAX - this.#line.length);
      return;
    }
    this.#bytes += text.length;
    this.#outline.push(this.#decoder.decode(Buffer.from(text, 'latin1'), { stream: true }));
  }

  #begin(field: string): void {
    this.#field = field;
    this.#line = '';
    this.#isAtValue = true;
    if (field !== 'data') return;
    if (this.#hasData) this.#outline.push('\n');
    this.#hasData = true;
  }

  #endLine(): void {
    // A line without a colon is a name.
    if (this.#field === null) this.#begin(this.#line);
    if (this.#field === 'event') this.#event = this.#line;
    if (this.#field === 'id') this.#id = this.#line;
    this.#field = null;
    this.#line = '';
  }
}
