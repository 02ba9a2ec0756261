/** What people read who say that they are away. Tested in test/engine/operators/absences.test.ts. */
import { actorName } from '../../approval/names.ts';
import type { Actor } from '../../approval/parts/decision.ts';
import { type Absence, type AbsenceProblem, LONGEST_DAYS } from '../../policy/absences/absence.ts';
import type { CommandAnswer } from '../command.ts';

const USAGE =
  'Write /approvals away until Monday → @ana. A time is Monday, tomorrow, 2026-12-07, 3 days, or one of these with 14:00.';
export const UNKNOWN_DEPUTY =
  'This names nobody who can stand in. Write a person of the policy, such as @ana, or an account that the policy names.';
export const UNNAMED = 'The policy does not name you, so there is nothing to decide in your place.';
export const NOT_AWAY = 'You are not away. Nothing was changed.';

/** @param zone of the times that were typed */
export function awayText({ deputy, until }: Absence, zone: string): CommandAnswer {
  const who = actorName(deputy);
  const text = `${who} stands in for you until ${exactText(until, zone)}. What you may decide, ${who} may decide too, in their own name; so may you. /approvals back ends it.`;
  return { text, rooms: [], at: until };
}

export function shownText(own: Absence | null, others: readonly Absence[], zone: string): CommandAnswer {
  const mine =
    own === null
      ? `You are not away. ${USAGE}`
      : `You are away until ${exactText(own.until, zone)}, and ${actorName(own.deputy)} stands in for you. /approvals back ends it.`;
  const theirs = others.map(
    ({ absent, until }) => `You stand in for ${actorName(absent)} until ${exactText(until, zone)}.`,
  );
  return { text: [mine, ...theirs].join(' '), rooms: [], ...(own !== null && { at: own.until }) };
}

export function backText(deputy: Actor): string {
  return `Welcome back. ${actorName(deputy)} no longer stands in for you.`;
}

export function usageText(): string {
  return `This is not a time and a person. ${USAGE}`;
}

export function refusedAwayText(problem: AbsenceProblem, { deputy, until }: Absence, zone: string): CommandAnswer {
  const who = actorName(deputy);
  const texts: Record<AbsenceProblem, string> = {
    past: `That time has passed: ${exactText(until, zone)}. Nothing was recorded.`,
    too_long: `That is more than ${LONGEST_DAYS} days away: ${exactText(until, zone)}. Nothing was recorded. For longer, change the policy.`,
    self: 'You can’t stand in for yourself. Name another person.',
    deputy_away: `${who} is away as well. Name somebody who is here.`,
  };
  return { text: texts[problem], rooms: [], ...((problem === 'past' || problem === 'too_long') && { at: until }) };
}

/** `Mon, 7 Dec 2026, 09:00 (Europe/Berlin)` */
function exactText(at: number, zone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
  return `${format.format(at)} (${zone})`;
}
