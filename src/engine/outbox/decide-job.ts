/** The job `decide`: sends what is decided to its backend. Tested in test/engine/outbox/faults.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { ClaimAhead } from '../../core/approval/parts/claim.ts';
import { type DecisionKey, decisionKey } from '../../core/approval/parts/decision.ts';
import type { Pause } from '../../core/approval/pause/pause.ts';
import { claimIn } from '../../core/approval/steps/take-over.ts';
import { awaitsFetch, lastDeliveryOf } from '../../core/approval/steps/time/expiry.ts';
import { byApplication } from '../../core/approval/steps/transitions.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Backend, Changed, Clock, Job, Log, Settlement, Store } from '../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import { ONLY_REPLICA } from '../../core/ports/store/fleet.ts';
import type { Apply } from '../apply.ts';
import { readingOf } from '../ingest/readings.ts';
import { isEndSeen } from '../ingest/run-progress.ts';

/** How it ended. `dead`: abandoned, and the card says so. */
export type DecideEnd = (
  | { type: 'done'; outcome: string }
  /** `dueBy`: our own backoff ends by then, ms since 1970. */
  | { type: 'retry'; outcome: string; retryAfterMs: number | null; dueBy: number | null }
  | { type: 'dead'; outcome: string }
) & {
  /** For the log: whose decision it was. */
  about: { backend: string | undefined; approvals: readonly string[] };
  /** It is settled with what was recorded last; false: its lease was lost. Absent: it is not settled yet. */
  settled?: boolean;
};

/** After so many attempts, about half an hour with our backoff, a decision is abandoned until a person presses *Try again*. */
const MAX_SENDS = 35;
/** The last attempt starts so long before the backend's deadline, ms: enough for a connection and its answer. */
const BEFORE_DEADLINE_MS = 10_000;

interface DecideDeps {
  store: Store;
  apply: Apply;
  backends: Pick<ReadonlyMap<string, Backend>, 'get'>;
  clock: Clock;
  log: Log;
  /** Takes the reading of a continuation stream, which outlives the job. */
  onFollow: (reading: Promise<void>) => void;
  /** Records what a backend has now, in place of what was decided on. */
  announceChange: (approval: Approval, found: Pause) => Promise<Changed>;
  settlementOf: (job: Job, end: DecideEnd) => Settlement;
  /** This replica: it reads what follows a decision. */
  me: string;
  /**
   * Decisions of approvals whose mark failed, perhaps after it was recorded: this process has made no call for them since. Kept
   * from one job to the next.
   */
  unsent: Map<string, DecisionKey>;
  /** Default: nothing is counted. */
  metrics?: Pick<Metrics, 'count'>;
  /** Records the call. Absent: no spans are recorded. */
  tracing?:
    | { called(group: readonly Approval[], call: { startedAt: number; endedAt: number; outcome: string }): void }
    | undefined;
}

/** Sends what is decided together in one call, marked as `sending` before the call, so that a crash in between is noticed. */
export function createDecideJob(deps: DecideDeps): (job: Job, signal: AbortSignal) => Promise<DecideEnd> {
  const { store, apply, backends, clock, unsent } = deps;
  const by = byOf(deps);

  return async function decide(job, signal) {
    const group = await store.list({ groupId: job.subject });
    const decided: Approval[] = [];
    let others = 0;
    for (const member of group) {
      // The application sends its own decisions, and some askers fetch theirs.
      if (awaitsFetch(member)) continue;
      if ((member.phase === 'decided' || member.phase === 'sending') && !byApplication(member)) decided.push(member);
      else if (member.phase !== 'settled') others += 1;
    }
    const about = { backend: group[0]?.pause.backend, approvals: decided.map(({ id }) => id) };
    const backend = backends.get(about.backend ?? '');
    if (decided.length === 0 || backend === undefined) return { type: 'done', outcome: 'nothing to send', about };

    const resendable = backend.resendable(decided);
    if (others > 0 || decided.some(({ streamOpen }) => streamOpen)) {
      // A member already in `sending` was interrupted by a crash, so its call may have arrived.
      const claims = claimsIn(group, clock.now());
      const waiting = await Promise.all(
        decided.map(({ id, phase }) =>
          apply(id, phase === 'sending' ? { type: 'sending', resendable, ...by } : { type: 'waiting', others, claims }),
        ),
      );
      return waiting.some(isHeldBack) ? { ...stopped, about } : { type: 'done', outcome: 'waits for its group', about };
    }

    const known = new Set(decided.filter((one) => isSame(one, unsent.get(one.id))).map(({ id }) => id));
    const mark = ({ id }: Approval) => ({ type: 'sending', resendable, ...by, unsent: known.has(id) }) as const;
    const marks = await Promise.allSettled(decided.map((one) => apply(one.id, mark(one))));
    const failed = marks.find((one) => one.status === 'rejected');
    if (failed !== undefined) {
      for (const { id, phase, decision } of decided) {
        if (phase === 'decided' && decision !== null) unsent.set(id, decisionKey(decision));
      }
      throw failed.reason;
    }
    const marked = marks.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    if (marked.some(isHeldBack)) return { ...stopped, about };
    for (const { id } of decided) unsent.delete(id);
    const onTheWay = marked.flatMap(({ state }) => (state?.phase === 'sending' ? [state] : []));
    if (onTheWay.length === 0) return { type: 'dead', outcome: 'unconfirmed', about };
    return send({ job, backend, onTheWay, resendable, about, signal }, deps);
  };
}

