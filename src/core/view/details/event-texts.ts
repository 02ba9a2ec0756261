/**
 * What one audit row says by itself. What depends on the rows before it: history.ts.
 * Tested in test/core/view/details/sections.test.ts.
 */
import type { AuditRow } from '../../approval/audit.ts';
import { displayName, platformName } from '../../approval/names.ts';
import type { Receipt } from '../../approval/parts/slot.ts';
import type { Action } from '../../approval/pause/pause.ts';
import { reasonSchema } from '../../approval/reason.ts';
import { joined } from '../../approval/signers.ts';
import { maskText } from '../../mask/text.ts';
import { counted } from '../../text/numbers.ts';
import { quoted as quotedText } from '../../text/visible/quoted.ts';
import { entryText } from '../cards/signing/tally-text.ts';
import { actionLabels } from '../labels.ts';
import { whoText } from '../policy/who.ts';
import { reasonText } from '../reasons.ts';

/** Of a quoted text, characters. */
export const QUOTED_MAX = 300;

/** Why an input did not apply. */
export const refusals: Record<string, string> = {
  not_allowed: 'refused: not a reviewer',
  unverified: 'refused: permission could not be checked',
  already_decided: 'too late: no longer open',
  held: 'refused: claimed by someone else',
  changed: 'refused: the request had changed',
  not_confirmed: 'refused: not confirmed',
  not_read: 'refused: Details not read',
  signed: 'signed already',
  not_signed: 'refused: no signature to withdraw',
  signers_unverified: 'refused: earlier signatures could not be checked',
  requester: 'refused: asked for it',
  note_missing: 'refused: no reason written',
  not_possible: 'refused: this can’t be decided that way',
  nothing_to_retry: 'nothing to resend',
  too_late: 'too late: it had expired',
};

const postedTexts: Record<string, string> = {
  reminder: 'Reminder posted',
  escalation: 'Note of its escalation posted',
  pointer: 'Note to its thread posted',
};

/** What the policy does at its end. */
const ends: Record<string, string> = {
  leave: 'Nobody decided in time: it was closed here, and nothing was sent.',
  reject: 'Nobody decided in time: a rejection is sent.',
};

export function timeText(input: string, facts: Record<string, unknown>): string {
  return input === 'escalation_due' ? escalated(facts) : (ends[String(facts['end'])] ?? 'Its time ended.');
}

function escalated({ mention, rooms }: Record<string, unknown>): string {
  const people = Array.isArray(mention) ? whoText(mention.map(String)) : '';
  const more = Array.isArray(rooms) ? rooms.length : 0;
  const where = more === 0 ? '' : ` in ${counted(more, 'more room')}`;
  return people === '' ? `Escalated: posted${where}.` : `Escalated to ${people}${where}.`;
}

export function reachedText(facts: Record<string, unknown>, backend: string): string {
  if ((facts['words'] ?? null) === null) return `${backend} is reachable again.`;
  return `${backend} became unreachable.${reasonIn(facts, backend)}`;
}

export function stoodText({ action, use, of }: Record<string, unknown>): string {
  const did = action === 'reject' ? 'rejected it' : 'approved it';
  return `${did}, without a person${typeof use === 'number' ? `: use ${use} of ${of}` : ''}.`;
}

export function postedWhere({ receipt, slot }: Record<string, unknown>): string {
  const { platform = '' } = (receipt ?? {}) as Partial<Receipt>;
  const kind = /^[a-z]+/.exec(String(slot))?.[0] ?? '';
  return `${postedTexts[kind] ?? 'Posted'} in ${platformName(platform)}.`;
}

/** The words are ours: the platform's adapter names each kind of refusal. */
export function refusedWhere({ slot, words, final }: Record<string, unknown>): string {
  const what = String(slot).startsWith('card') ? 'the full card' : 'a note';
  const also = final === true ? 'Its smallest form was refused, too.' : 'Its smallest form is shown there.';
  return `${placeOf(slot)} refused ${what} (${displayName(String(words), QUOTED_MAX)}). ${also}`;
}

/** A slot's name has its kind and its place: `card@<platform>:<room>`. */
export function placeOf(slot: unknown): string {
  const platform = /@([^:]+):/.exec(String(slot))?.[1];
  return platform === undefined ? 'a room' : platformName(platform);
}

export function pressText({ input, facts, ignored, to }: AuditRow): string {
  const action = actionLabels[facts['action'] as Action] ?? 'a button';
  // A press that decides nothing yet.
  const isSignature = ignored === null && to === 'open' && facts['groups'] !== undefined;
  const did = isSignature ? 'signed' : input === 'claimed' ? 'chose' : 'pressed';
  const by = input === 'claimed' ? ' by its own call' : '';
  return `${did} ${action}${by}${isSignature ? groupsText(facts) : ''}${refusedText(ignored)}.`;
}

/** The entries that the signature counts for. */
function groupsText({ groups }: Record<string, unknown>): string {
  const entries = Array.isArray(groups) ? groups.map((entry) => displayName(entryText(String(entry)), QUOTED_MAX)) : [];
  return entries.length === 0 ? '' : ` as ${joined(entries)}`;
}

export function refusedText(ignored: AuditRow['ignored']): string {
  return ignored === null ? '' : ` (${refusals[ignored] ?? ignored})`;
}

export function answerText(facts: Record<string, unknown>, backend: string): string {
  const said = reasonIn(facts, backend);
  switch (facts['result']) {
    case 'recorded':
      return `${backend} recorded it.`;
    case 'already':
      return `${backend} already had a decision.${said}`;
    case 'gone':
      return `${backend} does not know it any more.${said}`;
    case 'refused':
      return `${backend} did not accept it.${said}`;
    case 'unsent':
      return `It did not reach ${backend}.${said}`;
    default:
      return `We don’t know whether ${backend} received it.${said}`;
  }
}

export function verdictText(value: unknown): string {
  if (value === 'timeout') return 'timed out';
  return typeof value === 'string'
    ? `was decided: ${(actionLabels[value as Action] ?? value).toLowerCase()}`
    : 'was decided';
}

/** A text in rows of earlier versions, and where a backend said it. */
export function reasonIn({ words }: Record<string, unknown>, backend: string): string {
  const parsed = reasonSchema.safeParse(words);
  return parsed.success ? ` ${reasonText(parsed.data, backend)}` : '';
}

/** A dead letter that an operator retries. */
export function revivedText({ kind, slot }: AuditRow['facts']): string {
  if (kind === 'draw') return `had its message in ${placeOf(slot)} tried again.`;
  return kind === 'decide' ? 'had the decision sent again.' : 'had its timer tried again.';
}

export function quotation(text: unknown): string {
  return typeof text === 'string' && text !== '' ? ` ${quotedText(maskText(text).value, QUOTED_MAX)}` : '';
}

export function grantedText({ uses }: AuditRow['facts']): string {
  return typeof uses === 'number' && uses > 0
    ? `allowed the same, up to ${counted(uses, 'time')}`
    : 'tried to give or end a standing answer';
}
