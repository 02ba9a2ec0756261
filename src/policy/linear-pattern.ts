import { RE2JS } from 're2js';
import { coerceError } from '../core/ports/errors.ts';

/** What `String.replace` takes in place of a regular expression. */
export interface LinearPattern {
  /** As it was written. */
  readonly source: string;
  [Symbol.replace](text: string, by: string): string;
}

/** Larger programs take longer for each character than a message may wait; counted repetitions make them. */
const PROGRAM_MAX = 500;

/**
 * A regular expression that takes linear time on any text: agents choose the texts. Its syntax is RE2's, which has no
 * look-around and no backreferences.
 * @throws Error that says what is wrong with the pattern
 */
export function linearPattern(source: string): LinearPattern {
  const pattern = compile(source);
  if (pattern.programSize() > PROGRAM_MAX) throw new Error(`${source} is too large: shorten its counted repetitions`);
  if (pattern.test('')) throw new Error(`${source} matches the empty string and would mask everything`);
  return {
    source,
    // Most texts have no match, and whether they have one is found out many times faster than where.
    [Symbol.replace]: (text, by) => (pattern.test(text) ? pattern.matcher(text).replaceAll(() => by) : text),
  };
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (thrown) {
    const reason = coerceError(thrown).message.replace(/^error parsing regexp: /, '');
    throw new Error(
      `${source} is not a valid regular expression: ${reason}. Its syntax is RE2: no look-around, no backreferences`,
    );
  }
}
