/** Slack's signature of what it sends over HTTP (docs.slack.dev, "Verifying requests from Slack"). */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Slack's own advice for how old a request may be; as far ahead, for a clock of ours that runs late. */
export const FRESH_MS = 5 * 60_000;

/** `false` for anything that was not signed with this secret, over these bytes, within five minutes of `now` (ms). */
export function isSigned(
  secret: string,
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array,
  now: number,
): boolean {
  const stamp = headers['x-slack-request-timestamp'] ?? '';
  const given = Buffer.from(headers['x-slack-signature'] ?? '');
  if (!/^\d{1,12}$/.test(stamp) || Math.abs(now - Number(stamp) * 1000) > FRESH_MS) return false;
  const expected = Buffer.from(`v0=${createHmac('sha256', secret).update(`v0:${stamp}:`).update(bytes).digest('hex')}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
