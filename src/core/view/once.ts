/** By the very question: what a new policy masks in it keeps its fingerprint. Kept for as long as the question itself is. */
export type Kept<T> = WeakMap<object, Map<string, T>>;

/**
 * What was made of this question before, or else what `make` returns: a press asks what its card shows, the card is drawn
 * several times, and its *Details* and forms read it, too. Tested in test/core/view/content/content.test.ts.
 */
export function once<T>(kept: Kept<T>, pause: object, how: string, make: () => T): T {
  let ofPause = kept.get(pause);
  if (ofPause === undefined) {
    ofPause = new Map();
    kept.set(pause, ofPause);
  }
  const known = ofPause.get(how);
  if (known !== undefined) return known;
  const made = make();
  ofPause.set(how, made);
  return made;
}
