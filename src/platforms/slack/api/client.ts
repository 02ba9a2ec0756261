/**
 * How Slack is called: one request per call, ended by our signals, and logged without secrets.
 * Tested in test/platforms/slack/index.test.ts and test/platforms/slack/library-traps.test.ts.
 */
import { setMaxListeners } from 'node:events';
import { type Logger, LogLevel } from '@slack/bolt';
import type { FetchFunction } from '@slack/web-api';
import { coerceError, PlatformError } from '../../../core/ports/errors.ts';
import type { Log } from '../../../core/ports/ports.ts';
import { toPlatformError } from './errors.ts';
import { answerOf, post } from './post.ts';

/** The wait after a 429 that names none. */
const DEFAULT_RETRY_AFTER_S = 30;

/** What the libraries may log: tokens, and the address of a socket with its ticket. */
const secret = /\bx(?:ox[a-z]|app)-[\w.-]+|\bwss?:\/\/\S+/g;

/**
 * The `fetch` of Slack's clients: ended by `signal` as well as by the call's own time limit.
 * A 429 without `Retry-After` gets one, because web-api throws a bare error for it that looks like a network failure.
 */
export function createFetch(signal: AbortSignal): FetchFunction {
  // One listener for each call is not a leak.
  setMaxListeners(0, signal);
  return async (url, init = {}) => {
    const signals = init.signal === undefined ? [signal] : [init.signal, signal];
    const { body, headers = {}, redirect } = init;
    // All calls of the Web API and of a `response_url` are such.
    const isCall = typeof body === 'string' && redirect === 'error';
    const answer = isCall
      ? await post(String(url), { headers, body, signals })
      : await fetch(url, { ...init, signal: AbortSignal.any(signals) });
    const { status } = answer;
    if (status !== 429 || /^\d+$/.test(answer.headers.get('retry-after') ?? '')) return answer;
    return answerOf(String(url), status, '', { 'retry-after': String(DEFAULT_RETRY_AFTER_S) });
  };
}

/**
 * The logger of Slack's libraries: their lines go to our log at debug level, because our own code logs what matters.
 * Their debug lines hold whole payloads and are dropped.
 */
export function createSlackLogger(log: Log): Logger {
  const write = (...messages: unknown[]) =>
    log.debug({}, messages.map(messageText).join(' ').replaceAll(secret, '[hidden]'));
  return {
    debug: () => {},
    info: write,
    warn: write,
    error: write,
    getLevel: () => LogLevel.INFO,
    // The level of our own log applies.
    setLevel: () => {},
    setName: () => {},
  };
}

function messageText(message: unknown): string {
  return typeof message === 'string' ? message : coerceError(message).message;
}

/** Runs one Web API call. @throws PlatformError */
export async function callSlack<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw new PlatformError('unsent', 'Stopped before Slack was called.', { cause: signal.reason });
  const { promise, reject } = Promise.withResolvers<never>();
  // web-api takes no signal: the call continues until its own time limit, and its result is dropped.
  const stop = () =>
    reject(new PlatformError('ambiguous', 'Stopped while Slack was called.', { cause: signal.reason }));
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([request(), promise]);
  } catch (error) {
    throw toPlatformError(error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export type SlackResponse = Awaited<ReturnType<FetchFunction>>;

/** How a `response_url` is called. */
export interface ResponseCalls {
  fetch: FetchFunction;
  /** Time limit, ms. */
  callMs: number;
}

/**
 * Sends a message to a `response_url`. It needs no scope and works where the bot was removed; Slack accepts five
 * messages within 30 minutes.
 * @throws Error when Slack did not accept it
 */
export async function respond(calls: ResponseCalls, url: string | null, message: object): Promise<void> {
  if (url === null) throw new Error('The press carried no response_url');
  const response = await callResponseUrl(calls, url, message);
  if (!response.ok) throw new Error(`response_url answered with HTTP status ${response.status}`);
}

/** @param signal ends the call; default: only the time limit does */
export async function callResponseUrl(
  { fetch, callMs }: ResponseCalls,
  url: string,
  message: object,
  signal?: AbortSignal,
): Promise<SlackResponse> {
  const limit = AbortSignal.timeout(callMs);
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
    redirect: 'error',
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
}

/** The name of our messages' metadata. */
export const EVENT_TYPE = 'countersign_card';

/** Metadata that marks a message as ours. People do not see it. */
export function metadataOf(key: string) {
  return { event_type: EVENT_TYPE, event_payload: { key } };
}
