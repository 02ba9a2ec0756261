/**
 * Which part of the pending list is shown: filter, page and surface. It is appended to a button's ID, so that a press knows
 * which list to draw again. Tested in test/core/view/button-id.test.ts.
 *
 *     …~<surface><page, from 0, base 36>.<filter>      behind an id of `button-id.ts`
 *     csl.<surface><page>.<filter>                     alone: turns to there
 *
 * With ids of 22 characters and digests of 10 the longest is 83 characters; Discord takes 100.
 */

/** `mine`: what I may decide. `all`: what others may, too. `word`: a backend, a tag, a tool or a part of its name. */
export type ListFilter = { type: 'mine' } | { type: 'all' } | { type: 'word'; word: string };

export interface ListQuery {
  /** `message`: a private message. `home`: the home tab, where a platform has one. */
  surface: 'message' | 'home';
  /** From 0; beyond the last page is the last page. */
  page: number;
  filter: ListFilter;
}

/** Fits a button's id beside all the rest. */
export const WORD_MAX = 32;
const TURN = 'csl.';
const LAST_PAGE = 36 ** 3 - 1;
const wordPattern = new RegExp(`^[\\p{L}\\p{N}_.:*-]{1,${WORD_MAX}}$`, 'u');
const surfaces = { message: 'm', home: 'h' } as const;

export const mine = (surface: ListQuery['surface']): ListQuery => ({ surface, page: 0, filter: { type: 'mine' } });

/** The argument of `/approvals`; empty means `mine`. Null for what is not a valid filter. */
export function parseFilter(typed: string): ListFilter | null {
  const word = typed.trim().normalize('NFC').toLowerCase();
  if (word === '' || word === 'mine') return { type: 'mine' };
  if (word === 'all') return { type: 'all' };
  return wordPattern.test(word) ? { type: 'word', word } : null;
}

export function filterText(filter: ListFilter): string {
  return filter.type === 'word' ? filter.word : filter.type;
}

export function encodeListQuery({ surface, page, filter }: ListQuery): string {
  const at = Math.min(LAST_PAGE, Math.max(0, Math.floor(page)));
  return `${surfaces[surface]}${at.toString(36)}.${filterText(filter)}`;
}

/** Null for what no list of ours carried. */
export function parseListQuery(text: string): ListQuery | null {
  const [, surface, page, typed = ''] = /^([mh])([0-9a-z]{1,3})\.(.+)$/su.exec(text) ?? [];
  const filter = parseFilter(typed);
  if (page === undefined || filter === null) return null;
  return { surface: surface === 'h' ? 'home' : 'message', page: Number.parseInt(page, 36), filter };
}

/** The id of a button that turns to this place. */
export function encodeTurn(query: ListQuery): string {
  return `${TURN}${encodeListQuery(query)}`;
}

/** Null for a button that does something else. */
export function parseTurn(text: string): ListQuery | null {
  return text.startsWith(TURN) ? parseListQuery(text.slice(TURN.length)) : null;
}
