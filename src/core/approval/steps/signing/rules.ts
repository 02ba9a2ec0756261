/** What a press takes, by the requirement of its approval. Tested in test/core/approval/steps/signing/rules.test.ts. */
import { isBlank } from '../../../text/blank.ts';
import type { Approval } from '../../approval.ts';
import type { Requirement, Verb, VerbRule } from '../../parts/requirement.ts';
import type { Action, Pause } from '../../pause/pause.ts';
import { approvedWithin } from '../approved-within.ts';

/** What the policy calls this action on this pause. */
export function verbOf(action: Action, { kind }: Pick<Pause, 'kind'>): Verb {
  return action === 'take_over' && kind === 'await' ? 'answer' : action;
}

/** What a verb takes now. */
export interface RuleInForce extends VerbRule {
  /** Who may in addition since an escalation: they count as people, and for no entry of `by`. */
  also: readonly string[];
}

/**
 * What this action takes on this approval; null: no one may. A take-over takes one person, and asks once: that person does the
 * work, the agent does not, and nothing is approved.
 */
export function ruleOf(requirement: Requirement, action: Action, pause: Pick<Pause, 'kind'>): RuleInForce | null {
  const verb = verbOf(action, pause);
  const rule = requirement.verbs[verb];
  if (requirement.denied !== null || rule === undefined || rule.by.length === 0) return null;
  const also = requirement.escalated.flatMap(({ mention }) => mention);
  return { ...rule, ...(verb === 'take_over' && { count: 1, each: 0, confirm: false }), also };
}

/** What a press does: what its button says, and what a free answer says. Only an answer to an await is read as one. */
export function actionsOf(action: Action, text: string | null, { kind }: Pick<Pause, 'kind'>): Action[] {
  return kind === 'await' ? [action, ...approvedWithin(action, text)] : [action];
}

/** The rules of all that a press does; null: no one may. Empty where the approval has no requirement. */
export function rulesOf(
  { requirement, pause }: { requirement?: Requirement | undefined; pause: Pick<Pause, 'kind'> },
  action: Action,
  text: string | null,
): RuleInForce[] | null {
  if (requirement === undefined) return [];
  const rules = actionsOf(action, text, pause).map((one) => ruleOf(requirement, one, pause));
  return rules.every((rule) => rule !== null) ? rules : null;
}

/** Whether a person has to write something. No inbox has a field for it in its wire format. */
export function isNoteRequired({ note }: Pick<VerbRule, 'note'>, { kind }: Pick<Pause, 'kind'>): boolean {
  return note === 'required' || (note === 'carried' && kind !== 'item');
}

/** The rule asks for a note or a reason, and there is none. */
export function lacksNote(
  { pause }: Pick<Approval, 'pause'>,
  rules: readonly VerbRule[],
  text: string | null,
): boolean {
  return (text === null || isBlank(text)) && rules.some((rule) => isNoteRequired(rule, pause));
}
