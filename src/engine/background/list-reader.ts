/**
 * One person's list of what waits: which audiences they can read and decide, and then one page of approvals. However much
 * waits, no other approval is read. Tested in test/engine/background/list-reader.test.ts.
 */
import type { Person } from '../../core/approval/person.ts';
import type { Stop } from '../../core/policy/operators/stop.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Clock, Store } from '../../core/ports/ports.ts';
import type { ListQuery } from '../../core/view/list-query.ts';
import { type AudienceCount, askedOf } from '../../core/view/lists/audience.ts';
import {
  choosesAll,
  has,
  isNamedBy,
  type PendingList,
  pendingListOf,
  rightsOf,
} from '../../core/view/lists/pending-list.ts';
import type { Readers } from './readers.ts';

export interface ListReader {
  /** @param look.size items a page */
  read(look: { who: Person; query: ListQuery; size: number; notice: string | null }): Promise<PendingList>;
}

export interface ListReaderDeps {
  store: Pick<Store, 'get' | 'pending'>;
  policy: Policy;
  readers: Readers;
  /** Who has stopped everything. Default: no one. */
  stopped?: () => Stop | null;
  backendTitle: (backend: string) => string;
  clock: Pick<Clock, 'now'>;
}

/** What one person may do with the approvals of an audience. */
interface Judged extends Pick<AudienceCount, 'id'> {
  mayDecide: boolean;
  isUnverified: boolean;
  /** Null: their names say it. */
  isChosen: boolean | null;
}

export function createListReader(deps: ListReaderDeps): ListReader {
  const { store, policy, readers, stopped, backendTitle, clock } = deps;

  async function judge({ id, audience }: AudienceCount, who: Person, query: ListQuery): Promise<Judged> {
    const asked = audience.alone === undefined ? askedOf(audience) : await store.get(audience.alone);
    const rights = asked === null ? new Map() : rightsOf(asked, who, policy);
    const mayDecide = has(rights, 'allowed');
    const isChosen = choosesAll(query.filter, { backend: audience.backend, mayDecide }, backendTitle);
    return { id, mayDecide, isUnverified: !mayDecide && has(rights, 'unverified'), isChosen };
  }

  return {
    async read({ who, query, size, notice }) {
      const { readable, ...left } = await readers.readableBy(who, await store.pending.audiences());
      const judged = await Promise.all(readable.map((one) => judge(one, who, query)));
      const byId = new Map(judged.map((one) => [one.id, one]));
      const { filter } = query;
      const found = await store.pending.page({
        audiences: judged.flatMap(({ id, isChosen }) => (isChosen === false ? [] : [id])),
        ...(filter.type === 'word' && {
          matches: ({ deciders, others }, id) => {
            const one = byId.get(id);
            return one?.isChosen ?? isNamedBy(one?.mayDecide === true ? deciders : others, filter.word);
          },
        }),
        page: query.page,
        size,
      });
      const sum = (all: readonly Judged[]) => all.reduce((count, { id }) => count + (found.counts.get(id) ?? 0), 0);
      const page = {
        ...found,
        chosen: found.total,
        known: sum(judged),
        unverified: sum(judged.filter(({ isUnverified }) => isUnverified)),
      };
      const look = { who, query, size, notice, left, stop: stopped?.() };
      return pendingListOf(page, look, { policy, backendTitle, now: clock.now() });
    },
  };
}
