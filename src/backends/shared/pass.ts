import type { Pause } from '../../core/approval/pause/pause.ts';

export interface Found {
  pause: Pause;
  /** The same key may return as a new request. */
  recurs?: boolean;
}

/** An item of the list that can't become a card. */
export interface Unreadable {
  /** Of its content: the same item has the same one in every pass. */
  hash: string;
  /** The `runId` that its pause would have; null: it can't be read either, so this may be any of the items. */
  runId: string | null;
  /** What people may know it by; null where nothing can be read. */
  name: string | null;
}

/** The result of reading a backend's pending list once. */
export type Pass =
  | {
      type: 'read';
      /** Oldest first: cards appear in this order. The same array as in the last pass where nothing has changed. */
      found: readonly Found[];
      /** `found` and `unreadable` contain everything that is pending; only then does absence prove anything. */
      complete: boolean;
      unreadable?: readonly Unreadable[];
      /** Read in several requests, between which items may have moved: one pass alone proves no absence. */
      piecemeal?: boolean;
    }
  | { type: 'failed'; reason: string; retryAfterMs: number | null };
export type ReadPass = Extract<Pass, { type: 'read' }>;
