/** The outbox and the disk in numbers: for health, metrics, and the word at a stop. */
import type { Approval } from './approval.ts';
import type { Effect } from './inputs.ts';

/** How much there is to do, and whether there is room to do it. */
export interface Figures {
  /** Of approvals that are not settled. */
  approvals: readonly { backend: string; phase: Approval['phase']; count: number }[];
  /** One entry a kind, also where it has no jobs. */
  jobs: readonly JobFigures[];
  /** Bytes; null where there is no disk. */
  diskFree: number | null;
}

export interface JobFigures {
  kind: Effect['type'];
  /** Their time has not come. */
  waiting: number;
  /** They wait for their turn. */
  due: number;
  running: number;
  /** Given up, all that there are. */
  dead: number;
  /** Given up within the time that was asked for. */
  deadLately: number;
  /** For how long the oldest of those that are due has waited, ms. */
  oldestDueMs: number | null;
}
