/** Counts what was committed, and raises the alerts that follow from it. Nothing in the engine waits for it. */
import { placeKey } from '../../core/approval/parts/slot.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Changed, Delivery, Job, Log, Reach, Settlement } from '../../core/ports/ports.ts';
import { counted } from '../../core/text/numbers.ts';
import type { Committed, OnCommitted } from '../apply.ts';
import {
  abandonedCardText,
  fullSourceText,
  hiddenItemsText,
  lostRunText,
  refusedContentText,
  refusedDecisionText,
  undeliveredText,
} from './alert-texts.ts';
import type { Alerts } from './alerts.ts';
import { beginLosses, countSignatures, observeTimes } from './measure/times.ts';
import type { Tracing } from './measure/tracing.ts';
import type { RoomAlerts } from './room-alerts.ts';

export interface InstrumentDeps {
  log: Log;
  metrics: Metrics;
  alerts: Pick<Alerts, 'raise' | 'begin' | 'over'>;
  rooms: Pick<RoomAlerts, 'isDown'>;
  backendTitle: (backend: string) => string;
  /** Absent: no spans are recorded. */
  tracing?: Pick<Tracing, 'onCommitted' | 'pauseOf'> | undefined;
  /** The rule that applies, as a label. */
  routeOf: (rule: string | undefined) => string;
  /** Whether a polled backend can be reached. */
  onReach: (backend: string, reach: Reach) => void;
}

export function createInstrument(deps: InstrumentDeps): OnCommitted {
  return (committed) => {
    try {
      observe(committed, deps);
    } catch (thrown) {
      // What is committed stays committed.
      deps.log.error({ err: coerceError(thrown) }, 'a commit could not be counted');
    }
  };
}

function observe(committed: Committed, deps: InstrumentDeps): void {
  const { metrics } = deps;
  switch (committed.type) {
    case 'nothing':
      metrics.count('commits_failed', {});
      return;
    case 'input':
      metrics.observe('commit_seconds', {}, committed.seconds);
      countInput(committed, deps);
      deps.tracing?.onCommitted(committed);
      if (!committed.changed.duplicate) alertOnChange(committed.changed, deps);
      alertOnRefusedContent(committed, deps);
      return;
    case 'job':
      countJob(committed.job, committed.settlement, committed.outcome, metrics);
      // Refused content is alerted with the approval.
      if (committed.outcome !== 'content') alertOnAbandonedCard(committed.job, committed.settlement, deps);
      return;
    case 'delivery':
      observeDelivery(committed.delivery, committed.approvals ?? 0, deps);
      return;
    case 'source_full':
    case 'source_has_room':
      observeSource(committed, deps);
      return;
  }
}

function countInput(
  { audit, changed }: Extract<Committed, { type: 'input' }>,
  { metrics, routeOf, tracing }: Pick<InstrumentDeps, 'metrics' | 'routeOf' | 'tracing'>,
): void {
  const { state } = changed;
  if (audit.input === 'pressed' || audit.input === 'retried') {
    const outcome = changed.duplicate ? 'duplicate' : (changed.ignored ?? 'accepted');
    metrics.count('presses', { platform: audit.actor?.platform ?? 'unknown', outcome });
  }
  if (changed.duplicate || state === null) return;
  const { backend, kind } = state.pause;
  if (kind === 'note') {
    if (audit.input === 'noted') metrics.count('runs_unfollowed', { backend, reason: String(audit.facts['why']) });
    return;
  }
  const route = routeOf(state.requirement?.rule);
  if (audit.input === 'announced') metrics.count('pauses_seen', { backend, via: state.via });
  if (changed.before === null && kind !== 'run') {
    metrics.count('approvals_opened', { backend, route });
    beginLosses(metrics, { backend, route });
  }
  if (audit.input === 'sent') metrics.count('decisions_sent', { backend, result: String(audit.facts['result']) });
  if (hasSettled(changed)) {
    const outcome = state.outcome ?? 'none';
    if (kind === 'run') metrics.count('runs_started', { backend, outcome });
    else metrics.count('approvals_settled', { backend, route, outcome });
  }
  if (hasLostRun(changed)) metrics.count('runs_lost', { backend });
  if (kind === 'run') return;
  const observed = { input: audit.input, facts: audit.facts, changed: { ...changed, state }, route, metrics };
  const traceId = tracing?.pauseOf(state).traceId;
  observeTimes({ ...observed, traceId });
  countSignatures(observed);
}

type Fresh = Extract<Changed, { duplicate: false }>;

function hasSettled({ before, state }: Fresh): boolean {
  return state !== null && state.outcome !== null && state.outcome !== before?.outcome;
}

function hasLostRun({ before, state }: Fresh): boolean {
  if (state?.continuation?.state !== 'lost' || before?.continuation?.state === 'lost') return false;
  // A run from chat that only repeats the note of one of its approvals has no note of its own.
  return state.pause.kind !== 'run' || Object.values(state.slots).some(({ kind }) => kind === 'result');
}

