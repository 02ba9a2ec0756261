/** What a change says about how long people and calls took, and about signatures. Tested in test/engine/observe/measure/times.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import { isAutomatic } from '../../../core/approval/names.ts';
import { rulesOf, verbOf } from '../../../core/approval/steps/signing/rules.ts';
import type { Metrics } from '../../../core/ports/metrics.ts';
import type { Changed } from '../../../core/ports/ports.ts';

type Fresh = Extract<Changed, { duplicate: false }>;

interface Observed {
  /** The type of the input. */
  input: string;
  facts: Readonly<Record<string, unknown>>;
  changed: Fresh & { state: Approval };
  route: string;
  /** Of the span of its pause. Absent: no spans are recorded. */
  traceId?: string | undefined;
  metrics: Metrics;
}

/** From the first card to a person's decision, and from a decision to its end. */
export function observeTimes({ input, facts, changed: { before, state }, route, traceId, metrics }: Observed): void {
  const { backend } = state.pause;
  const { decision } = state;
  if (input === 'posted') observePosted(String(facts['slot']), { before, state }, { metrics, traceId });
  if (decision === null) return;
  if (input === 'pressed' && before?.decision !== decision && !isAutomatic(decision.actor)) {
    const action = verbOf(decision.action, state.pause);
    const since = shownSince(state) ?? state.createdAt;
    metrics.observe('decision_seconds', { backend, route, action }, seconds(decision.at - since), traceId);
  }
  if (state.outcome !== null && state.outcome !== before?.outcome && before?.decision != null) {
    const settledAt = state.settledAt ?? decision.at;
    metrics.observe('delivery_seconds', { backend, outcome: state.outcome }, seconds(settledAt - decision.at), traceId);
  }
}

function observePosted(
  slot: string,
  { before, state }: Pick<Observed['changed'], 'before' | 'state'>,
  { metrics, traceId }: Pick<Observed, 'metrics' | 'traceId'>,
) {
  const posted = state.slots[slot];
  if (posted?.kind !== 'card' || posted.shownAt == null) return;
  const { platform } = posted.place;
  const cards = Object.values(before?.slots ?? {}).filter(
    (one) => one.kind === 'card' && one.place.platform === platform,
  );
  if (cards.some(({ shownAt, receipt }) => shownAt != null || receipt !== null)) return;
  const { backend } = state.pause;
  metrics.observe('card_seconds', { backend, platform }, seconds(posted.shownAt - state.createdAt), traceId);
}

/** When the first card was posted; null: none was, or none says it. */
function shownSince({ slots }: Approval): number | null {
  const times = Object.values(slots).flatMap(({ kind, shownAt }) =>
    kind === 'card' && shownAt != null ? [shownAt] : [],
  );
  return times.length === 0 ? null : Math.min(...times);
}

/** The wall clock may have been set back. */
function seconds(ms: number): number {
  return Math.max(0, ms) / 1000;
}

/** Where a rule asks for several people: what became of each signature. */
export function countSignatures({ input, changed: { before, state, ignored }, route, metrics }: Observed): void {
  if (before === null || !asksSeveral(before)) return;
  const count = (outcome: string, by = 1) => metrics.count('signatures', { route, outcome }, by);
  if (input === 'pressed' && ignored !== null) {
    count('refused');
    return;
  }
  if (input === 'pressed' && isSignature(state)) count('given');
  const known = new Set(before.voided.map(keyOf));
  for (const one of state.voided) if (!known.has(keyOf(one))) count(one.why);
  const isOver = before.phase === 'open' && state.phase !== 'open' && input !== 'pressed';
  if (isOver && before.signatures.length > 0) {
    count(input === 'time_ended' ? 'expired' : 'unused', before.signatures.length);
  }
}

function asksSeveral({ requirement }: Approval): boolean {
  return Object.values(requirement?.verbs ?? {}).some(({ count }) => count > 1);
}

/** The last one was given by a press of which the rule asks several. */
function isSignature(state: Approval): boolean {
  const last = state.signatures.at(-1);
  return last !== undefined && rulesOf(state, last.action, last.text)?.some(({ count }) => count > 1) === true;
}

function keyOf({ actor: { platform, id }, why }: Approval['voided'][number]): string {
  return `${platform}:${id}:${why}`;
}

/** Begins at 0 what is alerted when it rises, so that the first of it is a rise. */
export function beginLosses(metrics: Pick<Metrics, 'count'>, labels: { backend: string; route: string }): void {
  for (const outcome of ['unconfirmed', 'failed']) metrics.count('approvals_settled', { ...labels, outcome }, 0);
}
