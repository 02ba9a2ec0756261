import type { Approval } from '../../core/approval/approval.ts';
import { audienceText, type PendingNames, pendingRowOf } from '../../core/view/lists/audience.ts';

/** What a list is made of, as it is stored. */
export interface PendingColumns {
  endAt: number;
  askedAt: number;
  audience: string;
  names: string;
}

/** An approval is a value: each version has one row, and is asked for it twice, as the new one and as the one before. */
const rows = new WeakMap<Approval, { row: PendingColumns | null }>();

/** Null for what is in no list. */
export function pendingColumnsOf(approval: Approval): PendingColumns | null {
  const known = rows.get(approval) ?? { row: makeRow(approval) };
  rows.set(approval, known);
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
