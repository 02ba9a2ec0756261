/** What happens while it waits, and what a rule allows besides. Tested in test/core/policy/explain/explain.test.ts. */
import type { Requirement } from '../../approval/parts/requirement.ts';
import type { Place } from '../../approval/parts/slot.ts';
import { counted } from '../../text/numbers.ts';
import type { PolicyDocument } from '../rules/document.ts';
import { clockText, entryText, lengthText, listed, momentText, placeText } from './words.ts';

type Named = Pick<PolicyDocument, 'people' | 'groups' | 'schedules'>;

/** One step of time: when, and what happens then. */
export interface Step {
  when: string;
  what: string;
}

/** In ms after it was asked. */
export interface Lengths {
  remindAfter: readonly number[];
  timing: {
    expire: { afterMs: number; end: 'leave' | 'reject' } | null;
    escalate: readonly { afterMs: number; places: readonly Place[]; mention: readonly string[] }[];
  } | null;
}

interface Context {
  requirement: Requirement;
  document: Named;
  /** Whether its backend takes a rejection: without one the policy sends none. */
  isRejectable: boolean;
  /** It asks for a confirmation: quiet hours may not hold its reminders back. */
  confirm: boolean;
}

export function stepsOfLengths({ remindAfter, timing }: Lengths, context: Context): Step[] {
  const { expire = null, escalate = [] } = timing ?? {};
  const all = {
    remind: remindAfter,
    escalate: escalate.map(({ afterMs, ...rest }) => ({ at: afterMs, ...rest })),
    expire: expire === null ? null : { at: expire.afterMs, end: expire.end },
  };
  return steps(all, (ms) => `after ${lengthText(ms)}`, 'no reminders are sent', context);
}

/** Those that are still to come, of an approval that is stored. */
export function stepsOfMoments(remindAt: readonly number[], context: Context): Step[] {
  const { expire, escalations } = context.requirement;
  return steps(
    { remind: remindAt, escalate: escalations, expire },
    (at) => `at ${momentText(at)}`,
    'no further reminders are sent',
    context,
  );
}

function steps(
  {
    remind,
    escalate,
    expire,
  }: {
    remind: readonly number[];
    escalate: readonly { at: number; places: readonly Place[]; mention: readonly string[] }[];
    expire: Requirement['expire'];
  },
  when: (at: number) => string,
  unreminded: string,
  { requirement: { remindTo, quiet, verbs }, document, isRejectable, confirm }: Context,
): Step[] {
  const to =
    remindTo === 'direct'
      ? 'a direct message to everyone who may decide it and has not done so yet'
      : 'a note in the thread of the card';
  const endless = 'it has no deadline here: it waits until someone decides it, or its backend ends it';
  const unless = isHeldBack(quiet, confirm) ? ', or when the quiet hours end' : '';
  const end = expire?.end === 'reject' && isRejectable ? 'reject' : 'leave';
  const isForSeveral = Object.values(verbs).some(({ count }) => count > 1);
  const inTime = [
    ...remind.map((at) => ({ at, what: `a reminder: ${to}${unless}` })),
    ...escalate.map(({ at, places, mention }) => ({ at, what: `${escalated(places, mention, document)}${unless}` })),
    ...(expire === null ? [] : [{ at: expire.at, what: ended(end, isForSeveral) }]),
  ]
    .sort((one, other) => one.at - other.at)
    .map(({ at, what }) => ({ when: when(at), what }));
  return [
    ...(remind.length === 0
      ? [{ when: 'meanwhile', what: inTime.length === 0 ? `${unreminded}; ${endless}` : unreminded }]
      : []),
    ...inTime,
    ...(expire === null && inTime.length > 0 ? [{ when: 'after that', what: endless }] : []),
  ];
}

function escalated(places: readonly Place[], mention: readonly string[], document: Named): string {
  const people = listed(mention.map((one) => entryText(one, document)));
  return [
    ...(places.length === 0 ? [] : [`it is also posted in ${listed(places.map(placeText))}`]),
    ...(mention.length === 0
      ? []
      : [
          `${people} ${mention.length === 1 ? 'is' : 'are'} mentioned, and may use each of these buttons, too, from then on`,
        ]),
  ].join('; ');
}

function ended(end: 'leave' | 'reject', isForSeveral: boolean): string {
  const some = isForSeveral ? ', even if some have approved it' : '';
  return end === 'reject'
    ? `it is rejected${some}, and the card says “Expired”`
    : `it is closed here${some}, and the card says “Expired”; nothing is sent, and the backend keeps its own deadline`;
}

function isHeldBack(quiet: Requirement['quiet'], confirm: boolean): boolean {
  return quiet !== null && !(quiet.exceptDangerous && confirm);
}

/** What else the rule says. */
export function notesOf({ quiet, grant }: Requirement, { confirm }: Pick<Context, 'confirm'>): string[] {
  return [...(quiet === null ? [] : [quietText(quiet, confirm)]), ...(grant === null ? [] : [grantText(grant)])];
}

function quietText(quiet: NonNullable<Requirement['quiet']>, confirm: boolean): string {
  const hours = `from ${clockText(quiet.from)} to ${clockText(quiet.to)} (${quiet.zone})`;
  return isHeldBack(quiet, confirm)
    ? `Quiet hours: no reminders and no escalations ${hours}; they come when these hours end.`
    : `The quiet hours, ${hours}, do not delay the reminders and escalations of this request, because it asks “Are you sure?”.`;
}

function grantText({ after, uses, forMs, vary }: NonNullable<Requirement['grant']>): string {
  const differs = vary.length === 0 ? '' : `, with any value of ${listed(vary)}`;
  const limits = `at most ${counted(uses, 'time')} within ${lengthText(forMs)}`;
  return `After ${counted(after, 'similar approval')}, a person who may approve it may allow the same again from its card: ${limits}${differs}.`;
}