function alertOnChange(changed: Fresh, { alerts, backendTitle }: InstrumentDeps): void {
  const { state } = changed;
  if (state === null) return;
  const { backend } = state.pause;
  const title = backendTitle(backend);
  if (hasSettled(changed) && (state.outcome === 'unconfirmed' || state.outcome === 'failed')) {
    alerts.raise({ kind: 'undelivered', subject: `${backend}:${state.outcome}`, ...undeliveredText(state, title) });
  }
  if (hasLostRun(changed)) alerts.raise({ kind: 'run_lost', subject: backend, ...lostRunText(title, state) });
}

/** A room does not show what is true now, and only a person can change that. */
function alertOnRefusedContent(
  { audit: { input, facts }, changed }: Extract<Committed, { type: 'input' }>,
  { alerts, backendTitle }: InstrumentDeps,
): void {
  if (input !== 'content_refused' || facts['final'] !== true) return;
  if (changed.duplicate || changed.ignored !== null || changed.state === null) return;
  const { state } = changed;
  const slot = state.slots[String(facts['slot'])];
  if (slot === undefined) return;
  const subject = `${placeKey(slot.place)} ${state.id}`;
  alerts.raise({
    kind: 'content_refused',
    subject,
    ...refusedContentText(state, slot, backendTitle(state.pause.backend)),
  });
}

/** How the outcome of a draw is counted. */
const drawOutcomes: Record<string, string> = {
  posted: 'posted',
  'posted after doubt': 'posted',
  'posted, perhaps twice': 'posted_perhaps_twice',
  updated: 'updated',
  'found and updated': 'found',
};

function countJob({ kind, attempts, place }: Job, { type }: Settlement, outcome: string, metrics: Metrics): void {
  metrics.count('jobs_ended', { kind, outcome: type });
  if (type !== 'retry') metrics.observe('job_tries', { kind }, attempts);
  const deed = kind === 'draw' && type === 'done' ? drawOutcomes[outcome] : undefined;
  if (deed !== undefined) metrics.count('cards', { platform: place?.platform ?? 'unknown', deed });
}

/** A decision that was abandoned is alerted with its outcome. */
function alertOnAbandonedCard({ place }: Job, settlement: Settlement, { alerts, rooms }: InstrumentDeps): void {
  if (settlement.type !== 'dead' || settlement.parked === true || place === null) return;
  // One alert for the room, not one more for each of its cards.
  if (rooms.isDown(place)) return;
  alerts.raise({ kind: 'job_given_up', subject: placeKey(place), ...abandonedCardText(place, settlement.error) });
}

function observeSource(
  committed: Extract<Committed, { type: 'source_full' | 'source_has_room' }>,
  { metrics, alerts, backendTitle }: InstrumentDeps,
): void {
  const { backend, source } = committed;
  const title = backendTitle(backend);
  if (committed.type === 'source_full') {
    metrics.count('approvals_over_limit', { backend });
    alerts.begin({ kind: 'source_full', subject: source.id, ...fullSourceText(source.name, title, committed.max) });
    return;
  }
  alerts.over(
    'source_full',
    source.id,
    `${source.name || title} has room for approvals again; ${counted(committed.refused, 'pause')} had no card.`,
  );
}

/** Deliveries that change no approval. */
function observeDelivery(delivery: Delivery, approvals: number, deps: InstrumentDeps): void {
  const { metrics, alerts, backendTitle, onReach } = deps;
  if (delivery.type === 'reach') {
    const reason = delivery.reason ?? 'It does not answer.';
    onReach(delivery.backend, delivery.reachable ? { ok: true } : { ok: false, reason });
  } else if (delivery.type === 'decision_refused') {
    const { backend } = delivery;
    metrics.count('decisions_refused', { backend });
    const text = refusedDecisionText(delivery, backendTitle(backend));
    // One subject: a caller can make up any number of keys.
    alerts.raise({ kind: 'decision_refused', subject: backend, ...text });
  } else if (delivery.type === 'list_hidden') {
    const { backend, hidden } = delivery;
    metrics.set('list_hidden', { backend }, hidden);
    const title = backendTitle(backend);
    if (hidden === 0) alerts.over('list_hidden', backend, `${title}’s list shows every pending item again.`);
    else alerts.begin({ kind: 'list_hidden', subject: backend, ...hiddenItemsText(title, hidden) });
  } else if (delivery.type === 'run_ended' && delivery.state === 'lost' && approvals === 0) {
    // A lost run with approvals is counted where these change.
    const { backend } = delivery;
    metrics.count('runs_lost', { backend });
    alerts.raise({ kind: 'run_lost', subject: backend, ...lostRunText(backendTitle(backend), null) });
  }
}
