/** One line of a card that says what a decision takes, by which rule. Pure. Tested in test/core/view/cards/signing/rule-line.test.ts. */
import type { Requirement } from '../../../approval/parts/requirement.ts';
import type { Action } from '../../../approval/pause/pause.ts';
import { joined } from '../../../approval/signers.ts';
import { type RuleInForce, ruleOf, verbOf } from '../../../approval/steps/signing/rules.ts';
import type { Shown } from '../../../approval/subject.ts';
import { SETTINGS_VERSION } from '../../../policy/rules/document.ts';
import { clip } from '../../../text/clip.ts';
import { revealLine } from '../../../text/visible/reveal.ts';
import { labelOf } from '../../labels.ts';
import { entryText } from './tally-text.ts';

/** Of the name of a rule, and of an expression with its error, characters. */
const NAME_MAX = 60;
const ERROR_MAX = 160;

/** Only an operator can do something about it. */
const REMEDY = 'Once an operator changes the policy, this card changes.';

type Ruled = Pick<Shown, 'pause' | 'requirement'>;

/** The actions that someone may take by what is required; without a requirement, all that the backend takes. */
export function allowedActions({ pause, requirement }: Ruled): readonly Action[] {
  if (requirement === undefined) return pause.actions;
  return pause.actions.filter((action) => ruleOf(requirement, action, pause) !== null);
}

/** No one may decide it: the policy denies it, or names no one for any of its actions. */
export function isDenied(approval: Ruled): boolean {
  return approval.pause.actions.length > 0 && allowedActions(approval).length === 0;
}

/** `Rule “refunds above 500”: 2 of finance and legal, not the requester.` Null: the settings say it all. */
export function ruleLine(approval: Ruled): string | null {
  const { pause, requirement } = approval;
  if (requirement === undefined || requirement.version === SETTINGS_VERSION) return null;
  if (isDenied(approval)) return `No one may decide this: ${denialText(requirement)} ${REMEDY}`;
  const takes = new Map<string, string[]>();
  const allowed = allowedActions(approval);
  // Without its button, no one asks who may take it over; that no one may answer is said.
  const shown = pause.actions.filter((action) => allowed.includes(action) || verbOf(action, pause) !== 'take_over');
  for (const action of shown) {
    const text = takesText(ruleOf(requirement, action, pause), pause);
    takes.set(text, [...(takes.get(text) ?? []), `“${labelOf(action, pause)}”`]);
  }
  const [[only] = [''], ...more] = [...takes];
  const text = more.length === 0 ? only : [...takes].map(([taken, labels]) => `${joined(labels)}: ${taken}`).join('; ');
  return `Rule “${nameOf(requirement)}”: ${text}.`;
}

/** How many different people sign it. */
function peopleOf({ by, count, each }: RuleInForce): number {
  return Math.max(count, each * new Set(by).size);
}

/** `It takes 2 approvals.` Null: one person is enough, or no one may. */
export function peopleText({ pause, requirement }: Ruled): string | null {
  const action = pause.actions.includes('approve') ? 'approve' : 'take_over';
  const rule = requirement === undefined ? null : ruleOf(requirement, action, pause);
  const people = rule === null ? 1 : peopleOf(rule);
  if (people === 1) return null;
  return action === 'approve' ? `It takes ${people} approvals.` : `An answer takes ${people} signatures.`;
}

function takesText(rule: RuleInForce | null, { requester }: Ruled['pause']): string {
  if (rule === null) return 'no one';
  const { by, also, each, notRequester } = rule;
  const people = peopleOf(rule);
  const who = joined(by.map(entryText), people === 1 ? 'or' : 'and');
  return [
    people === 1 ? who : `${people} of ${who}`,
    ...(people > 1 && each > 0 && by.length > 1 ? [`at least ${each} of each`] : []),
    ...(also.length > 0 ? [`since the escalation also ${joined(also.map(entryText))}`] : []),
    ...(notRequester ? [`not the requester${nameOfRequester(requester)}`] : []),
  ].join(', ');
}

/** ` (ana)`; empty for an account, which has no name here. */
function nameOfRequester(requester: string | undefined): string {
  // The rule would exclude someone, and does not.
  if (requester === undefined) return ' (who asked is not known, so no one is excluded)';
  return requester.includes(':') ? '' : ` (${nameOf({ rule: requester })})`;
}

function denialText(requirement: Requirement): string {
  const { denied } = requirement;
  const name = nameOf(requirement);
  switch (denied?.code) {
    case 'no_rule':
      return 'no rule of the policy matches it.';
    case 'expression':
      return `the condition of the rule “${name}” has an error: ${clip(revealLine(denied.text ?? ''), ERROR_MAX)}.`;
    case 'mode':
      return `the rule “${name}”, which matches it, only watches.`;
    default:
      return `the rule “${name}” names no one.`;
  }
}

/** Of a rule, fit to be shown. */
export function nameOf({ rule }: Pick<Requirement, 'rule'>): string {
  return clip(revealLine(rule), NAME_MAX);
}
