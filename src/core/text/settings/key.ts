/** Keys and tokens of other systems. Tested in test/core/text/settings/key.test.ts. */
import { codePointName } from '../code-point.ts';

/** What is wrong with a key that was copied; null where nothing is visibly wrong. It never contains a part of the key. */
export function problemOfKey(value: string): string | null {
  if (/…|\.{3}|^<.*>$|^\*{2,}$/.test(value) || /\byour[-_ ]/i.test(value)) {
    return 'is a placeholder: replace it with the real one';
  }
  // “Bot ” is copied along with Discord's.
  const [odd] = /[^\x21-\x7e]/u.exec(value.replace(/^Bot\s+/i, '')) ?? [];
  if (odd === undefined) return null;
  const name = codePointName(odd.codePointAt(0) ?? 0);
  return `contains ${/\s/.test(odd) ? 'a space' : `a character that no key has (${name})`}: copy it again, alone`;
}
