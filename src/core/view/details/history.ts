/** The history of one approval, from its audit rows: what happened, who did it, with what result. Pure. Tested in test/core/view/details/sections.test.ts. */

import type { AuditRow } from '../../approval/audit.ts';
import { actorName, displayName, isAutomatic, platformName } from '../../approval/names.ts';
import type { Actor } from '../../approval/parts/decision.ts';
import type { Receipt } from '../../approval/parts/slot.ts';
import type { Action } from '../../approval/pause/pause.ts';
import { reasonSchema } from '../../approval/reason.ts';
import { joined } from '../../approval/signers.ts';
import { maskText } from '../../mask/text.ts';
import { grantEnds } from '../../policy/grants/grant.ts';
import { counted } from '../../text/numbers.ts';
import { quoted as quotedText } from '../../text/visible/quoted.ts';
import type { Line, Span } from '../card.ts';
import { entryText } from '../cards/signing/tally-text.ts';
import { actionLabels } from '../labels.ts';
import { grantEndText } from '../policy/grant-line.ts';
import { whoText } from '../policy/who.ts';
import { reasonText } from '../reasons.ts';

/** Of a quoted text, characters. */
const QUOTED_MAX = 300;

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

/** One line per event, oldest first; internal events are left out. @param backend its display name */
export function historyLines(rows: readonly AuditRow[], backend: string): Line[] {
  return rows.flatMap((row, index): Line[] => {
    const event = eventLine(rows, index, backend);
    return event === null ? [] : [[{ at: row.at, style: 'exact' }, ' · ', ...event]];
  });
}

/** One of these rows without its time; null: an internal event. @param rows of one approval, oldest first */
export function eventLine(rows: readonly AuditRow[], index: number, backend: string): Line | null {
  const row = rows[index];
  const event = row === undefined ? null : happened(row, backend, rows, index);
  return typeof event === 'string' ? [event] : event;
}

function happened(row: AuditRow, backend: string, rows: readonly AuditRow[], index: number): string | Line | null {
  const before = rows.slice(0, index);
  const { input, facts, ignored } = row;
  const isRun = before.some((earlier) => earlier.input === 'started');
  const who = spansOf(row.actor, rows);
  switch (input) {
    case 'announced':
      return announcement(row, backend, before);
    case 'posted':
      return postedWhere(facts);
    case 'content_refused':
      return ignored === null ? refusedWhere(facts) : null;
    case 'gathered':
      return ignored === null ? `Grouped into a digest in ${placeOf(facts['slot'])}.` : null;
    case 'released':
      return ignored === null ? released(row, who) : null;
    case 'pressed':
    case 'claimed':
      return [...who, ` ${press(row)}${quoted(facts['text'])}`];
    case 'stood':
      return [...who, ` ${stoodText(facts)}`];
    case 'forbidden':
      return [...who, ' tried to decide by its own call. That is off, and was refused.'];
    case 'granted':
      return [...who, ` ${grantedText(facts)}${refusedText(ignored)}.`];
    case 'grant_changed':
      return ignored === null ? grantChange(facts, row.actor === null ? null : who) : null;
    case 'read':
      return ignored === null ? [...who, ' opened Details.'] : null;
    case 'digest_read':
      return [...who, ' opened the Details of its digest.'];
    case 'revealed':
      return [
        ...who,
        ` opened the masked value of ${displayName(String(facts['path']), QUOTED_MAX)}${refusedText(ignored)}.`,
      ];
    case 'held':
    case 'handed_back':
    case 'form_not_shown':
    case 'form_closed':
    case 'hold_ended':
      return claimEvent(row, rows, before);
    case 'deadline_passed':
      return ignored === null ? `${backend}’s deadline passed.` : null;
    case 'revived':
      return [...who, ` ${revivedText(facts)}`];
    case 'unsigned':
    case 'retried':
      return [...who, ` ${input === 'retried' ? 'pressed Try again' : 'withdrew a signature'}${refusedText(ignored)}.`];
    case 'started':
      return ignored === null ? [...who, ` requested the start.${quoted(facts['text'])}`] : null;
    case 'renamed':
      return ignored === null ? `${backend} run ID: ${displayName(String(facts['runId']), QUOTED_MAX)}.` : null;
    case 'sending':
      return ignored === null ? `Sending ${isRun ? 'the start' : 'the decision'} to ${backend}.` : null;
    case 'sent':
      return ignored === null ? answer(facts, backend) : null;
    case 'resolved':
      return ignored === null
        ? `${backend} reports that it ${verdict(facts['verdict'])}.${reason(facts, backend)}`
        : null;
    case 'cancelled':
      return ignored === null ? `Cancelled.${reason(facts, backend)}` : null;
    case 'withdrawn':
      return ignored === null ? 'Its asker withdrew it.' : null;
    case 'fetched':
      return ignored === null ? 'Its asker received the decision.' : null;
    case 'time_ended':
    case 'escalation_due':
      return ignored === null ? timeEvent(input, facts) : null;
    case 'absent':
      return ignored === null ? `No longer on ${backend}’s list.` : null;
    case 'unreachable':
      return ignored === null ? reached(facts, backend) : null;
    case 'continued':
      return ignored === null ? ((isRun ? turns : endings)[String(facts['continuation'])] ?? null) : null;
    default:
      return null;
  }
}

