/**
 * The search in the audit log. It has no index of its own, for each index would cost every press: it reads the log from its
 * end, a slice a call. docs/backup.md has the figures. Tested in test/store/sqlite/index.test.ts.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { type Approval, approvalSchema } from '../../../core/approval/approval.ts';
import type { FoundAudit } from '../../../core/approval/audit.ts';
import { type AuditPage, type AuditQuery, POLICY_AUDIT_ID, type Store } from '../../../core/ports/store.ts';
import { parseExact } from '../../../core/text/exact/parse.ts';
import { type AuditMatcher, auditMatcher, type SearchedApproval } from '../../../core/view/audit/search.ts';
import { toAuditRow } from '../audit.ts';
import type { GroupCommit } from '../group-commit.ts';
import type { Archive, AuditLog, RawAudit } from '../retention/archive.ts';
import { loadApproval } from '../sql/approvals.ts';
import * as sql from '../sql/audit.ts';

/** Rows that one call looks at: a few ms, for a press that comes meanwhile waits for it. */
const SLICE = 500;
/** What it costs to read an approval, or to unpack one from the archive, in rows. */
const APPROVAL_COST = 10;
/** What it costs to draw what is shown of an approval, in which a text is looked for, in rows. */
const SHOWN_COST = 200;

/** First the rows of the log, then the archive, one approval after the other, and within each its newest row first. */
type Cursor = { in: 'log'; before: number } | { in: 'archive'; before: number; row: number };

const LAST = Number.MAX_SAFE_INTEGER;
const ARCHIVE = { in: 'archive', before: LAST, row: LAST } as const;

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

/** What one call finds. */
class Slice {
  readonly rows: FoundAudit[] = [];
  cost = 0;
  readonly #query: AuditQuery;
  readonly #matcher: AuditMatcher;
  readonly #load;
  /** Those that a text was looked for in. */
  readonly #approvals = new Map<string, SearchedApproval | null>();

  /** @param load gives the JSON of an approval */
  constructor(query: AuditQuery, load: (id: string) => string | null) {
    this.#query = query;
    this.#matcher = auditMatcher(query);
    this.#load = load;
  }

  get isFull(): boolean {
    return this.rows.length >= this.#query.limit;
  }

  /**
   * @param rows newest first
   * @param whole they are few, and all of them are looked at unless the page is full
   * @returns null: none is left; or the id of the last one that was looked at
   */
  take(rows: readonly RawAudit[], whole = false): number | null {
    for (const [index, raw] of rows.entries()) {
      this.cost += 1;
      const row = toAuditRow(raw);
      if (this.#matcher.row(row) && this.#hasText(row)) this.rows.push(row);
      if ((this.isFull || (!whole && this.cost >= SLICE)) && index < rows.length - 1) return row.id;
    }
    return null;
  }

  #hasText(row: FoundAudit): boolean {
    if (this.#matcher.text === null) return true;
    const { approvalId } = row;
    const approval = this.#approvals.get(approvalId);
    if (approval !== undefined) return this.#matcher.text(row, approval);
    this.cost += APPROVAL_COST;
    const stored = approvalId === POLICY_AUDIT_ID ? null : this.#load(approvalId);
    const found = stored === null ? null : { stored, parse: () => this.#parse(stored) };
    this.#approvals.set(approvalId, found);
    return this.#matcher.text(row, found);
  }

  #parse(stored: string): Approval {
    this.cost += SHOWN_COST;
    return approvalSchema.parse(parseExact(stored));
  }

  page(next: Cursor | null): AuditPage {
    return { rows: this.rows, next: next === null ? null : cursorText(next) };
  }
}

function cursorText(cursor: Cursor): string {
  return cursor.in === 'log' ? `log-${cursor.before}` : `archive-${cursor.before}-${cursor.row}`;
}

/** @param text the `next` of a page; default: the newest row. @throws RangeError for what is none */
function parseCursor(text: string | undefined): Cursor {
  if (text === undefined) return { in: 'log', before: LAST };
  const [, place, before, , row] = /^(log|archive)-(\d{1,16})(-(\d{1,16}))?$/.exec(text) ?? [];
  if (place === undefined || (place === 'archive') !== (row !== undefined))
    throw new RangeError('not a place in the audit log');
  return place === 'log'
    ? { in: 'log', before: Number(before) }
    : { in: 'archive', before: Number(before), row: Number(row) };
}
