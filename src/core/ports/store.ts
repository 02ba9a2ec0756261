/**
 * The port of a store. Its methods are use cases, not tables; test/contract/store/ says what each must do.
 * Tested in test/store/sqlite/index.test.ts.
 */
import type { Approval } from '../approval/approval.ts';
import type { AuditNote, AuditRow } from '../approval/audit.ts';
import type { Effect, Ignored, SourceLimit, Step } from '../approval/inputs.ts';
import type { Lane } from '../approval/lanes.ts';
import type { Actor } from '../approval/parts/decision.ts';
import type { Place } from '../approval/parts/slot.ts';
import type { Action, Pause } from '../approval/pause/pause.ts';
import type { Person } from '../approval/person.ts';
import type { Precedent } from '../approval/precedent.ts';
import type { Filled } from '../form/form.ts';
import type { ListQuery } from '../view/list-query.ts';
import type { AudienceCount, PendingNames } from '../view/lists/audience.ts';
import type { OpenRun } from './backend.ts';

/** What follows from a change in the same commit, with a row of its own in the audit log. */
export interface FollowUp {
  /** A record that it reads, and may change. Default: none. */
  record?: { kind: RecordKind; id: string };
  /**
   * Synchronous; may be called again. Only called where the change applied and was recorded.
   * @param before the approval before the change  @param value of the record; undefined: there is no such record
   * @returns null: nothing follows
   */
  fn: (before: Approval | null, state: Approval, value: unknown) => Followed | null;
}

export interface Followed {
  step: Step;
  audit: AuditNote;
  /** The record from now on. Absent: unchanged. */
  value?: unknown;
}

/** One input for one approval: the only way in which an approval changes. */
export interface Change {
  approvalId: string;
  /** An id that was applied before changes nothing. Null if `fn` is idempotent. */
  inputId: string | null;
  /**
   * Nothing is recorded, not even the id of the input, if it would add to the unsettled approvals of this source and there
   * are so many already: the change is then `ignored` as `too_many`. Default: no limit.
   */
  limit?: SourceLimit | undefined;
  /** For the audit log: the input and its actor. */
  audit: AuditNote;
  /** Synchronous; may be called again. */
  fn: (state: Approval | null) => Step;
  /** Default: nothing follows. */
  followUp?: FollowUp | undefined;
  /** The end of the job whose result it is. Default: it is settled on its own. */
  settling?: Settling | undefined;
}

/** A job that ends in the commit of a change. */
export interface Settling {
  job: Job;
  /** Synchronous; may be called again. */
  settlementOf: (changed: Changed) => Settlement;
}

export type Changed = {
  /** Of its `settling`: false, if the lease of the job was lost. Absent: there was none. */
  settled?: boolean;
} & (
  | { duplicate: true; state: Approval | null }
  | {
      duplicate: false;
      before: Approval | null;
      state: Approval | null;
      ignored: Ignored | null;
      /** What followed in the same commit, and the approval between the two. Absent: nothing. */
      followed?: Followed & { from: Approval };
    }
);

export interface Job {
  id: number;
  kind: Effect['type'];
  /** `draw`, `wake`: the approval's id, or its digest's. `decide`: the group's. */
  subject: string;
  /** `draw` only. */
  slot: string | null;
  /** Attempts since it last succeeded, counted when the job is claimed. */
  attempts: number;
  /** Rises with every claim. Settling an earlier claim than the last has no effect. */
  fencingToken: number;
  lockedBy: string;
  lane: Lane;
  /** `draw` only: where its message is posted. */
  place: Place | null;
  /** When the first earlier attempt was claimed that may have arrived, ms since 1970; null: there was none. */
  mayHaveArrivedSince: number | null;
  /** `draw` only: the hash of what its message shows; null: not known. */
  lastSent: string | null;
}

/** What a worker can take. */
export interface ClaimRequest {
  /** How many jobs of each kind. */
  limits: Partial<Record<Job['kind'], number>>;
  lockedBy: string;
  leaseMs: number;
  /** Whose jobs are not taken. Default: none. */
  pausedLanes?: readonly Lane[];
}

/** A worker that takes jobs in the commits that make them due. */
export interface Claimer {
  /** Inside the commit. @param kinds those of which jobs were added, or ended. @returns null: nothing can be taken */
  ask(kinds: readonly Job['kind'][]): ClaimRequest | null;
  /**
   * After the commit, in a later turn of the event loop: whoever waits for the commit goes first.
   * @param dueInMs the soonest of the jobs that were added and are not due yet; 0: a job has ended, and what waits in its lane
   *   for a later time has to be looked for; null: neither
   */
  take(jobs: readonly Job[], dueInMs: number | null): void;
}

