/**
 * Sees all that passes the one door, and counts and tells it. Nothing changes an approval but `transact`, so nothing
 * that the operator must know of gets by here; and the engine itself need not know that somebody looks.
 */

import { type Approval, placeKey } from '../../core/approval/approval.ts';
import { actorName, sentence, toolTitle } from '../../core/approval/names.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Change, Changed, Clock, Intake, Job, Log, Reach, Settlement, Store } from '../../core/ports/ports.ts';
import { placeName } from '../../core/view/cards/alert-card.ts';
import type { Drawn } from '../outbox/draw.ts';
import type { Alerts } from './alerts.ts';
import type { RoomAlerts } from './room-alerts.ts';

const TITLE_MAX = 80;

export interface Surroundings {
  clock: Clock;
  log: Log;
  metrics: Metrics;
  alerts: Pick<Alerts, 'raise' | 'begin' | 'over'>;
  rooms: Pick<RoomAlerts, 'isDown'>;
  backendTitle: (backend: string) => string;
}

/** The same store, watched. */
export function instrumentStore(store: Store, surroundings: Surroundings): Store {
  const { clock, log, metrics } = surroundings;

  /** What is committed stays so, whatever becomes of telling it. */
  function safely(tell: () => void): void {
    try {
      tell();
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, 'something could not be counted or told');
    }
  }

  return {
    ...store,
    async transact(change) {
      const startedAt = clock.monotonic();
      const changed = await store.transact(change).catch((error: unknown) => {
        metrics.count('commits_failed', {});
        throw error;
      });
      safely(() => {
        metrics.observe('commit_seconds', {}, (clock.monotonic() - startedAt) / 1000);
        countChange(change, changed, metrics);
        if (!changed.duplicate) tellChange(changed, surroundings);
      });
      return changed;
    },
    async settle(job, settlement) {
      const mine = await store.settle(job, settlement);
      if (mine) safely(() => tellSettled(job, settlement, surroundings));
      return mine;
    },
  };
}

function countChange({ audit }: Change, changed: Changed, metrics: Metrics): void {
  const { state } = changed;
  if (audit.input === 'pressed' || audit.input === 'retried') {
    const outcome = changed.duplicate ? 'duplicate' : (changed.ignored ?? 'accepted');
    metrics.count('presses', { platform: audit.actor?.platform ?? 'unknown', outcome });
  }
  if (changed.duplicate || state === null) return;
  const { backend, kind } = state.pause;
  if (changed.before === null && kind !== 'run') metrics.count('approvals_opened', { backend });
  if (audit.input === 'sent') metrics.count('decisions_sent', { backend, result: String(audit.facts['result']) });
  if (ended(changed)) {
    const name = kind === 'run' ? 'runs_started' : 'approvals_settled';
    metrics.count(name, { backend, outcome: state.outcome ?? 'none' });
  }
  if (lostIts(changed)) metrics.count('runs_lost', { backend });
}

type Fresh = Extract<Changed, { duplicate: false }>;

function ended({ before, state }: Fresh): boolean {
  return state !== null && state.outcome !== null && state.outcome !== before?.outcome;
}

function lostIts({ before, state }: Fresh): boolean {
  if (state?.continuation?.state !== 'lost' || before?.continuation?.state === 'lost') return false;
  // A run from chat that only repeats what one of its approvals has told has no note of its own.
  return state.pause.kind !== 'run' || Object.values(state.slots).some(({ sheet }) => sheet === 'result');
}

function tellChange(changed: Fresh, { alerts, backendTitle }: Surroundings): void {
  const { state } = changed;
  if (state === null) return;
  const backend = backendTitle(state.pause.backend);
  if (ended(changed) && (state.outcome === 'unconfirmed' || state.outcome === 'failed')) {
    alerts.raise({
      kind: 'undelivered',
      subject: `${state.pause.backend}:${state.outcome}`,
      ...undelivered(state, backend),
    });
  }
  if (lostIts(changed)) {
    alerts.raise({
      kind: 'run_lost',
      subject: state.pause.backend,
      ...lostRun(backend, toolTitle(state.pause, TITLE_MAX)),
    });
  }
}

