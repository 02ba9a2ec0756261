/** Rules that exclude a requester whom no one can name. Tested in test/policy/warnings.test.ts. */
import { verbs } from '../../core/approval/parts/requirement.ts';
import { matchesAny } from '../../core/text/glob.ts';
import type { WrittenPolicy } from '../schema/file.ts';
import type { WrittenRule } from '../schema/rule.ts';
import type { Path } from '../yaml/tree.ts';
import type { Known } from './match-checks.ts';
import type { Report } from './report.ts';

/** A requester who is not known excludes no one, so the rule would do less than it says. */
export function warnOfRequesters(
  { rules, requesters = [], runs = {} }: WrittenPolicy,
  known: Known,
  warn: Report,
): void {
  for (const [at, rule] of rules.entries()) {
    const path = excludingPath(rule);
    if (path === null) continue;
    const backends = [rule.match?.backend ?? '*'].flat();
    const naming = known.naming.filter((name) => matchesAny(backends, name));
    if (naming.length === 0) {
      warn(
        ['rules', at, ...path],
        `No backend of the rule "${rule.name}" says who asked, so not: [requester] excludes no one.`,
        `Remove it, or match ${known.naming.join(' or ')}.`,
      );
    } else if (requesters.length === 0 && Object.keys(runs).length === 0) {
      warn(
        ['rules', at, ...path],
        'The file lets no key say who asked, so not: [requester] excludes no one.',
        'Add requesters: with the name of a key or of an asker, or runs: that people start from chat.',
      );
    }
  }
}

function excludingPath(rule: WrittenRule): Path | null {
  const verb = verbs.find((one) => rule[one]?.not !== undefined && rule[one].not.length > 0);
  return verb === undefined ? null : [verb, 'not'];
}
