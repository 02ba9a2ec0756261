/**
 * What time does to an open approval, before it happens, in one line. Pure. Tested in
 * test/core/view/policy/timeline.test.ts.
 */

import type { Escalation } from '../../approval/parts/requirement.ts';
import { asksPerson } from '../../approval/pause/pause.ts';
import { escalationsAhead } from '../../approval/steps/time/escalation.ts';
import { policyEndOf } from '../../approval/steps/time/expiry.ts';
import { remindersAhead } from '../../approval/steps/time/reminders.ts';
import type { Shown } from '../../approval/subject.ts';
import { counted } from '../../text/numbers.ts';
import type { Line, Span } from '../card.ts';
import { wantsAnswer } from '../labels.ts';
import { clockTime } from '../moments.ts';
import { whoText } from './who.ts';

/** A line holds so many steps before the end; further ones are counted. */
const STEPS_MAX = 3;

interface Step {
  at: number;
  /** What is before its time. */
  what: string;
}

/** `Reminder at 7:00, then @oncall at 9:40; rejected at 12:00 if nobody decides.` Null: time does nothing to it here. */
export function timelineOf(approval: Shown): Line | null {
  const { phase, pause, askedAt } = approval;
  if (phase !== 'open' || !asksPerson(pause) || pause.actions.length === 0) return null;
  const end = policyEndOf(approval);
  const steps = stepsBefore(end?.at ?? pause.deadline ?? Number.POSITIVE_INFINITY, approval);
  const shown = steps.slice(0, STEPS_MAX).flatMap(({ at, what }, index): Span[] => {
    return [`${index === 0 ? '' : ', then '}${what} at `, clockTime(at, askedAt)];
  });
  const more = steps.length - STEPS_MAX;
  const spans: Span[] = more > 0 ? [...shown, `, then ${counted(more, 'more step')}`] : shown;
  if (end !== null) spans.push(...endOf(end, spans.length === 0 ? '' : '; ', approval));
  else if (spans.length > 0) spans.push('.');
  const [first, ...rest] = spans;
  return first === undefined ? null : [typeof first === 'string' ? capital(first) : first, ...rest];
}

function endOf({ end, at }: { end: 'leave' | 'reject'; at: number }, joint: string, { pause, askedAt }: Shown): Span[] {
  const what = end === 'reject' ? 'rejected' : 'closed here';
  return [`${joint}${what} at `, clockTime(at, askedAt), ` if nobody ${wantsAnswer(pause) ? 'answers' : 'decides'}.`];
}

/** In their order. What would come at the end or after it does not come. */
function stepsBefore(end: number, approval: Shown): Step[] {
  const reminder = approval.requirement?.remindTo === 'direct' ? 'reminder by direct message' : 'reminder';
  const reminders = remindersAhead(approval).map((at): Step => ({ at, what: reminder }));
  const escalations = escalationsAhead(approval).map((one): Step => ({ at: one.at, what: escalationText(one) }));
  return [...reminders, ...escalations].filter(({ at }) => at < end).sort((one, other) => one.at - other.at);
}

function escalationText({ mention, places }: Escalation): string {
  return mention.length > 0 ? whoText(mention) : `posted in ${counted(places.length, 'more room')}`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
