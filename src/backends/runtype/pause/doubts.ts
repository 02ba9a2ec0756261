/** Calls whose answer was lost, and what a run that is read on shows of them. Tested in test/backends/runtype/stream/answer-watch.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import { byApplication } from '../../../core/approval/steps/transitions.ts';
import { wireOf } from './pause.ts';

export interface Doubt {
  /** The number of the row that announced what the call answered; NaN: not known. */
  row: number;
  /** What one call answered: of these, it took all or none. */
  groupId: string;
}

/** By the keys of the pauses. */
export type Doubts = ReadonlyMap<string, Doubt>;

export function doubtsOf(approvals: readonly Approval[]): Doubts {
  return new Map(
    approvals.map((approval) => {
      const { key, groupId } = approval.pause;
      return [key, { row: Number(wireOf(approval).replay?.row ?? Number.NaN), groupId }];
    }),
  );
}

/** Whether a call of ours with its output may have arrived, and its answer was not seen. */
export function isDoubtful(approval: Approval): boolean {
  const { pause, phase, outcome, mayHaveArrived } = approval;
  if (pause.kind !== 'await' || approval.decision === null || byApplication(approval)) return false;
  return phase === 'sending' || outcome === 'unconfirmed' || (phase === 'decided' && mayHaveArrived);
}

/** Whether this row is later than the announcement that the call answered. */
export function isAfter(row: string | null | undefined, doubt: Doubt): boolean {
  return numberOf(row) > doubt.row;
}

export function isUpTo(row: string | null | undefined, doubt: Doubt): boolean {
  return numberOf(row) <= doubt.row;
}

function numberOf(row: string | null | undefined): number {
  return row == null || row === '' ? Number.NaN : Number(row);
}
