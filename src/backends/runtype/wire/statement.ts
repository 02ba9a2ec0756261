/**
 * What an event, or an answer in one piece, says about the pauses that a call decides. Which codes, words and types mean
 * what is inferred, except for `approval_complete` and `APPROVAL_ALREADY_RESOLVED`; all of it is here.
 * Tested in test/faults/backend/answers.test.ts.
 */
import type { SendResult } from '../../../core/approval/inputs.ts';
import type { Action } from '../../../core/approval/pause/pause.ts';
import { isRecord } from '../../../core/text/json.ts';
import { quoted } from '../../../core/text/visible/quoted.ts';
import { sentence } from '../../shared/api-errors.ts';
import { approvalKey, awaitKey, awaitKeyOfTool, isAwaitKey } from '../pause/pause.ts';
import { isPauseType } from './event-types.ts';
import { messageOf, verdictIn } from './interpret-answer.ts';
import { eventsOf } from './json-body.ts';

/** A pause that a call decides. */
export interface Decided {
  key: string;
  /** What the call says; null for an output. */
  verdict: 'approve' | 'reject' | null;
  /** Of its call; null: not known. */
  toolCallId?: string | null;
}

export interface DecidingCall {
  executionId: string;
  pauses: readonly Decided[];
}

export type Statement =
  /** About one pause: how the call ended for it. */
  | { type: 'said'; key: string; result: SendResult }
  /** About all of them: the call was refused. */
  | { type: 'refused'; result: SendResult }
  /** It is announced again. */
  | { type: 'asked'; key: string }
  /** What only a running run says. */
  | { type: 'running' };

/** Of a word that is not known, characters. */
const WORD_MAX = 200;
const verdicts: Readonly<Record<string, Action | 'timeout'>> = {
  approved: 'approve',
  approve: 'approve',
  denied: 'reject',
  rejected: 'reject',
  timeout: 'timeout',
  timed_out: 'timeout',
  expired: 'timeout',
};
const completing = /^(?:agent_)?tool_(?:complete|error)$/;
const failing = /(?:^|_)error$|^(?:agent|flow|execution)_complete$/;
/** A run also says these before it is clear whether the call was accepted. */
const inconclusive = /^(?:(?:execution|agent|flow)_start|(?:agent_)?ping|custom|(?:agent_)?approval_complete|error)$/;
const known =
  /^(?:agent_|flow_)?(?:turn|text|reasoning|reason|media|artifact|step|tool|iteration|reflection|skill|fallback|execution|agent|flow|source|state|chunk|complete|error|dispatch|approval|await)(?:_|$)/;

/** Whether an event of this type can say something; others are not parsed. */
export function mayState(type: string): boolean {
  return isPauseType(type) || completing.test(type) || failing.test(type) || /approval_complete$/.test(type);
}

/** Whether an event of this type is one of Runtype's. */
export function isKnownType(type: string): boolean {
  return known.test(type) || inconclusive.test(type) || isPauseType(type);
}

/** @param event as parsed from its JSON; null: it says nothing */
export function statementIn(event: unknown, call: DecidingCall): Statement | null {
  if (!isRecord(event) || typeof event['type'] !== 'string') return null;
  const { type } = event;
  const nested = isRecord(event['toolContext']);
  if (/^(?:agent_)?approval_complete$/.test(type)) return verdictOf(event, call);
  if (isPauseType(type)) {
    const key = keyOf(event, call);
    return key === null ? { type: 'running' } : { type: 'asked', key };
  }
  if (completing.test(type)) {
    const key = keyOf(event, call);
    return key !== null && isAwaitKey(key) ? { type: 'said', key, result: recorded } : { type: 'running' };
  }
  if (failing.test(type) && !nested) {
    const result = refusalIn(event, call);
    if (result !== null) return { type: 'refused', result };
  }
  return known.test(type) && !inconclusive.test(type) ? { type: 'running' } : null;
}

const recorded: SendResult = { type: 'recorded', following: true };

/** The pause of the call that an event names; null for none of them. */
function keyOf(event: Record<string, unknown>, { executionId, pauses }: DecidingCall): string | null {
  const { approvalId, toolCallId, toolId } = event;
  const run = typeof event['executionId'] === 'string' ? event['executionId'] : executionId;
  const names = [
    typeof approvalId === 'string' && approvalKey(approvalId),
    ...[toolCallId, toolId].flatMap((id) =>
      typeof id === 'string' ? [awaitKey(run, id), awaitKey(executionId, id), awaitKeyOfTool(executionId, id)] : [],
    ),
  ];
  return pauses.find(({ key }) => names.includes(key))?.key ?? null;
}

function verdictOf(event: Record<string, unknown>, call: DecidingCall): Statement | null {
  const key = keyOf(event, call);
  const pause = call.pauses.find((one) => one.key === key);
  return pause === undefined ? null : { type: 'said', key: pause.key, result: resultOf(event['decision'], pause) };
}

