/** One REST request to Discord. Tested in test/platforms/discord/api/errors.test.ts. */
import { REST, type RESTOptions, RequestMethod } from 'discord.js';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import { BAD_TOKEN, DiscordRefusal, toPlatformError } from './errors.ts';

/** Pause after Discord refused the token twice: 10,000 refusals in 10 minutes ban the IP address. */
const TOKEN_PAUSE_MS = 30_000;

/** A rate limit on the answer to a press is waited for up to this time, ms: the outbox does not retry such answers. */
const SHORT_WAIT_MS = 500;

interface Limits {
  apiUrl: string;
  /** Until the answer’s headers, ms. */
  timeoutMs: number;
}

export function restOptions({ apiUrl, timeoutMs }: Limits): Partial<RESTOptions> {
  return {
    api: apiUrl,
    timeout: timeoutMs,
    // Only the outbox retries and waits.
    retries: 0,
    rejectOnRateLimit: ({ route, retryAfter }) => !route.endsWith('/callback') || retryAfter > SHORT_WAIT_MS,
  };
}

/** The library’s client for all calls of ours. `close` ends its timers. */
export function createRest(limits: Limits): { rest: REST; close(): void } {
  const rest = new REST({ version: '10', ...restOptions(limits) });
  return {
    rest,
    close() {
      rest.clearHashSweeper();
      rest.clearHandlerSweeper();
    },
  };
}

/** Discord’s limit for all calls of a bot. Each replica takes its part, so that together they stay below it. */
const REQUESTS_PER_SECOND = 50;

export interface DiscordRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  route: `/${string}`;
  query?: URLSearchParams;
  body?: unknown;
  files?: readonly { name: string; data: string }[];
  signal: AbortSignal;
  /** False for the answer to a press, which has its own token. */
  auth?: boolean;
}

/** Sends a request once. @throws PlatformError */
export type SendRequest = (request: DiscordRequest) => Promise<unknown>;

/**
 * Sends requests with discord.js’s REST client, which must not retry (`retries: 0`).
 * @param options.timeoutMs time limit until the answer’s headers, ms; twice that with the queue and the body
 */
export function createSendRequest(options: {
  rest: REST;
  token: string;
  timeoutMs: number;
  /** How many replicas call with this token. Default: one. */
  replicas?: () => number;
  clock: Clock;
  log: Log;
}): SendRequest {
  const { rest, token, timeoutMs, replicas = () => 1, clock, log } = options;
  let pausedUntil = Number.NEGATIVE_INFINITY;

  return async function send({ method, route, query, body, files = [], signal, auth = true }) {
    if (signal.aborted) throw new PlatformError('unsent', 'Stopped before Discord was called.');
    if (!auth) return await sendOnce(false);
    const pause = Math.ceil(pausedUntil - clock.monotonic());
    if (pause > 0) throw new PlatformError('unsent', BAD_TOKEN, { retryAfterMs: pause });
    try {
      return await sendOnce(true);
    } catch (first) {
      if (!isBadToken(first)) throw first;
    }
    // A 401 has no effect, and a single one may be Discord’s error: try again.
    try {
      return await sendOnce(true);
    } catch (second) {
      if (isBadToken(second)) {
        pausedUntil = clock.monotonic() + TOKEN_PAUSE_MS;
        log.error({}, BAD_TOKEN);
      }
      throw second;
    }

    async function sendOnce(withToken: boolean): Promise<unknown> {
      rest.options.globalRequestsPerSecond = Math.max(1, Math.floor(REQUESTS_PER_SECOND / replicas()));
      // The library drops its token at the first 401.
      if (withToken) rest.setToken(token);
      // A signal for this request only: the library never removes its listener.
      const limit = AbortSignal.any([signal, AbortSignal.timeout(2 * timeoutMs)]);
      try {
        return await rest.request({
          fullRoute: route,
          method: RequestMethod[methodNames[method]],
          body,
          ...(query === undefined ? {} : { query }),
          ...(files.length > 0 && { files: [...files] }),
          auth: withToken,
          signal: limit,
        });
      } catch (thrown) {
        throw limit.aborted && wasQueued(thrown)
          ? new PlatformError('unsent', 'Discord is slow: the request waited too long in the queue.')
          : toPlatformError(thrown);
      }
    }
  };
}

const methodNames = { GET: 'Get', POST: 'Post', PATCH: 'Patch', DELETE: 'Delete' } as const;

function isBadToken(error: unknown): boolean {
  return error instanceof DiscordRefusal && error.status === 401;
}

/** The library’s queue rejects with a plain error; a request in progress ends with an AbortError. */
function wasQueued(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.constructor === Error && thrown.name === 'Error' && !('code' in thrown);
}
