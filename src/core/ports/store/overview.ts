/**
 * What an operator looks through, in pages that begin after a key: each costs the same, wherever it begins. Tested in
 * test/store/sqlite/index.test.ts.
 */
import type { Approval } from '../../approval/approval.ts';
import type { AuditNote } from '../../approval/audit.ts';
import type { Place } from '../../approval/parts/slot.ts';
import type { Job } from './jobs.ts';

export interface Overview {
  /** What waits for people: soonest end first, then what was asked first. */
  waiting(after: WaitingKey | null, limit: number): Promise<KeyedPage<Approval, WaitingKey>>;
  /** What has ended and is not archived, the latest first. */
  settled(after: SettledKey | null, limit: number): Promise<KeyedPage<Approval, SettledKey>>;
  /** What was decided and has not ended: sent, to be sent, or waiting for others of its group. */
  underWay(limit: number): Promise<readonly Approval[]>;
  /** The latest first; those that are parked last. */
  deadLetters(after: DeadLetterKey | null, limit: number): Promise<KeyedPage<DeadLetter, DeadLetterKey>>;
  deadLetter(id: number): Promise<DeadLetter | null>;
  /**
   * Makes a dead letter due again, and leaves a row in the audit log of each of these approvals, in one commit.
   * @returns false, without effect, if it is no dead letter any more, or another attempt was made of it since
   */
  reviveDeadLetter(
    letter: Pick<DeadLetter, 'id' | 'claims'>,
    approvalIds: readonly string[],
    audit: AuditNote,
  ): Promise<boolean>;
}

export interface KeyedPage<Item, Key> {
  items: readonly Item[];
  /** Of the last item; null: there are no more. */
  next: Key | null;
}

export interface WaitingKey {
  /** Infinity: there is no end. */
  endAt: number;
  askedAt: number;
  id: string;
}

export interface SettledKey {
  settledAt: number;
  position: number;
}

export interface DeadLetterKey {
  deadAt: number;
  id: number;
}

/** A job that is not tried again automatically. */
export interface DeadLetter extends Pick<Job, 'id' | 'kind' | 'subject' | 'slot' | 'attempts' | 'mayHaveArrivedSince'> {
  /** `draw` only. */
  place: Place | null;
  /** Why the last attempt failed. */
  error: string | null;
  /** ms since 1970; null: it is parked, which is no failure. */
  deadAt: number | null;
  /** How often it was claimed: another number means that it was tried again since. */
  claims: number;
}
