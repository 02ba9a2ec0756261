/** What is dangerous, in words: on the card, and in the form that asks for a deliberate yes. */
import type { Approval, Pause } from '../../approval/approval.ts';
import { askerName, toolTitle } from '../../approval/names.ts';
import { CONFIRM_KEY, type FieldOf } from '../../form/form.ts';
import { maskText, maskValue } from '../../text/mask.ts';
import { parametersLine } from '../../text/parameters.ts';
import { clip, revealLine, thousands } from '../../text/text.ts';

export const DANGEROUS = 'Marked as dangerous';
const TITLE_MAX = 300;
/** Of the one line that says what a confirmed press lets happen: far more than a glance takes, and it fits every modal. */
const WHAT_MAX = 900;
/** Of the tool's name within the option: Slack's options take 75 characters. */
const YES_MAX = 60;

/** It takes two yeses to approve it, and it can be approved. */
export function isDangerous({ confirm, pause }: Approval): boolean {
  return confirm && pause.actions.includes('approve');
}

/** First of all that is unusual, and in words: a colour alone would be missed. */
export function dangerOf(approval: Approval): string[] {
  if (!isDangerous(approval)) return [];
  const approve = approval.pause.asks?.buttons?.approve ?? 'Approve';
  return [approval.phase === 'open' ? `${DANGEROUS}: ${approve} asks for a confirmation` : DANGEROUS];
}

/** A choice with nothing to choose but yes: nobody fills it in by the way. */
export function confirmation(pause: Pause): FieldOf<'choice'> {
  const label = `Yes, ${toolTitle(pause, YES_MAX)}`;
  return {
    kind: 'choice',
    key: CONFIRM_KEY,
    path: [],
    label: 'Are you sure?',
    hint: 'Marked as dangerous: one press is not enough to approve it.',
    required: true,
    many: false,
    options: [{ value: 'yes', label, note: '' }],
    min: null,
    max: null,
    other: null,
    initial: [],
  };
}

/** In words what approving it does, as far as a line takes; masked as on the card. */
export function whatHappens(approval: Approval): string {
  const { pause } = approval;
  const name = revealLine(maskText(pause.tool).value);
  const title = toolTitle(pause, TITLE_MAX);
  const named =
    name === title || pause.kind === 'item' || pause.asks !== undefined ? '' : ` (${clip(name, TITLE_MAX)})`;
  const description = pause.kind === 'item' && pause.description !== null ? maskText(pause.description).value : '';
  const { value, omitted } = maskValue(pause.parameters, pause.hidden);
  const given = pause.asks?.text ?? parametersLine(value);
  const line = revealLine([description, maskText(given).value].filter((part) => part.trim() !== '').join(' · '));
  const more = line.length - WHAT_MAX;
  const cut = more > 0 ? ` And ${thousands(more + 1)} more characters: read the card, or its details.` : '';
  const nothing = omitted > 0 ? 'Its parameters are kept hidden.' : 'It has no parameters.';
  const kept = omitted > 0 && line !== '' ? ` ${thousands(omitted)} more kept hidden by the backend.` : '';
  const what = line === '' ? nothing : `With: ${clip(line, WHAT_MAX)}`;
  return `This approves “${title}”${named} for ${askerName(approval, 'the backend')}. ${what}${cut}${kept}`;
}
