/**
 * The pending list of one person: which approvals, in which order, with which buttons. Pure.
 *
 * Soonest deadline first, then what was asked first. It gets what its person can read in a room. A person who can't decide a
 * request sees only its tool, who requested it and since when; its parameters stay on the card.
 */

import type { Right } from '../../approval/inputs.ts';
import type { Person } from '../../approval/person.ts';
import { endToShow } from '../../approval/steps/time/expiry.ts';
import type { Shown } from '../../approval/subject.ts';
import type { Stop } from '../../policy/operators/stop.ts';
import type { Policy } from '../../policy/rules/policy.ts';
import { quoted } from '../../text/visible/quoted.ts';
import { encodeTurn, filterText, type ListFilter, type ListQuery, WORD_MAX } from '../list-query.ts';
import { stoppedNotice } from '../operators/stopped.ts';
import { describe, itemOf, type PendingItem } from './pending-item.ts';

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

interface Known {
  approval: Shown;
  rights: ReadonlyMap<string, Right>;
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

/** @param size items a page, at least 1; @param look.left how many are not among them */
export function pendingListOf(
  unfinished: readonly Shown[],
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
  const waiting = unfinished.filter(isPending).sort(byUrgency);
  const known = waiting.map((approval): Known => ({ approval, rights: rightsOf(approval, who, policy) }));
  const chosen = known.filter((one) => isChosen(one, query.filter, backendTitle));
  const count = Math.max(1, Math.ceil(chosen.length / size));
  const page = Math.max(0, Math.min(query.page, count - 1));
  const here = { ...query, page };
  const items = chosen.slice(page * size, (page + 1) * size).map(({ approval, rights }, index) => {
    const backend = backendTitle(approval.pause.backend);
    return itemOf(approval, { number: page * size + index + 1, rights, who, query: here, backend, now });
  });
  return {
    query: here,
    heading: headingOf(chosen.length, query.filter),
    notice: stop === null ? notice : [stoppedNotice(stop), notice ?? ''].join(' ').trim(),
    items,
    notes: [...notesOf(known, chosen.length, query.filter), ...leftOutNotes(left)],
    pages: count === 1 ? null : `Page ${page + 1} of ${count}`,
    turns: turnsOf(here, count),
  };
}

export function isPending({ phase, pause }: Shown): boolean {
  return phase === 'open' && pause.kind !== 'run';
}

/** Total, so that pages are the same on every look at the same list. */
function byUrgency(a: Shown, b: Shown): number {
  const end = (approval: Shown) => endToShow(approval) ?? Number.POSITIVE_INFINITY;
  if (end(a) !== end(b)) return end(a) < end(b) ? -1 : 1;
  if (a.askedAt !== b.askedAt) return a.askedAt - b.askedAt;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function rightsOf(approval: Shown, who: Person, policy: Pick<Policy, 'right'>): Known['rights'] {
  return new Map(approval.pause.actions.map((action) => [action, policy.right(action, who, approval)]));
}

function has({ rights }: Known, right: Right): boolean {
  return [...rights.values()].includes(right);
}

function isChosen(one: Known, filter: ListFilter, backendTitle: (name: string) => string): boolean {
  if (filter.type === 'all') return true;
  const mayDecide = has(one, 'allowed');
  if (filter.type === 'mine') return mayDecide;
  const { backend } = one.approval.pause;
  const names = [backend, backendTitle(backend).toLowerCase()];
  return names.includes(filter.word) || matches(describe(one.approval, mayDecide), filter.word);
}

/** `*` matches anything; without one, a part of a name is enough. Only names that the viewer is shown are matched. */
function matches(names: readonly string[], word: string): boolean {
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

function notesOf(known: readonly Known[], chosen: number, filter: ListFilter): string[] {
  const unverified = known.filter((one) => !has(one, 'allowed') && has(one, 'unverified')).length;
  const others = known.length - chosen;
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
