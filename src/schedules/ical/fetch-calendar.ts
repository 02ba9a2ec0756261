/**
 * Fetches a calendar: over https, from public addresses, with limits of time and size. Tested in
 * test/contract/schedules.test.ts.
 */

import { requestedWaitMs } from '../../backends/shared/api-errors.ts';
import { ForbiddenTarget, pinnedLookup, publicAddresses, type Resolve } from '../../backends/shared/http/addresses.ts';
import { TransportError } from '../../backends/shared/http/failures.ts';
import { readShort } from '../../backends/shared/response.ts';
import { createTransport, type Incoming } from '../../backends/shared/transport.ts';
import { ScheduleError } from '../../core/policy/schedules/source.ts';
import type { Clock } from '../../core/ports/ports.ts';

/** A team's calendar of several years is a few hundred kilobytes. */
const MAX_BYTES = 4 * 1024 * 1024;
const REDIRECTS_MAX = 3;

export interface CalendarTimeouts {
  /** For the look-up of the host name, ms. */
  resolveMs: number;
  /** Until TCP and TLS are established, ms. */
  connectMs: number;
  /** From then until the headers of the answer, ms. */
  headersMs: number;
  /** For the rest of the answer, ms. */
  bodyMs: number;
}

export const CALENDAR_TIMEOUTS: Readonly<CalendarTimeouts> = Object.freeze({
  resolveMs: 3_000,
  connectMs: 3_000,
  headersMs: 5_000,
  bodyMs: 5_000,
});

export interface FetchOptions {
  resolve: Resolve;
  /** For tests: this machine, without TLS. */
  allowLoopback: boolean;
  timeouts: CalendarTimeouts;
  clock: Pick<Clock, 'now'>;
}

/** A calendar, and what its server calls this version of it. */
export interface Fetched {
  text: string;
  etag: string | null;
}

/**
 * The calendar at an address; `known` where the server says that it has not changed.
 * @throws ScheduleError; its messages name the host only, because an address may be a secret
 */
export async function fetchCalendar(
  address: string,
  known: Fetched | null,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<Fetched> {
  let url = secureUrl(address, options);
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    const of = `The calendar at ${url.host}`;
    const { status, headers, body } = await get(url, known, options, signal);
    const location = headers.location;
    const isMoved = [301, 302, 303, 307, 308].includes(status) && location !== undefined;
    if (isMoved && URL.canParse(location, url.href)) {
      body.destroy();
      url = secureUrl(new URL(location, url).href, options);
      continue;
    }
    if (status === 304 && known !== null) {
      body.destroy();
      return known;
    }
    if (status !== 200) {
      body.destroy();
      const retryAfterMs = requestedWaitMs(headers, options.clock.now());
      throw new ScheduleError(`${of} ${statusText(status)}.`, { retryAfterMs });
    }
    const bytes = await readShort(body, MAX_BYTES, options.timeouts.bodyMs);
    if (bytes === null) {
      body.destroy();
      throw new ScheduleError(`${of} broke off, or is larger than ${MAX_BYTES / 1024 / 1024} MiB.`);
    }
    const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
    if (!/^\s*BEGIN:VCALENDAR/i.test(text)) throw new ScheduleError(`${of} is not a calendar: check its address.`);
    return { text, etag: headers.etag ?? null };
  }
  throw new ScheduleError(`The calendar at ${url.host} redirects too often.`);
}

async function get(url: URL, known: Fetched | null, options: FetchOptions, signal: AbortSignal): Promise<Incoming> {
  const { timeouts, resolve, allowLoopback } = options;
  const { resolveMs, headersMs } = timeouts;
  try {
    const addresses = await publicAddresses(url, { resolve, allowLoopback, resolveMs, purpose: 'calendars' }, signal);
    const headers = {
      Accept: 'text/calendar, text/plain;q=0.5',
      'Accept-Encoding': 'identity',
      'User-Agent': 'countersign',
      ...(known?.etag != null && { 'If-None-Match': known.etag }),
    };
    // A new connection to exactly these addresses: another look-up could give others.
    return await createTransport(url.origin, timeouts).send({
      method: 'GET',
      path: url.pathname + url.search,
      rawHeaders: Object.entries(headers).flat(),
      body: null,
      fresh: true,
      headersMs,
      signal,
      lookup: pinnedLookup(addresses),
    });
  } catch (cause) {
    if (cause instanceof ForbiddenTarget) throw new ScheduleError(`The calendar was not read: ${cause.message}`);
    const why = cause instanceof TransportError ? cause.message : 'unexpected error';
    throw new ScheduleError(`The calendar at ${url.host} did not answer (${why}).`, { cause });
  }
}

/** `webcal` is how programs write the address of a calendar. */
function secureUrl(address: string, { allowLoopback }: FetchOptions): URL {
  const text = address.replace(/^webcal:/i, 'https:');
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSecure = url?.protocol === 'https:' || (allowLoopback && url?.protocol === 'http:');
  if (url === null || !isSecure) throw new ScheduleError('The address of the calendar is not an https address.');
  return url;
}

function statusText(status: number): string {
  if (status === 401 || status === 403) return `may not be read (${status}): use its secret or public address`;
  if (status === 404 || status === 410) return `is not there (${status}): check its address`;
  if (status === 429) return 'has answered too many look-ups (429)';
  return `answered ${status}`;
}
