/**
 * What the card of an approval does not show. What is not seen is not signed in one press: *Approve* then leads through
 * *Details*. Pure. Tested in test/core/view/content/unseen.test.ts.
 */
import type { Shown } from '../../approval/subject.ts';
import { isUnseenMask, type Mask } from '../../mask/mask.ts';
import { contentOf } from './content.ts';

export interface Unseen {
  /** How many characters are cut. */
  characters: number;
  /** Masks that hide so much that they have to be opened. */
  masks: readonly Mask[];
}

export function unseenOf(approval: Shown): Unseen {
  const { body, description, reason, cutNames, masks } = contentOf(approval);
  const characters = body.hidden + (description?.hidden ?? 0) + (reason?.hidden ?? 0) + cutNames;
  return { characters, masks: masks.filter(isUnseenMask) };
}

export function isAllSeen({ characters, masks }: Unseen): boolean {
  return characters === 0 && masks.length === 0;
}
