/**
 * How a call to an HTTP API failed: certainly not sent, or ambiguous (a timeout), with its message and its rate limit.
 * Tested in test/contract/backends.test.ts.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { SendResult } from '../../core/approval/inputs.ts';
import { maskText } from '../../core/mask/text.ts';
import { clip } from '../../core/text/clip.ts';
import { isNumber, isRecord, numberText } from '../../core/text/json.ts';
import { revealLine } from '../../core/text/visible/reveal.ts';
import { AnswerError, TransportError } from './http/failures.ts';

/** Characters of an error message that are shown. */
const MESSAGE_MAX = 300;
/** Of which so much is read: a secret that begins in the shown part ends in it. */
const READ_MAX = 16 * 1024;
/** Of the errors that a problem lists; the first ones are shown. */
const ERRORS_MAX = 3;
/** A server that requests a longer delay is called again after this one. */
const RETRY_AFTER_MAX_MS = 3_600_000;

/** The names of a backend and of its settings, for messages that say what to do. */
export interface Naming {
  title: string;
  urlSetting: string;
  /** The settings that hold its credentials. */
  keySettings: string;
}

/** A call that did not succeed, with a reason for people. */
export type Unsuccessful = Exclude<SendResult, { type: 'recorded' }>;

/** What an error status means, except where one backend uses it differently. */
export function explainStatus(
  { status, body, text }: { status: number; body: unknown; text: string | null },
  { title, urlSetting, keySettings }: Naming,
): Unsuccessful {
  const said = errorMessageIn(body, text);
  const code = errorCodeIn(body);
  const reason = said === null ? `${title} answered ${status}.` : `${title} answered ${status}: ${said}`;
  if (status >= 300 && status < 400) {
    const redirected = `${title} answered with a redirect (${status}). Redirects are not followed.`;
    return { type: 'refused', reason: `${redirected} Set ${urlSetting} to its target.` };
  }
  switch (status) {
    case 401:
      return { type: 'refused', reason: `${sentence(reason)} Check ${keySettings}.` };
    case 402:
      return { type: 'refused', reason: planReason(reason, title) };
    case 403:
      // The backend's own code says more than a guess about the key could.
      if (code !== null) return { type: 'refused', reason: codedReason(reason, code) };
      return { type: 'refused', reason: `${sentence(reason)} ${keySettings} has no permission for this.` };
    case 407:
      return { type: 'unsent', reason: proxyReason(title) };
    case 404:
      return { type: 'refused', reason: `${sentence(reason)} Check ${urlSetting}.` };
    case 429:
      return { type: 'unsent', reason };
    default:
      return { type: status >= 400 && status < 500 ? 'refused' : 'ambiguous', reason };
  }
}

export function planReason(reason: string, title: string): string {
  return `${sentence(reason)} Check the account’s plan at ${title}.`;
}

/** The backend's own code, where its message does not contain it. */
export function codedReason(reason: string, code: string): string {
  return reason.includes(code) ? reason : `${reason.replace(/[.…]$/, '')} (${code}).`;
}

/** 407 comes from a proxy, which did not pass the call on. */
function proxyReason(title: string): string {
  return `The proxy on the way to ${title} asks for a user name and a password (407). Set them in HTTPS_PROXY or HTTP_PROXY.`;
}

/** What a call without an answer means. `thrown`: by the transport. */
export function explainFailure(thrown: unknown, title: string): Unsuccessful {
  if (thrown instanceof AnswerError) {
    return { type: thrown.kind, reason: `${title} gave an answer that is not valid (${thrown.message}).` };
  }
  const [kind, reason] =
    thrown instanceof TransportError ? [thrown.kind, thrown.message] : (['ambiguous', 'unexpected error'] as const);
  return { type: kind, reason: `${title} ${kind === 'unsent' ? 'is unreachable' : 'did not answer'} (${reason}).` };
}

