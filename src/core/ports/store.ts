/** What the store is, to everybody else. Its methods are use cases, not tables. */
import type { Action, Actor, Approval, Place } from '../approval/approval.ts';
import type { AuditNote, AuditRow } from '../approval/audit.ts';
import type { Effect, Ignored, Step } from '../approval/inputs.ts';
import type { Lane } from '../approval/lanes.ts';
import type { Person } from '../approval/person.ts';
import type { Filled } from '../form/form.ts';
import type { ListQuery } from '../view/list-query.ts';
import type { OpenRun } from './backend.ts';

/** The outbox and the disk in numbers: for health, metrics, and the word at a stop. */

/** One input for one approval: the only way anything changes. */
export interface Change {
  approvalId: string;
  /** Deduplicates: an id that was seen changes nothing. Null where `fn` is idempotent by itself. */
  inputId: string | null;
  /** For the audit log: what came in, from whom. */
  audit: AuditNote;
  /** Synchronous, and may be run again. */
  fn: (state: Approval | null) => Step;
}

export type Changed =
  | { duplicate: true; state: Approval | null }
  | { duplicate: false; before: Approval | null; state: Approval | null; ignored: Ignored | null };

export interface Job {
  id: number;
  kind: Effect['type'];
  /** `draw`, `wake`: the approval's id, or its digest's. `decide`: the group's. */
  subject: string;
  /** `draw`: which slot. */
  slot: string | null;
  /** Tries since it last succeeded, counted when it is claimed. */
  attempts: number;
  /** Of all time: a settlement of an earlier claim than the last has no effect. */
  fencingToken: number;
  lockedBy: string;
  lane: Lane;
  /** `draw`: the room. */
  place: Place | null;
  /** When the first earlier try was claimed that may have had effect, ms since 1970; null: there was none. */
  mayHaveArrivedSince: number | null;
  /** `draw`: the hash of what its message shows; null where that is not known for certain. */
  lastSent: string | null;
}

/** How a job's run ended. */
export type Settlement = {
  /** `draw`: the hash of what its message shows from now on; null: not known any more. Absent: as before. */
  sent?: string | null;
} & (
  | { type: 'done' }
  /**
   * `waitMs`: from now on, by a clock that does not jump. `notArrived`: this try surely changed nothing outside, and
   * leaves no doubt. `uncounted`: it was none of the job's. `parked`: there is nothing to be mended; the next start has it
   * again.
   */
  | { type: 'retry'; waitMs: number; error: string; notArrived?: boolean; uncounted?: boolean }
  | { type: 'dead'; error: string; notArrived?: boolean; parked?: boolean }
);

/** A room, or (null) every room of the platform. */
export interface RoomSelector {
  platform: string;
  room: string | null;
}

export type Filter =
  | { groupId: string }
  | { runId: string; backend: string }
  /** Of one backend, or of all. */
  | { unfinished: true; backend?: string }
  /** Nobody has decided yet. */
  | { open: true };

/** Somebody who has opened their home tab, and where in it they are. */
export interface HomeTab {
  who: Pick<Person, 'actor'>;
  query: ListQuery;
}

/** Kept over a restart, so that home tabs stay current; only so many, and only for so long. */
export interface HomeTabs {
  /** @throws StoreError when nothing was recorded */
  save(tab: HomeTab): Promise<void>;
  delete(platform: string, userId: string): Promise<void>;
  /** Who opened theirs last comes first. */
  list(): Promise<readonly HomeTab[]>;
}

/** Of a store that is a copy of another: a backup that was put back, or a file that was copied. */
export interface CopyMark {
  /** When it was made, ms since 1970; null where nobody noted it. */
  madeAt: number | null;
}

/** Open approvals of one topic, as far as their cards in one room go. */
export interface Similar {
  /** Those that wait to be posted, no try of which has begun; oldest first. */
  unattempted: readonly Approval[];
  /** Those that share a message with others somewhere; latest first. */
  inDigest: readonly Approval[];
}

/** What housekeeping may put away; each in ms since 1970, null for nothing. */
export interface RetentionLimits {
  /** Runs that were settled as a whole before then. */
  settledBefore: number | null;
  /** Ids of inputs that came in before then. */
  seenBefore: number;
}

