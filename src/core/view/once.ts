/** How many results are kept. A card is drawn several times as it changes, and its *Details* and forms read it, too. */
const KEPT = 100;
/** Older versions and tests have shorter fingerprints, which do not tell two requests apart. */
const FINGERPRINT_LENGTH = 22;

/** What was made of this fingerprint before, or else what `make` returns. Tested in test/core/view/content/content.test.ts. */
export function once<T>(kept: Map<string, T>, fingerprint: string, how: string, make: () => T): T {
  if (fingerprint.length !== FINGERPRINT_LENGTH) return make();
  const key = `${fingerprint} ${how}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make();
  kept.set(key, made);
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
  return made;
}
