/** Lists of pending approvals, for platform tests without an engine. */

import type { Approval } from '../../../src/core/approval/approval.ts';
import { endToShow } from '../../../src/core/approval/steps/time/expiry.ts';
import type { Handlers, Store } from '../../../src/core/ports/ports.ts';
import { mine } from '../../../src/core/view/list-query.ts';
import { isPending } from '../../../src/core/view/lists/audience.ts';
import { describe } from '../../../src/core/view/lists/pending-item.ts';
import {
  choosesAll,
  has,
  isNamedBy,
  type PendingList,
  pagesOf,
  pendingListOf,
  rightsOf,
} from '../../../src/core/view/lists/pending-list.ts';
import type { Readers } from '../../../src/engine/background/readers.ts';

/** No pending approvals. */
export const emptyList: PendingList = {
  query: mine('message'),
  heading: 'No pending requests for you',
  notice: null,
  items: [],
  notes: [],
  pages: null,
  turns: [],
};

export const noLists: Pick<Handlers, 'onList' | 'onHome' | 'onFormNotShown' | 'onFormClosed' | 'onForeignPress'> = {
  onList: async () => emptyList,
  onHome: async () => {},
  onFormClosed: async () => {},
  onFormNotShown: async () => {},
  onForeignPress: async () => {},
};

/** Everybody reads every room. */
export const allReaders: Readers = {
  readableBy: async (_who, approvals) => ({ readable: approvals, hidden: 0, unchecked: 0 }),
};

/** Those that no one has decided, oldest first. */
export async function openIn(store: Pick<Store, 'list'>): Promise<Approval[]> {
  return (await store.list({ unfinished: true })).filter(({ phase }) => phase === 'open');
}

/** By the order of lists. */
export function byUrgency(one: Approval, other: Approval): number {
  const end = (approval: Approval) => endToShow(approval) ?? Number.POSITIVE_INFINITY;
  if (end(one) !== end(other)) return end(one) < end(other) ? -1 : 1;
  return one.askedAt - other.askedAt || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

type Look = Parameters<typeof pendingListOf>[1];
type Deps = Parameters<typeof pendingListOf>[2];

/** The list as it is made by reading every approval: what every other way to make it must show. */
export function listOfAll(approvals: readonly Approval[], look: Look, deps: Deps): PendingList {
  const { who, query, size } = look;
  const known = approvals
    .filter(isPending)
    .sort(byUrgency)
    .map((approval) => ({ approval, rights: rightsOf(approval, who, deps.policy) }));
  const chosen = known.filter(({ approval, rights }) => {
    const mayDecide = has(rights, 'allowed');
    const { backend } = approval.pause;
    const { filter } = query;
    const isChosen = choosesAll(filter, { backend, mayDecide }, deps.backendTitle);
    return isChosen ?? (filter.type === 'word' && isNamedBy(describe(approval, mayDecide), filter.word));
  });
  const page = Math.max(0, Math.min(query.page, pagesOf(chosen.length, size) - 1));
  const found = {
    approvals: chosen.slice(page * size, (page + 1) * size).map(({ approval }) => approval),
    page,
    chosen: chosen.length,
    known: known.length,
    unverified: known.filter(({ rights }) => !has(rights, 'allowed') && has(rights, 'unverified')).length,
  };
  return pendingListOf(found, look, deps);
}
