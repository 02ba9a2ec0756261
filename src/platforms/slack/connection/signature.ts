/** Slack’s signature of its HTTP requests (docs.slack.dev, “Verifying requests from Slack”). */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** The greatest age of a request, by Slack’s advice; also how far ahead its time may be, because our clock may be late. */
export const FRESH_MS = 5 * 60_000;

/** Whether these may be the headers of a request that is signed and fresh; its body is read only then. */
export function maybeSigned(headers: Readonly<Record<string, string>>, now: number): boolean {
  const stamp = headers['x-slack-request-timestamp'] ?? '';
  const isFresh = /^\d{1,12}$/.test(stamp) && Math.abs(now - Number(stamp) * 1000) <= FRESH_MS;
  return isFresh && /^v0=[0-9a-f]{64}$/.test(headers['x-slack-signature'] ?? '');
}

/** Made once: a text is turned into a key for each signature anew. */
export function signingKey(secret: string): KeyObject {
  return createSecretKey(secret, 'utf8');
}

/** Whether these bytes were signed with this key, within five minutes of `now` (ms since 1970). */
export function isSigned(
  key: KeyObject,
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array,
  now: number,
): boolean {
  if (!maybeSigned(headers, now)) return false;
  const stamp = headers['x-slack-request-timestamp'] ?? '';
  const given = Buffer.from(headers['x-slack-signature'] ?? '');
  const expected = Buffer.from(`v0=${createHmac('sha256', key).update(`v0:${stamp}:`).update(bytes).digest('hex')}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
