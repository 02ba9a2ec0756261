/** Approvals as they are read outside of changes. Tested in test/store/postgres/query-plans.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import { type Precedent, precedentSchema } from '../../../core/approval/precedent.ts';
import type { Asked, Filter, Unfinished } from '../../../core/ports/ports.ts';
import type { Store } from '../../../core/ports/store.ts';
import { parseExact } from '../../../core/text/exact/parse.ts';
import { shortKey } from '../keys.ts';
import type { Reads } from '../rows.ts';
import * as sql from '../sql/lists.ts';
import { approvalOf, approvalsOf, type Stored, textOf } from '../stored.ts';

export type Lists = Pick<
  Store,
  | 'get'
  | 'list'
  | 'unfinished'
  | 'unfinishedIds'
  | 'asked'
  | 'unsent'
  | 'awaited'
  | 'digestMembers'
  | 'similar'
  | 'precedents'
>;

/** Everything is read from the database: another replica may have changed it since. */
export function createLists({ rows, snapshot }: Reads): Lists {
  const stored = (query: string, ...values: readonly unknown[]) => rows<Stored>(query, values);

  return {
    async get(id) {
      const [found] = await stored(sql.findStates, [id]);
      return found === undefined ? null : approvalOf(found);
    },
    async list(filter: Filter) {
      if ('groupId' in filter) return approvalsOf(await stored(sql.listGroup, shortKey(filter.groupId)));
      if ('runId' in filter) return approvalsOf(await stored(sql.listRun, filter.backend, shortKey(filter.runId)));
      const { backend } = filter;
      if (backend === undefined) return approvalsOf(await stored(sql.listUnfinished));
      return approvalsOf(await stored(sql.listUnfinishedOfBackend, backend));
    },
    unfinished: () => rows<Unfinished>(sql.listUnfinishedIds),
    unfinishedIds: async (backend) => (await rows<{ id: string }>(sql.idsOfUnfinished, [backend])).map(({ id }) => id),
    asked: async (ids) => approvalsOf(await stored(sql.listAsked, ids)).map(askedOf),
    unsent: (backend, after, limit) =>
      rows<{ id: string; position: number }>(sql.pageOfUnsent, [backend, after, limit]),
    awaited: (sources, limit) =>
      snapshot(async (seen) => {
        const [counted] = await seen<{ count: number }>(sql.countAwaited, [sources.map(shortKey)]);
        const latest = limit === 0 ? [] : await seen<Stored>(sql.latestAwaited, [sources.map(shortKey), limit]);
        return { count: counted?.count ?? 0, latest: approvalsOf(latest) };
      }),
    digestMembers: async (id) => approvalsOf(await stored(sql.listDigestMembers, id)),
    similar: (topic, slot, limit) =>
      snapshot(async (seen) => ({
        unattempted: approvalsOf(await seen<Stored>(sql.findUnattempted, [shortKey(topic), slot, limit])),
        inDigest: approvalsOf(await seen<Stored>(sql.findInDigest, [shortKey(topic), limit])),
      })),
    precedents: async (key, limit) => (await stored(sql.listPrecedents, shortKey(key), limit)).flatMap(precedentOf),
  };
}

function askedOf({ id, phase, via, sharedNames, pause }: Approval): Asked {
  const { backend, kind, asker, askerId, contact } = pause;
  return {
    ...{ id, phase, via, sharedNames },
    pause: { backend, kind, asker, askerId, ...(contact !== undefined && { contact }) },
  };
}

/** One that can't be read is left out. */
function precedentOf(stored: Stored): Precedent[] {
  const read = precedentSchema.safeParse(parseExact(textOf(stored) ?? 'null'));
  return read.success ? [read.data] : [];
}
