/** The forms behind the buttons. Pure. Tested in test/core/view/forms/decision-form.test.ts. */

import { askerPhrase, toolTitle } from '../../approval/names.ts';
import { type Action, isVisitorChat } from '../../approval/pause/pause.ts';
import { needsConfirmation } from '../../approval/steps/approved-within.ts';
import type { Shown, Subject } from '../../approval/subject.ts';
import { checkForm } from '../../form/check.ts';
import { filledFor } from '../../form/filled-for.ts';
import { type AnswerForm, CONFIRM_KEY, type Filled, initialOf, textForm } from '../../form/form.ts';
import { optionOf } from '../../form/from-json-schema.ts';
import { clip } from '../../text/clip.ts';
import type { ButtonId } from '../button-id.ts';
import { labelOf } from '../labels.ts';
import { answerFormOf } from './answer-form.ts';
import { answerConfirmation, confirmation, rejectConfirmation, whatHappens } from './confirmation.ts';
import { type FormSection, formContextOf } from './form-context.ts';
import { type FormRule, type FormSettings, formRuleOf } from './form-rule.ts';
import { canBeKept, doneForm, takeOverForm } from './take-over-form.ts';

/** A form to be filled in. */
export interface Form extends AnswerForm {
  buttonId: ButtonId;
  title: string;
  /** What it is about, in one line. */
  about: string;
  /** The question and its parameters: the form covers the card. Default: none. */
  context?: readonly FormSection[];
  submit: string;
  /** What its inputs hold as it opens. */
  filled: Filled;
}

/** At a field, where an earlier page of the form is no longer saved. */
export const DRAFT_EXPIRED = 'Your draft has expired. Please start over.';

/** What the line above a confirmation begins with. */
const confirmed: Record<Action, string> = {
  approve: 'You are about to approve',
  reject: 'You are about to reject',
  take_over: 'Your answer may approve',
};
const ABOUT_MAX = 300;
const KEPT = 'Shown on the card and kept in the audit log.';

/**
 * @param draft what this person filled in before; null: it opens as it is
 * @param keptMs of *Take over*: how long the claim can be kept, ms; null: not known
 */
export function formFor(
  buttonId: ButtonId & { action: Action },
  approval: Shown,
  settings: FormSettings,
  draft: Filled | null,
  keptMs: number | null = null,
): Form {
  const { approvalId, action, fingerprint, done } = buttonId;
  const isKeepable = action === 'take_over' && canBeKept(approval.pause);
  const takeOver = isKeepable ? (done === true ? doneForm : takeOverForm(keptMs)) : null;
  const { form, title, submit } = takeOver ?? formOf(action, approval, settings, draft);
  const brief = clip(`${askerPhrase(approval, 'the backend')}: ${toolTitle(approval.pause, ABOUT_MAX)}`, ABOUT_MAX);
  const confirms = form.fields.some(({ key }) => key === CONFIRM_KEY);
  const begins = confirmed[action];
  const read = isVisitorChat(approval.pause) ? ' The visitor may read your text.' : '';
  const above = takeOver === null ? brief : `${brief}\n${takeOver.note}${read}`;
  const about = confirms ? whatHappens(approval, begins) : above;
  return {
    ...form,
    buttonId: { approvalId, action, fingerprint, ...(done && { done }) },
    title,
    about,
    // What is about to be approved is in the line above already.
    ...(!(confirms && action === 'approve') && { context: formContextOf(approval) }),
    submit,
    filled: { ...initialOf(form), ...proposedIn(form, action, approval), ...draft },
  };
}

/** Others sign an answer in the words of the last one who did; null: none has, or the form can’t give those words. */
function proposedIn(form: AnswerForm, action: Action, { pause, signatures }: Shown): Filled | null {
  const proposed = signatures.findLast((one) => one.action === 'take_over');
  if (action !== 'take_over' || pause.kind !== 'await' || proposed === undefined || proposed.text === null) return null;
  const fields = form.fields.filter(({ key }) => key !== CONFIRM_KEY);
  return filledFor({ ...form, fields }, proposed.text, proposed.sentAs);
}

function formOf(
  action: Action,
  approval: Shown,
  settings: FormSettings,
  filled: Filled | null,
): { form: AnswerForm; title: string; submit: string } {
  const { pause, confirm } = approval;
  const item = pause.kind === 'item';
  const rule = formRuleOf(approval, action, settings);
  switch (action) {
    case 'approve': {
      const hint = item ? KEPT : `Sent to the agent with the approval${readByVisitor(pause)}.`;
      const submit = labelOf('approve', pause);
      const note = noteForm('Note', hint, rule);
      if (!confirm) return { form: note, title: submit, submit };
      // A note that came without having been asked for (over the API) is kept all the same.
      const noted = rule.note !== 'off' || filled?.['text'] !== undefined || filled?.['reason'] !== undefined;
      const fields = [confirmation(pause), ...(noted ? note.fields : [])];
      return { form: { ...note, fields }, title: `${submit}?`, submit };
    }
    case 'reject': {
      const submit = labelOf('reject', pause);
      const form = noteForm('Why?', reasonHint(pause), rule);
      if (!needsConfirmation(approval, 'reject', null)) return { form, title: submit, submit };
      return { form: { ...form, fields: [...form.fields, rejectConfirmation()] }, title: `${submit}?`, submit };
    }
    case 'take_over': {
      const title = labelOf('take_over', pause);
      return {
        form: withConfirmation(takenOverForm(pause), approval, filled),
        title,
        submit: pause.kind === 'await' ? 'Send answer' : title,
      };
    }
  }
}

function takenOverForm(pause: Subject): AnswerForm {
  if (pause.kind === 'await') return answerFormOf(pause);
  return pause.kind === 'item' ? textForm({ label: 'Note', hint: KEPT, required: false }) : doneForm.form;
}

/** At the end, so that the pages before it stay as they are. */
function withConfirmation(form: AnswerForm, approval: Shown, filled: Filled | null): AnswerForm {
  const checked = filled === null ? null : checkForm(form, filled);
  const needed = checked?.ok === true && needsConfirmation(approval, 'take_over', checked.text);
  // An answer to an await is sent as the output of its call, so the field is there from the start.
  if (!needed && !(approval.confirm && approval.pause.kind === 'await')) return form;
  return { ...form, fields: [...form.fields, answerConfirmation(needed)] };
}

/** The agent may repeat it in the chat. */
function readByVisitor(pause: Subject): string {
  return isVisitorChat(pause) ? ', and the visitor may read it' : '';
}

function reasonHint(pause: Subject): string {
  return pause.kind === 'item' ? KEPT : `The reason is sent to the agent${readByVisitor(pause)}.`;
}

/** A free text; with the rule’s own texts to pick from, where it has any. */
function noteForm(label: string, hint: string, { note, quick }: FormRule): AnswerForm {
  const required = note === 'required';
  if (quick.length === 0) return textForm({ label, hint, required });
  const options = quick.map((reason) => optionOf(reason, undefined));
  const what = label === 'Note' ? 'note' : 'reason';
  const other = { key: 'text', label: `Your own ${what}`, long: true, join: true };
  const how = `Pick a ${what} or write your own${required ? ' (required)' : ''}.`;
  const about = { key: 'reason', path: [], label, hint: `${how} ${hint}`, required };
  return {
    shape: 'text',
    fields: [{ kind: 'choice', ...about, many: false, options, min: null, max: null, other, initial: [] }],
  };
}
