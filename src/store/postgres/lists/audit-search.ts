/** The audit log: see audit-slices.ts. Tested in test/store/postgres/query-plans.test.ts. */
import type { AuditPage, AuditQuery, Store } from '../../../core/ports/store.ts';
import { type RawAudit, toAuditRow } from '../../shared/audit-rows.ts';
import { APPROVAL_COST, ARCHIVE, type Cursor, LAST, parseCursor, SLICE, Slice } from '../../shared/audit-slices.ts';
import { unpack } from '../../shared/pack.ts';
import type { Reads, Rows } from '../rows.ts';
import * as sql from '../sql/audit.ts';
import { findStates } from '../sql/lists.ts';
import { type Stored, textOf } from '../stored.ts';

interface Archived {
  position: number;
  packed: Buffer;
}

export function createAuditReads({ rows }: Pick<Reads, 'rows'>): Pick<Store, 'audit' | 'searchAudit'> {
  const search = new AuditSearch(rows);
  return {
    audit: async (id) => (await auditOf(id, rows)).map(toAuditRow),
    searchAudit: async (query) => search.page(query, parseCursor(query.before)),
  };
}

/** Oldest first, what is archived included. */
async function auditOf(id: string, rows: Rows): Promise<RawAudit[]> {
  const found = await rows<RawAudit & { packed: Buffer | null }>(sql.readAudit, [id]);
  return found.flatMap(({ packed, ...row }) => (packed === null ? [row] : auditIn(packed)));
}

function auditIn(packed: Buffer): RawAudit[] {
  return unpack<{ audit: RawAudit[] }>(packed).audit;
}

class AuditSearch {
  readonly #rows;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** One slice: it may find nothing, and have more to look through. */
  async page(query: AuditQuery, cursor: Cursor): Promise<AuditPage> {
    const states = new Map<string, string | null>();
    const slice = new Slice(query, (id) => states.get(id) ?? null);
    const take = async (rows: readonly RawAudit[], whole = false) => {
      const wanted = slice.wanted(rows);
      const found = wanted.length === 0 ? [] : await this.#rows<Stored & { id: string }>(findStates, [wanted]);
      for (const stored of found) states.set(stored.id, textOf(stored));
      return slice.take(rows, whole);
    };
    if (query.approval !== undefined) return this.#ofApproval(query.approval, cursor.before, slice, take);
    return cursor.in === 'log' ? this.#inLog(cursor.before, slice, take) : this.#inArchive(cursor, slice, take);
  }

  async #ofApproval(id: string, before: number, slice: Slice, take: Take): Promise<AuditPage> {
    const rows = (await auditOf(id, this.#rows)).filter((row) => row.id < before).reverse();
    const last = await take(rows, true);
    return slice.page(last === null ? null : { in: 'log', before: last });
  }

  async #inLog(before: number, slice: Slice, take: Take): Promise<AuditPage> {
    const rows = await this.#rows<RawAudit>(sql.pageOfAudit, [before, SLICE]);
    const last = await take(rows);
    if (last !== null) return slice.page({ in: 'log', before: last });
    const end = rows.length < SLICE ? undefined : rows.at(-1);
    return end === undefined ? this.#inArchive(ARCHIVE, slice, take) : slice.page({ in: 'log', before: end.id });
  }

  async #inArchive({ before, row }: Cursor & { in: 'archive' }, slice: Slice, take: Take): Promise<AuditPage> {
    let rest = row;
    if (slice.isFull) return slice.page({ in: 'archive', before, row });
    const archived = await this.#rows<Archived>(sql.pageOfArchivedAudit, [before, SLICE / APPROVAL_COST]);
    for (const { position, packed } of archived) {
      const rows = auditIn(packed).filter(({ id }) => id < rest);
      rest = LAST;
      slice.cost += APPROVAL_COST;
      const last = await take(rows.reverse(), true);
      if (last !== null) return slice.page({ in: 'archive', before: position + 1, row: last });
      before = position;
      if (slice.isFull || slice.cost >= SLICE) return slice.page({ in: 'archive', before, row: LAST });
    }
    return slice.page(null);
  }
}

type Take = (rows: readonly RawAudit[], whole?: boolean) => Promise<number | null>;