function isSame({ decision }: Approval, key: DecisionKey | undefined): boolean {
  return decision !== null && decision.action === key?.action && decision.at === key.at;
}

interface Sending {
  job: Job;
  backend: Backend;
  /** Marked as `sending`. */
  onTheWay: readonly Approval[];
  resendable: boolean;
  about: DecideEnd['about'];
  signal: AbortSignal;
}

async function send(
  { job, backend, onTheWay, resendable, about, signal }: Sending,
  deps: DecideDeps,
): Promise<DecideEnd> {
  const { store, apply, clock, log, me, onFollow, announceChange, settlementOf } = deps;
  const startedAt = clock.now();
  const { result, results, follow, retryAfterMs = null } = await backend.decide(onTheWay, signal);
  deps.tracing?.called(onTheWay, { startedAt, endedAt: clock.now(), outcome: result.type });
  if (retryAfterMs !== null) {
    const calls = { service: backend.name, calls: 'decide', rooms: 'none' };
    deps.metrics?.count('rate_limits', calls);
    deps.metrics?.count('rate_wait_seconds', { ...calls, why: 'limit' }, retryAfterMs / 1000);
  }
  if (result.type === 'changed') {
    const { pause } = result;
    // Backends that can be asked decide their approvals one by one.
    await Promise.all(onTheWay.map((one) => retryUntilRecorded(clock, log, () => announceChange(one, pause), signal)));
    return { type: 'done', outcome: 'changed', about };
  }
  const last = job.attempts >= MAX_SENDS;
  const resultOf = ({ pause }: Approval) => results?.get(pause.key) ?? result;
  // One of the group follows the run, so that its result is posted once.
  const follower = onTheWay.find((one) => resultOf(one).type === 'recorded');
  const endOf = (states: readonly (Approval | null)[]): DecideEnd => {
    if (states.some((state) => state?.phase === 'decided')) {
      return { type: 'retry', outcome: result.type, retryAfterMs, dueBy: dueBy(onTheWay), about };
    }
    const undelivered = states.some((state) => state?.outcome === 'failed' || state?.outcome === 'unconfirmed');
    return { type: undelivered ? 'dead' : 'done', outcome: states[0]?.outcome ?? result.type, about };
  };
  // One that was sent alone settles the job in the same commit. The end of several is known only after all of theirs.
  const settling =
    onTheWay.length === 1
      ? { job, settlementOf: ({ state }: Changed) => settlementOf(job, endOf([state])) }
      : undefined;
  const record = (one: Approval) => {
    const said = resultOf(one);
    const own = said.type === 'recorded' ? { ...said, following: said.following && one === follower } : said;
    const of = one.decision === null ? {} : { of: decisionKey(one.decision) };
    const input = { type: 'sent', result: own, resendable, last, ...of, ...byOf(deps) } as const;
    return retryUntilRecorded(
      clock,
      log,
      async () => {
        const endSeen = own.type === 'already' && (await isEndSeen(store, one.pause));
        const run = 'following' in own && own.following ? readingOf(one.pause, me) : undefined;
        return apply(one.id, { ...input, ...(endSeen && { endSeen }) }, null, null, null, { settling, run });
      },
      signal,
    );
  };
  let changes: readonly Changed[];
  try {
    changes = await Promise.all(onTheWay.map(record));
  } finally {
    // The answer has arrived: its stream is read even if our own write fails.
    if (follow !== undefined) onFollow(follow());
  }
  const end = endOf(changes.map(({ state }) => state));
  const settled = changes[0]?.settled;
  return settled === undefined ? end : { ...end, settled };
}

/** Whose call it is, where there can be several. */
function byOf({ me }: Pick<DecideDeps, 'me'>): { by?: string } {
  return me === ONLY_REPLICA ? {} : { by: me };
}

/** An operator has stopped everything since the job was taken. It is due again once that ends. */
const stopped = { type: 'retry', outcome: 'stopped', retryAfterMs: null, dueBy: null } as const;

function isHeldBack(changed: Changed): boolean {
  return !changed.duplicate && changed.ignored === 'stopped';
}

/** Which of them are claimed, in the order in which they came. */
function claimsIn(group: readonly Approval[], now: number): ClaimAhead[] {
  return group.flatMap((member) => {
    const claim = claimIn(member, now);
    if (claim === null) return [];
    // Which forms are open changes no card.
    const { actor, since, until } = claim;
    return [{ approvalId: member.id, claim: { actor, since, until } }];
  });
}

/** The last moment for an attempt before the first deadline of the group. */
function dueBy(group: readonly Approval[]): number | null {
  const deadlines = group.flatMap(({ pause }) => lastDeliveryOf(pause) ?? pause.deadline ?? []);
  return deadlines.length === 0 ? null : Math.min(...deadlines) - BEFORE_DEADLINE_MS;
}
