/**
 * The pending list of one person: which approvals, with which buttons. Pure.
 *
 * It gets one page of what its person can read in a room, in order, and how many there are. A person who can't decide a
 * request sees only its tool, who requested it and since when; its parameters stay on the card.
 */

import type { Right } from '../../approval/inputs.ts';
import type { Action } from '../../approval/pause/pause.ts';
import type { Person } from '../../approval/person.ts';
import type { Shown } from '../../approval/subject.ts';
import type { Stop } from '../../policy/operators/stop.ts';
import type { Policy } from '../../policy/rules/policy.ts';
import type { Asked } from '../../policy/rules/rights.ts';
import { quoted } from '../../text/visible/quoted.ts';
import { encodeTurn, filterText, type ListFilter, type ListQuery, WORD_MAX } from '../list-query.ts';
import { stoppedNotice } from '../operators/stopped.ts';
import { itemOf, type PendingItem } from './pending-item.ts';

/** A button of the list itself; `id` is a turn of `list-query.ts`. */
export interface Turn {
  id: string;
  name: 'previous' | 'next' | 'refresh' | 'mine' | 'all';
  label: string;
}

export interface PendingList {
  /** With the page that is shown, which may be an earlier one than was asked for. */
  query: ListQuery;
  heading: string;
  /** The result of this person's last press in the list. */
  notice: string | null;
  items: readonly PendingItem[];
  /** What could not be checked, how many need someone else, that a filter matches nothing. */
  notes: readonly string[];
  /** `Page 2 of 5`; null where there is one. */
  pages: string | null;
  turns: readonly Turn[];
}

export const NO_LIST = 'Couldn’t load the list. Please try again in a minute.';

const TYPED_MAX = 60;

/** @param typed what can't be a filter */
export function badFilterText(typed: string): string {
  return `${quoted(typed, TYPED_MAX)} is not a valid filter. Use mine, all, or one word of at most ${WORD_MAX} characters (backend, tag or tool).`;
}

/** What a person may do with an approval. */
export type Rights = ReadonlyMap<Action, Right>;

/** A page of a list, and the numbers of all of it. */
export interface PendingPage {
  /** In order. */
  approvals: readonly Shown[];
  /** From 0: that which was asked for, or the last one. */
  page: number;
  /** How many the filter chooses. */
  chosen: number;
  /** How many its person can read. */
  known: number;
  /** Of these: how many they may not decide, as far as that could be checked. */
  unverified: number;
}

/** Requests that are not listed: in rooms that their person can't read, or of which that could not be checked. */
export interface LeftOut {
  hidden: number;
  unchecked: number;
}

function leftOutNotes({ hidden, unchecked }: LeftOut): string[] {
  return [
    ...(hidden === 0 ? [] : ['Requests in channels that you can’t read are not listed.']),
    ...(unchecked === 0
      ? []
      : ['Some requests are not listed: which channels you can read could not be checked. Refresh in a minute.']),
  ];
}

/** @param look.size items a page, at least 1; @param look.left how many are not among them */
export function pendingListOf(
  found: PendingPage,
  look: {
    who: Person;
    query: ListQuery;
    size: number;
    notice?: string | null;
    left?: LeftOut;
    stop?: Stop | null | undefined;
  },
  { policy, backendTitle, now }: { policy: Pick<Policy, 'right'>; backendTitle: (name: string) => string; now: number },
): PendingList {
  const { who, query, size, notice = null, left = { hidden: 0, unchecked: 0 }, stop = null } = look;
  const { page, chosen } = found;
  const count = pagesOf(chosen, size);
  const here = { ...query, page };
  const items = found.approvals.map((approval, index) => {
    const rights = rightsOf(approval, who, policy);
    const backend = backendTitle(approval.pause.backend);
    return itemOf(approval, { number: page * size + index + 1, rights, who, query: here, backend, now });
  });
  return {
    query: here,
    heading: headingOf(chosen, query.filter),
    notice: stop === null ? notice : [stoppedNotice(stop), notice ?? ''].join(' ').trim(),
    items,
    notes: [...notesOf(found, query.filter), ...leftOutNotes(left)],
    pages: count === 1 ? null : `Page ${page + 1} of ${count}`,
    turns: turnsOf(here, count),
  };
}

/** At least 1: a list of nothing has an empty page. */
export function pagesOf(count: number, size: number): number {
  return Math.max(1, Math.ceil(count / size));
}

export function rightsOf(approval: Asked, who: Person, policy: Pick<Policy, 'right'>): Rights {
  return new Map(approval.pause.actions.map((action) => [action, policy.right(action, who, approval)]));
}

export function has(rights: Rights, right: Right): boolean {
  return [...rights.values()].includes(right);
}

/** Whether a filter chooses what a person can read; null: its names say so. */
export function choosesAll(
  filter: ListFilter,
  { backend, mayDecide }: { backend: string; mayDecide: boolean },
  backendTitle: (backend: string) => string,
): boolean | null {
  if (filter.type === 'all') return true;
  if (filter.type === 'mine') return mayDecide;
  return [backend, backendTitle(backend).toLowerCase()].includes(filter.word) ? true : null;
}

/** `*` matches anything; without one, a part of a name is enough. Only names that the viewer is shown are matched. */
export function isNamedBy(names: readonly string[], word: string): boolean {
  const wanted = word.includes('*') ? word.split('*') : ['', word, ''];
  return names.some((name) => {
    const text = name.toLowerCase();
    const [first = '', ...rest] = wanted;
    if (!text.startsWith(first)) return false;
    const last = rest.at(-1) ?? '';
    let at = first.length;
    for (const part of rest.slice(0, -1)) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return text.length - last.length >= at && text.endsWith(last);
  });
}

function headingOf(count: number, filter: ListFilter): string {
  const requests = count === 0 ? 'No pending requests' : `${count} pending ${count === 1 ? 'request' : 'requests'}`;
  if (filter.type === 'mine') return `${requests} for you`;
  return filter.type === 'all' || count === 0 ? requests : `${requests} for “${filter.word}”`;
}

function notesOf({ known, chosen, unverified }: PendingPage, filter: ListFilter): string[] {
  const others = known - chosen;
  return [
    ...(chosen > 0 || filter.type !== 'word'
      ? []
      : [`No pending request matches “${filter.word}” (backend, tag or tool). Try mine or all.`]),
    ...(unverified === 0
      ? []
      : [
          `Your permission to decide ${unverified === 1 ? '1 request' : `${unverified} requests`} could not be checked. Refresh in a minute.`,
        ]),
    ...(filter.type === 'mine' && others - unverified > 0
      ? [others - unverified === 1 ? '1 more needs someone else.' : `${others - unverified} more need someone else.`]
      : []),
  ];
}

function turnsOf(query: ListQuery, count: number): Turn[] {
  const to = (name: Turn['name'], label: string, more: Partial<ListQuery>): Turn => ({
    id: encodeTurn({ ...query, ...more }),
    name,
    label,
  });
  return [
    ...(query.page > 0 ? [to('previous', '‹ Previous', { page: query.page - 1 })] : []),
    ...(query.page < count - 1 ? [to('next', 'Next ›', { page: query.page + 1 })] : []),
    to('refresh', 'Refresh', {}),
    filterText(query.filter) === 'mine'
      ? to('all', 'Show all', { page: 0, filter: { type: 'all' } })
      : to('mine', 'Show mine', { page: 0, filter: { type: 'mine' } }),
  ];
}