function undelivered(state: Approval, backend: string) {
  const tool = toolTitle(state.pause, TITLE_MAX);
  const who = state.decision === null ? 'Somebody' : actorName(state.decision.actor);
  const detail = state.detail === null ? '' : ` ${sentence(state.detail)}`;
  if (state.pause.kind === 'run') {
    const unclear = state.outcome === 'unconfirmed';
    return {
      title: unclear ? 'The start of a run is unconfirmed' : 'A run was not started',
      what: `${who} started “${tool}”, and ${unclear ? `nobody can say whether it reached ${backend}` : `${backend} did not take it`}.${detail}`,
      advice: `${unclear ? `Look in ${backend} whether it runs. If it does not,` : 'Mend what the reason names, then'} press “Try again” on its card.`,
    };
  }
  if (state.outcome === 'unconfirmed') {
    return {
      title: 'A decision is unconfirmed',
      what: `${who} decided on “${tool}”, and nobody can say whether it reached ${backend}.${detail}`,
      advice: `Look in ${backend} whether it arrived. If it did not, press “Try again” on the card.`,
    };
  }
  return {
    title: 'A decision was not delivered',
    what: `${who} decided on “${tool}”, and ${backend} did not take it.${detail}`,
    advice: 'Mend what the reason names, then press “Try again” on the card: the same decision is sent.',
  };
}

function lostRun(backend: string, about: string) {
  return {
    title: 'The rest of a run was not seen',
    what: `A run’s stream from ${backend} was cut and can’t be read again (${about}). Whether it paused once more is not known.`,
    advice: `Look in ${backend} how the run went on. A pause that it came to has no card here.`,
  };
}

function tellSettled(job: Job, settlement: Settlement, { metrics, alerts, rooms }: Surroundings): void {
  const { kind } = job;
  metrics.count('jobs_ended', { kind, outcome: settlement.type });
  if (settlement.type !== 'retry') metrics.observe('job_tries', { kind }, job.attempts);
  // A decision that was given up is told with its outcome, and with whose it was.
  if (settlement.type !== 'dead' || settlement.parked === true || job.place === null) return;
  // One alert for the room, not one more for its cards.
  if (rooms.isDown(job.place)) return;
  alerts.raise({
    kind: 'job_given_up',
    subject: placeKey(job.place),
    title: 'A card was given up',
    what: `A card in ${placeName(job.place)} could not be drawn: ${settlement.error}`,
    advice:
      'Its other copies can still be decided. Once the cause is mended, the card is drawn again when its approval changes, or after a restart.',
  });
}

/** The same intake, watched: for what changes no approval. @param onReach whether a polled backend can be reached */
export function instrumentIntake(
  intake: Intake,
  {
    store,
    onReach,
    ...surroundings
  }: Surroundings & { store: Store; onReach: (backend: string, reach: Reach) => void },
): Intake {
  const { log, metrics, alerts, backendTitle } = surroundings;
  return {
    ...intake,
    async deliver(delivery) {
      await intake.deliver(delivery);
      if (delivery.type === 'reach') {
        const words = delivery.words ?? 'It does not answer.';
        onReach(delivery.backend, delivery.reachable ? { ok: true } : { ok: false, words });
      } else if (delivery.type === 'list_hidden') tellHidden(delivery.backend, delivery.hidden);
      else if (delivery.type === 'run_ended' && delivery.state === 'lost')
        await tellLost(delivery.backend, delivery.runId);
    },
  };

  function tellHidden(backend: string, hidden: number): void {
    metrics.set('list_hidden', { backend }, hidden);
    const title = backendTitle(backend);
    if (hidden === 0) {
      alerts.over('list_hidden', backend, `${title}’s list shows every pending item again.`);
      return;
    }
    alerts.begin({
      kind: 'list_hidden',
      subject: backend,
      title: `${title} lists less than is pending`,
      what: `${hidden} more items are pending in ${title} than its list shows. They have no cards yet.`,
      advice: `Decide some of those that have cards, or some in ${title} itself: the others appear as the list gets shorter.`,
    });
  }

  /** A run with approvals is told where theirs change; one without has nothing that could change. */
  async function tellLost(backend: string, runId: string): Promise<void> {
    const approvals = await store.list({ backend, runId }).catch((thrown: unknown) => {
      // What was delivered is recorded all the same.
      log.error({ err: coerceError(thrown), run: runId }, 'a lost run could not be told');
      return null;
    });
    if (approvals === null || approvals.length > 0) return;
    metrics.count('runs_lost', { backend });
    alerts.raise({
      kind: 'run_lost',
      subject: backend,
      ...lostRun(backendTitle(backend), 'before it paused for anybody'),
    });
  }
}

/** What came of a draw, as it is counted. */
const deeds: Record<string, string> = {
  posted: 'posted',
  'posted after doubt': 'posted',
  'posted, perhaps twice': 'posted_perhaps_twice',
  updated: 'updated',
  'found and updated': 'found',
};

/** The same drawing, counted. */
export function instrumentDraw<A extends unknown[]>(
  draw: (...args: A) => Promise<Drawn>,
  metrics: Metrics,
): (...args: A) => Promise<Drawn> {
  return async (...args) => {
    const drawn = await draw(...args);
    const deed = drawn.type === 'done' ? deeds[drawn.outcome] : undefined;
    if (deed !== undefined) metrics.count('cards', { platform: drawn.about.platform ?? 'unknown', deed });
    return drawn;
  };
}
