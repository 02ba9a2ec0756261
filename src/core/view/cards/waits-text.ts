/** What a decided question waits for before it is sent. Pure. Tested in test/core/view/cards/waits-text.test.ts. */

import { actorName } from '../../approval/names.ts';
import type { ClaimAhead } from '../../approval/parts/claim.ts';
import { claimMark } from '../../approval/steps/take-over.ts';
import type { Shown } from '../../approval/subject.ts';
import { clip } from '../../text/clip.ts';
import { encodeButtonId } from '../button-id.ts';
import type { Button, Span } from '../card.ts';

/** Claims that are named, each with its *Release*; further ones are counted. Discord shows five buttons in a row. */
const NAMED_MAX = 3;
/** Of a name in a button, characters. */
const NAME_MAX = 40;

/** Names those who have claimed what it waits for, so that people know whom to ask. */
export function waitsText({ waitsFor, claimsAhead }: Shown): Span[] {
  const [first] = claimsAhead;
  if (waitsFor === 1 && first !== undefined) {
    const { actor, until } = first.claim;
    const who: Span[] = [
      { person: actor },
      ', who has claimed the other question until ',
      { at: until, style: 'time' },
    ];
    return [' Will be sent once ', ...who, ', has answered. Release ends that claim.'];
  }
  const others =
    waitsFor === 1 ? 'the other question of this run is' : `the ${waitsFor} other questions of this run are`;
  const named = claimsAhead.slice(0, NAMED_MAX);
  const more = claimsAhead.length - named.length;
  return [
    ` Will be sent once ${others} answered.`,
    ...named.flatMap(({ claim }): Span[] => {
      return [' ', { person: claim.actor }, ' has claimed one until ', { at: claim.until, style: 'time' }, '.'];
    }),
    ...(more === 0 ? [] : [` ${more} more ${more === 1 ? 'is' : 'are'} claimed.`]),
  ];
}

/** Ends the claim of another person, which a decided question waits for. */
export function releaseButtons({ claimsAhead }: Shown): Button[] {
  return claimsAhead.slice(0, NAMED_MAX).map(({ approvalId, claim }) => ({
    id: releaseId(approvalId, claim),
    action: 'hand_back',
    label: claimsAhead.length === 1 ? 'Release' : `Release (${clip(actorName(claim.actor), NAME_MAX)})`,
    style: 'plain',
  }));
}

/** @param approvalId of what is claimed, whose card may be another one */
export function releaseId(approvalId: string, claim: ClaimAhead['claim']): string {
  return encodeButtonId({ approvalId, action: 'hand_back', fingerprint: claimMark(claim) });
}
