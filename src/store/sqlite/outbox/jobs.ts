import type { Database } from 'better-sqlite3';
import type { Approval } from '../../../core/approval/approval.ts';
import type { Effect } from '../../../core/approval/inputs.ts';
import { type Lane, LONGEST_JOB_WAIT_MS, laneText, parseLane, queuedJob } from '../../../core/approval/lanes.ts';
import { parsePlaceKey } from '../../../core/approval/parts/slot.ts';
import type { ClaimRequest, Job, LaneEnd, RoomSelector, Settled, Settlement } from '../../../core/ports/ports.ts';
import * as sql from '../sql/jobs.ts';
import { DeadJobs } from './dead-jobs.ts';
import { Rooms } from './rooms.ts';

interface JobRow {
  id: number;
  kind: Effect['type'];
  subject: string;
  slot: string | null;
  attempts: number;
  claims: number;
  locked_by: string;
  lane: string;
  place: string | null;
  last_sent: string | null;
  lane_failures: number | null;
  platform_closed: string | null;
  room_closed: string | null;
}

interface DueJob {
  id: number;
  begun_at: number | null;
}

interface DueJobsQuery {
  now: number;
  longestWaitMs: number;
  limit: number;
}

/** The kinds of jobs besides draws. */
const queuedKinds = ['decide', 'wake'] as const satisfies readonly Effect['type'][];

/** What has changed in the outbox. */
export interface JobNews {
  /** Of which jobs were added, or ended: another one of their lane may run. */
  kinds: Set<Job['kind']>;
  /** The soonest of the jobs that were added and are not due yet; 0 once a job has ended. */
  dueInMs: number | null;
}

/**
 * The outbox. Methods that write must be called inside a transaction. `now` is in ms, by a clock that starts at the wall
 * clock's time and then does not jump with it.
 */
export class Jobs {
  readonly #enqueue;
  readonly #nextLane;
  readonly #enqueueInSameLane;
  readonly #dueDraws;
  readonly #dueJobs;
  readonly #lock;
  readonly #complete;
  readonly #rerun;
  readonly #retry;
  readonly #fail;
  readonly #release;
  readonly #markAttempted;
  readonly #attempted;
  readonly #nextDrawAt;
  readonly #nextJobAt;
  readonly #saveSent;
  readonly #deleteSent;
  readonly #deleteAllSent;
  readonly #rooms;
  readonly deadLetters: DeadJobs;
  /** Since it was last asked. */
  #news: JobNews = { kinds: new Set(), dueInMs: null };

  constructor(db: Database) {
    this.#enqueue = db.prepare(sql.enqueueJob);
    this.#nextLane = db.prepare<[string], string | null>(sql.findNextLane).pluck();
    this.#enqueueInSameLane = db.prepare(sql.enqueueInSameLane);
    this.#dueDraws = db.prepare<[DueJobsQuery], DueJob>(sql.findDueDraws);
    this.#dueJobs = db.prepare<[DueJobsQuery & { kind: string }], DueJob>(sql.findDueJobs);
    this.#lock = db.prepare<[{ worker: string; now: number; id: number }], JobRow>(sql.lockJob);
    this.#complete = db.prepare(sql.completeJob);
    this.#rerun = db.prepare(sql.rerunJob);
    this.#retry = db.prepare(sql.retryJob);
    this.#fail = db.prepare(sql.failJob);
    this.#release = db.prepare<[string]>(sql.releaseJobs);
    this.#markAttempted = db.prepare<[{ key: string; now: number }]>(sql.markAttempted);
    this.#attempted = db.prepare<[string], number | null>(sql.findAttempted).pluck();
    this.#saveSent = db.prepare<[string, string]>(sql.saveSentContent);
    this.#deleteSent = db.prepare<[string]>(sql.deleteSentContent);
    this.#deleteAllSent = db.prepare<[]>(sql.deleteAllSentContent);
    this.#nextDrawAt = db.prepare<[], number | null>(sql.findNextDrawAt).pluck();
    this.#nextJobAt = db.prepare<[{ kind: string }], number>(sql.findNextJobAt).pluck();
    this.#rooms = new Rooms(db);
    this.deadLetters = new DeadJobs(db, this.#rooms, (kind) => this.#noteDue(kind, 0));
  }

  /** @param wallNow the wall clock's time at `now` */
  enqueue(effect: Effect, approval: Approval, now: number, wallNow: number): void {
    const { kind, subject, slot = null, waitMs = 0, lane, ...order } = queuedJob(effect, approval, wallNow);
    const key = keyOf(kind, subject, slot);
    const runAt = now + waitMs;
    this.#noteDue(kind, waitMs);
    const isDigest = kind === 'draw' && subject !== approval.id;
    if (isDigest && this.#waitsAlready(key, lane)) {
      this.#enqueueInSameLane.run({ key, urgency: order.urgency, dueBy: order.dueBy, runAt });
    } else {
      this.#enqueue.run({ key, kind, subject, slot, lane: laneText(lane), ...order, runAt, now });
    }
  }

  /** Whether the job of this key waits in this lane, or in the lane for edits that is served before it. */
  #waitsAlready(key: string, lane: Lane): boolean {
    const waiting = this.#nextLane.get(key) ?? null;
    if (waiting === null) return false;
    return waiting === laneText(lane) || (parseLane(waiting).kind === 'edit' && lane.kind === 'renew');
  }