/** How an attempt ended. */
export type Settlement = {
  /** `draw` only: the hash of what its message shows now; null: not known. Absent: unchanged. */
  sent?: string | null;
} & (
  | { type: 'done' }
  /**
   * `waitMs`: from now, by a clock that does not jump. `notArrived`: this attempt certainly changed nothing outside.
   * `uncounted`: the attempt does not count. `parked`: no failure; the next start retries it, and no statistic counts it.
   */
  | { type: 'retry'; waitMs: number; error: string; notArrived?: boolean; uncounted?: boolean }
  | { type: 'dead'; error: string; notArrived?: boolean; parked?: boolean }
);

/** One room, or (null) every room of the platform. */
export interface RoomSelector {
  platform: string;
  room: string | null;
}

export type Filter =
  | { groupId: string }
  | { runId: string; backend: string }
  /** Not settled, or still followed by a run or an item; of one backend, or of all. */
  | { unfinished: true; backend?: string };

/**
 * What waits for people (`isPending`), for lists: none of its methods reads approvals that it does not return. In the order
 * of lists: soonest end first, then what was asked first, then by ID.
 */
export interface PendingApprovals {
  /** All audiences that have a pending approval. */
  audiences(): Promise<readonly AudienceCount[]>;
  page(request: PendingRequest): Promise<PendingFound>;
  /**
   * IDs in the order of IDs, for a walk over all of them. Presses and other work come between two pages.
   * @param after the last one of the page before; '' for the first
   */
  ids(after: string, limit: number): Promise<readonly string[]>;
}

export interface PendingRequest {
  /** By their ids; all others are left out. */
  audiences: readonly number[];
  /** Synchronous. Default: all of these audiences. */
  matches?: (names: PendingNames, audience: number) => boolean;
  /** From 0; beyond the last page is the last page. */
  page: number;
  /** Approvals a page, at least 1. */
  size: number;
}

/** Of one moment. */
export interface PendingFound {
  /** Of the page. */
  approvals: readonly Approval[];
  page: number;
  /** On all pages. */
  total: number;
  /** Of all audiences. */
  counts: ReadonlyMap<number, number>;
}

/** A home tab that its person has opened, and the list that it shows. */
export interface HomeTab {
  who: Pick<Person, 'actor'>;
  query: ListQuery;
}

/** The home tabs that are kept current, also over a restart. Their number and age are limited. */
export interface HomeTabs {
  /** @throws StoreError when nothing was recorded */
  save(tab: HomeTab): Promise<void>;
  delete(platform: string, userId: string): Promise<void>;
  /** The one that was opened last comes first. */
  list(): Promise<readonly HomeTab[]>;
}

/** The id under which the audit log has what concerns no single approval: changes of `PolicyRecords`. */
export const POLICY_AUDIT_ID = 'policy';

