import { toJson } from '../../../core/text/json.ts';
import { normalise, type RunEvent } from '../wire/events.ts';
import { type Frame, frameOf, toLatin1 } from '../wire/frames.ts';
import { eventsOf, isRecord } from '../wire/json-body.ts';
import { isTextEvent, OutputText } from '../wire/output-text.ts';
import { withSeq } from '../wire/seq.ts';

/** How a continuation is told in a response that was begun as a stream, or as JSON. Texts are latin1. */
export interface ContinuationWriter {
  /** A continuation begins. */
  begin(): void;
  /** Says that somebody is still there; changes nothing for whoever reads. */
  beat(): string;
  /** What is written for a frame of the continuation. */
  frame(frame: Frame): string;
  /** The same for a continuation in one piece. */
  whole(json: unknown): string;
  /** What is written last. */
  close(): string;
}

const starts = new Set(['execution_start', 'agent_start', 'flow_start']);
export const HEARTBEAT = ': countersign waiting\n\n';

/** Goes on in the words of the stream, as one run: it started once, `seq` counts on, and it ends once. */
export class StreamWriter implements ContinuationWriter {
  #seq: number | null;
  #over = false;

  /** @param seq the last one the application has seen; null where its stream carries none */
  constructor(seq: number | null) {
    this.#seq = seq;
  }

  begin(): void {}

  beat(): string {
    return HEARTBEAT;
  }

  frame(frame: Frame): string {
    // The older servers' sentinel means the end of all, not of a part.
    if (frame.data?.trim() === '[DONE]') return this.#over ? frame.raw : '';
    const event = frame.json();
    if (!isEvent(event)) return frame.raw;
    // A flow that runs as a tool of this run starts by itself.
    if (starts.has(event.type) && !isRecord(event['toolContext'])) return '';
    this.#over ||= normalise(event).type === 'ended';
    if (this.#seq === null || typeof event['seq'] !== 'number') return frame.raw;
    this.#seq += 1;
    return withSeq(frame, this.#seq);
  }

  whole(json: unknown): string {
    return eventsOf(json)
      .filter(isEvent)
      .map((event) => this.frame(frameOf({ seq: 0, ...event })))
      .join('');
  }

  close(): string {
    return '';
  }
}

/**
 * Says nothing until the run is over, and then one body. What Runtype would have sent is not documented, so this is our
 * choice, the one place where its shape is made up: `{success, status, executionId, result}` for a run that completed,
 * `{success: false, status: 'failed', executionId, error}` for one that failed, and for one that waits again the same
 * paused body as in `eventsOf`: `{success, status: 'paused', executionId, pausedReason: {type, executionId, approvals |
 * awaits}}`, with the fields of the events. A body that Runtype itself sent is passed on as it is.
 */
export class JsonWriter implements ContinuationWriter {
  /** What is answered if nothing more comes. */
  #body: string;
  #words = new OutputText();
  #approvals: Record<string, unknown>[] = [];
  #awaits: Record<string, unknown>[] = [];

  /** @param original the paused body, latin1 */
  constructor(original: string) {
    this.#body = original;
  }

  begin(): void {
    this.#approvals = [];
    this.#awaits = [];
  }

  beat(): string {
    return ' ';
  }

  frame(frame: Frame): string {
    const event = frame.json();
    if (!isEvent(event)) return '';
    if (isTextEvent(event.type)) this.#words.add(event.type, frame.data ?? '');
    const read = normalise(event);
    if (read.type === 'step') this.#words.step(read.text);
    if (read.type === 'ended') this.#ended(read, event);
    if (read.type === 'approval') this.#paused(read.executionId, this.#approvals, event);
    if (read.type === 'await' || read.type === 'unsupported') this.#paused(read.executionId, this.#awaits, event);
    return '';
  }

  whole(json: unknown): string {
    this.#say(json);
    return '';
  }

  close(): string {
    return this.#body;
  }

  #ended({ ok, text, executionId }: RunEvent & { type: 'ended' }, event: Record<string, unknown>): void {
    const result = event['finalOutput'] ?? this.#words.value();
    this.#say(
      ok
        ? { success: true, status: 'completed', executionId, result }
        : { success: false, status: 'failed', executionId, error: text },
    );
  }

  #paused(executionId: string | null, pauses: Record<string, unknown>[], event: Record<string, unknown>): void {
    pauses.push(event);
    const pausedReason = {
      type: this.#approvals.length > 0 ? 'approval' : 'await',
      executionId,
      ...(this.#approvals.length > 0 && { approvals: this.#approvals }),
      ...(this.#awaits.length > 0 && { awaits: this.#awaits }),
    };
    this.#say({ success: true, status: 'paused', executionId, pausedReason });
  }

  #say(body: unknown): void {
    this.#body = toLatin1(toJson(body));
  }
}

function isEvent(value: unknown): value is Record<string, unknown> & { type: string } {
  return isRecord(value) && typeof value['type'] === 'string';
}
