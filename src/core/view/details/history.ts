/** The history of one approval, from its audit rows: what happened, who did it, with what result. Pure. Tested in test/core/view/details/sections.test.ts. */
import type { AuditRow } from '../../approval/audit.ts';
import { actorName, displayName, isAutomatic, platformName } from '../../approval/names.ts';
import type { Actor } from '../../approval/parts/decision.ts';
import { grantEnds } from '../../policy/grants/grant.ts';
import type { Line, Span } from '../card.ts';
import { grantEndText } from '../policy/grant-line.ts';
import {
  answerText,
  grantedText,
  placeOf,
  postedWhere,
  pressText,
  QUOTED_MAX,
  quotation,
  reachedText,
  reasonIn,
  refusedText,
  refusedWhere,
  revivedText,
  stoodText,
  timeText,
  verdictText,
} from './event-texts.ts';

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
      return [...who, ` ${pressText(row)}${quotation(facts['text'])}`];
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
      return ignored === null ? [...who, ` requested the start.${quotation(facts['text'])}`] : null;
    case 'renamed':
      return ignored === null ? `${backend} run ID: ${displayName(String(facts['runId']), QUOTED_MAX)}.` : null;
    case 'sending':
      return ignored === null ? `Sending ${isRun ? 'the start' : 'the decision'} to ${backend}.` : null;
    case 'sent':
      return ignored === null ? answerText(facts, backend) : null;
    case 'resolved':
      return ignored === null
        ? `${backend} reports that it ${verdictText(facts['verdict'])}.${reasonIn(facts, backend)}`
        : null;
    case 'cancelled':
      return ignored === null ? `Cancelled.${reasonIn(facts, backend)}` : null;
    case 'withdrawn':
      return ignored === null ? 'Its asker withdrew it.' : null;
    case 'fetched':
      return ignored === null ? 'Its asker received the decision.' : null;
    case 'time_ended':
    case 'escalation_due':
      return ignored === null ? timeText(input, facts) : null;
    case 'absent':
      return ignored === null ? `No longer on ${backend}’s list.` : null;
    case 'unreachable':
      return ignored === null ? reachedText(facts, backend) : null;
    case 'continued':
      return ignored === null ? ((isRun ? turns : endings)[String(facts['continuation'])] ?? null) : null;
    default:
      return null;
  }
}

/** It left its digest. */
function released({ actor, facts }: AuditRow, who: readonly Span[]): string | Line {
  const where = placeOf(facts['slot']);
  if (actor !== null) return [...who, ` moved it to its own message in ${where}.`];
  const why = facts['refused'] === true ? 'the digest’s content was refused there' : 'its line can’t say all of it';
  return `It has its own message in ${where}: ${why}.`;
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

/** Of the standing answer that was given from this card. */
function grantChange({ what, use, of, why }: AuditRow['facts'], who: Line | null): Line | null {
  if (what === 'used') return [`The same was approved by the standing answer: ${String(use)} of ${String(of)}.`];
  const end = grantEnds.find((one) => one === why);
  if (end === undefined) return null;
  return who === null ? [`The standing answer ended: ${grantEndText(end)}.`] : [...who, ' ended the standing answer.'];
}
