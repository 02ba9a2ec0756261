/** What waits for people. Tested in test/store/postgres/query-plans.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import type { PendingApprovals, PendingRequest } from '../../../core/ports/store.ts';
import { type Audience, parseAudience } from '../../../core/view/lists/audience.ts';
import { pagesOf } from '../../../core/view/lists/pending-list.ts';
import { namesIn } from '../../shared/columns.ts';
import type { Reads, Rows } from '../rows.ts';
import { findStates } from '../sql/lists.ts';
import * as sql from '../sql/pending.ts';
import { approvalOf, type Stored } from '../stored.ts';

interface Counted {
  id: number;
  count: number;
}

interface NamesRow {
  id: string;
  audience: number;
  names: string;
}

export function createPending({ rows, snapshot }: Reads): PendingApprovals {
  /** Those of the last look, by their text. */
  let parsed: ReadonlyMap<string, Audience> = new Map();

  return {
    async audiences() {
      const found = await rows<Counted & { text: string }>(sql.listAudiences);
      const known = parsed;
      parsed = new Map(found.map(({ text }) => [text, known.get(text) ?? parseAudience(text)]));
      return found.map(({ id, text, count }) => ({ id, count, audience: parsed.get(text) ?? parseAudience(text) }));
    },
    page: (request) => snapshot((seen) => pageOf(request, seen)),
    ids: async (after, limit) => (await rows<{ id: string }>(sql.idsOfPending, [after, limit])).map(({ id }) => id),
  };
}

async function pageOf(request: PendingRequest, rows: Rows): ReturnType<PendingApprovals['page']> {
  const { audiences, matches, size } = request;
  const counts = new Map((await rows<Counted>(sql.countAudiences)).map(({ id, count }) => [id, count]));
  const matching = matches === undefined ? null : await matchingOf(audiences, matches, rows);
  const total = matching?.length ?? audiences.reduce((sum, id) => sum + (counts.get(id) ?? 0), 0);
  const page = Math.max(0, Math.min(request.page, pagesOf(total, size) - 1));
  const offset = page * size;
  const ids = matching?.slice(offset, offset + size) ?? (total === 0 ? [] : await idsOn(audiences, size, offset, rows));
  return { approvals: await inOrder(ids, rows), page, total, counts };
}

async function matchingOf(
  audiences: readonly number[],
  matches: NonNullable<PendingRequest['matches']>,
  rows: Rows,
): Promise<string[]> {
  const found = await rows<NamesRow>(sql.namesOfPending, [audiences]);
  return found.filter(({ names, audience }) => matches(namesIn(names), audience)).map(({ id }) => id);
}

async function idsOn(audiences: readonly number[], size: number, offset: number, rows: Rows): Promise<string[]> {
  return (await rows<{ id: string }>(sql.pageOfPending, [audiences, size, offset])).map(({ id }) => id);
}

async function inOrder(ids: readonly string[], rows: Rows): Promise<Approval[]> {
  if (ids.length === 0) return [];
  const found = await rows<Stored & { id: string }>(findStates, [ids]);
  const byId = new Map(found.map((one) => [one.id, one]));
  return ids.flatMap((id) => {
    const stored = byId.get(id);
    return stored === undefined ? [] : (approvalOf(stored) ?? []);
  });
}
