/**
 * Discord’s signature of its requests to the interactions endpoint (docs.discord.com, “Setting Up an Endpoint”).
 * Tested in test/platforms/discord/endpoint/signature.test.ts.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** How old a request may be, or ahead of our clock, which may be late. Discord itself waits three seconds for the answer. */
export const FRESH_MS = 5 * 60_000;

const SIGNATURE = 'x-signature-ed25519';
const TIMESTAMP = 'x-signature-timestamp';

/** @param publicKey as the Developer Portal shows it: 64 hex digits */
export function verifyingKey(publicKey: string): KeyObject {
  const x = Buffer.from(publicKey, 'hex').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

export function signatureOf(headers: Readonly<Record<string, string>>): string {
  return headers[SIGNATURE] ?? '';
}

/** Whether these may be the headers of a request that is signed and fresh; its body is read only then. */
export function maybeSigned(headers: Readonly<Record<string, string>>, now: number): boolean {
  const stamp = headers[TIMESTAMP] ?? '';
  const isFresh = /^\d{1,12}$/.test(stamp) && Math.abs(now - Number(stamp) * 1000) <= FRESH_MS;
  return isFresh && /^[0-9a-f]{128}$/i.test(signatureOf(headers));
}

/** Whether Discord signed these bytes for this application, within five minutes of `now` (ms since 1970). */
export function isSignedByDiscord(
  key: KeyObject,
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array,
  now: number,
): boolean {
  if (!maybeSigned(headers, now)) return false;
  const signed = Buffer.concat([Buffer.from(headers[TIMESTAMP] ?? ''), bytes]);
  return verify(null, signed, key, Buffer.from(signatureOf(headers), 'hex'));
}
