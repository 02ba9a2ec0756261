/** What an action takes, as sentences. Tested in test/core/policy/explain/explain.test.ts. */
import type { VerbRule } from '../../approval/parts/requirement.ts';
import type { Action } from '../../approval/pause/pause.ts';
import { isNoteRequired, type RuleInForce, verbOf } from '../../approval/steps/signing/rules.ts';
import type { Subject } from '../../approval/subject.ts';
import type { PolicyDocument } from '../rules/document.ts';
import { anyOfText, entryText, foreign, listed } from './words.ts';

type Named = Pick<PolicyDocument, 'people' | 'groups' | 'schedules'>;

/** `approve`, `reject`, `take over`, `answer` */
export function actionWord(action: Action, pause: Pick<Subject, 'kind'>): string {
  return verbOf(action, pause).replace('_', ' ');
}

/** `mara or anyone in finance`; `2 different people: one from finance and one from legal` */
export function peopleText({ by, count, each, also }: RuleInForce, document: Named): string {
  const added =
    also.length === 0 ? '' : `; since the escalation also ${listed(also.map((one) => entryText(one, document)))}`;
  if (count === 1) return `${anyOfText(by, document)}${added}`;
  const entries = by.map((one) => entryText(one, document));
  const least = count > each * by.length ? 'at least ' : '';
  const of =
    each === 0
      ? ` out of ${listed(entries)}`
      : `: ${listed(entries.map((one) => `${least}${each === 1 ? 'one' : each} from ${one}`))}`;
  return `${count} different people${of}${added}`;
}

/** Who may not, whatever groups they are in; empty: the rule excludes no one, or no one who is known. */
export function excludedText({ notRequester }: Pick<VerbRule, 'notRequester'>, { requester }: Subject): string {
  return notRequester && requester !== undefined ? `not ${requesterText(requester)}` : '';
}

/** The rule excludes the requester, and who that is was not said. */
export function isExcludedUnknown(rules: readonly Pick<VerbRule, 'notRequester'>[], { requester }: Subject): boolean {
  return requester === undefined && rules.some(({ notRequester }) => notRequester);
}

/** A name of the file as it is; what a key said in quotation marks. */
export function requesterText(requester: string): string {
  return /^[\p{L}\p{N}_:-]+$/u.test(requester) ? requester : foreign(requester);
}

/** What each person does besides pressing. */
export function formText(action: Action, rule: VerbRule, pause: Pick<Subject, 'kind'>, asksTwice: boolean): string[] {
  const { note, quick, count } = rule;
  const what = action === 'reject' ? 'reason' : 'note';
  const must = isNoteRequired(rule, pause) ? 'must' : 'may';
  const written = note === 'off' ? [] : [count > 1 ? `each ${must} write a ${what}` : `a ${what} ${must} be written`];
  return [
    ...(asksTwice ? [`${count > 1 ? 'each is asked' : 'the form asks'} “Are you sure?”`] : []),
    ...written,
    ...(quick.length > 0 ? [`the form offers ${listed(quick.map(foreign))}, or own words`] : []),
  ];
}
