/** What people read about standing answers: after a press, and in `/approvals standing`. Pure. Tested in test/core/view/operators/standing.test.ts. */
import { actorName, askerPhrase, toolPhrase } from '../../approval/names.ts';
import type { Shown } from '../../approval/subject.ts';
import { lengthText } from '../../policy/explain/words.ts';
import type { Grant } from '../../policy/grants/grant.ts';
import { clip } from '../../text/clip.ts';
import { counted } from '../../text/numbers.ts';
import { APPROVALS_COMMAND, type CommandAnswer } from '../command.ts';
import { briefOf } from '../content/content.ts';

/** One in the list. */
export interface GrantListed {
  grant: Grant;
  approval: Shown;
  /** The backend's name for people. */
  backend: string;
}

/** Fits a private message with its buttons on both platforms. */
const LISTED_MAX = 5;
const NAME_MAX = 60;
const BRIEF_MAX = 120;

/** Why a standing answer is not given. */
export type NotGiven = 'not_possible' | 'unearned' | 'policy' | 'exists' | 'changed' | 'deputy' | 'unseen' | 'ended';

export function notGivenText(why: NotGiven): string {
  const texts: Record<NotGiven, string> = {
    not_possible: 'The same can’t be allowed without a person here. Each request needs its own decision.',
    unearned: 'Too few similar requests were approved by people. Each request needs its own decision.',
    policy: 'The policy has changed since this was approved. Allow the same from a newer card.',
    exists: `The same is allowed already. ${APPROVALS_COMMAND} standing shows it.`,
    changed: 'This card is out of date. Nothing was recorded.',
    deputy: 'You approved this in place of another person, so only that person can allow it in advance.',
    unseen:
      'Your right to approve this is known only when you press: it comes from a role, or could not be checked. So it can’t be allowed in advance.',
    ended: 'This standing answer has ended already.',
  };
  return texts[why];
}

/** To the person who gave it. */
export function givenText({ uses, at, until }: Grant): string {
  return `Recorded: the same is approved in your name for ${lengthText(until - at)}, up to ${counted(uses, 'time')}. This card and ${APPROVALS_COMMAND} standing show it, and end it.`;
}

export function endedText({ by, used, uses }: Grant): string {
  return `The standing answer of ${actorName(by)} has ended: ${used} of ${uses} used. The next such request asks people.`;
}

/** @param said about what was done just before; default: nothing */
export function standingList(all: readonly GrantListed[], said: string | null = null): CommandAnswer {
  const shown = all.slice(0, LISTED_MAX);
  const lines = shown.map(({ grant, approval, backend }, index) => {
    const { by, used, uses, until } = grant;
    const what = `${toolPhrase(approval.pause, NAME_MAX)} for ${askerPhrase(approval, backend)}`;
    const { text } = briefOf(approval, BRIEF_MAX);
    const values = text === '' ? '' : ` (${text})`;
    return `${index + 1}. ${clip(what, 2 * NAME_MAX)}${values}: by ${actorName(by)}, ${used} of ${uses} used, until ${untilText(until)}.`;
  });
  const left = all.length - shown.length;
  const heading = all.length === 0 ? 'No standing answer of yours is in force.' : 'Standing answers in force:';
  const more =
    left === 0
      ? []
      : [`${left} more ${left === 1 ? 'is' : 'are'} in force; end these first to see ${left === 1 ? 'it' : 'them'}.`];
  const buttons = shown.map(({ grant }, index) => ({ label: `End ${index + 1}`, typed: `standing end ${grant.from}` }));
  const text = [...(said === null ? [] : [said]), heading, ...lines, ...more].join('\n');
  return { text, rooms: [], ...(buttons.length > 0 && { buttons }) };
}

/** `2026-09-01 10:30 UTC` */
function untilText(until: number): string {
  return `${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
