import type { Distortions } from '../types.ts';
import { distorted } from './distort.ts';

/** One event of either vocabulary, without the envelope (`executionId`, `seq`). */
export interface WireEvent {
  type: string;
  [field: string]: unknown;
}

export interface StreamListener {
  write(text: string): void;
  end(): void;
}

/** How a stream encodes its events. */
export interface StreamForm {
  /** Translates one event into none, one or several events of the stream's vocabulary. */
  translate(event: WireEvent): WireEvent[];
  bareData: boolean;
  distort: Distortions;
  /** Durable runs write each frame's row into an `id:` line, the cursor of a replay. */
  idLines: boolean;
  /** Rows before this stream: durable runs number rows across streams, others start at 0. */
  rowsBefore: number;
}

/**
 * The response stream of one dispatch, approve or resume: its frames, kept for replays, and its listeners.
 * A stream continues without listeners: a run does not stop when a client disconnects.
 */
export class RunStream {
  readonly frames: { row: number; text: string }[] = [];
  readonly #form: StreamForm;
  readonly #listeners = new Set<StreamListener>();
  #row: number;
  #ended = false;

  constructor(form: StreamForm) {
    this.#form = form;
    this.#row = form.rowsBefore;
  }

  /** The number of the last row. */
  get lastRow(): number {
    return this.#row;
  }

  get text(): string {
    return this.frames.map((frame) => frame.text).join('');
  }

  emit(executionId: string, event: WireEvent): void {
    for (const { type, ...fields } of this.#form.translate(event)) {
      const sent = distorted({ type, executionId, seq: this.#row, ...fields }, this.#form.distort);
      const data = JSON.stringify(sent);
      this.#row += 1;
      const id = this.#form.idLines ? `id: ${this.#row}\n` : '';
      const name = this.#form.bareData ? '' : `event: ${type}\n`;
      this.raw(`${id}${name}data: ${data}\n\n`);
    }
  }

  raw(text: string): void {
    this.frames.push({ row: this.#row, text });
    for (const listener of this.#listeners) listener.write(text);
  }

  end(): void {
    this.#ended = true;
    for (const listener of this.#listeners) listener.end();
    this.#listeners.clear();
  }

  /** Sends the frames after row `after` and all later ones to the listener, and ends it with the stream. */
  attach(listener: StreamListener, after = 0): void {
    for (const frame of this.frames) if (frame.row > after) listener.write(frame.text);
    if (this.#ended) listener.end();
    else this.#listeners.add(listener);
  }
}
