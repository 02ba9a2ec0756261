/**
 * The search in the audit log, a slice a call. It has no index of its own, for each index would cost every press: the log is
 * read from its end. docs/backup.md has the figures. Tested in test/store/sqlite/index.test.ts.
 */
import { type Approval, approvalSchema } from '../../core/approval/approval.ts';
import type { FoundAudit } from '../../core/approval/audit.ts';
import { type AuditPage, type AuditQuery, POLICY_AUDIT_ID } from '../../core/ports/store.ts';
import { parseExact } from '../../core/text/exact/parse.ts';
import { type AuditMatcher, auditMatcher, type SearchedApproval } from '../../core/view/audit/search.ts';
import { type RawAudit, toAuditRow } from './audit-rows.ts';

/** Rows that one call looks at: a few ms, for a press that comes meanwhile waits for it. */
export const SLICE = 500;
/** What it costs to read an approval, or to unpack one from the archive, in rows. */
export const APPROVAL_COST = 10;
/** What it costs to draw what is shown of an approval, in which a text is looked for, in rows. */
const SHOWN_COST = 200;

/** First the rows of the log, then the archive, one approval after the other, and within each its newest row first. */
export type Cursor = { in: 'log'; before: number } | { in: 'archive'; before: number; row: number };

export const LAST = Number.MAX_SAFE_INTEGER;
export const ARCHIVE = { in: 'archive', before: LAST, row: LAST } as const;

/** What one call finds. */
export class Slice {
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

  /** The approvals that `take` may look for a text in: all that it needs, for it takes no more in a slice. */
  wanted(rows: readonly RawAudit[]): string[] {
    if (this.#matcher.text === null) return [];
    const ids = new Set<string>();
    for (const raw of rows) {
      const isKnown = raw.approval_id === POLICY_AUDIT_ID || this.#approvals.has(raw.approval_id);
      if (!isKnown && ids.size < SLICE / APPROVAL_COST && this.#matcher.row(toAuditRow(raw))) ids.add(raw.approval_id);
    }
    return [...ids];
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
export function parseCursor(text: string | undefined): Cursor {
  if (text === undefined) return { in: 'log', before: LAST };
  const [, place, before, , row] = /^(log|archive)-(\d{1,16})(-(\d{1,16}))?$/.exec(text) ?? [];
  if (place === undefined || (place === 'archive') !== (row !== undefined))
    throw new RangeError('not a place in the audit log');
  return place === 'log'
    ? { in: 'log', before: Number(before) }
    : { in: 'archive', before: Number(before), row: Number(row) };
}
