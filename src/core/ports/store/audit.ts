/** The search in the audit log. Tested in test/store/sqlite/index.test.ts. */
import type { FoundAudit } from '../../approval/audit.ts';
import type { AuditFilter } from '../../view/audit/search.ts';

export interface AuditQuery extends AuditFilter {
  /** The `next` of the page before. Default: from the newest row. */
  before?: string | undefined;
  /** Rows a page, at least 1. */
  limit: number;
}

export interface AuditPage {
  rows: readonly FoundAudit[];
  /** Where the search goes on; null: nothing is left. It means something only to the store that made it. */
  next: string | null;
}
