import type { FetchFunction } from '@slack/web-api';

/** For a 429 that doesn't say how long. */
const DEFAULT_RETRY_AFTER_S = 30;

/**
 * The `fetch` of Slack's clients: ended by `signal` as well as by the call's own time limit.
 * A 429 without `Retry-After` gets one, because web-api throws a bare error for it that can't be told from a fault.
 */
export function createFetch(signal: AbortSignal): FetchFunction {
  return async (url, init = {}) => {
    const signals = init.signal === undefined ? [signal] : [init.signal, signal];
    const response = await fetch(url, { ...init, signal: AbortSignal.any(signals) });
    if (response.status !== 429 || /^\d+$/.test(response.headers.get('retry-after') ?? '')) return response;
    await response.body?.cancel();
    return new Response(null, { status: 429, headers: { 'retry-after': String(DEFAULT_RETRY_AFTER_S) } });
  };
}
