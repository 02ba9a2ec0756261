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

/** @param platform where the card is read, perhaps in its smallest form. Default: the full card */
export function unseenOf(approval: Shown, platform: string | null = null): Unseen {
  return unseen(approval, platform !== null && isSmallIn(approval, platform));
}

/** The same of a card in its smallest form, which shows nothing of the request. */
export function smallUnseenOf(approval: Shown): Unseen {
  return unseen(approval, true);
}

function unseen(approval: Shown, isSmall: boolean): Unseen {
  const { body, description, reason, cutNames, masks } = contentOf(approval);
  const texts = [body, ...(description === null ? [] : [description]), ...(reason === null ? [] : [reason])];
  const characters = texts.reduce((sum, { hidden, text }) => sum + hidden + (isSmall ? text.length : 0), cutNames);
  return { characters, masks: masks.filter(isUnseenMask) };
}

/** A room of this platform has the smallest form of the card: its full form was refused for this request. */
function isSmallIn({ slots, fingerprint }: Shown, platform: string): boolean {
  return Object.values(slots).some(
    ({ kind, place, refused }) => kind === 'card' && place.platform === platform && refused?.content === fingerprint,
  );
}

export function isAllSeen({ characters, masks }: Unseen): boolean {
  return characters === 0 && masks.length === 0;
}
