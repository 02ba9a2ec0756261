/** The regular expressions of MASK_PATTERNS. Tested in test/config/mask-patterns.test.ts. */
import { parseEach } from '../core/text/settings/entries.ts';
import { type LinearPattern, linearPattern } from '../policy/linear-pattern.ts';

/**
 * Patterns are separated by commas. Spaces separate them, too, as they did before: a pattern with a space in it, which is
 * written `\s`, would mask less than was meant. A comma of a pattern is in brackets or escaped: `{2,4}`, `[,;]`, `\,`.
 * @throws Error, or an AggregateError of several, that says what is wrong with each pattern
 */
export function parseMaskPatterns(text: string): readonly LinearPattern[] {
  const { sources, separators } = splitPatterns(text);
  // One meaning masks more than the other, and which one was meant can't be seen.
  if (separators.has('space') && separators.has('bare comma')) {
    throw new Error('separate the patterns by commas only. A comma within a pattern is written \\, and a space \\s');
  }
  return parseEach(sources, linearPattern);
}

/** Whether a space alone separates two patterns: that works, and is not what the documentation says. */
export function isSeparatedBySpaces(text: string): boolean {
  return splitPatterns(text).separators.has('space');
}

type Separator = 'space' | 'comma' | 'bare comma';

function splitPatterns(text: string): { sources: string[]; separators: ReadonlySet<Separator> } {
  const sources: string[] = [];
  const separators = new Set<Separator>();
  let from = 0;
  let depth = 0;
  let isClass = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === '\\') at += 1;
    else if (isClass) isClass = sign !== ']' || at === from;
    else if (sign === '[') isClass = true;
    else if ('({'.includes(sign)) depth += 1;
    else if (')}'.includes(sign)) depth = Math.max(0, depth - 1);
    const [separator = ''] = /^[\s,]+/.exec(text.slice(at)) ?? [];
    const isSpace = /^\s+$/.test(separator);
    // A space always separates; a comma only outside of brackets.
    if (separator === '' || sign === '\\' || ((depth > 0 || isClass) && !isSpace)) continue;
    const end = at + separator.length;
    if (from < at && end < text.length) {
      separators.add(isSpace ? 'space' : /\s/.test(separator) ? 'comma' : 'bare comma');
    }
    sources.push(text.slice(from, at));
    from = end;
    at = end - 1;
    depth = 0;
    isClass = false;
  }
  sources.push(text.slice(from));
  return { sources: sources.filter((source) => source !== ''), separators };
}
