/** Claims, and what else is asked of the outbox. Tested in test/store/postgres/jobs/outbox.test.ts and test/store/postgres/index.test.ts. */
import { LONGEST_JOB_WAIT_MS } from '../../../core/approval/lanes.ts';
import type { ClaimRequest, Job, RoomSelector } from '../../../core/ports/store.ts';
import { placeText } from '../../shared/place-text.ts';
import { Failure, storeErrorOf } from '../connection/errors.ts';
import type { Session } from '../connection/session.ts';
import { DEAD_MS } from '../fleet/fleet.ts';
import { checkReplica } from '../fleet/sql.ts';
import { jobKey } from '../keys.ts';
import type { RecordsFollower } from '../records.ts';
import type { Reads, Rows, Writes } from '../rows.ts';
import { begin, commit } from '../sql/commit.ts';
import * as sql from '../sql/jobs.ts';
import { Rooms } from './rooms.ts';
import { type ClaimedRow, toJob } from './rows.ts';

/** So long the replica that holds a lane has its decisions to itself, ms; then any replica sends them. */
const HELD_MS = 30_000;
/** Of a claim that another replica was faster than. */
const TRIES = 5;

/** The kinds of jobs besides draws. */
const queuedKinds = ['decide', 'wake'] as const satisfies readonly Job['kind'][];

export class SharedOutbox {
  readonly rooms: Rooms;
  readonly #session: Session;
  readonly #follower: RecordsFollower;
  readonly #me: string;
  readonly #reads: Reads;
  readonly #writes: Writes;
  readonly #now: () => number;
  /** What was claimed and has not ended, by worker. */
  readonly #running = new Map<string, Set<number>>();
  /** Workers for whom a claim was sent whose answer was lost. */
  readonly #doubtful = new Set<string>();
  /** The claim before the next one. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param deps.session claims come one after the other on a connection of their own: no press waits for them */
  constructor(deps: {
    me: string;
    session: Session;
    follower: RecordsFollower;
    reads: Reads;
    writes: Writes;
    now: () => number;
  }) {
    this.rooms = new Rooms(deps);
    this.#session = deps.session;
    this.#follower = deps.follower;
    this.#me = deps.me;
    this.#reads = deps.reads;
    this.#writes = deps.writes;
    this.#now = deps.now;
  }

  /** One after the other: one whose answer was lost gives back what is not running, and must know what others were given. */
  claim(request: ClaimRequest): Promise<readonly Job[]> {
    const claimed = this.#last.then(() => this.#claimInTurn(request));
    this.#last = claimed.catch(() => {});
    return claimed;
  }

  async #claimInTurn({ limits, lockedBy }: ClaimRequest): Promise<readonly Job[]> {
    const wanted = Object.entries(limits).filter(([, limit]) => limit > 0);
    if (wanted.length === 0) return [];
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#claim(wanted, lockedBy);
      } catch (thrown) {
        const kind = thrown instanceof Failure ? thrown.kind : 'refused';
        if (kind === 'lost') this.#doubtful.add(lockedBy);
        if (kind === 'late') await this.#follower.refresh(this.#session.rows).catch(() => {});
        const mayRepeat = kind === 'lost' || kind === 'late';
        if (!mayRepeat || tries === TRIES) throw storeErrorOf(thrown);
      }
    }
  }

  async #claim(wanted: [string, number][], lockedBy: string): Promise<readonly Job[]> {
    const now = this.#now();
    const running = this.#running.get(lockedBy) ?? new Set();
    this.#running.set(lockedBy, running);
    const isDoubtful = this.#doubtful.has(lockedBy);
    // What it locked, no one knows of, and it would stay locked as long as we live.
    const release = isDoubtful ? [{ sql: sql.releaseUnknown, values: [lockedBy, [...running]] }] : [];
    const claims = wanted.map(([kind, limit]) => {
      const values = [now, LONGEST_JOB_WAIT_MS, limit, lockedBy];
      if (kind === 'draw') return { sql: sql.claimDraws, values };
      return { sql: sql.claimOthers, values: [...values, kind, DEAD_MS, HELD_MS] };
    });
    const locked = [
      { sql: begin, values: [] },
      { sql: sql.lockClaims, values: [] },
    ];
    const checked = { sql: checkReplica, values: [this.#me] };
    const before = [...locked, checked, this.#follower.checkStatement(), ...release];
    const results = await this.#session.flight([...before, ...claims, { sql: commit, values: [] }]);
    const { lapses = 0 } = (results[locked.length]?.rows[0] ?? {}) as { lapses?: number };
    if (isDoubtful) this.#doubtful.delete(lockedBy);
    return results.slice(before.length, -1).flatMap(({ rows }) => {
      const jobs = (rows as ClaimedRow[]).toSorted(byTurn).map((row) => toJob(row, lapses));
      for (const { id } of jobs) running.add(id);
      return jobs;
    });
  }

  /** A job has ended: its worker no longer has it. */
  ended({ id, lockedBy }: Job): void {
    this.#running.get(lockedBy)?.delete(id);
  }

  async release(lockedBy: string): Promise<void> {
    await this.#writes.run(async (rows) => {
      // A claim of theirs that is under way would lock its jobs after this, for ever.
      await rows(sql.lockClaims);
      await rows(sql.releaseJobs, [lockedBy]);
    });
    this.#running.delete(lockedBy);
  }

  async retryDeadLetters(rooms: RoomSelector | null, limit: number): Promise<number> {
    return this.#writes.run(async (rows) => {
      if (rooms === null) await this.rooms.tryAgain(rows);
      return this.#retry(rows, rooms, limit);
    });
  }

  async #retry(rows: Rows, rooms: RoomSelector | null, limit: number): Promise<number> {
    const place = rooms === null || rooms.room === null ? null : placeText(rooms);
    return (await rows(sql.retryDeadLetters, [this.#now(), place, rooms?.platform ?? null, limit])).length;
  }

  probes(everyMs: number): Promise<readonly RoomSelector[]> {
    return this.rooms.probe(everyMs, (rows, rooms) => this.#retry(rows, rooms, 1));
  }

  async markAttempted(approvalId: string, slot: string): Promise<number | null> {
    const values = [jobKey('draw', approvalId, slot), this.#now()];
    const [row] = await this.#writes.run((rows) => rows<{ begun_at: number | null }>(sql.markAttempted, values));
    return row?.begun_at ?? null;
  }

  /** @param kinds default: all */
  async msUntilNext(kinds?: readonly Job['kind'][]): Promise<number | null> {
    const isAsked = (kind: Job['kind']) => kinds?.includes(kind) !== false;
    const found = await Promise.all([
      ...(isAsked('draw')
        ? [this.#reads.rows<{ at: number | null }>(sql.findNextDrawAt), this.rooms.nextProbeAt()]
        : []),
      ...queuedKinds.filter(isAsked).map((kind) => this.#reads.rows<{ at: number | null }>(sql.findNextJobAt, [kind])),
    ]);
    const times = found.flatMap(([row]) => (row?.at == null ? [] : [row.at]));
    return times.length === 0 ? null : Math.min(...times) - this.#now();
  }
}

/** The most urgent first; decisions have no urgency, and come by time. */
function byTurn(one: ClaimedRow, other: ClaimedRow): number {
  return one.urgency - other.urgency || one.due_by - other.due_by || one.run_at - other.run_at || one.id - other.id;
}
