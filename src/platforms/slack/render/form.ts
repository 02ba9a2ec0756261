/** A form as a modal, and the modal that takes its place when a submission is refused. Pure. */
import type { types } from '@slack/bolt';
import { clip, clipMiddle } from '../../../core/text/text.ts';
import { encodeButtonId } from '../../../core/view/button-id.ts';
import type { Form } from '../../../core/view/forms/decision-form.ts';
import { limits } from '../api/limits.ts';
import { plainText } from './blocks.ts';
import { renderField } from './fields.ts';

export const FORM_CALLBACK = 'countersign.form';

/** Where a press came from: a modal doesn't know the room it was opened in, so it carries it along. */
export interface FormOrigin {
  channel: string | null;
  /** `ts` of the thread's root, where the card is in a thread. */
  thread: string | null;
  /** Of the list that the press came from: it is drawn again once the form is in. */
  responseUrl?: string | null;
}

export function renderForm(form: Form, { channel, thread, responseUrl = null }: FormOrigin): types.ModalView {
  const origin = { channel, thread, ...(form.aim.list === undefined ? {} : { responseUrl }) };
  return {
    type: 'modal',
    callback_id: FORM_CALLBACK,
    private_metadata: JSON.stringify({ aim: encodeButtonId(form.aim), ...origin }),
    title: short(form.title, limits.viewTitle, 'Countersign'),
    submit: short(form.submit, limits.viewButton, 'Submit'),
    close: plainText('Cancel'),
    blocks: [...section(form.about), ...focused(form.fields.flatMap((field) => renderField(field, form.filled)))],
  };
}

/** The cursor stands in the first input, where that is one to write in. */
function focused([first, ...others]: types.InputBlock[]): types.InputBlock[] {
  if (first === undefined) return [];
  const { element } = first;
  return [
    element.type === 'plain_text_input' ? { ...first, element: { ...element, focus_on_load: true } } : first,
    ...others,
  ];
}

/** Takes the place of a form whose submission changed nothing, or not all that it was to change. */
export function renderNotice(text: string, written = '', title = 'Not recorded'): types.ModalView {
  return {
    type: 'modal',
    title: short(title, limits.viewTitle, 'Countersign'),
    close: plainText('Close'),
    // What somebody wrote is theirs: it can be copied from here.
    blocks: [
      ...section(text === '' ? 'Nothing was recorded.' : text),
      ...section(written === '' ? '' : `You wrote:\n${written}`),
    ],
  };
}

function section(text: string): types.SectionBlock[] {
  return text === '' ? [] : [{ type: 'section', text: plainText(clipMiddle(text, limits.textObject).text) }];
}

function short(text: string, max: number, instead: string): types.PlainTextElement {
  return plainText(clip(text === '' ? instead : text, max));
}
