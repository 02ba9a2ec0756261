/**
 * Who may decide a request and why, in sentences for a person who has not read the policy's file. Tested in
 * test/core/policy/explain/explain.test.ts.
 */
import type { Requirement, Verb, VerbRule } from '../../approval/parts/requirement.ts';
import type { Place } from '../../approval/parts/slot.ts';
import type { Action } from '../../approval/pause/pause.ts';
import { ruleOf, verbOf } from '../../approval/steps/signing/rules.ts';
import type { Subject } from '../../approval/subject.ts';
import { capitalise } from '../../text/humanise.ts';
import type { PolicyDocument, Rule } from '../rules/document.ts';
import type { Routed } from '../rules/match.ts';
import type { Circumstances, Route } from '../rules/route.ts';
import { fitOf, passedText } from './applies.ts';
import { notesOf, type Step, stepsOfLengths } from './later.ts';
import { type Member, membersOf } from './members.ts';
import { actionWord, excludedText, formText, isExcludedUnknown, peopleText, requesterText } from './takes.ts';
import { entryText, listed, placeText } from './words.ts';

export interface Explanation {
  /** Null: no rule fits. */
  rule: string | null;
  /** `people` decide, the `rule` does, or `no one` may. */
  decides: 'people' | 'rule' | 'no one';
  /** Who decides, in one sentence. */
  verdict: string;
  /** Why this rule applies, in one sentence. */
  why: string;
  /** What each button takes. */
  actions: readonly { verb: Verb; word: string; text: string }[];
  /** Whom the named groups, people and schedules mean. */
  members: readonly Member[];
  where: string;
  /** What happens if no one decides, in its order in time. */
  steps: readonly Step[];
  notes: readonly string[];
  /** Why each rule before it does not apply. */
  passed: readonly string[];
}

export interface Explained extends Circumstances {
  pause: Routed & { actions: readonly Action[] };
  route: Route;
  document: PolicyDocument;
  /** As of when people are on duty, ms since 1970. Default: as of when it is asked. */
  today?: number;
}

export function explain({ pause, route, document, today, ...circumstances }: Explained): Explanation {
  const { rule, requirement, places, confirm, standing } = route;
  const isRejectable = pause.actions.includes('reject');
  const isOpen = standing === null && requirement.denied === null;
  const context = { requirement, document, isRejectable, confirm };
  return {
    rule: rule?.name ?? null,
    decides: standing !== null ? 'rule' : isOpen && isDecidable(requirement, pause) ? 'people' : 'no one',
    verdict: verdictOf(pause, route, document),
    why: whyOf(route, document),
    actions: isOpen ? actionsOf(pause, requirement, { confirm, document }) : [],
    members: isOpen ? membersOf(requirement, document, today ?? circumstances.now, pause.requester) : [],
    where: whereOf(places, isOpen, requirement, document),
    steps: isOpen ? stepsOfLengths(route, context) : [],
    notes: isOpen ? notesOf(requirement, context) : [],
    passed: earlierThan(rule, document).map((one) => passedText(one, pause, circumstances)),
  };
}

/** A sentence behind the one that says who decides; empty: nothing is to be said. */
function unknownRequester(pause: Subject, { verbs }: Requirement): string {
  return isExcludedUnknown(Object.values(verbs), pause)
    ? ' The requester may not, but this request names none, so no one is excluded.'
    : '';
}

function earlierThan(rule: Rule | null, { rules }: PolicyDocument): readonly Rule[] {
  return rule === null ? rules : rules.slice(0, rules.indexOf(rule));
}

/** Whether at least one button has someone who may press it. */
function isDecidable(requirement: Requirement, { actions, kind }: Explained['pause']): boolean {
  return actions.some((action) => ruleOf(requirement, action, { kind }) !== null);
}

export function verdictOf(
  pause: Explained['pause'],
  { requirement, standing, rule }: Pick<Route, 'requirement' | 'standing' | 'rule'>,
  document: PolicyDocument,
): string {
  const { denied } = requirement;
  if (standing !== null) {
    const done = standing === 'approve' ? 'approves' : 'rejects';
    return `No person has to decide: the rule “${rule?.name}” ${done} it at once. The card says that the rule did.`;
  }
  if (denied !== null) return `No one may decide it: ${denialText(denied, requirement.rule)}`;
  if (pause.actions.length === 0) return 'No one can decide it here: its backend takes no answer.';
  const main = pause.actions.includes('approve')
    ? 'approve'
    : (pause.actions.find((one) => one !== 'reject') ?? 'reject');
  const inForce = ruleOf(requirement, main, pause);
  const word = actionWord(main, pause);
  if (inForce === null) return `No one may ${word} it: the rule “${requirement.rule}” names no one for that.`;
  const unknown = unknownRequester(pause, requirement);
  const excluded = excludedText(inForce, pause);
  const { count } = inForce;
  const people = peopleText(inForce, document);
  const [head = '', ...rest] = people.split(': ');
  const sentence =
    count === 1
      ? `${capital(people)} may ${word} it`
      : `${capital(head)} must ${word} it${rest.length === 0 ? '' : `: ${rest.join(': ')}`}`;
  return `${sentence}${excluded === '' ? '' : `, but ${excluded}, who asked for it`}.${unknown}`;
}

