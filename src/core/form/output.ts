/** The answer to a call that waits for an output: a text, and how it is sent. Tested in test/core/form/output.test.ts. */
import { parseExact } from '../text/exact/parse.ts';
import { isBranch } from '../text/json.ts';

export const sentAs = ['text', 'json'] as const;
/** `text`: as it is. `json`: as the value that it is the JSON of, each number in its own digits. */
export type SentAs = (typeof sentAs)[number];

/** What is said at the field: it is clear what becomes of `true`, of a number, or of quotes. */
export const WRITTEN_HINT = 'Sent as text, also true, 42 or "quoted"; a JSON object or list as JSON.';

/** The object or the list that a text is the JSON of; null for any other text. */
export function branchIn(text: string): object | null {
  try {
    const value = parseExact(text);
    return isBranch(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * What is sent for an answer.
 * @param how absent in answers of earlier versions: JSON where it is an object or a list, else text
 */
export function outputValue(text: string, how?: SentAs): unknown {
  if (how === 'text') return text;
  return how === 'json' ? parseExact(text) : (branchIn(text) ?? text);
}
