/** Tested in test/backends/runtype/ingest.test.ts and test/faults/backend/webhooks.test.ts. */
import { isUtf8 } from 'node:buffer';
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { SetupError } from '../../core/ports/errors.ts';
import { secretsIn } from '../../core/text/settings/secret.ts';

/** Standard Webhooks allows five minutes, either way. */
export const AGE_MAX_MS = 300_000;
const ID_MAX_CHARACTERS = 256;
/** A sender that changes its secret signs with both; more signatures than this are ignored. */
const SIGNATURES_MAX = 16;

/** `secret`: which of them signed it, from 0. Default: the first. */
export type Verified = { ok: true; id: string; secret?: number } | { ok: false; problem: string };

/** @param bytes null: the body was not read yet; whether its headers may be those of a signed delivery */
export type Verify = (headers: Record<string, string>, bytes: Uint8Array | null, now: number) => Verified;

/** A signature with the shared secret: 32 bytes in base64. */
const SIGNATURE = /(?:^| )v1,[A-Za-z0-9+/]{43}=(?: |$)/;
const PREFIX = 'whsec_';

/**
 * Checks Standard Webhooks signatures over the raw bytes. The library parses the body as JSON and so refuses a correctly
 * signed body that is not JSON, and it hashes in JavaScript; here it only checks the secret.
 * @param secrets one `whsec_…`, or the old and the new one with a space between
 * @throws SetupError
 */
export function createVerifier(secrets: string): Verify {
  const keys = secretsIn(secrets).map(keyOf);
  if (keys.length === 0) throw badSecret();

  return (headers, bytes, now) => {
    const get = headerReader(headers);
    const id = get('webhook-id');
    const timestamp = get('webhook-timestamp');
    const signatures = get('webhook-signature');
    const named = Object.entries({ 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures });
    const missing = named.filter(([, value]) => value === '').map(([name]) => name);
    if (missing.length > 0) return refused(`Missing header: ${missing.join(', ')}.`);
    if (id.length > ID_MAX_CHARACTERS) return refused(`webhook-id is longer than ${ID_MAX_CHARACTERS} characters.`);
    if (!/^\d{1,12}$/.test(timestamp)) return refused('webhook-timestamp is not a number of seconds.');
    const at = Number(timestamp) * 1000;
    if (now - at > AGE_MAX_MS) return refused('webhook-timestamp is more than five minutes old.');
    if (at - now > AGE_MAX_MS) return refused('webhook-timestamp is more than five minutes in the future.');
    if (!SIGNATURE.test(signatures)) return refused('webhook-signature has no signature of version 1.');
    if (bytes === null) return { ok: true, id };

    const signed = `${id}.${Math.floor(at / 1000)}.`;
    // Libraries sign a text, so that they replace what is not UTF-8.
    const body = isUtf8(bytes) ? bytes : Buffer.from(bytes).toString('utf8');
    const given = signatures
      .split(' ')
      .slice(0, SIGNATURES_MAX)
      .map((one) => Buffer.from(one));
    // Each is compared with each, whichever fits.
    const matches = keys.map((key) => {
      const expected = Buffer.from(`v1,${createHmac('sha256', key).update(signed).update(body).digest('base64')}`);
      return given.map((one) => one.length === expected.length && timingSafeEqual(one, expected)).includes(true);
    });
    const secret = matches.indexOf(true);
    return secret !== -1 ? { ok: true, id, secret } : refused('No signature matches this body and INGEST_SECRET.');
  };
}

function keyOf(secret: string): KeyObject {
  try {
    new Webhook(secret);
  } catch {
    throw badSecret();
  }
  return createSecretKey(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
}

function badSecret(): SetupError {
  return new SetupError('INGEST_SECRET is not a valid Standard Webhooks secret. It must be whsec_ followed by base64.');
}

function headerReader(headers: Record<string, string>): (name: string) => string {
  return (name) => headers[name]?.trim() ?? '';
}

function refused(problem: string): Verified {
  return { ok: false, problem };
}
