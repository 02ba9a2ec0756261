import { isNumber, isRecord, toJson } from '../../../../core/text/json.ts';
import { normalise, type RunEvent } from '../../wire/events.ts';
import { type Frame, frameOf, toLatin1 } from '../../wire/frames/frame.ts';
import { eventsOf } from '../../wire/json-body.ts';
import { isTextEvent, OutputText } from '../../wire/output-text.ts';

/** Writes a continuation into a held response, in the format in which the response began. Texts are latin1. */
export interface ContinuationWriter {
  /** A continuation begins. */
  begin(): void;
  /** A heartbeat, without effect on the reader. */
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

/** Continues an event stream as one run: it started once, `seq` counts on, and it ends once. */
export class StreamWriter implements ContinuationWriter {
  #seq: number | null;
  #hasEnded = false;

  /** @param seq the last one that the application received; null where its stream carries none */
  constructor(seq: number | null) {
    this.#seq = seq;
  }

  begin(): void {}

  beat(): string {
    return HEARTBEAT;
  }

  frame(frame: Frame): string {
    // The older servers' sentinel ends the whole stream, not a part of it.
    if (frame.large === null && frame.data?.trim() === '[DONE]') return this.#hasEnded ? frame.raw : '';
    const event = frame.brief();
    if (!isEvent(event)) return frame.raw;
    // The start of a flow that runs as a tool of this run is passed on.
    if (starts.has(event.type) && !isRecord(event['toolContext'])) return '';
    this.#hasEnded ||= normalise(event).type === 'ended';
    if (this.#seq === null || !isNumber(event['seq'])) return frame.raw;
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
 * Writes nothing until the run is over, and then one body. Runtype does not document what it would have sent, so this
 * shape is ours: `{success, status, executionId, result}` for a run that completed, `{success: false, status: 'failed',
 * executionId, error}` for one that failed, and for one that paused again the paused body that `eventsOf` reads:
 * `{success, status: 'paused', executionId, pausedReason: {type, executionId, approvals | awaits}}`, with the fields of
 * the events. A body that Runtype itself sent is passed on as it is.
 */
export class JsonWriter implements ContinuationWriter {
  /** The answer if nothing more arrives. */
  #body: string;
  #output = new OutputText();
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
    if (isTextEvent(event.type)) this.#output.add(event.type, frame.data ?? '');
    const read = normalise(event);
    if (read.type === 'step') this.#output.step(read.text);
    if (read.type === 'ended') this.#setEnd(read, event);
    if (read.type === 'approval') this.#addPause(read.executionId, this.#approvals, event);
    if (read.type === 'await') this.#addPause(read.executionId, this.#awaits, event);
    return '';
  }

  whole(json: unknown): string {
    this.#setBody(json);
    return '';
  }

  close(): string {
    return this.#body;
  }

  #setEnd({ ok, text, executionId }: RunEvent & { type: 'ended' }, event: Record<string, unknown>): void {
    const result = event['finalOutput'] ?? this.#output.value();
    this.#setBody(
      ok
        ? { success: true, status: 'completed', executionId, result }
        : { success: false, status: 'failed', executionId, error: text },
    );
  }

  #addPause(executionId: string | null, pauses: Record<string, unknown>[], event: Record<string, unknown>): void {
    pauses.push(event);
    const pausedReason = {
      type: this.#approvals.length > 0 ? 'approval' : 'await',
      executionId,
      ...(this.#approvals.length > 0 && { approvals: this.#approvals }),
      ...(this.#awaits.length > 0 && { awaits: this.#awaits }),
    };
    this.#setBody({ success: true, status: 'paused', executionId, pausedReason });
  }

  #setBody(body: unknown): void {
    this.#body = toLatin1(toJson(body));
  }
}

function isEvent(value: unknown): value is Record<string, unknown> & { type: string } {
  return isRecord(value) && typeof value['type'] === 'string';
}

/** The frame with another `seq`, as latin1. All its other bytes stay. */
export function withSeq(frame: Frame, seq: number): string {
  const json = frame.brief();
  if (!isRecord(json) || json['seq'] === seq) return frame.raw;
  const { raw, dataLines } = frame;
  const own = ownSeq(dataLines.map(({ value }) => value).join('\n'));
  if (own === null) return raw;
  // The number is on one line: a line of JSON ends between two tokens.
  let passed = 0;
  for (const { start, value } of dataLines) {
    const from = start + own.index - passed;
    passed += value.length + 1;
    if (passed > own.index) return `${raw.slice(0, from)}${seq}${raw.slice(from + own.length)}`;
  }
  return raw;
}

const seqValue = /(\s*:\s*)(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;

/** The position of the value of the event's own `seq`: a call's parameters or its result may contain thousands of others. */
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
      const [, before = '', number = ''] = depth === 1 ? (seqValue.exec(data) ?? []) : [];
      // Of two, the last one counts, as for every parser.
      if (number !== '' && isSeq(data.slice(at, end))) own = { index: end + before.length, length: number.length };
      at = end - 1;
    }
  }
  return own;
}

/** @param quoted a JSON string; the longest spelling of `seq` has three escapes */
function isSeq(quoted: string): boolean {
  return quoted === '"seq"' || (quoted.length <= '"\\u0073\\u0065\\u0071"'.length && JSON.parse(quoted) === 'seq');
}

/** The index after the quote that closes the JSON string which begins here. */
function stringEnd(data: string, start: number): number {
  for (let at = start + 1; at < data.length; at += 1) {
    if (data[at] === '\\') at += 1;
    else if (data[at] === '"') return at + 1;
  }
  return data.length;
}
