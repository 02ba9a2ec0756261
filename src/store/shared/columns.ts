import type { Approval } from '../../core/approval/approval.ts';
import { topicOf } from '../../core/approval/digest.ts';
import { asksPerson } from '../../core/approval/pause/pause.ts';
import { missingSignatures } from '../../core/approval/steps/signing/acts.ts';
import { isRunActive } from '../../core/approval/steps/transitions.ts';

/** The columns of an approval besides its state that few changes change. */
export function columnsOf(approval: Approval) {
  return {
    id: approval.id,
    backend: approval.pause.backend,
    runId: approval.pause.runId,
    groupId: approval.pause.groupId,
    topic: topicOf(approval.pause, approval.via),
    source: approval.source ?? null,
    rule: asksPerson(approval.pause) ? (approval.requirement?.rule ?? '') : null,
    createdAt: approval.createdAt,
  };
}

/** The columns that most changes of an approval change. */
export function progressOf(approval: Approval) {
  return {
    phase: approval.phase,
    // Settled, but an input is still expected: its run continues, or its item may come back.
    watched: isRunActive(approval) || (approval.recurs && !approval.absent) ? 1 : 0,
    settledAt: approval.settledAt,
    missing: missingSignatures(approval),
  };
}

export function isSame(one: object, other: object): boolean {
  return Object.entries(one).every(([name, value]) => value === (other as Record<string, unknown>)[name]);
}
