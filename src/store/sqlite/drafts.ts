import type { Database } from 'better-sqlite3';
import type { Filled } from '../../core/form/form.ts';
import type { Clock } from '../../core/ports/ports.ts';
import type { DraftKey, Drafts } from '../../core/ports/store.ts';
import type { GroupCommit } from './group-commit.ts';
import * as sql from './sql/drafts.ts';

/** A reviewer can interrupt a form for a break or overnight; ms. */
const DRAFT_MS = 24 * 60 * 60 * 1000;

/** Partly filled forms. */
export function createDrafts(db: Database, commits: GroupCommit, clock: Clock): Drafts {
  const save = db.prepare<[string, string, string, string, string, number]>(sql.saveDraft);
  const find = db.prepare<[string, string, string, string, number], { filled: string }>(sql.findDraft);
  const remove = db.prepare<[string]>(sql.deleteDrafts);
  const prune = db.prepare<[number]>(sql.pruneDrafts);

  return {
    async save(key, filled) {
      await commits.run(() => {
        const now = clock.now();
        prune.run(now);
        save.run(key.approvalId, actorOf(key), key.action, key.fingerprint, JSON.stringify(filled), now + DRAFT_MS);
      });
    },
    async find(key) {
      const { approvalId, action, fingerprint } = key;
      const row = commits.read(() => find.get(approvalId, actorOf(key), action, fingerprint, clock.now()));
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
