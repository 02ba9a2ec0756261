/** What changes an approval, and what one commit holds. Tested in test/store/sqlite/index.test.ts. */
import type { Approval } from '../../approval/approval.ts';
import type { AuditNote } from '../../approval/audit.ts';
import type { Ignored, SourceLimit, Step } from '../../approval/inputs.ts';
import type { Job, Settlement } from './jobs.ts';
import type { RecordKind } from './records.ts';
import type { RunReading } from './runs.ts';

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
  /** Who reads the run of the approval from now on, or no longer. Default: it says nothing about that. */
  run?: RunReading | undefined;
}

/** A job that ends in the commit of a change. */
export interface Settling {
  job: Job;
  /** Synchronous; may be called again. */
  settlementOf: (changed: Changed) => Settlement;
}

export type Changed = {
  /** Of its `settling`: false, if the job was released since it was claimed. Absent: there was none. */
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
