/** A row of the audit log in a sentence, also where the history of a card leaves it out. Pure. Tested in test/core/view/audit/entry.test.ts. */
import type { Approval } from '../../approval/approval.ts';
import type { AuditRow, FoundAudit } from '../../approval/audit.ts';
import type { Ignored, Input } from '../../approval/inputs.ts';
import { actorName, displayName, platformName } from '../../approval/names.ts';
import type { Actor } from '../../approval/parts/decision.ts';
import { maskText } from '../../mask/text.ts';
import { grantEnds } from '../../policy/grants/grant.ts';
import { capitalise } from '../../text/humanise.ts';
import { counted } from '../../text/numbers.ts';
import { LAST_MOMENT } from '../../text/time/parse.ts';
import { quoted } from '../../text/visible/quoted.ts';
import type { Line, Span } from '../card.ts';
import { titleOf } from '../cards/cautions.ts';
import { refusals } from '../details/event-texts.ts';
import { eventLine } from '../details/history.ts';
import { grantEndText } from '../policy/grant-line.ts';
import { type AuditKind, kindsOf } from './kinds.ts';

/** One row, as people are shown it: masked as cards are. */
export interface AuditEntry {
  id: number;
  /** ms since 1970. */
  at: number;
  approvalId: string;
  /** What was asked for; null: the row concerns no single approval, or its approval is not known. */
  title: string | null;
  /** Its id; null as above. */
  backend: string | null;
  kinds: readonly AuditKind[];
  /** The name of the input. */
  input: string;
  actor: Actor | null;
  /** What happened, in a sentence, without its time. */
  event: Line;
  /** Why it did not apply; null: it did. */
  ignored: AuditRow['ignored'];
  from: string;
  to: string;
}

/** @param rows all of its approval, oldest first @param backend its name for people */
export function auditEntry(
  row: FoundAudit,
  approval: Approval | null,
  rows: readonly FoundAudit[],
  backend: string,
): AuditEntry {
  const index = rows.findIndex(({ id }) => id === row.id);
  const { id, at, approvalId, input, actor, ignored, from, to } = row;
  return {
    id,
    at,
    approvalId,
    title: approval === null ? null : titleOf(approval),
    backend: approval?.pause.backend ?? null,
    kinds: kindsOf(row),
    input,
    actor,
    event: index === -1 ? auditEvent([row], 0, backend) : auditEvent(rows, index, backend),
    ignored,
    from,
    to,
  };
}

/** Never empty. @param rows of one approval, oldest first */
export function auditEvent(rows: readonly AuditRow[], index: number, backend: string): Line {
  const row = rows[index];
  if (row === undefined) throw new RangeError('no such row');
  return eventLine(rows, index, backend) ?? policyLine(row) ?? internalLine(row);
}

/** Of rows that concern no single approval. */
function policyLine({ input, facts, actor }: AuditRow): Line | null {
  const who: Span[] = actor === null ? ['Nobody'] : [{ person: actor }, ` (${platformName(actor.platform)})`];
  switch (input) {
    case 'stopped':
      return [...who, ` stopped everything.${said(facts['reason'])}`];
    case 'restarted':
      return [...who, ' ended the stop.'];
    case 'linked':
      return [...who, ` linked two accounts: ${listed(facts['accounts'])}.`];
    case 'unlinked':
      return [...who, ` ended the link of two accounts: ${listed(facts['accounts'])}.`];
    case 'away':
      return [...who, ` is away until ${moment(facts['until'])}; ${named(facts['deputy'])} decides meanwhile.`];
    case 'back':
      return [...who, ` is back; ${named(facts['deputy'])} no longer decides instead.`];
    case 'grant_given':
      return [...who, ` gave a standing answer, from the request ${text(facts['approval'])}.`];
    case 'grant_ended': {
      const end = grantEnds.find((one) => one === facts['why']);
      const why = end === undefined ? '' : `: ${grantEndText(end)}`;
      const what = `the standing answer from the request ${text(facts['approval'])}`;
      return actor === null ? [`${capitalise(what)} ended${why}.`] : [...who, ` ended ${what}.`];
    }
    default:
      return null;
  }
}

