/** The status line where no one decided in time, and the policy rejects it. Pure. Tested in test/core/approval/steps/time/expiry.test.ts. */
import type { Shown } from '../../../approval/subject.ts';
import type { Span, Tone } from '../../card.ts';
import { clockTime } from '../../moments.ts';
import { runEndAfter, type Status } from './parts.ts';

/** That is the state, and not a person's decision. @param pending how far its rejection is, until it is settled */
export function expiryStatus(
  approval: Shown,
  backend: string,
  { detail, pending }: { detail: string; pending: readonly Span[] },
): Status {
  const { phase, decision, outcome, settledAt, askedAt } = approval;
  const why = { strong: `Expired. ${decision?.text ?? 'Nobody decided in time.'}` };
  if (phase !== 'settled') return { tone: 'pending', line: [why, ' A rejection is sent.', ...pending] };
  const at: Span[] = settledAt === null ? [] : [' · ', clockTime(settledAt, askedAt)];
  const say = (tone: Tone, text: string) => ({ tone, line: [why, ` ${text}`, ...at, ...runEndAfter(at, approval)] });
  switch (outcome) {
    case 'expired':
      return say('neutral', `${backend} got a rejection.`);
    case 'decided_elsewhere':
      return say('neutral', `It was decided directly in ${backend} before.${detail}`);
    case 'cancelled':
      return say('neutral', `The run ended before.${detail}`);
    case 'unconfirmed':
      return say('warning', `We don’t know whether ${backend} received the rejection.${detail}`);
    default:
      return say('warning', `${backend} did not accept the rejection.${detail}`);
  }
}
