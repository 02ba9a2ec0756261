/**
 * What a button carries, in a form that fits every platform: Discord's custom_id takes 100 characters.
 * Tested in test/core/view/button-id.test.ts.
 *
 *     cs1.<approval id>.<action>.<digest of what the card showed>
 *
 * Nothing else is needed to handle the press after a restart. `cs1` is the version: a later format gets another one,
 * and presses on cards of the old format are still recognised. `cs2` is the same with a form's page appended:
 *
 *     cs2.<approval id>.<action>.<digest of what the card showed>.<page, from 0>.<how many>
 *
 * In a list, `~` and its place follow (`list-query.ts`).
 */
import type { Action } from '../approval/approval.ts';
import { encodeListQuery, type ListQuery, parseListQuery } from './list-query.ts';

/** The buttons of a digest; its ID takes the place of an approval's. */
export const sharedActions = ['approve_several', 'reject_several', 'one_by_one'] as const;
export type SharedAction = (typeof sharedActions)[number];

/** What a button of ours carries. A form's submission carries the same. */
export interface ButtonId {
  approvalId: string;
  action: Action | 'retry' | 'details' | 'hand_back' | SharedAction;
  /** Digest of what the card showed; of details, the page to be shown. */
  fingerprint: string;
  /** Of a form that is filled in on several pages, or again: which page, from 0, of how many. */
  page?: { at: number; of: number };
  /** The list that has the button; absent on a card. */
  list?: ListQuery;
}

const VERSION = 'cs1';
const PAGED_VERSION = 'cs2';
const LIST_MARK = '~';
const codes = {
  approve: 'a',
  reject: 'r',
  take_over: 't',
  retry: 'y',
  details: 'd',
  hand_back: 'h',
  approve_several: 'p',
  reject_several: 'j',
  one_by_one: 's',
} as const;
const aimPattern =
  /^([a-z0-9]{3})\.([A-Za-z0-9_-]{1,40})\.([artydhpjs])\.([A-Za-z0-9_-]{1,24})(?:\.(\d{1,2})\.(\d{1,2}))?$/;

/** Of a full hash's 22 characters: 60 bits are enough to tell one pause's versions apart. */
export const FINGERPRINT_CHARACTERS = 10;

export function encodeButtonId({ list, ...buttonId }: ButtonId): string {
  const behind = list === undefined ? '' : `${LIST_MARK}${encodeListQuery(list)}`;
  return `${encodeCardButton(buttonId)}${behind}`;
}

/** Null for anything that no card or list of ours carried. */
export function parseButtonId(text: string): ButtonId | null {
  const at = text.indexOf(LIST_MARK);
  if (at < 0) return parseCardButton(text);
  const buttonId = parseCardButton(text.slice(0, at));
  const list = parseListQuery(text.slice(at + LIST_MARK.length));
  return buttonId === null || list === null ? null : { ...buttonId, list };
}

function encodeCardButton({ approvalId, action, fingerprint, page }: ButtonId): string {
  const common = [approvalId, codes[action], fingerprint];
  return page === undefined ? [VERSION, ...common].join('.') : [PAGED_VERSION, ...common, page.at, page.of].join('.');
}

function parseCardButton(text: string): ButtonId | null {
  const match = aimPattern.exec(text);
  if (match === null) return null;
  const [, version, approvalId = '', code = '', fingerprint = '', at, of] = match;
  if (version !== (at === undefined ? VERSION : PAGED_VERSION) || Number(at) >= Number(of)) return null;
  const action = (Object.keys(codes) as (keyof typeof codes)[]).find((name) => codes[name] === code);
  if (action === undefined) return null;
  return { approvalId, action, fingerprint, ...(at !== undefined && { page: { at: Number(at), of: Number(of) } }) };
}
