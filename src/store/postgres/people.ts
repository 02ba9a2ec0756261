/** What is kept for one person: drafts of forms, and home tabs. Tested in test/store/postgres/query-plans.test.ts. */
import type { Filled } from '../../core/form/form.ts';
import type { Clock, HomeTabs } from '../../core/ports/ports.ts';
import type { DraftKey, Drafts } from '../../core/ports/store.ts';
import { encodeListQuery, mine, parseListQuery } from '../../core/view/list-query.ts';
import type { Reads, Writes } from './rows.ts';
import * as sql from './sql/people.ts';

/** A reviewer can interrupt a form for a break or overnight; ms. */
const DRAFT_MS = 24 * 60 * 60 * 1000;
/** A tab that was not opened for this long, ms, is drawn again only when it is opened. */
const KEPT_MS = 14 * 24 * 60 * 60 * 1000;
/** More than the reviewers of one workspace; all of them are drawn within a few minutes. */
const MAX_TABS = 200;

export function createDrafts({ rows }: Pick<Reads, 'rows'>, writes: Writes, clock: Clock): Drafts {
  return {
    async save(key, filled) {
      const { approvalId, action, fingerprint } = key;
      await writes.run(async (written) => {
        const now = clock.now();
        await written(sql.pruneDrafts, [now]);
        const values = [approvalId, actorOf(key), action, fingerprint, JSON.stringify(filled), now + DRAFT_MS];
        await written(sql.saveDraft, values);
      });
    },
    async find(key) {
      const { approvalId, action, fingerprint } = key;
      const values = [approvalId, actorOf(key), action, fingerprint, clock.now()];
      const [row] = await rows<{ filled: string }>(sql.findDraft, values);
      return row === undefined ? null : (JSON.parse(row.filled) as Filled);
    },
    async delete(approvalId) {
      await writes.run((written) => written(sql.deleteDrafts, [approvalId]));
    },
  };
}

function actorOf({ actor }: DraftKey): string {
  return `${actor.platform}:${actor.id}`;
}

interface TabRow {
  platform: string;
  user_id: string;
  name: string;
  spot: string;
}

export function createHomeTabs({ rows }: Pick<Reads, 'rows'>, writes: Writes, clock: Clock): HomeTabs {
  return {
    async save({ who: { actor }, query }) {
      await writes.run(async (written) => {
        const now = clock.now();
        await written(sql.saveHomeTab, [actor.platform, actor.id, actor.name, encodeListQuery(query), now]);
        await written(sql.pruneHomeTabs, [now - KEPT_MS, MAX_TABS]);
      });
    },
    async delete(platform, userId) {
      await writes.run((written) => written(sql.deleteHomeTab, [platform, userId]));
    },
    list: async () =>
      (await rows<TabRow>(sql.listHomeTabs, [clock.now() - KEPT_MS])).map(({ platform, user_id: id, name, spot }) => ({
        who: { actor: { platform, id, name } },
        query: parseListQuery(spot) ?? mine('home'),
      })),
  };
}
