/** Pages for an operator. Tested in test/store/sqlite/index.test.ts. */
import type { Clock, Overview } from '../../../core/ports/ports.ts';
import { pageOf } from '../../shared/pages.ts';
import type { Approvals } from '../approvals.ts';
import type { Audit } from '../audit.ts';
import type { GroupCommit } from '../group-commit.ts';
import type { Jobs } from '../outbox/jobs.ts';
import type { Pending } from './pending.ts';

export function createOverview(deps: {
  pending: Pending;
  approvals: Approvals;
  jobs: Jobs;
  audit: Audit;
  commits: GroupCommit;
  steadyNow: () => number;
  clock: Clock;
  /** Jobs are due again. */
  notify: (approvalId: string | null) => void;
}): Overview {
  const { pending, approvals, jobs, audit, commits, steadyNow, clock, notify } = deps;
  const read = (id: string) => approvals.get(id, true);

  return {
    waiting: async (after, limit) =>
      commits.read(() => pageOf(pending.after(after, limit + 1), limit, ({ id }) => read(id))),
    settled: async (after, limit) =>
      commits.read(() => {
        const rows = approvals.settledBefore(after, limit + 1);
        const { items, next } = pageOf(rows, limit, ({ id }) => read(id));
        return { items, next: next && { settledAt: next.settledAt, position: next.position } };
      }),
    underWay: async (limit) => commits.read(() => approvals.underWay(limit)),
    deadLetters: async (after, limit) =>
      commits.read(() => {
        const { items, next } = pageOf(jobs.deadLetters.page(after, limit + 1), limit, ({ letter }) => letter);
        return { items, next: next?.key ?? null };
      }),
    deadLetter: async (id) => commits.read(() => jobs.deadLetters.find(id)),
    async reviveDeadLetter(letter, approvalIds, note) {
      const isRevived = await commits.run(() => {
        if (!jobs.deadLetters.revive(letter, steadyNow())) return false;
        for (const id of approvalIds) audit.append(id, note, ['none', 'none'], null, clock.now());
        return true;
      });
      if (isRevived) notify(null);
      return isRevived;
    },
  };
}