export interface Store {
  /** @throws StoreError when nothing was recorded */
  transact(change: Change): Promise<Changed>;
  /** From the archive, too. */
  get(approvalId: string): Promise<Approval | null>;
  /** Oldest first. A group that is archived as a whole is found; runs are listed without their archived part. */
  list(filter: Filter): Promise<readonly Approval[]>;
  /** All that ever belonged to this digest, in the order in which they came. */
  digestMembers(digestId: string): Promise<readonly Approval[]>;
  /** @param limit of each of both kinds */
  similar(topic: string, slot: string, limit: number): Promise<Similar>;
  /**
   * Takes up to so many due jobs of each kind, at most one per lane, and counts the attempt. In a lane the most urgent
   * goes first, then the one whose deadline is nearest, then the oldest.
   * @param pausedLanes whose jobs are not taken
   */
  claim(
    limits: Partial<Record<Job['kind'], number>>,
    lockedBy: string,
    leaseMs: number,
    pausedLanes?: readonly Lane[],
  ): Promise<readonly Job[]>;
  /** False when the lease was lost: somebody else has the job now. */
  settle(job: Job, settlement: Settlement): Promise<boolean>;
  /** Returns the jobs of this worker (all workers: a dead process's) unrun. */
  unlockJobs(lockedBy: string | null): Promise<void>;
  /** Makes dead cards due again: all of these rooms (null: of all), or the `limit` that have been dead the longest. */
  retryDeadLetters(rooms: RoomSelector | null, limit?: number): Promise<number>;
  /**
   * Marks the waiting job of a card as begun, for a try that another job makes of it.
   * @returns when an earlier try began that may have had effect, ms since 1970; null: there was none
   */
  markAttempted(approvalId: string, slot: string): Promise<number | null>;
  /** In how many ms the next waiting job of a free lane is due; null when none waits. */
  msUntilNextJob(pausedLanes?: readonly Lane[]): Promise<number | null>;
  audit(approvalId: string): Promise<readonly AuditRow[]>;
  /**
   * Remembers a word about the process itself, and returns the one it replaces. Always writes, so it also shows
   * whether the store can. @throws StoreError when nothing was recorded
   */
  setMeta(name: string, value: string): Promise<{ value: string; at: number } | null>;
  /** @param deadWithinMs how long ago `recentlyDead` reaches */
  stats(deadWithinMs: number): Promise<StoreStats>;
  readonly drafts: Drafts;
  readonly homeTabs: HomeTabs;
  /** Notes that a run is being read, in place of what was noted of it before. @throws StoreError */
  saveOpenRun(run: OpenRun): Promise<void>;
  /** It is read no more. @throws StoreError */
  deleteOpenRun(backend: string, runId: string): Promise<void>;
  /** Oldest first. */
  openRuns(): Promise<readonly OpenRun[]>;
  /** Calls back after each commit that put jobs into the outbox. @returns ends that */
  onJobsAdded(listener: () => void): () => void;
  /** Set while what a copy puts in doubt is not dealt with. */
  copyMark(): Promise<CopyMark | null>;
  /** It is dealt with: from now on this is the original. */
  clearCopyMark(): Promise<void>;
  /**
   * One slice of housekeeping, a few ms long: archives, forgets, and gives space back. Nothing that is unfinished, that
   * belongs to a run with something unfinished, or that has a job still to run is touched.
   * @returns whether there is more to do
   */
  archiveAndPrune(limits: RetentionLimits): Promise<boolean>;
  close(): Promise<void>;
}

/** What somebody filled in of a form that could not be sent yet: one for each person, approval and action. */
export interface DraftKey {
  approvalId: string;
  action: Action;
  actor: Pick<Actor, 'platform' | 'id'>;
  /** Digest of what they saw: of another version nothing is kept. */
  fingerprint: string;
}

/** They are kept over a restart, and forgotten after a while, or with the approval. */
export interface Drafts {
  /** @throws StoreError when nothing was recorded */
  save(key: DraftKey, filled: Filled): Promise<void>;
  find(key: DraftKey): Promise<Filled | null>;
  /** Everybody's of this approval. */
  delete(approvalId: string): Promise<void>;
}

/** How much there is to do, and whether there is room to do it. */
export interface StoreStats {
  /** Of approvals that are not settled. */
  approvals: readonly { backend: string; phase: Approval['phase']; count: number }[];
  /** One entry a kind, also where it has no jobs. */
  jobs: readonly JobStats[];
  /** Bytes; null where there is no disk. */
  diskFree: number | null;
}

export interface JobStats {
  kind: Effect['type'];
  /** Their time has not come. */
  waiting: number;
  /** They wait for their turn. */
  due: number;
  running: number;
  /** Given up, all that there are. */
  dead: number;
  /** Given up within the time that was asked for. */
  recentlyDead: number;
  /** For how long the oldest of those that are due has waited, ms. */
  oldestDueMs: number | null;
}
