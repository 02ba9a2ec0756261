/** One event of either vocabulary, without the envelope (`executionId`, `seq`). */
export interface WireEvent {
  type: string;
  [field: string]: unknown;
}

export interface StreamListener {
  write(text: string): void;
  end(): void;
}

/** How a stream puts its events on the wire. */
export interface StreamForm {
  /** One event becomes none, one or several of the vocabulary that the stream speaks. */
  translate(event: WireEvent): WireEvent[];
  bareData: boolean;
  /** Durable runs name each frame's row in an `id:` line, the cursor of a replay. */
  idLines: boolean;
  /** Rows before this stream: 0, but on durable runs, which count on from stream to stream. */
  rowsBefore: number;
}

/**
 * What one dispatch, approve or resume sends back: the frames so far, kept for replays, and who listens.
 * A stream goes on without listeners: a run does not stop because somebody hung up.
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
      const data = JSON.stringify({ type, executionId, seq: this.#row, ...fields });
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

  /** Hands over the frames after row `after`, then what still comes; ends the listener with the stream. */
  attach(listener: StreamListener, after = 0): void {
    for (const frame of this.frames) if (frame.row > after) listener.write(frame.text);
    if (this.#ended) listener.end();
    else this.#listeners.add(listener);
  }
}