  claim({ limits, lockedBy: worker }: ClaimRequest, now: number): Job[] {
    const longestWaitMs = LONGEST_JOB_WAIT_MS;
    const due = Object.entries(limits).flatMap(([kind, limit]) => {
      if (limit <= 0) return [];
      const query = { now, longestWaitMs, limit };
      return kind === 'draw' ? this.#dueDraws.all(query) : this.#dueJobs.all({ ...query, kind });
    });
    return due.flatMap(({ id, begun_at: mayHaveArrivedSince }) => {
      const row = this.#lock.get({ worker, now, id });
      return row === undefined ? [] : [toJob(row, mayHaveArrivedSince, (place) => this.#rooms.takePass(place))];
    });
  }

  /** False: none does. True: one may. */
  someLaneRests(now: number): boolean {
    return this.#rooms.restsUntil > now;
  }

  /** What has changed since this was last called. */
  takeNews(): JobNews {
    const news = this.#news;
    this.#news = { kinds: new Set(), dueInMs: null };
    return news;
  }

  #noteDue(kind: Job['kind'], inMs: number): void {
    const { kinds, dueInMs } = this.#news;
    if (inMs <= 0) kinds.add(kind);
    else this.#news.dueInMs = Math.min(inMs, dueInMs ?? inMs);
  }

  /** Fenced: returns null, and changes nothing, when the job was released since. */
  settle(job: Job, settlement: Settlement, now: number, lane?: LaneEnd): Settled | null {
    if (!this.#end(job, settlement, now)) return null;
    const { kind, subject, slot } = job;
    this.#noteDue(kind, 0);
    // Its lane was passed over while it was busy: what waits there for its time has to be looked for.
    this.#news.dueInMs = 0;
    const { sent } = settlement;
    if (sent === null) this.#deleteSent.run(keyOf(kind, subject, slot));
    else if (sent !== undefined) this.#saveSent.run(keyOf(kind, subject, slot), sent);
    return { pacedMs: lane === undefined ? 0 : this.#rooms.endLane(laneText(job.lane), lane, now) };
  }

  /** What messages show is not known any more: this database is a copy. */
  deleteSentContent(): void {
    this.#deleteAllSent.run();
  }

  #end({ id, lockedBy, fencingToken, mayHaveArrivedSince }: Job, settlement: Settlement, now: number): boolean {
    const changes = (result: { changes: number }) => result.changes > 0;
    const lease = { id, lockedBy, fencingToken };
    if (settlement.type === 'done') {
      return changes(this.#complete.run(lease)) || changes(this.#rerun.run({ ...lease, now }));
    }
    const { error } = settlement;
    const attempt = { ...lease, now, error, mayHaveArrivedSince, notArrived: settlement.notArrived ? 1 : 0 };
    if (settlement.type === 'retry') {
      const runAt = Math.ceil(now + settlement.waitMs);
      return changes(this.#retry.run({ ...attempt, runAt, uncounted: settlement.uncounted ? 1 : 0 }));
    }
    return (
      changes(this.#fail.run({ ...attempt, parked: settlement.parked ? 1 : 0 })) ||
      changes(this.#retry.run({ ...attempt, runAt: now, uncounted: 0 }))
    );
  }

  release(lockedBy: string): void {
    this.#release.run(lockedBy);
  }

  get rooms(): Pick<Rooms, 'close' | 'open' | 'isProbeDue'> {
    return this.#rooms;
  }

  /** @returns the closed rooms whose next card, and oldest dead letter, may be tried */
  probe(everyMs: number, now: number): RoomSelector[] {
    const probed = this.#rooms.probe(everyMs, now);
    for (const rooms of probed) this.deadLetters.retry(rooms, 1, now);
    return probed;
  }

  markAttempted(approvalId: string, slot: string, now: number): number | null {
    const key = keyOf('draw', approvalId, slot);
    const earlier = this.#attempted.get(key) ?? null;
    this.#markAttempted.run({ key, now });
    return earlier;
  }

  /** @param kinds default: all */
  msUntilNext(now: number, kinds?: readonly Job['kind'][]): number | null {
    const draws = kinds?.includes('draw') === false ? [] : [this.#nextDrawAt.get() ?? null, this.#rooms.nextProbeAt()];
    const times = [
      ...draws,
      ...queuedKinds
        .filter((kind) => kinds?.includes(kind) !== false)
        .map((kind) => this.#nextJobAt.get({ kind }) ?? null),
    ].filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times) - now;
  }
}

function keyOf(kind: Effect['type'], subject: string, slot: string | null): string {
  return slot === null ? `${kind}:${subject}` : `${kind}:${subject}:${slot}`;
}

/** @param takePass whether the job is the one that probes this closed room, or platform */
function toJob(row: JobRow, mayHaveArrivedSince: number | null, takePass: (place: string) => boolean): Job {
  const { id, kind, subject, slot, attempts, claims: fencingToken, locked_by: lockedBy, last_sent: lastSent } = row;
  const { platform_closed: platformClosed, room_closed } = row;
  const place = row.place === null ? null : parsePlaceKey(row.place);
  const roomClosed = platformClosed ?? room_closed;
  const closed = platformClosed === null ? row.place : (place?.platform ?? null);
  return {
    id,
    kind,
    subject,
    slot,
    attempts,
    fencingToken,
    lane: parseLane(row.lane),
    laneFailures: row.lane_failures ?? 0,
    place,
    mayHaveArrivedSince,
    lastSent,
    lockedBy,
    // A process that comes after this one ends it.
    lapses: 0,
    roomClosed,
    isProbe: roomClosed !== null && closed !== null && takePass(closed),
  };
}
