/**
 * Where a value in an address ends: its path, its query and the next value stay in sight.
 * Tested in test/core/mask/context/urls.test.ts.
 */
import { looksSecret } from '../token.ts';

/** What ends a value, however often it is encoded. Not an encoded blank: with it, there is no token to be masked. */
const hard = /[?#]|%(?:25)*(?:2[236-9c]|3[b-f]|5[b-e]|60|7[b-d])/i;
/** A plus is a blank. */
const soft = /[/+]|%(?:25)*2f/i;
/** Padding of base64; in front of anything else it is a sign between a name and a value. */
const padding = /^(?:%3d){1,2}(?=[?#]|$)/i;
/** What has to be read of a value. */
const VALUE_MAX = 500;

const BEFORE_MAX = 500;

/** Whether a name that starts here is in an address, or in the path or the query of one. */
export function isInAddress(text: string, start: number): boolean {
  if (/[?&]/.test(text.charAt(start - 1))) return true;
  const before = text.slice(Math.max(0, start - BEFORE_MAX), start);
  const slash = before.lastIndexOf('/');
  return slash >= 0 && !/[\s"'`<>]/.test(before.slice(slash));
}

/**
 * @param end of the run of a token's characters
 * @returns where the value ends that begins at the start
 */
export function valueEnd(text: string, start: number, end: number): number {
  const run = text.slice(start, Math.min(end, start + VALUE_MAX));
  const found = run.search(hard);
  const rest = found < 0 ? '' : run.slice(found);
  const value = run.slice(0, run.length - rest.length + (padding.exec(rest)?.[0].length ?? 0));
  const part = value.search(soft);
  // A signature in base64 has such signs of its own.
  const isWhole = part < 0 || looksSecret(value.replace(/%2f/gi, '/').replace(/%2b/gi, '+').replace(/%3d/gi, '='));
  if (!isWhole) return start + part;
  return found < 0 ? end : start + value.length;
}