/**
 * The message of an error body: limited, on one line, with secrets masked. Reads problem details, `{"error": …}` in its
 * shapes, and plain text; the values that a problem quotes are omitted.
 * @param text the body; null where it could not be read
 */
export function errorMessageIn(body: unknown, text: string | null): string | null {
  const said = isRecord(body) ? messageOf(body) : body === undefined ? plain(text) : null;
  return said === null ? null : clip(revealLine(maskText(said.slice(0, READ_MAX)).value), MESSAGE_MAX) || null;
}

/** The shape of an error code: `PLAN_LIMIT`, `plan_limit`, `E1001`, `4031`. */
const codeShape = /^[\w.:-]{1,80}$/;
/** A text in `error` is a code only where it can't be a word. */
const codeInError = /^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z][a-z0-9]*(?:_[a-z0-9]+)+)$/;

/** The code that an error body gives for its cause; null where it gives none. A problem's `type` is one, too. */
export function errorCodeIn(body: unknown): string | null {
  if (!isRecord(body)) return null;
  const { code, error, type } = body;
  const nested = isRecord(error) ? error['code'] : null;
  const named = [code, nested].map(codeOf).find((found) => found !== null) ?? null;
  if (named !== null) return named;
  if (typeof error === 'string' && codeInError.test(error) && codeShape.test(error)) return error;
  const isType = typeof type === 'string' && URL.canParse(type) && type !== 'about:blank';
  return isType ? codeOf(new URL(type).pathname.split(/[/:]/).at(-1)) : null;
}

function codeOf(value: unknown): string | null {
  const text = isNumber(value) ? numberText(value) : value;
  return typeof text === 'string' && codeShape.test(text) ? text : null;
}

function messageOf(body: Record<string, unknown>): string | null {
  const names = ['detail', 'error', 'message', 'details', 'title'];
  const said = names.map((name) => textOf(body[name])).find((found) => found !== null) ?? null;
  const errors = Array.isArray(body['errors']) ? body['errors'].map(errorOf).filter((error) => error !== null) : [];
  const list = errors.slice(0, ERRORS_MAX).join('; ');
  if (list === '') return said;
  return said === null ? list : `${said} (${list})`;
}

function errorOf(error: unknown): string | null {
  if (!isRecord(error)) return textOf(error);
  const message = textOf(error['message']);
  const location = textOf(error['location']);
  return message === null || location === null ? message : `${location}: ${message}`;
}

function textOf(value: unknown): string | null {
  if (isRecord(value)) return textOf(value['message']) ?? textOf(value['error']);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** Null for an HTML page, which is not a message. */
function plain(text: string | null): string | null {
  return text === null || text.trim() === '' || text.trimStart().startsWith('<') ? null : text;
}

/**
 * `Retry-After`, in seconds or as a date; else `X-RateLimit-Reset`, in seconds since 1970.
 * @param now ms since 1970, for an answer without a `Date`
 * @returns ms from now; null where neither header is set
 */
export function requestedWaitMs(headers: IncomingHttpHeaders, now: number): number | null {
  const value = headers['retry-after']?.trim() ?? '';
  const given = givenAt(headers, now);
  const asked = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - given;
  const ms = Number.isFinite(asked) ? asked : (numberIn(headers, 'x-ratelimit-reset') ?? Number.NaN) * 1000 - given;
  return Number.isFinite(ms) ? Math.min(Math.max(0, Math.ceil(ms)), RETRY_AFTER_MAX_MS) : null;
}

/** When an answer was given by its server's clock, ms since 1970: its other times are by that clock, and ours may be wrong. */
export function givenAt(headers: IncomingHttpHeaders, now: number): number {
  const date = Date.parse(headers.date ?? '');
  return Number.isFinite(date) ? date : now;
}

/** The value of a header as a number, 0 or more; null where it is not one. */
export function numberIn(headers: IncomingHttpHeaders, name: string): number | null {
  const value = headers[name];
  return typeof value === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : null;
}

export function sentence(reason: string): string {
  return /[.!?…]$/.test(reason) ? reason : `${reason}.`;
}
