/** The status line of a card that is settled. Pure. Tested in test/core/view/card.test.ts. */
import { actorWithin, isAutomatic } from '../../../approval/names.ts';
import { byApplication, isByExpiry, isLeftToPeople } from '../../../approval/steps/transitions.ts';
import type { Shown } from '../../../approval/subject.ts';
import type { Span, Tone } from '../../card.ts';
import { clockTime } from '../../moments.ts';
import { hadSignedText, signedText } from '../signing/lines.ts';
import { bold, runEndAfter, type Status } from './parts.ts';

/** @param who decided it, and what they did */
export function settledStatus(approval: Shown, backend: string, who: Span[], did: string, detail: string): Status {
  // A decision in time that its asker did not receive before the end.
  const why = approval.pause.expiry === undefined ? ' here, but too late' : ', but nobody received it in time';
  const late: Span[] = tooLate(approval) ? [' ', ...who, ` ${did}${why}.`] : [];
  const at: Span[] = approval.settledAt === null ? [] : [' · ', clockTime(approval.settledAt, approval.askedAt)];
  const end = runEndAfter(at, approval);
  const say = (tone: Tone, strong: string, ...rest: Span[]): Status => ({
    tone,
    line: [{ strong }, ...rest, ...at, ...end],
  });
  const { decision } = approval;
  const decider = decision !== null && isAutomatic(decision.actor) ? [actorWithin(decision.actor)] : who;
  const { use, of } = decision?.standing ?? {};
  const used: Span[] = use === undefined ? [] : [{ strong: `, ${use} of ${of}` }];
  const by = (tone: Tone, verb: string) => say(tone, `${verb} by `, ...decider.map(bold), ...used, { strong: '.' });
  const signed: Span[] = decision === null ? hadSignedText(approval) : [];
  switch (approval.outcome) {
    case 'approved':
      return by('good', 'Approved');
    case 'rejected':
      return by('rejected', 'Rejected');
    case 'taken_over':
      return by('neutral', 'Taken over');
    case 'answered':
      return by('good', 'Answered');
    case 'expired':
      return late.length === 0
        ? say('neutral', 'Expired without a decision.', detail, ...signed)
        : say('neutral', 'Expired.', detail, ...late);
    case 'decided_elsewhere':
      return say('neutral', `Decided elsewhere (directly in ${backend}).`, detail, ...late, ...signed);
    case 'withdrawn':
      return say('neutral', 'Withdrawn:', ' nobody waits for it any more.', ...signed);
    case 'cancelled':
      return say('neutral', 'Cancelled.', detail, ...late, ...signed);
    case 'unconfirmed':
      return say(
        'warning',
        'Unconfirmed.',
        ' ',
        ...who,
        ` ${did}. We don’t know whether ${backend} received it.${detail}`,
        // It may have arrived, and could be carried out twice.
        approval.absent || byApplication(approval) ? '' : ` Check in ${backend} before you try again.`,
        ...(isLeftToPeople(approval) && approval.signatures.length > 0 ? [' ', ...signedText(approval)] : []),
      );
    default:
      return say('warning', 'Not delivered.', ' ', ...who, ` ${did}, but ${backend} did not accept it.${detail}`);
  }
}

/** A decision was made here, but another outcome counts. */
export function tooLate(approval: Shown): boolean {
  const { decision, outcome } = approval;
  if (isByExpiry(approval)) return false;
  return decision !== null && (outcome === 'expired' || outcome === 'decided_elsewhere' || outcome === 'cancelled');
}
