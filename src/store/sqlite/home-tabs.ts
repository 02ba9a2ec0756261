import type { Database } from 'better-sqlite3';
import type { Clock, HomeTabs } from '../../core/ports/ports.ts';
import { encodeListQuery, mine, parseListQuery } from '../../core/view/list-query.ts';
import type { GroupCommit } from './group-commit.ts';

/** Whoever has not opened theirs for so long does not look at it: it is drawn anew when they do. */
const KEPT_MS = 14 * 24 * 60 * 60 * 1000;
/** More than the reviewers of one workspace; all of them are drawn within a few minutes. */
const MOST = 200;

interface Row {
  platform: string;
  user_id: string;
  name: string;
  spot: string;
}

/** In a table of their own: no decision depends on them. */
export function createHomeTabs(db: Database, commits: GroupCommit, clock: Clock): HomeTabs {
  const save = db.prepare<[string, string, string, string, number]>(`
    INSERT INTO home_tabs (platform, user_id, name, spot, opened_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (platform, user_id) DO UPDATE SET name = excluded.name, spot = excluded.spot,
      opened_at = excluded.opened_at`);
  const remove = db.prepare<[string, string]>('DELETE FROM home_tabs WHERE platform = ? AND user_id = ?');
  const prune = db.prepare<[number, number]>(`
    DELETE FROM home_tabs WHERE opened_at <= ? OR (platform, user_id) NOT IN (
      SELECT platform, user_id FROM home_tabs ORDER BY opened_at DESC, rowid DESC LIMIT ?)`);
  const all = db.prepare<[number], Row>(
    'SELECT platform, user_id, name, spot FROM home_tabs WHERE opened_at > ? ORDER BY opened_at DESC, rowid DESC',
  );

  return {
    async save({ who: { actor }, spot }) {
      await commits.run(() => {
        const now = clock.now();
        save.run(actor.platform, actor.id, actor.name, encodeListQuery(spot), now);
        prune.run(now - KEPT_MS, MOST);
      });
    },
    async delete(platform, userId) {
      await commits.run(() => remove.run(platform, userId));
    },
    list: async () =>
      commits.read(() =>
        all.all(clock.now() - KEPT_MS).map(({ platform, user_id: id, name, spot }) => ({
          who: { actor: { platform, id, name } },
          spot: parseListQuery(spot) ?? mine('home'),
        })),
      ),
  };
}
