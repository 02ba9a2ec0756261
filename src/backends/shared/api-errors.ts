/** What the answers of HTTP APIs have in common: their words about an error, and how long they ask to wait. */
import type { IncomingHttpHeaders } from 'node:http';
import type { SendResult } from '../../core/approval/inputs.ts';
import { maskText } from '../../core/text/mask.ts';
import { clip, revealLine } from '../../core/text/text.ts';
import { isRecord } from './json-client.ts';
import type { TransportError } from './transport.ts';

/** A sentence or two is all that is shown. */
const WORDS_MAX = 300;
/** Of the list of faults in a problem: the first ones tell enough. */
const FAULTS_MAX = 3;
/** A server that asks for more is waited for in steps. */
const RETRY_AFTER_MAX_MS = 3_600_000;

/** How a backend and its settings are called, for words that say what to do. */
export interface Naming {
  title: string;
  urlSetting: string;
  /** The settings that hold its credentials. */
  keySettings: string;
}

/** A call that did not do what it was for; there are always words for people. */
export type Unsuccessful = Exclude<SendResult, { type: 'recorded' }>;

/** What is known once an answer is there, apart from what only one backend means by it. */
export function explainStatus(status: number, said: string | null, naming: Naming): Unsuccessful {
  const { title, urlSetting, keySettings } = naming;
  const reason = said === null ? `${title} answered ${status}.` : `${title} answered ${status}: ${said}`;
  if (status >= 300 && status < 400) {
    const redirected = `${title} answered with a redirect (${status}). Redirects are not followed.`;
    return { type: 'refused', reason: `${redirected} Set ${urlSetting} to its target.` };
  }
  switch (status) {
    case 401:
      return { type: 'refused', reason: `${sentence(reason)} Check ${keySettings}.` };
    case 403:
      return { type: 'refused', reason: `${sentence(reason)} ${keySettings} may not do this.` };
    case 404:
      return { type: 'refused', reason: `${sentence(reason)} Check ${urlSetting}.` };
    case 429:
      return { type: 'unsent', reason };
    default:
      return { type: status >= 400 && status < 500 ? 'refused' : 'ambiguous', reason };
  }
}

/** A call that got no answer. */
export function explainFailure(error: TransportError, host: string, title: string): Unsuccessful {
  const reason =
    error.kind === 'unsent'
      ? `${title} (${host}) could not be reached: ${error.message}.`
      : `${title} (${host}) gave no answer: ${error.message}.`;
  return { type: error.kind, reason };
}

/**
 * What an error's body says to people: bounded, on one line, without anything that looks like a secret. Problem
 * details, `{"error": …}` in its shapes, and plain text; the values that a problem quotes are left out.
 * @param text the body as it came, null where there is none to be had
 */
export function errorMessageIn(body: unknown, text: string | null): string | null {
  const said = isRecord(body) ? wordsOfRecord(body) : body === undefined ? plain(text) : null;
  return said === null ? null : clip(revealLine(maskText(said).value), WORDS_MAX) || null;
}

function wordsOfRecord(body: Record<string, unknown>): string | null {
  const names = ['detail', 'error', 'message', 'details', 'title'];
  const said = names.map((name) => textOf(body[name])).find((found) => found !== null) ?? null;
  const faults = Array.isArray(body['errors']) ? body['errors'].map(faultOf).filter((fault) => fault !== null) : [];
  const list = faults.slice(0, FAULTS_MAX).join('; ');
  if (list === '') return said;
  return said === null ? list : `${said} (${list})`;
}

function faultOf(fault: unknown): string | null {
  if (!isRecord(fault)) return textOf(fault);
  const message = textOf(fault['message']);
  const location = textOf(fault['location']);
  return message === null || location === null ? message : `${location}: ${message}`;
}

function textOf(value: unknown): string | null {
  if (isRecord(value)) return textOf(value['message']) ?? textOf(value['error']);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** A page of HTML says nothing to people. */
function plain(text: string | null): string | null {
  return text === null || text.trim() === '' || text.trimStart().startsWith('<') ? null : text;
}

/**
 * `Retry-After`, in seconds or as a date; else `X-RateLimit-Reset`, in seconds since 1970.
 * @param now ms since 1970, for an answer that does not say when it was given
 * @returns ms from now, null where neither says anything
 */
export function requestedWaitMs(headers: IncomingHttpHeaders, now: number): number | null {
  const value = headers['retry-after']?.trim() ?? '';
  const given = givenAt(headers, now);
  const asked = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - given;
  const ms = Number.isFinite(asked) ? asked : (numberIn(headers, 'x-ratelimit-reset') ?? Number.NaN) * 1000 - given;
  return Number.isFinite(ms) ? Math.min(Math.max(0, Math.ceil(ms)), RETRY_AFTER_MAX_MS) : null;
}

/** When an answer was given, by the clock of whoever gave it: its other times are by that clock, too, and ours may be wrong. */
export function givenAt(headers: IncomingHttpHeaders, now: number): number {
  const date = Date.parse(headers.date ?? '');
  return Number.isFinite(date) ? date : now;
}

/** A header that holds one number from 0, null where it does not. */
export function numberIn(headers: IncomingHttpHeaders, name: string): number | null {
  const value = headers[name];
  return typeof value === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : null;
}

export function sentence(reason: string): string {
  return /[.!?…]$/.test(reason) ? reason : `${reason}.`;
}
