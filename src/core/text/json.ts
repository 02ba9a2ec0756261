/** Values from JSON, and their limits. Tested in test/core/text/exact/parse.test.ts and test/core/approval/pause/limit-pause.test.ts. */

/** The JSON of anything that was parsed, however deep it is nested; what is too deep to be walked is cut off. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return JSON.stringify(shallow(value));
  }
}

declare global {
  /** Not in TypeScript's library yet: https://tc39.es/proposal-json-parse-with-source/ */
  interface JSON {
    rawJSON(text: string): RawNumber;
    isRawJSON(value: unknown): value is RawNumber;
  }
}

/**
 * A number whose spelling a JS number would change: `1234567890123456789`, `1.0`, `1e3`, `-0`. `JSON.stringify` writes
 * it as it was spelt. It is an object: walk it as a leaf, never with `Object.entries` or `String`, which throws.
 */
export interface RawNumber {
  readonly rawJSON: string;
}

export function isRawNumber(value: unknown): value is RawNumber {
  return JSON.isRawJSON(value);
}

export function isNumber(value: unknown): value is number | RawNumber {
  return typeof value === 'number' || isRawNumber(value);
}

/** The digits as they were sent: what a person reads, and what is compared and sent. */
export function numberText(value: number | RawNumber): string {
  return typeof value === 'number' ? String(value) : value.rawJSON;
}

export type Scalar = string | number | RawNumber | boolean;

/** A text, a number, true or false. */
export function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'boolean' || isNumber(value);
}

/** An object or a list: what has parts. Everything else is a leaf, a raw number too. */
export function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null && (Array.isArray(value) || !isRawNumber(value));
}

/** An object that is not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return isBranch(value) && !Array.isArray(value);
}

/** Deeper than any tool's arguments; what is deeper would overflow every stack that walks it. */
export const DEEPEST = 64;

/** Whether there are more values than `max` at the ends of all branches. Stops at the first that is too many. */
export function hasMoreValues(value: unknown, max: number): boolean {
  const todo = [value];
  let count = 0;
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (!isBranch(next)) continue;
    const inner = Object.values(next);
    count += inner.length;
    if (count > max) return true;
    for (const item of inner) if (isBranch(item)) todo.push(item);
  }
  return false;
}

/** Whether more than `max` branches lie in one another. Level by level: recursion could exhaust the stack. */
export function isDeeper(value: unknown, max: number): boolean {
  let level = [value].filter(isBranch);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= max) return true;
    const next: object[] = [];
    for (const branch of level) for (const inner of Object.values(branch)) if (isBranch(inner)) next.push(inner);
    level = next;
  }
  return false;
}

/** The value down to a depth at which everything can still be walked, drawn and stored: itself, where it is no deeper. */
export function shallow(value: unknown, depth = DEEPEST): unknown {
  return isDeeper(value, depth) ? cut(value, depth) : value;
}

function cut(value: unknown, depth: number): unknown {
  if (!isBranch(value)) return value;
  if (depth === 0) return '… nested too deep to be shown';
  if (Array.isArray(value)) return value.map((item) => cut(item, depth - 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cut(item, depth - 1)]));
}

const sentAsText = Symbol('sent as text');

/** Says of an object or a list that it came as a text with its JSON. The mark is on this object, not on copies. */
export function markSentAsText<T extends object>(value: T): T {
  return Object.defineProperty(value, sentAsText, { value: true });
}

/** Whether a masked value came as a text. What shows it says so: the tool receives a text. */
export function isSentAsText(value: unknown): boolean {
  return typeof value === 'object' && value !== null && sentAsText in value;
}
