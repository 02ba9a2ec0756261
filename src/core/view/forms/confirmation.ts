/** The form that asks to confirm a dangerous approval. Pure. Tested in test/core/view/forms/decision-form.test.ts. */

import { askerName, toolPhrase, toolTitle } from '../../approval/names.ts';
import type { Shown, Subject } from '../../approval/subject.ts';
import { CONFIRM_KEY, type FieldOf } from '../../form/form.ts';
import { maskText } from '../../mask/text.ts';
import { maskValue } from '../../mask/value.ts';
import { clip } from '../../text/clip.ts';
import { isPlainName } from '../../text/humanise.ts';
import { thousands } from '../../text/numbers.ts';
import { parametersLine } from '../../text/parameters.ts';
import { quoted } from '../../text/visible/quoted.ts';
import { revealLine } from '../../text/visible/reveal.ts';

const TITLE_MAX = 300;
/** Of the one line that says what is approved, characters: it fits every modal. */
const WHAT_MAX = 900;
/** Of the tool's name within the option, characters: Slack's options take 75. */
const YES_MAX = 60;

/** A choice whose only option is yes, so that it is not filled in by accident. */
export function confirmation(pause: Subject): FieldOf<'choice'> {
  const label = `Yes, ${toolTitle(pause, YES_MAX)}`;
  return {
    kind: 'choice',
    key: CONFIRM_KEY,
    path: [],
    label: 'Are you sure?',
    hint: 'Dangerous action: please confirm.',
    required: true,
    many: false,
    options: [{ value: 'yes', label, note: '' }],
    min: null,
    max: null,
    other: null,
    initial: [],
  };
}

/** What approving it does, in one line; masked as on the card. */
export function whatHappens(approval: Shown): string {
  const { pause } = approval;
  const name = revealLine(maskText(pause.tool).value);
  const isNamed = isPlainName(pause.tool) && pause.kind !== 'item' && pause.prompt === undefined;
  const named = isNamed && toolTitle(pause, TITLE_MAX) !== name ? ` (${clip(name, TITLE_MAX)})` : '';
  const description = pause.kind === 'item' && pause.description !== null ? maskText(pause.description).value : '';
  const { value, omitted } = maskValue(pause.parameters, pause.hidden);
  const given = pause.prompt === undefined ? parametersLine(value) : maskText(pause.prompt.text).value;
  const line = revealLine([description, given].filter((part) => part.trim() !== '').join(' · '));
  const more = line.length - WHAT_MAX;
  const cut = more > 0 ? ` ${thousands(more + 1)} more characters: open Details before you confirm.` : '';
  const nothing = omitted > 0 ? 'Its parameters are hidden.' : 'It has no parameters.';
  const kept = omitted > 0 && line !== '' ? ` The backend hides ${thousands(omitted)} more from reviewers.` : '';
  const about = `You are about to approve ${toolPhrase(pause, TITLE_MAX)}${named} for ${askerName(approval, 'the backend')}`;
  return line === '' ? `${about}. ${nothing}` : `${about}: ${quoted(line, WHAT_MAX + 2)}${cut}${kept}`;
}
