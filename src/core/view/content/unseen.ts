/**
 * What the card of an approval does not show. What is not seen is not signed in one press: *Approve* then leads through
 * *Details*. Pure. Tested in test/core/view/content/unseen.test.ts.
 */
import { displayName } from '../../approval/names.ts';
import type { Shown } from '../../approval/subject.ts';
import { isUnseenMask, type Mask } from '../../mask/mask.ts';
import { clipMiddle } from '../../text/clip.ts';
import { reveal } from '../../text/visible/reveal.ts';
import { BODY_LINES, BODY_MAX, contentsOf, DESCRIPTION_MAX, REASON_MAX } from '../cards/approval-card.ts';

export interface Unseen {
  /** How many characters are cut. */
  characters: number;
  /** Masks that hide so much that they have to be opened. */
  masks: readonly Mask[];
}

export function unseenOf({ pause }: Shown): Unseen {
  const { text, masks } = contentsOf(pause);
  const body = clipMiddle(reveal(text), BODY_MAX, BODY_LINES).hidden;
  const cut = (given: string | null, max: number) =>
    given === null ? 0 : Math.max(0, reveal(given).trim().length - displayName(given, max).length);
  const characters = body + cut(pause.description, DESCRIPTION_MAX) + cut(pause.reason, REASON_MAX);
  return { characters, masks: masks.filter(isUnseenMask) };
}

export function isAllSeen({ characters, masks }: Unseen): boolean {
  return characters === 0 && masks.length === 0;
}