/** What the policy does at its end. */
const ends: Record<string, string> = {
  leave: 'Nobody decided in time: it was closed here, and nothing was sent.',
  reject: 'Nobody decided in time: a rejection is sent.',
};

function timeEvent(input: string, facts: Record<string, unknown>): string {
  return input === 'escalation_due' ? escalated(facts) : (ends[String(facts['end'])] ?? 'Its time ended.');
}

function escalated({ mention, rooms }: Record<string, unknown>): string {
  const people = Array.isArray(mention) ? whoText(mention.map(String)) : '';
  const more = Array.isArray(rooms) ? rooms.length : 0;
  const where = more === 0 ? '' : ` in ${counted(more, 'more room')}`;
  return people === '' ? `Escalated: posted${where}.` : `Escalated to ${people}${where}.`;
}

function reached(facts: Record<string, unknown>, backend: string): string {
  if ((facts['words'] ?? null) === null) return `${backend} is reachable again.`;
  return `${backend} became unreachable.${reason(facts, backend)}`;
}

/** It left its digest. */
function released({ actor, facts }: AuditRow, who: readonly Span[]): string | Line {
  const where = placeOf(facts['slot']);
  if (actor !== null) return [...who, ` moved it to its own message in ${where}.`];
  const why = facts['refused'] === true ? 'the digest’s content was refused there' : 'its line can’t say all of it';
  return `It has its own message in ${where}: ${why}.`;
}

function stoodText({ action, use, of }: Record<string, unknown>): string {
  const did = action === 'reject' ? 'rejected it' : 'approved it';
  return `${did}, without a person${typeof use === 'number' ? `: use ${use} of ${of}` : ''}.`;
}

function claimEvent(row: AuditRow, rows: readonly AuditRow[], before: readonly AuditRow[]): string | Line | null {
  const { input, facts, ignored } = row;
  const who = spansOf(row.actor, rows);
  if (input === 'held') {
    return [...who, ` ${facts['kept'] === true ? 'claimed it to do the work' : 'claimed it'}${refusedText(ignored)}.`];
  }
  if (ignored !== null) return null;
  if (input === 'handed_back') return [...who, ...releasedOf(row, rows, before)];
  if (input === 'form_closed') return [...who, ' closed the form without sending it.'];
  return input === 'hold_ended' ? 'The claim expired.' : 'The form did not open, so the claim ended.';
}

/** Others than the holder say whose claim they ended. */
function releasedOf({ facts }: AuditRow, rows: readonly AuditRow[], before: readonly AuditRow[]): Span[] {
  const held = before.findLast(({ input, ignored }) => input === 'held' && ignored === null);
  if (facts['shown'] === undefined || held === undefined) return [' released it.'];
  return [' ended the claim of ', ...spansOf(held.actor, rows), '.'];
}

const endings: Record<string, string> = {
  paused: 'The run continued and paused again.',
  completed: 'The run finished.',
  failed: 'The run ended with an error.',
  lost: 'Lost track of the run.',
};

/** Of a run that was started from chat: each of its turns is an event. */
const turns: Record<string, string> = { ...endings, following: 'The run continues.', paused: 'The run paused.' };