/** What people and operators have set for now, by kind; each kind is written in one place of the engine. */
export const recordKinds = ['stop', 'link', 'absence', 'grant'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** A record of the policy that is not in its file. */
export interface PolicyRecord {
  kind: RecordKind;
  id: string;
  /** JSON without `undefined`; its writer checks it on reading. */
  value: unknown;
  /** When it was last written, ms since 1970. */
  at: number;
}

/** Kept over a restart. Each change leaves its row in the audit log, in the same commit, under the id `policy`. */
export interface PolicyRecords {
  /** @throws StoreError when nothing was recorded */
  put(record: Pick<PolicyRecord, 'kind' | 'id' | 'value'>, audit: AuditNote): Promise<void>;
  /** @returns whether there was one. @throws StoreError when nothing was recorded */
  delete(kind: RecordKind, id: string, audit: AuditNote): Promise<boolean>;
  /** Oldest first. */
  list(): Promise<readonly PolicyRecord[]>;
}

/** Marks a store that is a copy of another: a restored backup, or a copied file. */
export interface CopyMark {
  /** When the copy was made, ms since 1970; null: not known. */
  madeAt: number | null;
}

/** Open approvals of one topic, by the state of their cards in one slot. */
export interface Similar {
  /** Their cards are not posted, and no attempt has begun; oldest first. */
  unattempted: readonly Approval[];
  /** They are lines of a digest in some room; latest first. */
  inDigest: readonly Approval[];
}

/** What may be archived and deleted; times in ms since 1970. */
export interface RetentionLimits {
  /** Archives runs that were settled as a whole before; null: none. */
  settledBefore: number | null;
  /** Deletes ids of inputs that were applied before. */
  seenBefore: number;
}

/** An approval that is not settled, or that a run or an item still follows; and who asks, of one that is not read otherwise. */
export type Unfinished = Pick<Approval, 'id' | 'phase'> & Pick<OpenRun, 'backend' | 'runId'>;
export type Asked = Pick<Approval, 'id' | 'phase' | 'via' | 'sharedNames'> & {
  pause: Pick<Pause, 'backend' | 'kind' | 'asker' | 'askerId' | 'contact'>;
};

export interface Store {
  /** @throws StoreError when nothing was recorded */
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
   * Locks due jobs, at most one per lane, and counts the attempt. In a lane the most urgent comes first, then the one
   * with the nearest deadline, then the oldest.
   * @param limits how many jobs of each kind
   * @param pausedLanes whose jobs are not taken
   */
  claim(
    limits: ClaimRequest['limits'],
    lockedBy: string,
    leaseMs: number,
    pausedLanes?: readonly Lane[],
  ): Promise<readonly Job[]>;
  /** From now on, each commit that makes jobs due also claims them, so that they need no commit of their own. */
  claimInCommits(claimer: Claimer): void;
  /** @returns false, without effect, if the lease was lost */
  settle(job: Job, settlement: Settlement): Promise<boolean>;
  /** Unlocks the jobs of one worker, or (null) those that a dead process left locked. */
  unlockJobs(lockedBy: string | null): Promise<void>;
  /**
   * Makes dead letters of cards due again, those first that have been dead the longest.
   * @param rooms null: all
   * @returns how many
   */
  retryDeadLetters(rooms: RoomSelector | null, limit?: number): Promise<number>;
  /**
   * Records that an attempt to post a card begins, when the job of another card makes it.
   * @returns when the first earlier attempt began that may have arrived, ms since 1970; null: there was none
   */
  markAttempted(approvalId: string, slot: string): Promise<number | null>;
  /** In ms: until a job in a free lane is due; null: there is none. @param kinds default: all */
  msUntilNextJob(pausedLanes?: readonly Lane[], kinds?: readonly Job['kind'][]): Promise<number | null>;
  audit(approvalId: string): Promise<readonly AuditRow[]>;
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
  readonly pending: PendingApprovals;
  readonly drafts: Drafts;
  readonly homeTabs: HomeTabs;
  readonly records: PolicyRecords;
  /** Records that a run's stream is being read, and where to continue. @throws StoreError */
  saveOpenRun(run: OpenRun): Promise<void>;
  /** @throws StoreError */
  deleteOpenRun(backend: string, runId: string): Promise<void>;
  /** Oldest first. */
  openRuns(): Promise<readonly OpenRun[]>;
  /**
   * Called after each commit that adds jobs to the outbox, with the approval that they are about; null: any may have
   * changed. @returns a function that ends this
   */
  onJobsAdded(listener: (approvalId: string | null) => void): () => void;
  /** Null unless this store is a copy whose recovery is not complete. */
  copyMark(): Promise<CopyMark | null>;
  /** The recovery is complete: this store now counts as an original. */
  clearCopyMark(): Promise<void>;
  /**
   * One slice, a few ms long: archives settled approvals, deletes old input ids, and returns free space to the disk. An
   * approval stays while it is unfinished, while its run has an unfinished approval, or while it has a job to run.
   * @returns whether there is more to do
   */
  archiveAndPrune(limits: RetentionLimits): Promise<boolean>;
  close(): Promise<void>;
}

/** One draft for each person, approval and action. */
export interface DraftKey {
  approvalId: string;
  action: Action;
  actor: Pick<Actor, 'platform' | 'id'>;
  /** Of what the person saw: a draft is not found under another fingerprint. */
  fingerprint: string;
}

/** Partly filled forms. They are kept over a restart, and deleted after a day, or when their approval is settled. */
export interface Drafts {
  /** @throws StoreError when nothing was recorded */
  save(key: DraftKey, filled: Filled): Promise<void>;
  find(key: DraftKey): Promise<Filled | null>;
  /** Deletes the drafts of all people for this approval. */
  delete(approvalId: string): Promise<void>;
}

/** The outbox and the disk in numbers, for health and metrics. */
export interface StoreStats {
  /** Approvals that are not settled. */
  approvals: readonly { backend: string; phase: Approval['phase']; count: number }[];
  /** One entry per kind, also for a kind without jobs. */
  jobs: readonly JobStats[];
  /** Bytes; null: the store has no disk. */
  diskFree: number | null;
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
