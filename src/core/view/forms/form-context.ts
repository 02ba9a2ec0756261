/**
 * What a form is about, in the form: it covers the card. Pure. Tested in test/core/view/forms/form-context.test.ts.
 */
import type { Shown } from '../../approval/subject.ts';
import { maskText } from '../../mask/text.ts';
import { maskParameters } from '../../mask/value.ts';
import type { Clipped } from '../../text/clip.ts';
import { thousands } from '../../text/numbers.ts';
import { reveal } from '../../text/visible/reveal.ts';
import { bodyLabel, questionOf } from '../content/content.ts';
import { fitParameters } from '../content/outline.ts';
import { fitText, type Room } from '../content/room.ts';

/** A part of the request: its label is ours, and its text is shown as code, character by character. */
export interface FormSection {
  label: string;
  text: string;
}

/** Less than on a card: the inputs are below it, on a phone above its keyboard. Both fit a modal of Discord. */
const ROOM: Room = { max: 900, maxLines: 14 };

/** The question, and the parameters where it does not say them; each says how much of it is not shown. */
export function formContextOf({ pause }: Shown): FormSection[] {
  if (pause.prompt !== undefined) return question(maskText(pause.prompt.text).value);
  const parameters = fitParameters(maskParameters(pause).value, ROOM);
  return [...question(questionOf(pause)), ...section(bodyLabel(pause), parameters)];
}

/** @param text masked */
function question(text: string): FormSection[] {
  return section('Question', fitText(reveal(text).trim(), ROOM));
}

function section(label: string, { text, hidden }: Clipped): FormSection[] {
  if (text.trim() === '') return [];
  const cut = hidden === 0 ? '' : ` (${thousands(hidden)} characters more in Details)`;
  return [{ label: `${label}${cut}`, text }];
}
