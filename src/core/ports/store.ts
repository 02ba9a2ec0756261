/**
 * The port of a store. Its methods are use cases, not tables; test/contract/store/ says what each must do.
 * Tested in test/store/sqlite/index.test.ts.
 */
import type { Approval } from '../approval/approval.ts';
import type { FoundAudit } from '../approval/audit.ts';
import type { Effect } from '../approval/inputs.ts';
import type { Precedent } from '../approval/precedent.ts';
import type { AuditPage, AuditQuery } from './store/audit.ts';
import type { Change, Changed } from './store/changes.ts';
import type { SharedIncidents, SharedMembers } from './store/duties.ts';
import type { Claimer, ClaimRequest, Job, LaneEnd, RoomSelector, Settled, Settlement } from './store/jobs.ts';
import type { Overview } from './store/overview.ts';
import type { Asked, Filter, PendingApprovals, Similar, Unfinished } from './store/reads.ts';
import type { Drafts, HomeTabs, PolicyRecords } from './store/records.ts';
import type { OpenRun, ReadingsOf, RunReading } from './store/runs.ts';

export type * from './store/audit.ts';
export type * from './store/changes.ts';
export type * from './store/duties.ts';
export * from './store/fleet.ts';
export type * from './store/jobs.ts';
export type * from './store/overview.ts';
export type * from './store/reads.ts';
export * from './store/records.ts';
export type * from './store/runs.ts';

/** Marks a store that is a copy of another: a restored backup, or a copied file. */
export interface CopyMark {
  /** When the copy was made, ms since 1970; null: not known. */
  madeAt: number | null;
}

/** What may be archived and deleted; times in ms since 1970. */
export interface RetentionLimits {
  /** Archives runs that were settled as a whole before; null: none. */
  settledBefore: number | null;
  /** Deletes ids of inputs that were applied before. */
  seenBefore: number;
}

