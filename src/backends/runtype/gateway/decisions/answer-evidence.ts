/**
 * What the answer to a call that decides says about the decision. Its status line alone proves nothing.
 * Tested in test/backends/runtype/gateway/decisions/answer-evidence.test.ts.
 */
import type { SendResult } from '../../../../core/approval/inputs.ts';
import { isRecord } from '../../../../core/text/json.ts';
import { approvalKey } from '../../pause/pause.ts';
import { typeOf } from '../../wire/event-types.ts';
import { normalise } from '../../wire/events.ts';
import type { Frame } from '../../wire/frame.ts';
import { FrameSplitter } from '../../wire/frame-splitter.ts';
import { interpret } from '../../wire/interpret-answer.ts';
import type { Decided } from './decision-body.ts';

/** Frames that come before anything is said about a decision. */
const silent = new Set(['execution_start', 'agent_start', 'flow_start', 'ping', 'agent_ping', 'custom']);

/** Reads the first frames of an answer, until one of them says what became of the decision. */
export class AnswerEvidence {
  readonly #decided: readonly Decided[];
  readonly #conclude: (result: SendResult) => void;
  readonly #splitter = new FrameSplitter();
  #isConcluded = false;

  /** @param conclude called once, before the frame that says it is delivered */
  constructor(decided: readonly Decided[], conclude: (result: SendResult) => void) {
    this.#decided = decided;
    this.#conclude = conclude;
  }

  feed(bytes: Uint8Array): void {
    if (this.#isConcluded) return;
    for (const frame of this.#splitter.push(bytes)) this.#read(frame);
  }

  /** @param otherwise what holds where no frame said anything */
  end(otherwise: SendResult): void {
    if (!this.#isConcluded) for (const frame of this.#splitter.end()) this.#read(frame);
    this.#settle(otherwise);
  }

  #read(frame: Frame): void {
    const result = this.#isConcluded || !frame.hasData ? null : saidBy(frame.brief(), this.#decided);
    if (result !== null) this.#settle(result);
  }

  #settle(result: SendResult): void {
    if (this.#isConcluded) return;
    this.#isConcluded = true;
    this.#splitter.reset();
    this.#conclude(result);
  }
}

/** Null: this event says nothing about these decisions. */
export function saidBy(event: unknown, decided: readonly Decided[]): SendResult | null {
  const type = typeOf(event);
  if (!isRecord(event) || type === null || silent.has(type)) return null;
  const read = normalise(event);
  if (read.type === 'resolved') return verdictOf(read, decided);
  const asked = read.type === 'approval' && read.approvalId !== null ? approvalKey(read.approvalId) : null;
  if (decided.some(({ key }) => key === asked)) {
    return { type: 'unsent', reason: 'Runtype asks for it again.' };
  }
  return (/(?:^|_)error$/.test(type) && refusalIn(event)) || { type: 'recorded', following: true };
}

/** Another approval of the same run says nothing about this one. */
function verdictOf(
  { approvalId, decision }: { approvalId: string; decision: string | null },
  decided: readonly Decided[],
) {
  const ours = decided.find(({ key }) => key === approvalKey(approvalId));
  if (ours === undefined) return null;
  const given = ours.action === 'approve' ? 'approved' : 'denied';
  if (decision === given) return { type: 'recorded', following: true } as const;
  const verdict = decision === 'approved' ? 'approve' : decision === 'denied' ? 'reject' : null;
  return { type: 'already', verdict, reason: `Runtype says “${decision ?? 'resolved'}”.` } as const;
}

/** The refusal of a call that came second or too late; null for any other error: then the run went on, and failed. */
function refusalIn(event: Record<string, unknown>): SendResult | null {
  const { error } = event;
  const body = isRecord(error) ? { ...event, ...error, error: error['error'] ?? error['code'] ?? '' } : event;
  const text = JSON.stringify([body['code'], body['error'], body['message']]);
  if (/APPROVAL_ALREADY_RESOLVED|already resolved/i.test(text))
    return interpret({ status: 409, headers: {} }, body, false);
  if (/No paused execution/i.test(text)) return interpret({ status: 404, headers: {} }, body, false);
  return null;
}
