/**
 * One person's list of what waits: which audiences they can read and decide, and then one page of approvals. However much
 * waits, no other approval is read. Tested in test/engine/background/list-reader.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { Person } from '../../core/approval/person.ts';
import type { Stop } from '../../core/policy/operators/stop.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Clock, PendingFound, Store } from '../../core/ports/ports.ts';
import type { ListQuery } from '../../core/view/list-query.ts';
import { type AudienceCount, askedOf, isPending, type PendingNames } from '../../core/view/lists/audience.ts';
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
  /**
   * @param look.size items a page
   * @param look.pressed an approval that is about to change; null or absent: none is. What comes into its place is read, too
   * @returns the list, with a line above it, and that approval as it is by then
   */
  read(look: {
    who: Person;
    query: ListQuery;
    size: number;
    pressed?: string | null;
  }): Promise<(notice: string | null, state?: Approval | null) => PendingList>;
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
    async read({ who, query, size, pressed = null }) {
      const { readable, ...left } = await readers.readableBy(who, await store.pending.audiences());
      const judged = await Promise.all(readable.map((one) => judge(one, who, query)));
      const byId = new Map(judged.map((one) => [one.id, one]));
      const { filter } = query;
      const request = {
        audiences: judged.flatMap(({ id, isChosen }) => (isChosen === false ? [] : [id])),
        ...(filter.type === 'word' && {
          matches: ({ deciders, others }: PendingNames, id: number) => {
            const one = byId.get(id);
            return one?.isChosen ?? isNamedBy(one?.mayDecide === true ? deciders : others, filter.word);
          },
        }),
        size,
      };
      const page = (number: number) => store.pending.page({ ...request, page: number });
      const found = await page(query.page);
      const beside = pressed === null ? null : await readBeside(found, { pressed, size, page });
      const sum = (all: readonly Judged[]) => all.reduce((count, { id }) => count + (found.counts.get(id) ?? 0), 0);
      const unverified = judged.filter(({ isUnverified }) => isUnverified);
      return (notice, state = null) => {
        const now = state === null || pressed !== state.id ? null : afterPress(found, state, beside);
        const { approvals, page: number, gone } = now ?? { ...found, gone: 0 };
        const [chosen, known] = [found.total - gone, sum(judged) - gone];
        const shown = { approvals, page: number, chosen, known, unverified: sum(unverified) };
        const look = { who, query, size, notice, left, stop: stopped?.() };
        return pendingListOf(shown, look, { policy, backendTitle, now: clock.now() });
      };
    },
  };
}

/** What fills a page from which one is gone: the first of the next page, or, where it was the last one, the page before. */
async function readBeside(
  { approvals, page: number, total }: PendingFound,
  { pressed, size, page }: { pressed: string; size: number; page: (number: number) => Promise<PendingFound> },
): Promise<PendingFound | null> {
  if (!approvals.some(({ id }) => id === pressed)) return null;
  if (total > (number + 1) * size) return page(number + 1);
  return approvals.length === 1 && number > 0 ? page(number - 1) : null;
}

/** The same page once one of it has changed. `gone`: it is not pending any more. */
function afterPress(
  found: PendingFound,
  state: Approval,
  beside: PendingFound | null,
): Pick<PendingFound, 'approvals' | 'page'> & { gone: number } {
  const { approvals, page } = found;
  if (!approvals.some(({ id }) => id === state.id)) return { approvals, page, gone: 0 };
  if (isPending(state))
    return { approvals: approvals.map((one) => (one.id === state.id ? state : one)), page, gone: 0 };
  const left = approvals.filter(({ id }) => id !== state.id);
  if (beside !== null && beside.page < page) return { approvals: beside.approvals, page: beside.page, gone: 1 };
  return { approvals: [...left, ...(beside?.approvals.slice(0, 1) ?? [])], page, gone: 1 };
}
