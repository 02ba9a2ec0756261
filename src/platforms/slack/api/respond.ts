import type { FetchFunction } from '@slack/web-api';

/**
 * One message to a `response_url`: it needs no scope, and works where the bot was removed; five times in half an hour.
 * @param options.callMs how long it may take, ms
 * @throws Error when it did not get through
 */
export async function respond(
  { fetch, callMs }: { fetch: FetchFunction; callMs: number },
  url: string | null,
  message: object,
): Promise<void> {
  if (url === null) throw new Error('The press brought no response_url');
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(callMs),
  });
  if (!response.ok) throw new Error(`response_url answered with HTTP status ${response.status}`);
}
