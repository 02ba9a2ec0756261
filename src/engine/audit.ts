/** Pages of the audit log, as people are shown them. Tested in test/engine/audit.test.ts. */
import type { Approval } from '../core/approval/approval.ts';
import type { FoundAudit } from '../core/approval/audit.ts';
import { type AuditQuery, POLICY_AUDIT_ID, type Store } from '../core/ports/store.ts';
import { type AuditEntry, auditEntry } from '../core/view/audit/entry.ts';

/**
 * Slices of the log that one page looks through: about 100,000 rows, in about a second, with presses between them. After
 * them the page says that there is more, so that a person need not wait.
 */
const SLICES_A_PAGE = 200;

export interface AuditEntries {
  /** Newest first. */
  entries: readonly AuditEntry[];
  /** Where the search goes on, also when this page is not full; null: nothing is left. */
  next: string | null;
}

type AuditStore = Pick<Store, 'searchAudit' | 'audit' | 'get'>;

/** One page. @throws RangeError for a `before` that is not the `next` of a page */
export async function findAudit(
  store: AuditStore,
  backendTitle: (backend: string) => string,
  query: AuditQuery,
  slices = SLICES_A_PAGE,
): Promise<AuditEntries> {
  const found = new Map<number, FoundAudit>();
  let next = query.before;
  for (let slice = 0; slice < slices; slice += 1) {
    const page = await store.searchAudit({ ...query, before: next, limit: query.limit - found.size });
    // What is archived meanwhile can come twice.
    for (const row of page.rows) found.set(row.id, row);
    next = page.next ?? undefined;
    if (next === undefined || found.size >= query.limit) break;
  }
  return { entries: await entriesOf([...found.values()], store, backendTitle), next: next ?? null };
}

async function entriesOf(rows: readonly FoundAudit[], store: AuditStore, backendTitle: (backend: string) => string) {
  const known = new Map<string, { approval: Approval | null; rows: readonly FoundAudit[] }>();
  const entries: AuditEntry[] = [];
  for (const row of rows) {
    const id = row.approvalId;
    const all = known.get(id) ?? (await allOf(row, store));
    // The rows of no approval have nothing to do with each other.
    if (id !== POLICY_AUDIT_ID) known.set(id, all);
    entries.push(auditEntry(row, all.approval, all.rows, backendTitle(all.approval?.pause.backend ?? '')));
  }
  return entries;
}

/** A sentence about one event can need the events before it. */
async function allOf(row: FoundAudit, store: AuditStore) {
  if (row.approvalId === POLICY_AUDIT_ID) return { approval: null, rows: [row] };
  const [approval, rows] = await Promise.all([store.get(row.approvalId), store.audit(row.approvalId)]);
  return { approval, rows };
}