/** These have a line in the history of their card, whatever came of them. */
type InHistory =
  | 'posted'
  | 'pressed'
  | 'claimed'
  | 'stood'
  | 'forbidden'
  | 'granted'
  | 'digest_read'
  | 'revealed'
  | 'held'
  | 'unsigned'
  | 'retried';

/** Events that the history of a card leaves out, always or where they changed nothing. */
const internalTexts: Record<Exclude<Input['type'], InHistory>, string> = {
  announced: 'It was announced again.',
  noted: 'Something can have no card, and its room was told.',
  named: 'The name of a person was looked up.',
  names_shared: 'Its names were found to be those of others, too.',
  started: 'Its start was requested again.',
  renamed: 'Its backend named the ID of its run.',
  sending: 'A decision was about to be sent.',
  sent: 'The backend answered a call.',
  resolved: 'The backend reported that it was decided.',
  cancelled: 'The backend reported that it was cancelled.',
  withdrawn: 'Its asker withdrew it.',
  fetched: 'Its asker received the decision.',
  absent: 'It was not on the list of its backend.',
  unreachable: 'The backend was found to be reachable or not.',
  stream_ended: 'The stream that announced it ended.',
  waiting: 'Its decision waits for others that are sent with it.',
  recovered: 'It was checked at the start of the bot.',
  restored: 'It was found in a copy of the database.',
  policy_changed: 'The policy was loaded again.',
  reminder_due: 'A reminder was due.',
  deadline_passed: 'The deadline of the backend passed.',
  escalation_due: 'An escalation was due.',
  time_ended: 'Its time ended.',
  handed_back: 'A claim was released.',
  form_not_shown: 'A form did not open.',
  form_closed: 'A form was closed without being sent.',
  hold_ended: 'The time of a claim ended.',
  grant_changed: 'Its standing answer changed.',
  content_refused: 'A room refused the content of its message.',
  gathered: 'It was to join a digest.',
  released: 'It was to get a message of its own.',
  unposted: 'Its message was deleted.',
  resurfaced: 'Its card moves out of a thread, into the room.',
  thread_waits: 'Its card says how many others wait in its thread.',
  redrawn: 'Its card is drawn again.',
  foreign_press: 'A press of a stranger, or one that was made up, was refused.',
  continued: 'The state of its run was read.',
  read: 'Details were opened.',
};

const internal: ReadonlyMap<string, string> = new Map(Object.entries(internalTexts));

/** Why one of these changed nothing, where it is not for what a person may do. */
const unchanged: Partial<Record<Ignored, string>> = {
  known: 'the bot knew it already',
  unknown: 'the bot has no such request or message',
  already_decided: 'it was decided already',
  too_late: 'it was over already',
  not_possible: 'it does not apply to such a request',
  nothing_held: 'nobody had a claim on it',
  stopped: 'everything was stopped',
  not_ours_to_overwrite: 'the bot follows this request by another way, which counts',
  too_many: 'too many requests of its source are open',
};

function internalLine({ input, actor, ignored, facts }: AuditRow): Line {
  const what = internal.get(input) ?? `${capitalise(input.replaceAll('_', ' '))}.`;
  const who = actor === null ? [] : [`${actorName(actor)} (${platformName(actor.platform)}): `];
  const rule =
    input === 'policy_changed' && typeof facts['rule'] === 'string' ? ` Its rule: ${text(facts['rule'])}.` : '';
  const why =
    ignored === null
      ? ''
      : ` Nothing changed: ${unchanged[ignored] ?? (refusals[ignored] ?? ignored.replaceAll('_', ' ')).replace(/^refused: /, '')}.`;
  return [...who, `${what}${rule}${why}`];
}

/** Of a quoted text, characters. */
const QUOTED_MAX = 300;

function said(value: unknown): string {
  return typeof value === 'string' && value !== '' ? ` ${quoted(maskText(value).value, QUOTED_MAX)}` : '';
}

function text(value: unknown): string {
  return typeof value === 'string' ? displayName(value, QUOTED_MAX) : 'unknown';
}

function listed(value: unknown): string {
  const known = Array.isArray(value) ? value.map(text) : [];
  return known.length === 0 ? counted(0, 'account') : known.join(' and ');
}

function named(value: unknown): string {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : value;
  return text(name);
}

function moment(value: unknown): string {
  return typeof value === 'number' && Math.abs(value) <= LAST_MOMENT ? new Date(value).toISOString() : 'further notice';
}
