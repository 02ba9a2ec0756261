/** Rules that never apply, because an earlier one takes all that they match. */
import { type MatchKey, matchKeys, type Rule } from '../../core/policy/rules/document.ts';
import { matchesGlob } from '../../core/text/glob.ts';

/** What every request has; of the others it may have none, so that `*` matches not all. */
const ALWAYS: readonly MatchKey[] = ['backend', 'kind', 'tool'];

/** The index of the first such earlier rule; null: there is none. */
export function coveringRule(rules: readonly Rule[], at: number): number | null {
  const later = rules[at];
  if (later === undefined) return null;
  const found = rules
    .slice(0, at)
    .findIndex((rule) => rule.mode === 'enforce' && rule.when === null && covers(rule, later));
  return found < 0 ? null : found;
}

function covers({ match: wide }: Rule, { match: narrow }: Rule): boolean {
  return matchKeys.every((key) => {
    const patterns = wide[key];
    if (patterns === undefined) return true;
    if (patterns.includes('*') && ALWAYS.includes(key)) return true;
    return narrow[key]?.every((one) => patterns.some((pattern) => includesPattern(pattern, one))) ?? false;
  });
}

/** Whether all that the second matches is matched by the first, as far as it is certain. */
function includesPattern(wide: string, narrow: string): boolean {
  const [one, other] = [wide.toLowerCase(), narrow.toLowerCase()];
  if (one === other) return true;
  // A `?` of the first would take a `*` of the second for one character.
  return !(one.includes('?') && other.includes('*')) && matchesGlob(one, other);
}
