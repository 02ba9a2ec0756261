/**
 * What a button carries, in a form that fits every platform: Discord's custom_id takes 100 characters.
 * Tested in test/core/view/button-id.test.ts.
 *
 *     cs2.<approval id>.<action>.<fingerprint of what the card showed>
 *
 * Nothing else is needed to handle the press after a restart. `cs2` is the version. The fingerprint of `cs1` covered
 * less, so that a button of it decides nothing: its card is drawn again. A form of several pages appends which:
 *
 *     cs2.<approval id>.<action>.<fingerprint of what the card showed>.<page, from 0>.<how many>
 *
 * So do *Details*, whose fingerprint is that of what they showed. *Show* appends which masked value it opens. What decides
 * at the end of *Details* has a capital letter for its action. *Mark as done* is a take-over with a letter of its own.
 *
 * In a list, `~` and its place follow (`list-query.ts`).
 */
import type { Action } from '../approval/pause/pause.ts';
import { encodeListQuery, type ListQuery, parseListQuery } from './list-query.ts';

/** The buttons of a digest; its ID takes the place of an approval's. */
export const sharedActions = ['approve_several', 'reject_several', 'one_by_one'] as const;
export type SharedAction = (typeof sharedActions)[number];

/** What a button of ours carries. A form's submission carries the same. */
export interface ButtonId {
  approvalId: string;
  action: Action | 'retry' | 'details' | 'show' | 'hand_back' | 'unsign' | 'grant' | 'end_grant' | SharedAction;
  /** Of what the card or the details showed; `0` where it does not count. */
  fingerprint: string;
  /** Of details, or of a form that is filled in on several pages or again: which page, from 0, of how many. */
  page?: { at: number; of: number };
  /** Of *Show*: the place of the value in `maskedValuesOf`. */
  mask?: number;
  /** It was pressed at the end of *Details*. */
  inDetails?: true;
  /** *Mark as done*: a take-over that says what was done. Without it, the take-over may only keep the claim. */
  done?: true;
  /** The list that has the button; absent on a card. */
  list?: ListQuery;
}

const VERSION = 'cs2';
const OLD_VERSION = 'cs1';
/** In place of an old button's fingerprint; it is none that an approval can have. */
const OUTDATED = 'outdated';
const DECIDES: ReadonlySet<ButtonId['action']> = new Set(['approve', 'reject', 'take_over', 'hand_back']);
const LIST_MARK = '~';
const codes = {
  approve: 'a',
  reject: 'r',
  take_over: 't',
  retry: 'y',
  details: 'd',
  show: 'v',
  hand_back: 'h',
  /** *Withdraw my signature* */
  unsign: 'w',
  /** *Allow the same* */
  grant: 'g',
  /** *End standing answer* */
  end_grant: 'e',
  approve_several: 'p',
  reject_several: 'j',
  one_by_one: 's',
} as const;
const DONE = 'm';
const aimPattern =
  /^([a-z0-9]{3})\.([A-Za-z0-9_-]{1,40})\.([artydhwgepjsvmARTM])\.([A-Za-z0-9_-]{1,24})(?:\.(\d{1,4})\.(\d{1,4})(?:\.(\d{1,6}))?)?$/;

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

function encodeCardButton({ approvalId, action, fingerprint, page, mask, inDetails, done }: ButtonId): string {
  const pages = page === undefined ? [] : [page.at, page.of];
  const letter = done ? DONE : codes[action];
  const code = inDetails ? letter.toUpperCase() : letter;
  return [VERSION, approvalId, code, fingerprint, ...pages, ...(mask === undefined ? [] : [mask])].join('.');
}

function parseCardButton(text: string): ButtonId | null {
  const match = aimPattern.exec(text);
  if (match === null) return null;
  const [, version, approvalId = '', code = '', fingerprint = '', at, of, mask] = match;
  const inDetails = code !== code.toLowerCase();
  const isKnown = version === VERSION || (version === OLD_VERSION && at === undefined && !inDetails);
  if (!isKnown || Number(at) >= Number(of)) return null;
  const letter = code.toLowerCase();
  const done = letter === DONE;
  const action = done ? 'take_over' : actionOf(letter);
  if (action === undefined || (action === 'show') !== (mask !== undefined)) return null;
  const shown = version === OLD_VERSION && DECIDES.has(action) ? OUTDATED : fingerprint;
  return {
    approvalId,
    action,
    fingerprint: shown,
    ...(at !== undefined && { page: { at: Number(at), of: Number(of) } }),
    ...(mask !== undefined && { mask: Number(mask) }),
    ...(inDetails && { inDetails }),
    ...(done && { done }),
  };
}

function actionOf(letter: string): keyof typeof codes | undefined {
  return (Object.keys(codes) as (keyof typeof codes)[]).find((name) => codes[name] === letter);
}
