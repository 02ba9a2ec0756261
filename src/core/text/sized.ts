/**
 * Lengths of what others sent. zod's own `min` and `max` ask anything that has a `length` for it, also what is no text and
 * no list, and throw where that length can't be compared; a refinement is asked only once the type is right.
 */
export function sized(least: number, most = Number.POSITIVE_INFINITY): (value: { length: number }) => boolean {
  return ({ length }) => length >= least && length <= most;
}
