/** The outbox as its worker sees it. Tested in test/store/sqlite/index.test.ts. */
import type { Effect } from '../../approval/inputs.ts';
import type { Lane } from '../../approval/lanes.ts';
import type { Place } from '../../approval/parts/slot.ts';
import type { PostRate } from '../platform.ts';

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
  /**
   * How often others had taken its replica for dead when it was claimed. Once that is more, the job is theirs: nothing is
   * posted or sent for it any more.
   */
  lapses: number;
  lane: Lane;
  /** Attempts in its lane that failed since the last one that succeeded, as `LaneEnd` counts them. */
  laneFailures: number;
  /** `draw` only: where its message is posted. */
  place: Place | null;
  /** When the first earlier attempt was claimed that may have arrived, ms since 1970; null: there was none. */
  mayHaveArrivedSince: number | null;
  /** `draw` only: the hash of what its message shows; null: not known. */
  lastSent: string | null;
  /** `draw` only: why its room, or its whole platform, takes no cards, as `closeRooms` was called with; null: it is not closed. */
  roomClosed: string | null;
  /** Its room is closed, and this card tries whether it takes cards again. */
  isProbe: boolean;
}

/** What a worker can take. */
export interface ClaimRequest {
  /** How many jobs of each kind. */
  limits: Partial<Record<Job['kind'], number>>;
  lockedBy: string;
}

/** A worker that takes jobs in the commits that make them due. */
export interface Claimer {
  /** Inside the commit. @param kinds those of which jobs were added, or ended. @returns null: nothing can be taken */
  ask(kinds: readonly Job['kind'][]): ClaimRequest | null;
  /**
   * After the commit, in a later turn of the event loop: what waits for the commit goes first.
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
   * `waitMs`: from now, rounded up, by a clock that does not jump. `notArrived`: this attempt certainly changed nothing outside.
   * `uncounted`: the attempt does not count. `parked`: no failure; the next start retries it, and no statistic counts it.
   */
  | { type: 'retry'; waitMs: number; error: string; notArrived?: boolean; uncounted?: boolean }
  | { type: 'dead'; error: string; notArrived?: boolean; parked?: boolean }
);

/** What an attempt means for its lane, which is free again with its end. Absent: unchanged. */
export interface LaneEnd {
  /** One call of this allowance was used: the lane rests until the next one is allowed. */
  pace?: PostRate;
  /** No job of the lane is claimed for so long, from now. */
  restMs?: number;
  /** The platform asked for this rest: the allowance of `pace` is used up, and begins to fill again when the rest ends. */
  usedUp?: boolean;
  /** How many attempts in a row have failed. */
  failures?: number;
}

/** What the end of a job did to its lane. */
export interface Settled {
  /** How long its lane rests because of its pace; 0: not at all. */
  pacedMs: number;
}

/** One room, or (null) every room of the platform. */
export interface RoomSelector {
  platform: string;
  room: string | null;
}
