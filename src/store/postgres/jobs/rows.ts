/** Rows of the outbox, as they are written and read. Tested in test/store/postgres/index.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import type { Effect } from '../../../core/approval/inputs.ts';
import { laneText, parseLane, queuedJob } from '../../../core/approval/lanes.ts';
import { parsePlaceKey } from '../../../core/approval/parts/slot.ts';
import type { Job, Settlement } from '../../../core/ports/store.ts';
import type { Statement } from '../connection/config.ts';
import { jobKey, shortKey } from '../keys.ts';
import * as sql from '../sql/jobs.ts';

/** A job that is added, or asked to run again. */
export interface JobRow {
  key: string;
  kind: Job['kind'];
  lane: string;
  place: string | null;
  urgency: number;
  dueBy: number;
  subject: string;
  slot: string | null;
  waitMs: number;
  /** Several members ask for this job. */
  isDigest: boolean;
}

export function jobRowOf(effect: Effect, approval: Approval, now: number): JobRow {
  const { kind, subject, slot = null, waitMs = 0, lane, place, urgency, dueBy } = queuedJob(effect, approval, now);
  const isDigest = kind === 'draw' && subject !== approval.id;
  const key = jobKey(kind, subject, slot);
  return { key, kind, lane: shortKey(laneText(lane)), place, urgency, dueBy, subject, slot, waitMs, isDigest };
}

/** In the order of keys: two replicas that add the same jobs never wait for each other in a circle. */
export function enqueueStatements(rows: readonly JobRow[], now: number): Statement[] {
  // A statement can't touch one row twice: the second request for a job is in a statement of its own.
  const rounds: JobRow[][] = [];
  const times = new Map<string, number>();
  for (const row of rows) {
    const round = times.get(row.key) ?? 0;
    times.set(row.key, round + 1);
    rounds[round] ??= [];
    rounds[round].push(row);
  }
  return rounds.flatMap((round) => {
    const sorted = round.toSorted((one, other) => (one.key < other.key ? -1 : 1));
    const [digests, plain] = [sorted.filter(({ isDigest }) => isDigest), sorted.filter(({ isDigest }) => !isDigest)];
    return [
      ...(plain.length > 0 ? [{ sql: sql.enqueueJobs, values: columnsOf(plain, now) }] : []),
      ...(digests.length > 0 ? [{ sql: sql.enqueueDigestJobs, values: columnsOf(digests, now) }] : []),
    ];
  });
}

function columnsOf(rows: readonly JobRow[], now: number): unknown[] {
  return [
    rows.map(({ key }) => key),
    rows.map(({ kind }) => kind),
    rows.map(({ lane }) => lane),
    rows.map(({ place }) => place),
    rows.map(({ urgency }) => urgency),
    rows.map(({ dueBy }) => dueBy),
    rows.map(({ subject }) => subject),
    rows.map(({ slot }) => slot),
    rows.map(({ waitMs }) => now + waitMs),
    rows.map(() => now),
  ];
}

/**
 * How a job ends: of several statements at most one finds it, the first whose condition it meets. A job that was asked for again
 * in between meets that of the second.
 */
export function endStatements(job: Job, settlement: Settlement, now: number): Statement[] {
  const { id, lockedBy, fencingToken, mayHaveArrivedSince } = job;
  const { sent } = settlement;
  const fence = [id, lockedBy, fencingToken, sent ?? null, sent === null];
  if (settlement.type === 'done') {
    return [
      { sql: sql.finishJob, values: fence },
      { sql: sql.rerunJob, values: [...fence, now] },
    ];
  }
  const { error, notArrived = false } = settlement;
  const retry = (runAt: number, uncounted: boolean): Statement => ({
    sql: sql.retryJob,
    values: [...fence, now, runAt, uncounted ? 1 : 0, error, notArrived, mayHaveArrivedSince],
  });
  if (settlement.type === 'retry') {
    return [retry(Math.ceil(now + settlement.waitMs), settlement.uncounted === true)];
  }
  const deadAt = settlement.parked === true ? 0 : now;
  return [{ sql: sql.failJob, values: [...fence, deadAt, error, notArrived, mayHaveArrivedSince] }, retry(now, false)];
}

export interface ClaimedRow {
  id: number;
  kind: Job['kind'];
  subject: string;
  slot: string | null;
  attempts: number;
  claims: number;
  locked_by: string;
  lane: string;
  place: string | null;
  urgency: number;
  due_by: number;
  run_at: number;
  earlier: number | null;
  last_sent: string | null;
  /** Of draws only. */
  failures?: number | null;
  room_closed?: string | null;
  is_probe?: boolean;
}

/** @param lapses of its replica, in the transaction that has claimed it */
export function toJob(row: ClaimedRow, lapses: number): Job {
  const { id, kind, subject, slot, attempts, claims: fencingToken, locked_by: lockedBy, last_sent: lastSent } = row;
  const place = row.place === null ? null : parsePlaceKey(row.place);
  const lane = parseLane(row.lane);
  return {
    id,
    kind,
    subject,
    slot,
    attempts,
    fencingToken,
    lane,
    laneFailures: row.failures ?? 0,
    place,
    mayHaveArrivedSince: row.earlier,
    lastSent,
    lockedBy,
    lapses,
    roomClosed: row.room_closed ?? null,
    isProbe: row.is_probe ?? false,
  };
}
