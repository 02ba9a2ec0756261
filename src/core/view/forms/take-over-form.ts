/** The forms of a take-over. Pure. Tested in test/core/view/forms/take-over-form.test.ts. */
import type { Subject } from '../../approval/subject.ts';
import { type AnswerForm, textForm } from '../../form/form.ts';
import { duration } from '../../text/numbers.ts';

/**
 * Taking it over is two acts: a person first claims the work, then says that it is done. An await or an entry of an inbox
 * is decided by its form at once: there the answer, or the take-over itself, is all that is wanted.
 */
export function canBeKept({ kind, prompt }: Subject): boolean {
  return kind === 'approval' && prompt?.form === undefined;
}

/** How a take-over that can be kept is asked for. */
export interface TakeOverForm {
  form: AnswerForm;
  title: string;
  /** Above the field: what the submission does. */
  note: string;
  submit: string;
}

/** *Mark as done*. */
export const doneForm: TakeOverForm = {
  form: textForm({ label: 'What did you do?', hint: 'Required. It is sent to the agent.', required: true }),
  title: 'Mark as done',
  note: 'The agent gets your text and does not do it itself.',
  submit: 'Mark as done',
};

/** @param keptMs how long the claim can be kept, ms; null: not known */
export function takeOverForm(keptMs: number | null): TakeOverForm {
  const long = keptMs === null || keptMs < 1_000 ? '' : ` for ${duration(keptMs)}`;
  const now = `To do it now, leave the text empty: nobody else can decide${long}, and the card gets Mark as done.`;
  const done = 'Already done? Say what you did: it is sent at once, and the agent does not do it itself.';
  return {
    form: textForm({
      label: 'What did you do?',
      hint: 'Empty: you do it now. Filled in: it is done, and sent.',
      required: false,
    }),
    title: 'Take over',
    note: `${now}\n${done}`,
    submit: 'Take over',
  };
}
