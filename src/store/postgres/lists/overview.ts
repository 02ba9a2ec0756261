/** Pages for an operator. Tested in test/store/postgres/query-plans.test.ts. */

import type { Approval } from '../../../core/approval/approval.ts';
import { parsePlaceKey } from '../../../core/approval/parts/slot.ts';
import type { Clock, DeadLetter, DeadLetterKey, Overview, SettledKey, WaitingKey } from '../../../core/ports/ports.ts';
import { pageOf } from '../../shared/pages.ts';
import type { AppendAudit, Reads, Writes } from '../rows.ts';
import { listUnderWay, settledBefore } from '../sql/lists.ts';
import { pendingAfter } from '../sql/pending.ts';
import * as sql from '../sql/stats.ts';
import { approvalOf, approvalsOf, type Stored } from '../stored.ts';

const LAST = Number.MAX_SAFE_INTEGER;

type DeadLetterRow = Omit<DeadLetter, 'place' | 'deadAt'> & { place: string | null; deadAt: number };

export function createOverview(deps: {
  reads: Reads;
  writes: Writes;
  appendAudit: AppendAudit;
  /** By the clock of the outbox. */
  now: () => number;
  clock: Clock;
  /** Jobs are due again. */
  notify: (approvalId: string | null) => void;
}): Overview {
  const { reads, writes, appendAudit, now, clock, notify } = deps;
  const { rows } = reads;

  return {
    async waiting(after, limit) {
      const { endAt, askedAt, id } = after ?? {
        endAt: Number.NEGATIVE_INFINITY,
        askedAt: Number.NEGATIVE_INFINITY,
        id: '',
      };
      const found = await rows<WaitingKey & Stored>(pendingAfter, [endAt, askedAt, id, limit + 1]);
      const { items, next } = pageOf(found, limit, approvalOf);
      return { items, next: next && { endAt: next.endAt, askedAt: next.askedAt, id: next.id } };
    },
    async settled(after, limit) {
      const { settledAt, position } = after ?? { settledAt: LAST, position: LAST };
      const found = await rows<SettledKey & Stored>(settledBefore, [settledAt, position, limit + 1]);
      const { items, next } = pageOf<SettledKey & Stored, Approval>(found, limit, approvalOf);
      return { items, next: next && { settledAt: next.settledAt, position: next.position } };
    },
    underWay: async (limit) => approvalsOf(await rows<Stored>(listUnderWay, [limit])),
    async deadLetters(after, limit) {
      const { deadAt, id } = after ?? { deadAt: LAST, id: LAST };
      const found = await rows<DeadLetterRow>(sql.deadLettersBefore, [deadAt, id, limit + 1]);
      const { items, next } = pageOf<DeadLetterRow, DeadLetter>(found, limit, toDeadLetter);
      return { items, next: next && ({ deadAt: next.deadAt, id: next.id } satisfies DeadLetterKey) };
    },
    async deadLetter(id) {
      const [row] = await rows<DeadLetterRow>(sql.findDeadLetter, [id]);
      return row === undefined ? null : toDeadLetter(row);
    },
    async reviveDeadLetter({ id, claims }, approvalIds, note) {
      const isRevived = await writes.run(async (written) => {
        const [row] = await written(sql.reviveDeadLetter, [id, claims, now()]);
        if (row === undefined) return false;
        for (const approvalId of approvalIds.toSorted()) await appendAudit(written, approvalId, note, clock.now());
        return true;
      });
      if (isRevived) notify(null);
      return isRevived;
    },
  };
}

function toDeadLetter({ place, deadAt, ...row }: DeadLetterRow): DeadLetter {
  return { ...row, place: place === null ? null : parsePlaceKey(place), deadAt: deadAt === 0 ? null : deadAt };
}
