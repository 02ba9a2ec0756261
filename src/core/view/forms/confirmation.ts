/** The form that asks to confirm a dangerous approval. Pure. Tested in test/core/view/forms/decision-form.test.ts. */

import { askerPhrase, toolPhrase, toolTitle } from '../../approval/names.ts';
import type { Shown, Subject } from '../../approval/subject.ts';
import { CONFIRM_KEY, type FieldOf } from '../../form/form.ts';
import { maskText } from '../../mask/text.ts';
import { clip } from '../../text/clip.ts';
import { isPlainName } from '../../text/humanise.ts';
import { thousands } from '../../text/numbers.ts';
import { quoted } from '../../text/visible/quoted.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import { hiddenText } from '../cards/cautions.ts';
import { briefOf, contentOf, questionOf } from '../content/content.ts';

const TITLE_MAX = 300;
/** Of the one line that says what is approved, characters: it fits every modal. */
const WHAT_MAX = 900;
/** Of the tool's name within the option, characters: Slack's options take 75. */
const YES_MAX = 60;

/** A choice whose only option is yes, so that it is not filled in by accident. */
export function confirmation(pause: Subject): FieldOf<'choice'> {
  return onlyYes(`Yes, ${toolTitle(pause, YES_MAX)}`, { hint: 'Dangerous action: please confirm.', required: true });
}

/** The same for an answer that may be read as a yes. `required`: this one may; else only a plain no can do without. */
export function answerConfirmation(required: boolean): FieldOf<'choice'> {
  const hint = 'Dangerous action: confirm, unless your answer is a plain no.';
  return onlyYes('Yes, send this answer', { hint, required });
}

/** Where a rule asks twice before a rejection. */
export function rejectConfirmation(): FieldOf<'choice'> {
  return onlyYes('Yes, reject it', { hint: 'The policy asks you to confirm.', required: true });
}

function onlyYes(label: string, { hint, required }: { hint: string; required: boolean }): FieldOf<'choice'> {
  return {
    kind: 'choice',
    key: CONFIRM_KEY,
    path: [],
    label: 'Are you sure?',
    hint,
    required,
    many: false,
    options: [{ value: 'yes', label, note: '' }],
    min: null,
    max: null,
    other: null,
    initial: [],
  };
}

/** What approving it does, in one line; masked as on the card. @param begins what the person is about to do */
export function whatHappens(approval: Shown, begins = 'You are about to approve'): string {
  const { pause } = approval;
  const name = revealLine(maskText(pause.tool).value);
  const isNamed = isPlainName(pause.tool) && pause.kind !== 'item' && pause.prompt === undefined;
  const named = isNamed && toolTitle(pause, TITLE_MAX) !== name ? ` (${clip(name, TITLE_MAX)})` : '';
  const question = revealLine(questionOf(pause));
  const first = clip(question, WHAT_MAX / 2);
  const brief = briefOf(approval, WHAT_MAX - first.length);
  const line = [first, brief.text].filter((part) => part !== '').join(' · ');
  const more = brief.hidden + Math.max(0, question.length - first.length);
  const cut = more > 0 ? ` ${thousands(more)} more characters: open Details before you confirm.` : '';
  const { hidden } = contentOf(approval);
  const nothing = hidden.length > 0 ? 'Its parameters are hidden.' : 'It has no parameters.';
  const [kept = ''] = hiddenText(hidden, 'The backend');
  const unknown = pause.unknownCall === true ? ' What it does can’t be shown here.' : '';
  const about = `${begins} ${toolPhrase(pause, TITLE_MAX)}${named} for ${askerPhrase(approval, 'the backend')}`;
  if (line === '') return `${about}. ${nothing}${unknown}`;
  return `${about}: ${quoted(line, WHAT_MAX + 2)}${cut}${kept === '' ? '' : ` ${kept}.`}${unknown}`;
}
