import { type REST, RequestMethod } from 'discord.js';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import { BAD_TOKEN, DiscordRefusal, toPlatformError } from './errors.ts';

/** After Discord has refused the token twice, nothing is asked for so long: 10,000 refusals in 10 minutes ban the address. */
const TOKEN_PAUSE_MS = 30_000;

export interface DiscordRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  route: `/${string}`;
  query?: URLSearchParams;
  body?: unknown;
  files?: readonly { name: string; data: string }[];
  signal: AbortSignal;
  /** False for the answer to a press: it carries its own token. */
  auth?: boolean;
}

/** One request, one try. @throws PlatformError */
export type SendRequest = (request: DiscordRequest) => Promise<unknown>;

/**
 * Requests through discord.js's REST client, which must not retry by itself (`retries: 0`).
 * @param timeoutMs of one request, until the answer's headers; twice that with its wait in the queue and its body
 */
export function createSendRequest(options: {
  rest: REST;
  token: string;
  timeoutMs: number;
  clock: Clock;
  log: Log;
}): SendRequest {
  const { rest, token, timeoutMs, clock, log } = options;
  let pausedUntil = Number.NEGATIVE_INFINITY;

  return async function send({ method, route, query, body, files = [], signal, auth = true }) {
    if (signal.aborted) throw new PlatformError('unsent', 'Stopped before it was sent');
    if (!auth) return await tryOnce(false);
    const pause = Math.ceil(pausedUntil - clock.monotonic());
    if (pause > 0) throw new PlatformError('unsent', BAD_TOKEN, { retryAfterMs: pause });
    try {
      return await tryOnce(true);
    } catch (first) {
      if (!isBadToken(first)) throw first;
    }
    // A 401 has no effect, and one alone may be a mistake of Discord's: a card is not lost for it.
    try {
      return await tryOnce(true);
    } catch (second) {
      if (isBadToken(second)) {
        pausedUntil = clock.monotonic() + TOKEN_PAUSE_MS;
        log.error({}, BAD_TOKEN);
      }
      throw second;
    }

    async function tryOnce(withToken: boolean): Promise<unknown> {
      // The library drops its token for good at the first 401.
      if (withToken) rest.setToken(token);
      // Made for this request, for the library never takes its listener off the signal again.
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
          ? new PlatformError('unsent', 'Discord is slow: it waited too long for its turn')
          : toPlatformError(thrown);
      }
    }
  };
}

const methodNames = { GET: 'Get', POST: 'Post', PATCH: 'Patch', DELETE: 'Delete' } as const;

function isBadToken(error: unknown): boolean {
  return error instanceof DiscordRefusal && error.status === 401;
}

/** The library's queue rejects with a plain error; what was under way ends with an AbortError. */
function wasQueued(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.constructor === Error && thrown.name === 'Error' && !('code' in thrown);
}