function resultOf(word: unknown, { verdict: ours }: Decided): SendResult {
  const verdict = typeof word === 'string' ? verdicts[word.toLowerCase()] : undefined;
  if (verdict !== undefined && verdict === ours) return recorded;
  if (verdict === undefined) {
    const reason =
      typeof word === 'string' ? `Runtype says: ${quoted(word, WORD_MAX)}.` : 'Runtype says that it is over, not how.';
    return { type: 'already', verdict: 'other', reason, following: true };
  }
  return { type: 'already', verdict, reason: `Runtype says it was ${String(word)}.`, following: true };
}

/** What an error says about this call; null: it is about something else, such as a tool or the run. */
export function refusalIn(event: Record<string, unknown>, call: DecidingCall): SendResult | null {
  const inner = isRecord(event['error']) ? event['error'] : {};
  const details = isRecord(inner['details']) ? inner['details'] : {};
  const parts = [event, inner, details];
  const named = parts.flatMap(({ approvalId }) => (typeof approvalId === 'string' ? [approvalKey(approvalId)] : []));
  const isOurs = named.some((key) => call.pauses.some((pause) => pause.key === key));
  if (named.length > 0 && !isOurs) return null;
  const code = parts
    .flatMap((part) => [part['code'], part['error']])
    .filter((one) => typeof one === 'string')
    .join(' ');
  const said = messageOf(event) ?? messageOf(inner);
  const text = `${code} ${said ?? ''}`;
  const reason = said ?? (code === '' ? 'Runtype refused this decision.' : code);
  if (/APPROVAL_ALREADY_RESOLVED|\bapproval already resolved\b/i.test(text)) {
    return {
      type: 'already',
      verdict: verdictIn(parts.find(({ decision }) => decision !== undefined) ?? event),
      reason,
    };
  }
  if (/APPROVAL_(?:EXPIRED|TIME_?D?_?OUT)/i.test(code)) return { type: 'already', verdict: 'timeout', reason };
  if (/APPROVAL_NOT_FOUND|\bno paused execution found\b/i.test(text)) return { type: 'gone', reason };
  if (/\bfailed to process approval\b/i.test(text)) return { type: 'ambiguous', reason: sentence(reason) };
  return isOurs || /\bAPPROVAL_[A-Z]|client_tools_resend_required/.test(code) ? { type: 'refused', reason } : null;
}

/** What a run or a tool made; nothing in it is Runtype's own word. */
const opaque = new Set(
  'result finalOutput output parameters toolOutputs text delta inputs messages record value'.split(' '),
);
const DEPTH_MAX = 4;
const VALUES_MAX = 2_000;

/** What an answer in one piece says, in any shape: one event or several, or an error or a verdict in any of its parts. */
export function statementsIn(body: unknown, call: DecidingCall): Statement[] {
  const events = eventsOf(body).flatMap((event) => statementIn(event, call) ?? []);
  const asked = events.filter(({ type }) => type === 'asked');
  const parts = partsOf(body).flatMap((part, index) => statementOfPart(part, index === 0, call) ?? []);
  return [...events.filter(({ type }) => type !== 'asked'), ...parts, ...asked];
}

function statementOfPart(part: Record<string, unknown>, isRoot: boolean, call: DecidingCall): Statement | null {
  if (typeof part['type'] === 'string' && (mayState(part['type']) || known.test(part['type']))) {
    return isPauseType(part['type']) && !('decision' in part) ? null : statementIn(part, call);
  }
  const refusal = 'error' in part || 'code' in part ? refusalIn(part, call) : null;
  if (refusal !== null) return { type: 'refused', result: refusal };
  const { decision, status, verdict } = part;
  const key = keyOf(part, call) ?? (isRoot && part['approvalId'] === undefined ? only(call) : null);
  const pause = call.pauses.find((one) => one.key === key && one.verdict !== null);
  if (pause === undefined) return null;
  const word = [decision, verdict].find((one) => typeof one === 'string');
  if (word !== undefined) return { type: 'said', key: pause.key, result: resultOf(word, pause) };
  // Of a status only what can't be that of a run.
  const isVerdict =
    typeof status === 'string' && /^(?:approved|denied|rejected|timeout|timed_out|expired)$/i.test(status);
  return isVerdict ? { type: 'said', key: pause.key, result: resultOf(status, pause) } : null;
}

function only({ pauses: [first, ...others] }: DecidingCall): string | null {
  return first !== undefined && others.length === 0 ? first.key : null;
}

function partsOf(body: unknown): Record<string, unknown>[] {
  const parts: Record<string, unknown>[] = [];
  let values = 0;
  const walk = (value: unknown, depth: number): void => {
    values += 1;
    if (depth > DEPTH_MAX || values > VALUES_MAX) return;
    if (Array.isArray(value)) {
      for (const one of value) walk(one, depth + 1);
    } else if (isRecord(value)) {
      parts.push(value);
      for (const [key, inner] of Object.entries(value)) if (!opaque.has(key)) walk(inner, depth + 1);
    }
  };
  walk(body, 0);
  return parts;
}
