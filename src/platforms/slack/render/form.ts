/** A form as a modal, and the notice that replaces it. Pure. Tested in test/platforms/slack/render/message.test.ts. */
import type { types } from '@slack/bolt';
import type { ClosedForm } from '../../../core/ports/ports.ts';
import { clip, clipMiddle } from '../../../core/text/clip.ts';
import { encodeButtonId } from '../../../core/view/button-id.ts';
import type { Form } from '../../../core/view/forms/decision-form.ts';
import type { FormSection } from '../../../core/view/forms/form-context.ts';
import { limits } from '../api/size-limits.ts';
import { plainText, richLine, richText, richTextElement } from './blocks.ts';
import { renderField } from './fields.ts';

export const FORM_CALLBACK = 'countersign.form';
export const DETAILS_CALLBACK = 'countersign.details';

/** Where a form was opened: a modal does not know its channel, so the form carries it. */
export interface FormOrigin {
  channel: string | null;
  /** `ts` of the thread’s root message; null outside of a thread. */
  thread: string | null;
  /** Of the list that the press came from: it is replaced after the submission. */
  responseUrl?: string | null;
  /** What was claimed for the modal: it is free again when the modal is closed unsent. Absent: nothing. */
  claim?: ModalClaim | undefined;
}

/** As in `ClosedForm`; the person is the one who closes it. */
export type ModalClaim = Pick<ClosedForm, 'approvalId' | 'form'>;

/** What a modal keeps of its origin: a press in it, and its closing, send that along. */
export function metadataOf({ channel, thread, claim }: FormOrigin) {
  return { channel, thread, ...(claim !== undefined && { claim }) };
}

/** Slack says only of a modal with this mark that it was closed unsent. */
export function closingOf({ claim }: FormOrigin): Pick<types.ModalView, 'notify_on_close'> {
  return claim === undefined ? {} : { notify_on_close: true };
}

export function renderForm(form: Form, from: FormOrigin): types.ModalView {
  const { responseUrl = null } = from;
  const origin = { ...metadataOf(from), ...(form.buttonId.list === undefined ? {} : { responseUrl }) };
  return {
    type: 'modal',
    callback_id: FORM_CALLBACK,
    private_metadata: JSON.stringify({ aim: encodeButtonId(form.buttonId), ...origin }),
    title: shortText(form.title, limits.viewTitle, 'Countersign'),
    submit: shortText(form.submit, limits.viewButton, 'Submit'),
    close: plainText('Cancel'),
    ...closingOf(from),
    blocks: [
      ...section(form.about),
      ...(form.context ?? []).flatMap(contextBlocks),
      ...focused(form.fields.flatMap((field) => renderField(field, form.filled))),
    ],
  };
}

/** Text of others, as code: it can't pass for a line of ours. */
function contextBlocks({ label, text }: FormSection): types.RichTextBlock[] {
  const heading = richLine([{ strong: label }]);
  return richText([heading, { type: 'rich_text_preformatted', elements: richTextElement(text) }]);
}

/** Focuses the first input if it is a text input. */
function focused([first, ...others]: types.InputBlock[]): types.InputBlock[] {
  if (first === undefined) return [];
  const { element } = first;
  return [
    element.type === 'plain_text_input' ? { ...first, element: { ...element, focus_on_load: true } } : first,
    ...others,
  ];
}

/** Replaces a form after a submission that changed nothing, or only a part. */
export function renderNotice(text: string, written = '', title = 'Not recorded'): types.ModalView {
  return {
    type: 'modal',
    title: shortText(title, limits.viewTitle, 'Countersign'),
    close: plainText('Close'),
    // So that people can copy what they wrote.
    blocks: [
      ...section(text === '' ? 'Nothing was recorded.' : text),
      ...section(written === '' ? '' : `You wrote:\n${written}`),
    ],
  };
}

function section(text: string): types.SectionBlock[] {
  return text === '' ? [] : [{ type: 'section', text: plainText(clipMiddle(text, limits.textObject).text) }];
}

function shortText(text: string, max: number, fallback: string): types.PlainTextElement {
  return plainText(clip(text === '' ? fallback : text, max));
}
