import type { SendResult } from '../../../core/approval/inputs.ts';
import type { Action } from '../../../core/approval/pause/pause.ts';
import { maskText } from '../../../core/mask/text.ts';
import { clip } from '../../../core/text/clip.ts';
import { isRecord } from '../../../core/text/json.ts';
import { revealLine } from '../../../core/text/visible/reveal.ts';
import { codedReason, errorCodeIn, planReason, requestedWaitMs, sentence } from '../../shared/api-errors.ts';
import { isEventStream, isJson, isSuccess, mediaType } from '../../shared/response.ts';
import type { Incoming } from '../../shared/transport.ts';
import { errorText } from './events.ts';

/** Of an error's body; only a sentence or two of it is shown. */
export const ERROR_MAX_BYTES = 64 * 1024;
const MESSAGE_MAX = 300;
/** In slow mode an account has ten calls an hour: the next is accepted after a tenth of an hour, ms. */
const SLOW_MODE_WAIT_MS = 360_000;

/**
 * What an answer to approve or resume means for the decision in the call.
 * @param body its JSON, undefined where it is not JSON
 */
export function interpret(answer: Pick<Incoming, 'status' | 'headers'>, body: unknown, empty: boolean): SendResult {
  const { status, headers } = answer;
  const said = messageOf(body);
  const reason = said === null ? `Runtype answered ${status}.` : `Runtype answered ${status}: ${said}`;
  if (isSuccess(status)) return accepted(headers, body, empty, reason);
  if (status >= 300 && status < 400) {
    const text = `Runtype answered with a redirect (${status}). Redirects are not followed.`;
    return { type: 'refused', reason: `${text} Set RUNTYPE_API_URL to its target.` };
  }
  switch (status) {
    case 401:
      return {
        type: 'refused',
        reason: `${sentence(reason)} Set RUNTYPE_API_KEY to a key of the account that this run belongs to.`,
      };
    case 402:
      return { type: 'refused', reason: planReason(reason, 'Runtype') };
    case 403: {
      const code = errorCodeIn(body);
      if (code !== null) return { type: 'refused', reason: codedReason(reason, code) };
      return { type: 'refused', reason: `${sentence(reason)} RUNTYPE_API_KEY needs the scope DISPATCH:*.` };
    }
    case 404:
      // The route is missing, not the pause: another server, or an old one.
      if (errorOf(body) === 'Not Found')
        return { type: 'refused', reason: `${sentence(reason)} Check RUNTYPE_API_URL.` };
      return { type: 'gone', reason: said ?? reason };
    case 409:
      if (codeOf(body).includes('client_tools_resend_required')) return { type: 'refused', reason };
      return { type: 'already', verdict: verdictIn(body), reason: said ?? reason };
    case 429:
      return {
        type: 'unsent',
        reason: isSlowMode(body) ? `${sentence(reason)} This account is in slow mode: ten calls an hour.` : reason,
      };
    default:
      return { type: status >= 400 && status < 500 ? 'refused' : 'ambiguous', reason };
  }
}

function accepted(headers: Incoming['headers'], body: unknown, empty: boolean, reason: string): SendResult {
  if (isEventStream(headers)) return { type: 'recorded', following: true };
  if (empty) return { type: 'recorded', following: false };
  if (Array.isArray(body) && (isJson(headers) || isLines(headers))) return { type: 'recorded', following: true };
  if (!isJson(headers) || !isRecord(body)) {
    return { type: 'ambiguous', reason: 'The answer is not from Runtype. Check RUNTYPE_API_URL.' };
  }
  // A 200 with an error, and without a sign that the run continued, is a refusal.
  const hasContinued = ['executionId', 'events', 'result', 'pausedReason', 'status'].some((key) => key in body);
  if (body['success'] === false && !hasContinued) {
    const resolved = codeOf(body).includes('APPROVAL_ALREADY_RESOLVED');
    return resolved ? { type: 'already', verdict: verdictIn(body), reason } : { type: 'refused', reason };
  }
  return { type: 'recorded', following: hasContinued };
}

/** One event on each line. */
function isLines(headers: Incoming['headers']): boolean {
  return /^(?:application|text)\/(?:x-)?(?:ndjson|jsonl|json-?lines|json-seq)$/.test(mediaType(headers));
}

/** Which decision is in force, where the answer names exactly one. */
export function verdictIn(body: unknown): Action | null {
  const decision = isRecord(body) && typeof body['decision'] === 'string' ? body['decision'] : null;
  const text = (decision ?? messageOf(body) ?? '').toLowerCase();
  const approved = /\bapproved\b/.test(text);
  const denied = /\b(?:denied|rejected)\b/.test(text);
  if (approved === denied) return null;
  return approved ? 'approve' : 'reject';
}

/** The message of an error body: limited, on one line, with secrets masked. */
export function messageOf(body: unknown): string | null {
  const text = isRecord(body) ? (errorText(body['message']) ?? errorText(body['error'])) : null;
  return text === null ? null : clip(revealLine(maskText(text).value), MESSAGE_MAX) || null;
}

function isSlowMode(body: unknown): boolean {
  return codeOf(body).includes('SLOW_MODE');
}

/** How long an answer requests to wait, ms; null for no request. Slow mode waits a tenth of an hour by default. */
export function retryWaitMs({ status, headers }: Pick<Incoming, 'status' | 'headers'>, body: unknown, now: number) {
  if (status !== 429 && status !== 503) return null;
  return requestedWaitMs(headers, now) ?? (status === 429 && isSlowMode(body) ? SLOW_MODE_WAIT_MS : null);
}

function errorOf(body: unknown): string | null {
  return isRecord(body) ? errorText(body['error']) : null;
}

function codeOf(body: unknown): string {
  return isRecord(body) ? [body['code'], body['error']].filter((one) => typeof one === 'string').join(' ') : '';
}
