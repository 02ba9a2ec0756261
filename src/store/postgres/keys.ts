import { createHash } from 'node:crypto';
import type { Effect } from '../../core/approval/inputs.ts';

/** An index of PostgreSQL takes 2,704 bytes at most, and some hold several keys. */
const KEY_BYTES = 600;
/** Of a longer key, for who looks at the database. */
const BEGINNING = 100;

/**
 * A key as it is stored: the text itself, or, where that is too long for an index, its beginning and its hash. Two texts
 * never have one key.
 */
export function shortKey(text: string): string {
  if (text.length <= KEY_BYTES && Buffer.byteLength(text) <= KEY_BYTES) return text;
  const beginning = text.slice(0, BEGINNING).toWellFormed();
  return `${beginning}…${createHash('sha256').update(text).digest('base64url')}`;
}

/** The stored `job_key`. */
export function jobKey(kind: Effect['type'], subject: string, slot: string | null): string {
  return shortKey(slot === null ? `${kind}:${subject}` : `${kind}:${subject}:${slot}`);
}
