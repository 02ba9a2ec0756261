/** A rule without a request: for those who read the whole policy. Tested in test/core/policy/explain/rule.test.ts. */
import type { Requirement, Verb } from '../../approval/parts/requirement.ts';
import { ruleOf } from '../../approval/steps/signing/rules.ts';
import type { PolicyDocument, Rule } from '../rules/document.ts';
import { requirementOf, timingOf } from '../rules/requirement.ts';
import { roomsOfLast } from '../rules/route.ts';
import { fitOf } from './applies.ts';
import { notesOf, type Step, stepsOfLengths } from './later.ts';
import { type Member, membersOf } from './members.ts';
import { formText, peopleText } from './takes.ts';
import { entryText, listed, placeText } from './words.ts';

export interface RuleExplanation {
  name: string;
  /** It decides nothing, and records what it would have done. */
  isOnTrial: boolean;
  /** Which requests it is for; empty: all that no rule before it took. */
  fits: readonly string[];
  /** Where it decides itself. Null: people do. */
  standing: 'approve' | 'reject' | null;
  /** What each verb takes; none where it decides itself. */
  verbs: readonly { verb: Verb; text: string }[];
  members: readonly Member[];
  where: string;
  steps: readonly Step[];
  notes: readonly string[];
}

/** @param now as of when people are on duty, ms since 1970 */
export function explainRule(rule: Rule, document: PolicyDocument, now: number): RuleExplanation {
  const { name, mode, standing, rooms, direct, mention } = rule;
  const requirement = requirementOf(rule, document);
  const isRejectable = requirement.verbs.reject !== undefined;
  const confirm = Object.values(requirement.verbs).some((verb) => verb.confirm);
  const context = { requirement, document, isRejectable, confirm };
  const isOpen = standing === null;
  const places = rooms.length > 0 ? rooms : roomsOfLast(document);
  const people = direct.map(({ text }) => entryText(text, document));
  const mentioned = mention.map(({ text }) => entryText(text, document));
  const lengths = { remindAfter: rule.remind?.afterMs ?? [], timing: timingOf(rule) };
  return {
    name,
    isOnTrial: mode === 'watch',
    fits: fitOf(rule, false).map((one) => one.replace(/^its condition is true: /, 'its condition holds: ')),
    standing,
    verbs: isOpen ? verbsOf(requirement, document) : [],
    members: isOpen ? membersOf(requirement, document, now) : [],
    where: [
      places.length === 0 ? 'In no room: the file names none for it' : `In ${listed(places.map(placeText))}`,
      ...(people.length === 0 ? [] : [`by direct message to ${listed(people)}`]),
      ...(mentioned.length === 0 ? [] : [`mentioning ${listed(mentioned)}`]),
    ].join(', '),
    steps: isOpen ? stepsOfLengths(lengths, context) : [],
    notes: isOpen ? notesOf(requirement, context) : [],
  };
}

function verbsOf(requirement: Requirement, document: PolicyDocument): RuleExplanation['verbs'] {
  return Object.keys(requirement.verbs).map((name) => {
    const verb = name as Verb;
    const action = verb === 'answer' ? 'take_over' : verb;
    const pause = { kind: verb === 'answer' ? ('await' as const) : ('approval' as const) };
    // As a press is judged: a take-over takes one person, whatever its rule says.
    const rule = ruleOf(requirement, action, pause);
    if (rule === null) return { verb, text: 'no one may.' };
    const parts = [
      peopleText(rule, document),
      ...(rule.notRequester ? ['not the person who asked'] : []),
      ...formText(action, rule, pause, rule.confirm),
    ];
    return { verb, text: `${parts.join('; ')}.` };
  });
}
