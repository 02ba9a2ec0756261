import type { Database } from 'better-sqlite3';
import type { Approval } from '../../core/approval/approval.ts';

/**
 * Which approvals share a message, read off their slots as they are saved: an index, and no truth of its own. Rows stay
 * for good, so that what was archived is still known to have been a line of it.
 */
export class Digests {
  readonly #join;
  readonly #members;
  readonly #unattempted;
  readonly #inDigest;

  constructor(db: Database) {
    this.#join = db.prepare<[string, string]>(
      'INSERT OR IGNORE INTO bundle_members (bundle_id, approval_id) VALUES (?, ?)',
    );
    this.#members = db
      .prepare<[string], string>('SELECT approval_id FROM bundle_members WHERE bundle_id = ? ORDER BY number')
      .pluck();
    this.#unattempted = db.prepare<[{ topic: string; slot: string; limit: number }], { state: string }>(`
      SELECT state FROM approvals JOIN jobs ON job_key = 'draw:' || approvals.id || ':' || @slot
      WHERE topic = @topic AND phase = 'open' AND begun_at IS NULL AND dead_at IS NULL AND lane LIKE 'post:%'
      ORDER BY approvals.created_at, approvals.rowid LIMIT @limit`);
    this.#inDigest = db.prepare<[{ topic: string; limit: number }], { state: string }>(`
      SELECT state FROM approvals
      WHERE topic = @topic AND phase = 'open' AND id IN (SELECT approval_id FROM bundle_members)
      ORDER BY created_at DESC, rowid DESC LIMIT @limit`);
  }

  /** Inside the transaction that saves it. */
  note({ id, slots }: Approval): void {
    for (const { bundle } of Object.values(slots)) if (bundle !== undefined) this.#join.run(bundle.id, id);
  }

  membersOf(bundleId: string): string[] {
    return this.#members.all(bundleId);
  }

  unattempted(topic: string, slot: string, limit: number): { state: string }[] {
    return this.#unattempted.all({ topic, slot, limit });
  }

  inDigest(topic: string, limit: number): { state: string }[] {
    return this.#inDigest.all({ topic, limit });
  }
}
