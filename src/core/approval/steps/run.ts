/**
 * A run that was started from chat is kept as an approval: it begins `decided`, because the person who starts it has said
 * yes, is sent by the same outbox, and reports progress while it runs. Its card is the root of the run's thread.
 */
import type { Approval, Continuation } from '../approval.ts';
import { type InputOf, refusalOf, type SendResult, type Step } from '../inputs.ts';
import { toolTitle } from '../names.ts';
import type { GivenReason } from '../reason.ts';
import { changed, decide, ignore, newApproval, withContinuation } from './transitions.ts';

/** Of one tool's name, where several are listed. */
const WAITS_FOR_MAX = 60;

export function started(state: Approval | null, input: InputOf<'started'>, now: number): Step {
  // The same command again, or another thing of this name.
  if (state !== null) return ignore(state, 'known');
  if (input.right !== 'allowed') return ignore(null, refusalOf(input.right));
  const { id, pause, fingerprint, actor, text, places } = input;
  const beginning = { id, pause, fingerprint, via: 'command', streamOpen: false, recurs: false } as const;
  const run: Approval = {
    ...newApproval({ ...beginning, askedAt: now, createdAt: now }, places),
    phase: 'decided',
    decision: { action: 'approve', actor, text, at: now },
  };
  return changed(run, [decide(run)]);
}

/** The backend reported its id for this run, or a new one. */
export function renamed(state: Approval, runId: string): Step {
  if (state.pause.kind !== 'run' || state.pause.runId === runId) return ignore(state, 'known');
  return { state: { ...state, pause: { ...state.pause, runId } }, effects: [] };
}

/** A start has no verdict that could conflict with another one: what a backend says of an earlier one is a refusal. */
export function asStart(result: SendResult<GivenReason>): SendResult<GivenReason> {
  return result.type === 'already' || result.type === 'gone' ? { type: 'refused', reason: result.reason } : result;
}

/** Its card follows each turn; what was lost of it can still be found again by a later stream. */
export function runContinued(state: Approval, { continuation, noted = false }: InputOf<'continued'>): Step {
  const current = state.continuation;
  if (current?.state === 'completed' || current?.state === 'failed') return ignore(state, 'known');
  if (current?.state === continuation.state && current.text === continuation.text) return ignore(state, 'known');
  const step = changed({ ...state, continuation });
  const over = continuation.state !== 'following' && continuation.state !== 'paused';
  return over && !noted ? withContinuation(step, continuation) : step;
}

const outcomesWithoutNews: ReadonlySet<Approval['outcome']> = new Set(['expired', 'decided_elsewhere']);

/**
 * The progress of a run, from what it has asked so far.
 * @param asked its approvals, oldest first, without the run itself
 * @returns null where they tell nothing new; `noted`: a note in the thread says so already
 */
export function progressOf(asked: readonly Approval[]): { continuation: Continuation; noted: boolean } | null {
  const now = (state: Continuation['state'], text: string | null = null, noted = false) => ({
    continuation: { state, text },
    noted,
  });
  const waits = asked.filter(({ phase }) => phase === 'open').map(({ pause }) => toolTitle(pause, WAITS_FOR_MAX));
  if (waits.length > 0) return now('paused', waits.join(', '));
  const underWay = ({ phase, outcome }: Approval) =>
    phase !== 'settled' || outcome === 'failed' || outcome === 'unconfirmed';
  if (asked.some(underWay)) return now('paused');
  if (asked.some(({ continuation }) => continuation?.state === 'following')) return now('following');
  const latest = asked.at(-1);
  if (latest?.continuation?.state === 'lost') return now('lost', null, true);
  // It was decided elsewhere, or expired, and its stream brought no news since.
  return latest?.continuation === null && outcomesWithoutNews.has(latest.outcome) ? now('lost') : null;
}
