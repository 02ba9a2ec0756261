/** The search in the audit log: see audit-slices.ts. Tested in test/store/sqlite/index.test.ts. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { AuditPage, AuditQuery, Store } from '../../../core/ports/store.ts';
import { type RawAudit, toAuditRow } from '../../shared/audit-rows.ts';
import { APPROVAL_COST, ARCHIVE, type Cursor, LAST, parseCursor, SLICE, Slice } from '../../shared/audit-slices.ts';
import type { GroupCommit } from '../group-commit.ts';
import type { Archive, AuditLog } from '../retention/archive.ts';
import { loadApproval } from '../sql/approvals.ts';
import * as sql from '../sql/audit.ts';

interface Archived {
  position: number;
  packed: Buffer;
}

export function createAuditReads(
  db: Database,
  commits: Pick<GroupCommit, 'read'>,
  audit: AuditLog,
  archive: Archive,
): Pick<Store, 'audit' | 'searchAudit'> {
  const search = new AuditSearch(db, audit, archive);
  return {
    audit: async (id) => commits.read(() => [...archive.auditOf(id), ...audit.of(id)].map(toAuditRow)),
    async searchAudit(query) {
      const cursor = parseCursor(query.before);
      await nextTurn();
      return commits.read(() => search.page(query, cursor));
    },
  };
}

class AuditSearch {
  readonly #audit: AuditLog;
  readonly #archive: Archive;
  readonly #load;
  readonly #log;
  readonly #archived;

  constructor(db: Database, audit: AuditLog, archive: Archive) {
    this.#audit = audit;
    this.#archive = archive;
    const load = db.prepare<[string], string>(loadApproval).pluck();
    this.#load = (id: string) => load.get(id) ?? archive.find(id);
    this.#log = db.prepare<[number, number], RawAudit>(sql.pageOfAudit);
    this.#archived = db.prepare<[number, number], Archived>(sql.pageOfArchivedAudit);
  }

  /** One slice: it may find nothing, and have more to look through. */
  page(query: AuditQuery, cursor: Cursor): AuditPage {
    const slice = new Slice(query, this.#load);
    if (query.approval !== undefined) return this.#ofApproval(query.approval, cursor.before, slice);
    return cursor.in === 'log' ? this.#inLog(cursor.before, slice) : this.#inArchive(cursor, slice);
  }

  #ofApproval(id: string, before: number, slice: Slice): AuditPage {
    const rows = [...this.#archive.auditOf(id), ...this.#audit.of(id)].filter((row) => row.id < before).reverse();
    const last = slice.take(rows, true);
    return slice.page(last === null ? null : { in: 'log', before: last });
  }

  #inLog(before: number, slice: Slice): AuditPage {
    const rows = this.#log.all(before, SLICE);
    const last = slice.take(rows);
    if (last !== null) return slice.page({ in: 'log', before: last });
    const end = rows.length < SLICE ? undefined : rows.at(-1);
    return end === undefined ? this.#inArchive(ARCHIVE, slice) : slice.page({ in: 'log', before: end.id });
  }

  #inArchive({ before, row }: Cursor & { in: 'archive' }, slice: Slice): AuditPage {
    let rest = row;
    if (slice.isFull) return slice.page({ in: 'archive', before, row });
    for (const { position, packed } of this.#archived.all(before, SLICE / APPROVAL_COST)) {
      const rows = this.#archive.auditIn(packed).filter(({ id }) => id < rest);
      rest = LAST;
      slice.cost += APPROVAL_COST;
      const last = slice.take(rows.reverse(), true);
      if (last !== null) return slice.page({ in: 'archive', before: position + 1, row: last });
      before = position;
      if (slice.isFull || slice.cost >= SLICE) return slice.page({ in: 'archive', before, row: LAST });
    }
    return slice.page(null);
  }
}