export interface Store {
  /**
   * Changes that are requested in one turn of the event loop are recorded together, in the order of their requests, or none of
   * them. A change whose function throws, or whose rows the database refuses, drops out alone.
   * @throws StoreError when nothing was recorded; StoreDoubt when that is not known
   */
  transact(change: Change): Promise<Changed>;
  /** Archived approvals included. */
  get(approvalId: string): Promise<Approval | null>;
  /** Oldest first. A group includes archived approvals; a run does not. */
  list(filter: Filter): Promise<readonly Approval[]>;
  /** Those of the filter `unfinished`, without their states: decisions on their way first, then the oldest. */
  unfinished(): Promise<readonly Unfinished[]>;
  /** The IDs of the unfinished approvals of a backend, as `list` has them; none of them is read. */
  unfinishedIds(backend: string): Promise<readonly string[]>;
  /** Those of these that are not archived. */
  asked(approvalIds: readonly string[]): Promise<readonly Asked[]>;
  /**
   * A page of the approvals of a backend that no one has decided, or whose decision is not sent.
   * @param after the `position` of the last one of the page before; 0: from the beginning
   */
  unsent(backend: string, after: number, limit: number): Promise<readonly { id: string; position: number }[]>;
  /**
   * What sources wait for: not settled, without the decisions that wait to be fetched.
   * @returns how many there are, and the latest of them, the latest first
   */
  awaited(sources: readonly string[], limit: number): Promise<{ count: number; latest: readonly Approval[] }>;
  /** Every approval that ever was a line of this digest, in order of arrival. */
  digestMembers(digestId: string): Promise<readonly Approval[]>;
  /** @param limit of each of the two lists */
  similar(topic: string, slot: string, limit: number): Promise<Similar>;
  /**
   * What was approved before, of one tool and asker; the latest first, archived approvals included.
   * @param key of `precedentKey`
   */
  precedents(key: string, limit: number): Promise<readonly Precedent[]>;
  /**
   * Locks due jobs, at most one per lane and none of a lane that rests, and counts the attempt. In a lane the most urgent
   * comes first, then the one with the nearest deadline, then the oldest. The lock lasts until the job is settled, or
   * released.
   * @param limits how many jobs of each kind
   * @param lockedBy the process that claims
   */
  claim(limits: ClaimRequest['limits'], lockedBy: string): Promise<readonly Job[]>;
  /** From now on, each commit that makes jobs due also claims them, so that they need no commit of their own. */
  claimInCommits(claimer: Claimer): void;
  /** @returns null, without effect, if the job was released since it was claimed */
  settle(job: Job, settlement: Settlement, lane?: LaneEnd): Promise<Settled | null>;
  /** Unlocks the jobs of one process, which has stopped claiming. */
  release(lockedBy: string): Promise<void>;
  /**
   * Cards for this room, or platform, are not sent until it is opened: its jobs say so, but for one after each probe.
   * @param words why
   * @param probeInMs until the next probe
   * @returns whether it was open before
   */
  closeRooms(rooms: RoomSelector, words: string, probeInMs: number): Promise<boolean>;
  /** Opens this room and its platform. @returns those of them that were closed: each to one caller */
  openRooms(place: RoomSelector): Promise<readonly RoomSelector[]>;
  /**
   * For each closed room that is due for a probe: the next job there may try, and its oldest dead letter is due again. Each
   * is probed by one caller. @param everyMs until the one after
   */
  probes(everyMs: number): Promise<readonly RoomSelector[]>;
  /**
   * Makes dead letters of cards due again, those first that have been dead the longest.
   * @param rooms null: all. Then what made them fail may be over: rests after failures end, and each closed room is probed
   *   with its next card. What a platform asked for, and the pace of rooms, stay.
   * @returns how many
   */
  retryDeadLetters(rooms: RoomSelector | null, limit?: number): Promise<number>;
  /**
   * Records that an attempt to post a card begins, when the job of another card makes it.
   * @returns when the first earlier attempt began that may have arrived, ms since 1970; null: there was none
   */
  markAttempted(approvalId: string, slot: string): Promise<number | null>;
  /**
   * In ms: until a job is due in a lane that is free and does not rest, or a closed room is to be probed; null: there is
   * none. @param kinds default: all
   */
  msUntilNextJob(kinds?: readonly Job['kind'][]): Promise<number | null>;
  /** Of one approval, or of `POLICY_AUDIT_ID`; oldest first, archived rows included. */
  audit(approvalId: string): Promise<readonly FoundAudit[]>;
  /**
   * Rows of the audit log, newest first; those of archived approvals follow, one approval after the other. One call looks at
   * a bounded number of rows, and presses come between two calls: a page can have fewer rows than its limit, or none,
   * although more is left, which `next` says. No row is left out that was there at the first page; one that is archived
   * meanwhile can come twice, with the same `id`. @throws RangeError for a `before` that is not the `next` of a page
   */
  searchAudit(query: AuditQuery): Promise<AuditPage>;
  /**
   * Stores a value about the process, and returns the previous one. It always writes, so it also checks that the store
   * can be written. @throws StoreError when nothing was recorded
   */
  setMeta(name: string, value: string): Promise<{ value: string; at: number } | null>;
  /**
   * A random secret of this database, made when it is first asked for and never changed. For keyed hashes that are stored
   * beside it, so that they tell nothing outside of this database. @throws StoreError when nothing was recorded
   */
  secret(name: string): Promise<string>;
  /** @param deadWithinMs the age up to which a dead letter counts as `recentlyDead` */
  stats(deadWithinMs: number): Promise<StoreStats>;
  /** Reads a short index entry of each of them. */
  waiting(): Promise<readonly WaitingStats[]>;
  readonly pending: PendingApprovals;
  readonly overview: Overview;
  readonly drafts: Drafts;
  readonly homeTabs: HomeTabs;
  readonly records: PolicyRecords;
  /** What replicas share. Null: only one process opens this store. */
  readonly incidents: SharedIncidents | null;
  readonly groupMembers: SharedMembers | null;
  /** Records a reading that begins before its run has an approval, or ends after it. @throws StoreError */
  noteRun(reading: RunReading): Promise<void>;
  /** Oldest first. Default: of all. */
  openRuns(of?: ReadingsOf): Promise<readonly OpenRun[]>;
  /**
   * Called after each commit that adds jobs to the outbox, with the approval that they are about; null: any may have
   * changed. @returns a function that ends this
   */
  onJobsAdded(listener: (approvalId: string | null) => void): () => void;
  /**
   * What other processes change. @returns a function whose calls resolve with the approvals that were changed since the call
   * before; the first one, since now. Some may come twice, and those that this process has changed may be among them
   */
  followOthers(): () => Promise<readonly string[]>;
  /** Null unless this store is a copy whose recovery is not complete. */
  copyMark(): Promise<CopyMark | null>;
  /** The recovery is complete: this store now counts as an original. */
  clearCopyMark(): Promise<void>;
  /**
   * One slice, a few ms long: archives settled approvals, deletes old input ids and lanes at rest, and returns free space to the disk. An
   * approval stays while it is unfinished, while its run has an unfinished approval, or while it has a job to run.
   * @returns whether there is more to do
   */
  archiveAndPrune(limits: RetentionLimits): Promise<boolean>;
  close(): Promise<void>;
}

/** The outbox and the disk in numbers, for health and metrics. */
export interface StoreStats {
  /** Approvals that are not settled. */
  approvals: readonly { backend: string; phase: Approval['phase']; count: number }[];
  /** One entry per kind, also for a kind without jobs. */
  jobs: readonly JobStats[];
  /** Bytes; null: the store has no disk. */
  diskFree: number | null;
  /** Bytes of its file and of its log of changes; null: the store has no file. */
  size: { main: number; wal: number } | null;
}

/** Approvals that wait for people, by backend and by the rule that applies; empty where none is recorded. */
export interface WaitingStats {
  backend: string;
  rule: string;
  count: number;
  /** When the first of them was seen, ms since 1970. */
  since: number;
  /** Signatures that they still need for a yes, where their rule asks for several people. */
  missing: number;
}

export interface JobStats {
  kind: Effect['type'];
  /** Their `run_at` is in the future. */
  waiting: number;
  /** Their `run_at` has passed, and they are not locked. */
  due: number;
  running: number;
  /** Dead letters. */
  dead: number;
  /** Dead letters within the requested time. */
  recentlyDead: number;
  /** How long the oldest due job has waited, ms. */
  oldestDueMs: number | null;
}