export function denialText(denied: NonNullable<Requirement['denied']>, rule: string): string {
  switch (denied.code) {
    case 'no_rule':
      return 'no rule of the file fits this request. It waits until one does: add a last rule for everything else.';
    case 'expression':
      return `the condition of the rule “${rule}” could not be evaluated for this request. It waits until the file is corrected, which is applied to it at once, or the agent sends a new request.${denied.text === null ? '' : ` The condition, and what is wrong: ${denied.text}`}`;
    case 'mode':
      return `the rule “${rule}” only watches.`;
  }
}

function whyOf(
  { rule, requirement: { denied }, watched }: Pick<Route, 'rule' | 'requirement' | 'watched'>,
  { rules, source }: PolicyDocument,
): string {
  if (denied?.code === 'mode') return `No rule of ${source} decides it: one fits, and only watches.`;
  if (rule === null) return `None of the ${rules.length} rules of ${source} fits.`;
  const index = rules.indexOf(rule);
  const at = `Rule ${index + 1} of ${rules.length} in ${source}, “${rule.name}”,`;
  const isFailed = denied?.code === 'expression';
  const fit = fitOf(rule, isFailed);
  if (isFailed) return `${at} stops it: ${listed(fit)}. The rules after it were not tried.`;
  const first = `the first that fits${watched.length > 0 ? ', not counting rules on trial' : ''}`;
  if (fit.length > 0) return `${at} is ${first}: ${listed(fit)}`;
  return `${at} is ${first}: it takes every request${index === 0 ? '' : ' that no rule before it took'}.`;
}

export function actionsOf(
  pause: Explained['pause'],
  requirement: Requirement,
  { confirm, document }: { confirm: boolean; document: PolicyDocument },
): Explanation['actions'] {
  return pause.actions.map((action) => {
    const verb = verbOf(action, pause);
    const word = capitalise(actionWord(action, pause));
    const rule = ruleOf(requirement, action, pause);
    if (rule === null) return { verb, word, text: 'no one may.' };
    const excluded = excludedText(rule, pause);
    const asksTwice = rule.confirm || (confirm && action === 'approve');
    const isEnough = rule.count === 1 && isForSeveral(requirement);
    const enough = isEnough ? `one person is enough${action === 'reject' ? ', and ends the request' : ''}: ` : '';
    const all = [
      `${enough}${peopleText(rule, document)}`,
      ...(excluded === '' ? includedText(rule, requirement, pause) : [excluded]),
      ...(action === 'take_over' && verb === 'take_over'
        ? ['that person does it by hand, and the agent does not']
        : []),
      ...formText(action, rule, pause, asksTwice),
    ];
    return { verb, word, text: `${all.join('; ')}.` };
  });
}

/** Said where other buttons exclude the requester, and this one does not. */
function includedText({ notRequester }: VerbRule, { verbs }: Requirement, { requester }: Subject): string[] {
  const isElsewhere = Object.values(verbs).some((rule) => rule.notRequester);
  if (notRequester || requester === undefined || !isElsewhere) return [];
  return [`${requesterText(requester)} is not excluded from this`];
}

/** One of its buttons takes more than one person. */
export function isForSeveral({ verbs }: Requirement): boolean {
  return Object.values(verbs).some(({ count }) => count > 1);
}

function whereOf(
  places: readonly Place[],
  isOpen: boolean,
  { mention }: Requirement,
  document: PolicyDocument,
): string {
  if (places.length === 0) return 'In no room: the file names none for it.';
  const people = listed(mention.map((one) => entryText(one, document)));
  const mentioned = mention.length === 0 ? '' : `, and mentions ${people}`;
  const card = isOpen ? 'The card, the message with the buttons,' : 'A card without buttons to decide it';
  return `${card} is posted in ${listed(places.map(placeText))}${mentioned}.`;
}

function capital(text: string): string {
  // A name of the file stays as it is written.
  return /^(?:anyone|everyone|the) /.test(text) ? capitalise(text) : text;
}
