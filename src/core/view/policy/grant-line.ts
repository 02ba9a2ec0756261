/** What a settled card says of the standing answer that was, or can be, given from it. Pure. Tested in test/core/view/policy/grant-line.test.ts. */

import type { Shown } from '../../approval/subject.ts';
import { lengthText } from '../../policy/explain/words.ts';
import type { GrantEnd } from '../../policy/grants/grant.ts';
import { encodeButtonId } from '../button-id.ts';
import type { Button, GrantOnCard, Line } from '../card.ts';
import { clockTime } from '../moments.ts';

/** Null: nothing was given. */
export function grantLine({ askedAt }: Shown, { given }: GrantOnCard): Line | null {
  if (given === null) return null;
  const { by, used, uses, until, end } = given;
  const count = `${used} of ${uses} used`;
  if (end !== null) return ['The standing answer of ', { person: by }, ` has ended: ${grantEndText(end)}, ${count}.`];
  return [{ person: by }, ' allows the same until ', clockTime(until, askedAt), `: ${count}.`];
}

export function grantButtons({ id: approvalId, fingerprint }: Shown, { given, offer }: GrantOnCard): Button[] {
  if (given !== null && given.end === null) {
    const id = encodeButtonId({ approvalId, action: 'end_grant', fingerprint: '0' });
    return [{ id, action: 'end_grant', label: 'End standing answer', style: 'plain' }];
  }
  if (offer === null) return [];
  const id = encodeButtonId({ approvalId, action: 'grant', fingerprint });
  return [{ id, action: 'grant', label: `Allow the same for ${lengthText(offer.forMs)}`, style: 'plain' }];
}

/** Within a sentence. */
export function grantEndText(end: GrantEnd): string {
  const texts: Record<GrantEnd, string> = {
    used: 'it was used up',
    time: 'its time is over',
    policy: 'the policy changed',
    rights: 'this person may not approve it any more',
    shape: 'a request came with other arguments',
    person: 'someone ended it',
    copy: 'this database is a copy',
  };
  return texts[end];
}
