import type { Database } from 'better-sqlite3';
import type { Filled } from '../../core/form/form.ts';
import type { Clock } from '../../core/ports/ports.ts';
import type { DraftKey, Drafts } from '../../core/ports/store.ts';
import type { GroupCommit } from './group-commit.ts';

/** Somebody who goes for lunch over a form finds it as it was; what nobody comes back to within a day is forgotten. */
const DRAFT_MS = 24 * 60 * 60 * 1000;

/** Half-filled forms, in a table of their own: no decision depends on them. */
export function createDrafts(db: Database, commits: GroupCommit, clock: Clock): Drafts {
  const save = db.prepare<[string, string, string, string, string, number]>(`
    INSERT INTO drafts (approval_id, actor, action, shown, filled, expires_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (approval_id, actor, action) DO UPDATE SET shown = excluded.shown, filled = excluded.filled,
      expires_at = excluded.expires_at`);
  const find = db.prepare<[string, string, string, string, number], { filled: string }>(
    'SELECT filled FROM drafts WHERE approval_id = ? AND actor = ? AND action = ? AND shown = ? AND expires_at > ?',
  );
  const remove = db.prepare<[string]>('DELETE FROM drafts WHERE approval_id = ?');
  // Also what was kept by the side of a decision: those of an approval that is over serve nobody.
  const prune = db.prepare<[number]>(`
    DELETE FROM drafts WHERE expires_at <= ?
      OR approval_id IN (SELECT id FROM approvals WHERE phase = 'settled')`);

  return {
    async save(key, filled) {
      await commits.run(() => {
        const now = clock.now();
        prune.run(now);
        save.run(key.approvalId, actorOf(key), key.action, key.shown, JSON.stringify(filled), now + DRAFT_MS);
      });
    },
    async find(key) {
      const { approvalId, action, shown } = key;
      const row = commits.read(() => find.get(approvalId, actorOf(key), action, shown, clock.now()));
      return row === undefined ? null : (JSON.parse(row.filled) as Filled);
    },
    async delete(approvalId) {
      await commits.run(() => remove.run(approvalId));
    },
  };
}

function actorOf({ actor }: DraftKey): string {
  return `${actor.platform}:${actor.id}`;
}
