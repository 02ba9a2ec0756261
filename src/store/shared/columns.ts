/**
 * The columns of an approval besides its state, and of its row in the lists, as both stores keep them.
 * Tested in test/store/sqlite/index.test.ts and test/store/postgres/index.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import { topicOf } from '../../core/approval/digest.ts';
import { asksPerson } from '../../core/approval/pause/pause.ts';
import { missingSignatures } from '../../core/approval/steps/signing/acts.ts';
import { isRunActive } from '../../core/approval/steps/transitions.ts';
import { audienceText, type PendingNames, pendingRowOf } from '../../core/view/lists/audience.ts';

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

/** What a list is made of, as it is stored. */
export interface PendingColumns {
  endAt: number;
  askedAt: number;
  audience: string;
  names: string;
}

/** An approval is a value: each version has one row, and is asked for it twice, as the new one and as the one before. */
const pendingRows = new WeakMap<Approval, { row: PendingColumns | null }>();

/** Null for what is in no list. */
export function pendingColumnsOf(approval: Approval): PendingColumns | null {
  const known = pendingRows.get(approval) ?? { row: makeRow(approval) };
  pendingRows.set(approval, known);
  return known.row;
}

function makeRow(approval: Approval): PendingColumns | null {
  const row = pendingRowOf(approval);
  if (row === null) return null;
  const { endAt, askedAt, audience, names } = row;
  return { endAt, askedAt, audience: audienceText(audience), names: JSON.stringify([names.deciders, names.others]) };
}

export function namesIn(text: string): PendingNames {
  const [deciders = [], others = []] = JSON.parse(text) as string[][];
  return { deciders, others };
}
