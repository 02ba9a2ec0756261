/** The small lines at the end of a card. Pure. Tested in test/core/view/card.test.ts. */
import { platformName } from '../../approval/names.ts';
import { joined, signersOf } from '../../approval/signers.ts';
import { byApplication, isByExpiry, isInForce } from '../../approval/steps/transitions.ts';
import type { Shown, Subject } from '../../approval/subject.ts';
import { duration } from '../../text/numbers.ts';
import type { Line, Span } from '../card.ts';
import { callbackOf, tokenOwnerOf } from '../content/callback.ts';
import { tooLate } from './status/settled.ts';

export function footerOf(approval: Shown, backend: string): Line[] {
  const { phase, decision, askedAt, pause } = approval;
  if (pause.kind === 'run') {
    const from = decision === null ? '' : ` · from ${platformName(decision.actor.platform)}`;
    return [[`${backend}${from} · `, { at: askedAt, style: 'relative' }]];
  }
  const line: Span[] = [backend, ' · asked ', { at: askedAt, style: 'relative' }];
  if (
    phase === 'settled' &&
    decision !== null &&
    !byApplication(approval) &&
    !isByExpiry(approval) &&
    !tooLate(approval)
  ) {
    const isByPolicy = decision.actor.platform === 'policy';
    line.push(
      isByPolicy
        ? ' · without a person'
        : ` · ${isInForce(approval) ? 'decided' : 'pressed'} in ${platformsOf(approval)} after ${duration(decision.at - askedAt)}`,
    );
  }
  line.push(...requestedBy(pause));
  if (phase !== 'settled') line.push(...answerAddress(pause), ...elsewhere(approval));
  return [line];
}

/** Who asked for it, as the policy names people: our own words, or an account that is drawn as a person. */
function requestedBy({ requester }: Subject): Span[] {
  if (requester === undefined) return [];
  const [platform = '', id = ''] = requester.split(':');
  return [' · requested by ', id === '' ? requester : { person: { platform, id, name: '' } }];
}

/** Of those who signed it. */
function platformsOf(approval: Shown): string {
  return joined([...new Set(signersOf(approval).map(({ platform }) => platformName(platform)))]);
}

/** With whose token it was asked, and where its answer is sent; *Details* has the whole address. */
function answerAddress(pause: Subject): Span[] {
  const [owner, callback] = [tokenOwnerOf(pause), callbackOf(pause)];
  // A token without a name has only a number.
  const isNamed = owner !== null && !/^token-\d+$/.test(owner);
  return [
    ...(isNamed ? [` · with the token of ${owner}`] : []),
    ...(callback === null ? [] : [' · answer goes to ', { code: callback.text }]),
  ];
}

/** The platforms that its card is for, posted or not: a card changes for another copy only where that one is refused. */
function elsewhere({ slots }: Shown): string[] {
  const platforms = Object.values(slots).filter(({ kind, receipt, refused }) => {
    return kind === 'card' && (receipt !== null || refused?.final !== true);
  });
  const names = [...new Set(platforms.map(({ place }) => platformName(place.platform)))];
  return names.length < 2 ? [] : [` · in ${names.join(' and ')}`];
}
