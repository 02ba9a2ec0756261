/** Which setting a misspelled name may mean. Tested in test/core/text/settings/near-names.test.ts. */

const OWN_PREFIX = /^COUNTERSIGN_/;
/** Shorter names are too common: what only begins with one of them belongs to another program. */
const STEM_MIN = 5;
const NAMES_MAX = 3;

/**
 * The settings that a name resembles: by its letters, by its beginning, or by its words.
 * @param known the names of all settings
 * @returns the nearest first, at most three; empty where it resembles none
 */
export function nearNames(name: string, known: readonly string[]): readonly string[] {
  const own = spelled(name).replace(OWN_PREFIX, '');
  const letters = own.replaceAll('_', '');
  const same = known.filter((one) => one.replaceAll('_', '') === letters);
  if (same.length > 0) return same;
  const nearestFirst = known
    .map((one) => ({ one, distance: distanceOf(own, one) }))
    .sort((a, b) => a.distance - b.distance);
  const misspelled = nearestFirst.filter(({ one, distance }) => distance <= allowed(one, own));
  const related = nearestFirst.filter(({ one }) => sharesStem(own, one) || sharesWords(own, one));
  const found = misspelled.length > 0 ? misspelled : related;
  return found.slice(0, NAMES_MAX).map(({ one }) => one);
}

/**
 * The setting that a name misspells, where nothing else can be meant; null: none. For names that other programs may use.
 */
export function settingMeantBy(name: string, known: readonly string[]): string | null {
  if (name.length < STEM_MIN) return null;
  const own = spelled(name);
  // An environment has many names, and a distance takes a while.
  const isNear = (one: string) => Math.abs(one.length - own.length) <= 1 && distanceOf(own, one) === 1;
  return known.find((one) => one.length > STEM_MIN && isNear(one)) ?? null;
}

/** As our names are: capitals, and `_` between words. */
function spelled(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_');
}

/** How many letters may differ. In a short name only the order of two, or one that is missing or too many. */
function allowed(known: string, name: string): number {
  if (known.length >= 8) return 2;
  if (known.length >= STEM_MIN) return 1;
  return known.length === name.length && !isTransposed(known, name) ? 0 : 1;
}

function isTransposed(one: string, other: string): boolean {
  return [...one].sort().join('') === [...other].sort().join('');
}

/** `CONFIRM_TOOLS`, or `SLACK_BOT` for `SLACK_BOT_TOKEN`. */
function sharesStem(name: string, known: string): boolean {
  const [short, long] = name.length < known.length ? [name, known] : [known, name];
  return short.length >= STEM_MIN && long.startsWith(short);
}

/** `SLACK_TOKEN`, `RUNTYPE_KEY` or `DISCORD_BOT_TOKEN`: the words of one are among those of the other, with the first. */
function sharesWords(name: string, known: string): boolean {
  const [own, others] = [name.split('_'), known.split('_')];
  if (own[0] !== others[0] || own.length < 2 || others.length < 2) return false;
  return own.every((word) => others.includes(word)) || others.every((word) => own.includes(word));
}

/** Letters to add, remove, replace or swap with their neighbour (optimal string alignment). */
function distanceOf(one: string, other: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let at = 1; at <= other.length; at += 1) {
      const isSame = one[row - 1] === other[at - 1];
      let cost = Math.min((last[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1, (last[at - 1] ?? 0) + (isSame ? 0 : 1));
      const isSwap = row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1];
      if (isSwap) cost = Math.min(cost, (before[at - 2] ?? 0) + 1);
      next.push(cost);
    }
    [before, last] = [last, next];
  }
  return last[other.length] ?? 0;
}
