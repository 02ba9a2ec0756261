/**
 * What a button carries, in a form that fits every platform: Discord's custom_id takes 100 characters.
 *
 *     cs1.<approval id>.<action>.<digest of what the card showed>
 *
 * Nothing else is needed to handle the press after a restart. `cs1` is the version: a later format gets another one,
 * and presses on cards of the old format are then still told apart.
 */
import type { Action } from './approval.ts';

/** What a button of ours carries. A form's submission carries the same. */
export interface PressAim {
  approvalId: string;
  action: Action | 'retry' | 'details' | 'hand_back';
  /** Digest of what the card showed; of details, the page to be shown. */
  shown: string;
}

const VERSION = 'cs1';
const codes = { approve: 'a', reject: 'r', take_over: 't', retry: 'y', details: 'd', hand_back: 'h' } as const;
const aimPattern = /^cs1\.([A-Za-z0-9_-]{1,40})\.([artydh])\.([A-Za-z0-9_-]{1,24})$/;

/** Of a full hash's 22 characters: 60 bits are enough to tell one pause's versions apart. */
export const DIGEST_CHARACTERS = 10;

export function encodeAim(aim: PressAim): string {
  return [VERSION, aim.approvalId, codes[aim.action], aim.shown].join('.');
}

/** Null for anything that no card of ours carried. */
export function parseAim(text: string): PressAim | null {
  const match = aimPattern.exec(text);
  if (match === null) return null;
  const [, approvalId = '', code = '', shown = ''] = match;
  const action = (Object.keys(codes) as (keyof typeof codes)[]).find((name) => codes[name] === code);
  return action === undefined ? null : { approvalId, action, shown };
}
