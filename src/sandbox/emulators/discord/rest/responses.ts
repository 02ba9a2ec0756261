import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DiscordFault } from '../types.ts';
import { refuseWith } from './refusal.ts';

/** Higher than any client reaches; the headers exist so that clients can read them. */
const LIMIT = { requests: 1000, seconds: 1 };

export type DroppedResponse = Extract<DiscordFault, { when: 'before' | 'after' }>;

/** Replaces the response by a fault. `note` receives the status that was sent, 0 for none. */
export function dropResponse(
  request: IncomingMessage,
  response: ServerResponse,
  fault: DroppedResponse,
  note: (status: number, error: string) => void,
): void {
  const name = `fault: ${fault.kind} ${fault.when}`;
  if (fault.kind === 'status') {
    note(fault.status, name);
    send(response, fault.status, refuseWith(fault.status, fault.code).body(), {});
    return;
  }
  note(0, name);
  if (fault.kind === 'reset') request.socket.resetAndDestroy();
}

export function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string>): void {
  if (body === undefined) response.writeHead(status, headers).end();
  else response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function rateLimitHeaders(method: string, path: string): Record<string, string> {
  const bucket = createHash('md5')
    .update(`${method} ${path.replace(/\d{15,}/g, ':id')}`)
    .digest('hex');
  return {
    'x-ratelimit-limit': String(LIMIT.requests),
    'x-ratelimit-remaining': String(LIMIT.requests - 1),
    'x-ratelimit-reset': String(Date.now() / 1000 + LIMIT.seconds),
    'x-ratelimit-reset-after': String(LIMIT.seconds),
    'x-ratelimit-bucket': bucket,
  };
}

export function sendRateLimited(
  response: ServerResponse,
  fault: Extract<DiscordFault, { kind: 'rate_limited' }>,
): void {
  const seconds = fault.retryAfterMs / 1000;
  const global = fault.global === true;
  send(
    response,
    429,
    { message: 'You are being rate limited.', retry_after: seconds, global },
    {
      'retry-after': String(seconds),
      'x-ratelimit-scope': global ? 'global' : 'user',
      'x-ratelimit-reset-after': String(seconds),
      ...(global ? { 'x-ratelimit-global': 'true' } : { 'x-ratelimit-remaining': '0', 'x-ratelimit-limit': '5' }),
    },
  );
}
