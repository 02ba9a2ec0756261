import type { Database } from 'better-sqlite3';
import type { Clock, HomeTabs } from '../../core/ports/ports.ts';
import { encodeListQuery, mine, parseListQuery } from '../../core/view/list-query.ts';
import type { GroupCommit } from './group-commit.ts';
import * as sql from './sql/home-tabs.ts';

/** A tab that was not opened for this long, ms, is drawn again only when it is opened. */
const KEPT_MS = 14 * 24 * 60 * 60 * 1000;
/** More than the reviewers of one workspace; all of them are drawn within a few minutes. */
const MAX_TABS = 200;

interface Row {
  platform: string;
  user_id: string;
  name: string;
  spot: string;
}

/** The home tabs that are kept current. */
export function createHomeTabs(db: Database, commits: GroupCommit, clock: Clock): HomeTabs {
  const save = db.prepare<[string, string, string, string, number]>(sql.saveHomeTab);
  const remove = db.prepare<[string, string]>(sql.deleteHomeTab);
  const prune = db.prepare<[number, number]>(sql.pruneHomeTabs);
  const list = db.prepare<[number], Row>(sql.listHomeTabs);

  return {
    async save({ who: { actor }, query }) {
      await commits.run(() => {
        const now = clock.now();
        save.run(actor.platform, actor.id, actor.name, encodeListQuery(query), now);
        prune.run(now - KEPT_MS, MAX_TABS);
      });
    },
    async delete(platform, userId) {
      await commits.run(() => remove.run(platform, userId));
    },
    list: async () =>
      commits.read(() =>
        list.all(clock.now() - KEPT_MS).map(({ platform, user_id: id, name, spot }) => ({
          who: { actor: { platform, id, name } },
          query: parseListQuery(spot) ?? mine('home'),
        })),
      ),
  };
}
