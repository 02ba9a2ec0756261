/** What the form of a decision asks for. Pure. Tested in test/core/view/forms/form-rule.test.ts. */
import type { Action } from '../../approval/pause/pause.ts';
import { needsConfirmation } from '../../approval/steps/approved-within.ts';
import { isNoteRequired, ruleOf } from '../../approval/steps/signing/rules.ts';
import type { Shown } from '../../approval/subject.ts';
import { SETTINGS_VERSION } from '../../policy/rules/document.ts';

/** The operator's settings for forms, where no rule says more. */
export interface FormSettings {
  /** Offered above the free reason of *Reject*. */
  quickReasons: readonly string[];
  /** Where the backend can carry one. */
  reasonRequired: boolean;
  /** *Approve* opens a form for a note, instead of deciding at once. */
  approveNote: boolean;
}

export const defaultForms: FormSettings = { quickReasons: [], reasonRequired: true, approveNote: false };

/** What is asked for, beside an answer. */
export interface FormRule {
  note: 'off' | 'optional' | 'required';
  quick: readonly string[];
}

/** By the rule of the approval; by the settings where a bot has no policy file, and in rows of earlier versions. */
export function formRuleOf({ requirement, pause }: Shown, action: Action, settings: FormSettings): FormRule {
  const isFromFile = requirement !== undefined && requirement.version !== SETTINGS_VERSION;
  const rule = isFromFile ? ruleOf(requirement, action, pause) : null;
  if (rule !== null) {
    const note = isNoteRequired(rule, pause) ? 'required' : rule.note === 'off' ? 'off' : 'optional';
    return { note, quick: rule.quick };
  }
  const { quickReasons, reasonRequired, approveNote } = settings;
  if (action !== 'reject') return { note: approveNote ? 'optional' : 'off', quick: [] };
  return { note: reasonRequired && pause.kind !== 'item' ? 'required' : 'optional', quick: quickReasons };
}

/** Whether the press of this button needs its form before it can decide anything. */
export function opensForm(approval: Shown, action: Action, settings: FormSettings): boolean {
  if (action === 'take_over' || needsConfirmation(approval, action, null)) return true;
  return formRuleOf(approval, action, settings).note !== 'off';
}
