/** What is read of many approvals. Tested in test/store/sqlite/index.test.ts. */
import type { Approval } from '../../approval/approval.ts';
import type { Pause } from '../../approval/pause/pause.ts';
import type { AudienceCount, PendingNames } from '../../view/lists/audience.ts';
import type { OpenRun } from './runs.ts';

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

/** Open approvals of one topic, by the state of their cards in one slot. */
export interface Similar {
  /** Their cards are not posted, and no attempt has begun; oldest first. */
  unattempted: readonly Approval[];
  /** They are lines of a digest in some room; latest first. */
  inDigest: readonly Approval[];
}

/** An approval that is not settled, or that a run or an item still follows; and who asks, of one that is not read otherwise. */
export type Unfinished = Pick<Approval, 'id' | 'phase'> & Pick<OpenRun, 'backend' | 'runId'>;

export type Asked = Pick<Approval, 'id' | 'phase' | 'via' | 'sharedNames'> & {
  pause: Pick<Pause, 'backend' | 'kind' | 'asker' | 'askerId' | 'contact'>;
};
