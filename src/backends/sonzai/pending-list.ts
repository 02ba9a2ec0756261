/** Everything that is pending, as far as Sonzai shows it. Tested in test/backends/sonzai/pending-list.test.ts. */
import { toJson } from '../../core/text/json.ts';
import { LIST_LIMIT, type Listing, type SonzaiClient } from './client.ts';
import { byAge, type Item, type ItemList } from './wire.ts';

/** The types that Sonzai documents. Of each, its list shows up to 200. */
export const TYPES = ['message', 'goal', 'handoff'];

interface Part {
  type: string;
  list: ItemList;
}

export interface PendingList {
  type: 'read';
  /** The pending items, oldest first. */
  pending: readonly Item[];
  /** Listed with another status than pending, although the list is documented to contain pending items only. */
  others: readonly Item[];
  unreadable: readonly unknown[];
  /** How many pending items no list shows, by the count of the first. */
  hidden: number;
  /** `pending` and `unreadable` are everything that is pending. */
  complete: boolean;
  requests: number;
}

/** Reads the list, and where it is cut, that of each type: up to 600 items. */
export async function readPending(
  client: Pick<SonzaiClient, 'list'>,
  signal: AbortSignal,
): Promise<PendingList | Extract<Listing, { type: 'failed' }>> {
  const all = await client.list(signal);
  if (all.type === 'failed') return all;
  const isCut = all.count === null ? all.size >= LIST_LIMIT : all.count > all.size;
  if (!isCut) return merged(all, []);
  const parts: Part[] = [];
  for (const type of TYPES) {
    const list = await client.list(signal, type);
    // What the other lists show gets its cards nevertheless.
    if (list.type === 'read') parts.push({ type, list });
  }
  return merged(all, parts);
}

/**
 * Without a cursor, only counting shows that nothing is missing: there are as many different items as are pending, in
 * lists that agree with each other. Items may come and go between the requests, so that one such pass may be wrong.
 */
function merged(all: ItemList, parts: readonly Part[]): PendingList {
  const lists = [all, ...parts.map(({ list }) => list)];
  const requests = parts.length === 0 ? 1 : 1 + TYPES.length;
  const { pending, others, unreadable } = parts.length === 0 ? all : union(lists);
  const shown = pending.length + others.length + unreadable.length;
  const hidden = Math.max(0, (all.count ?? 0) - shown);
  const agree = parts.length === 0 || (parts.length === TYPES.length && parts.every((part) => agrees(part, all)));
  // An item with a status unknown to us may be pending as well.
  const complete = all.count === shown && others.length === 0 && agree;
  return { type: 'read', pending, others, unreadable, hidden, complete, requests };
}

/** Each item once, as it was read last. */
function union(lists: readonly ItemList[]): Pick<PendingList, 'pending' | 'others' | 'unreadable'> {
  const items = new Map<string, { item: Item; isPending: boolean }>();
  const unreadable = new Map<string, unknown>();
  for (const list of lists) {
    for (const item of list.pending) items.set(item.approval_id, { item, isPending: true });
    for (const item of list.others) items.set(item.approval_id, { item, isPending: false });
    for (const raw of list.unreadable) unreadable.set(toJson(raw), raw);
  }
  const read = [...items.values()];
  return {
    pending: read.flatMap(({ item, isPending }) => (isPending ? [item] : [])).sort(byAge),
    others: read.flatMap(({ item, isPending }) => (isPending ? [] : [item])),
    unreadable: [...unreadable.values()],
  };
}

/**
 * Whether a type's list shows no sign of a change since the first list was read. Whether its count is of its type or of
 * everything is not documented; and it was not cut if it is shorter than the first list, which was.
 */
function agrees({ type, list }: Part, all: ItemList): boolean {
  if (list.count !== all.count && list.count !== list.size) return false;
  if (list.size >= all.size) return true;
  const ids = new Set([...list.pending, ...list.others].map(({ approval_id }) => approval_id));
  return all.pending.every((item) => item.type !== type || ids.has(item.approval_id));
}
