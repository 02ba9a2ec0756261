/** The values of a request, each with the names that lead to it. Tested in test/core/view/content/headline.test.ts. */
import { isRecord, isScalar, type Scalar } from '../../../text/json.ts';

export interface Leaf {
  /** A name with dots in it is taken apart: `body.amount`. */
  path: readonly string[];
  value: Scalar | readonly unknown[];
}

/** More than this many values make no difference to a line that names three of them. */
const LEAVES_MAX = 3_000;
const DEPTH_MAX = 6;

/** In the order in which they came, without what says nothing. @param value masked */
export function leavesOf(value: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (item: unknown, path: readonly string[], depth: number): void => {
    if (leaves.length >= LEAVES_MAX || depth > DEPTH_MAX) return;
    if (isRecord(item)) {
      for (const [key, inner] of Object.entries(item)) visit(inner, [...path, ...key.split('.')], depth + 1);
      return;
    }
    if (Array.isArray(item)) {
      const [first] = item;
      if (item.length === 1) visit(first, path, depth + 1);
      else if (item.length > 1) leaves.push({ path, value: item });
      return;
    }
    if (isScalar(item) && item !== '') leaves.push({ path, value: item });
  };
  visit(value, [], 0);
  return leaves;
}

/** How many names two paths have in common, from the first. */
export function sharedLength(one: readonly string[], other: readonly string[]): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