/** A pause that is announced repeatedly is one event, and another one when it differs. */
function announcement({ facts, ignored }: AuditRow, backend: string, before: readonly AuditRow[]): string | null {
  const earlier = before.filter(({ input }) => input === 'announced');
  if (earlier.length === 0) return `Received from ${backend}.`;
  const last = earlier.at(-1);
  if (ignored !== null) return null;
  if (facts['beforeSending'] === true) return `${backend} had changed the request, so the decision was not sent.`;
  if (last !== undefined && fingerprintOf(last) === fingerprintOf({ facts })) return null;
  return `${backend} changed the request.`;
}

/** Earlier versions called it a digest. */
function fingerprintOf({ facts }: Pick<AuditRow, 'facts'>): unknown {
  return facts['fingerprint'] ?? facts['digest'];
}

function postedWhere({ receipt, slot }: Record<string, unknown>): string {
  const { platform = '' } = (receipt ?? {}) as Partial<Receipt>;
  const kind = /^[a-z]+/.exec(String(slot))?.[0] ?? '';
  return `${postedTexts[kind] ?? 'Posted'} in ${platformName(platform)}.`;
}

/** The words are ours: the platform's adapter names each kind of refusal. */
function refusedWhere({ slot, words, final }: Record<string, unknown>): string {
  const what = String(slot).startsWith('card') ? 'the full card' : 'a note';
  const also = final === true ? 'Its smallest form was refused, too.' : 'Its smallest form is shown there.';
  return `${placeOf(slot)} refused ${what} (${displayName(String(words), QUOTED_MAX)}). ${also}`;
}

/** A slot's name has its kind and its place: `card@<platform>:<room>`. */
function placeOf(slot: unknown): string {
  const platform = /@([^:]+):/.exec(String(slot))?.[1];
  return platform === undefined ? 'a room' : platformName(platform);
}

function press({ input, facts, ignored, to }: AuditRow): string {
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

function refusedText(ignored: AuditRow['ignored']): string {
  return ignored === null ? '' : ` (${refusals[ignored] ?? ignored})`;
}

function answer(facts: Record<string, unknown>, backend: string): string {
  const said = reason(facts, backend);
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

function verdict(value: unknown): string {
  if (value === 'timeout') return 'timed out';
  return typeof value === 'string'
    ? `was decided: ${(actionLabels[value as Action] ?? value).toLowerCase()}`
    : 'was decided';
}

/** A text in rows of earlier versions, and where a backend said it. */
function reason({ words }: Record<string, unknown>, backend: string): string {
  const parsed = reasonSchema.safeParse(words);
  return parsed.success ? ` ${reasonText(parsed.data, backend)}` : '';
}

/** A dead letter that an operator retries. */
function revivedText({ kind, slot }: AuditRow['facts']): string {
  if (kind === 'draw') return `had its message in ${placeOf(slot)} tried again.`;
  return kind === 'decide' ? 'had the decision sent again.' : 'had its timer tried again.';
}

function quoted(text: unknown): string {
  return typeof text === 'string' && text !== '' ? ` ${quotedText(maskText(text).value, QUOTED_MAX)}` : '';
}

/** By name and platform: a person's name is the latest that was looked up for this approval. */
function spansOf(actor: Actor | null, rows: readonly AuditRow[]): Span[] {
  if (actor === null) return ['Someone'];
  if (isAutomatic(actor)) return [actorName(actor)];
  const learned = rows.findLast(({ input, facts: { platform, id } }) => {
    return input === 'named' && platform === actor.platform && id === actor.id;
  });
  const name = learned === undefined ? actor.name : String(learned.facts['name']);
  return [{ person: { ...actor, name } }, ` (${platformName(actor.platform)})`];
}

function grantedText({ uses }: AuditRow['facts']): string {
  return typeof uses === 'number' && uses > 0
    ? `allowed the same, up to ${counted(uses, 'time')}`
    : 'tried to give or end a standing answer';
}

/** Of the standing answer that was given from this card. */
function grantChange({ what, use, of, why }: AuditRow['facts'], who: Line | null): Line | null {
  if (what === 'used') return [`The same was approved by the standing answer: ${String(use)} of ${String(of)}.`];
  const end = grantEnds.find((one) => one === why);
  if (end === undefined) return null;
  return who === null ? [`The standing answer ended: ${grantEndText(end)}.`] : [...who, ' ended the standing answer.'];
}
