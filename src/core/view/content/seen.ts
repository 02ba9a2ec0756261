/**
 * Whether a person has seen what they are about to approve: what the card does not show is read in *Details*, and a mask
 * that hides much is opened there. Pure. Tested in test/core/view/content/seen.test.ts.
 */

import type { AuditRow } from '../../approval/audit.ts';
import type { Actor } from '../../approval/parts/decision.ts';
import type { Shown } from '../../approval/subject.ts';
import { isUnseenMask } from '../../mask/mask.ts';
import { maskedValuesOf } from './masked-values.ts';
import { isAllSeen, unseenOf } from './unseen.ts';

type Person = Pick<Actor, 'platform' | 'id'>;

/** Its card shows all of it. @param platform where it is read. Default: in full */
export function isWhole(approval: Shown, platform: string | null = null): boolean {
  return isAllSeen(unseenOf(approval, platform));
}

/** This person opened *Details* when the request was what it is now. */
export function hasRead({ fingerprint }: Shown, rows: readonly AuditRow[], person: Person): boolean {
  return rows.some((row) => row.input === 'read' && isOf(row, person, fingerprint));
}

/** This person has seen everything: they have read it, and opened each mask that hides much. */
export function hasSeenAll(approval: Shown, rows: readonly AuditRow[], person: Person): boolean {
  if (!hasRead(approval, rows, person)) return false;
  const opened = new Set(
    rows.flatMap((row) =>
      row.input === 'revealed' && isOf(row, person, approval.fingerprint) ? [row.facts['mask']] : [],
    ),
  );
  return maskedValuesOf(approval).every(({ id, mask }) => !isUnseenMask(mask) || opened.has(id));
}

function isOf({ actor, facts, ignored }: AuditRow, person: Person, fingerprint: string): boolean {
  return (
    ignored === null && facts['shown'] === fingerprint && actor?.platform === person.platform && actor.id === person.id
  );
}
