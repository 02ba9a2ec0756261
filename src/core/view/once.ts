/** Of how many questions the results are kept. A card is drawn several times as it changes, and its *Details* and forms read it, too. */
const KEPT = 100;

/** By the very question: what a new policy masks in it keeps its fingerprint. */
export type Kept<T> = Map<object, Map<string, T>>;

/** What was made of this question before, or else what `make` returns. Tested in test/core/view/content/content.test.ts. */
export function once<T>(kept: Kept<T>, pause: object, how: string, make: () => T): T {
  const ofPause = kept.get(pause) ?? new Map<string, T>();
  const known = ofPause.get(how);
  if (known !== undefined) return known;
  const made = make();
  kept.set(pause, ofPause.set(how, made));
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
  return made;
}
