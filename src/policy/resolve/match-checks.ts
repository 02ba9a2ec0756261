/** Patterns and rooms that can't fit, because what they name does not exist. Tested in test/policy/wrong-files.test.ts. */
import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import { matchesAny } from '../../core/text/glob.ts';
import { nearest } from '../nearest.ts';
import type { WrittenPolicy } from '../schema/file.ts';
import type { Report } from './report.ts';

/** What a person is asked about. */
const KINDS = ['approval', 'await', 'item', 'run'] as const;

export interface Known {
  /** Names of all backends, configured or not. */
  backends: readonly string[];
  /** Those of them that can say who asked. */
  naming: readonly string[];
  /** Names of the platforms that are configured; null: not known, as in CI. */
  platforms: readonly string[] | null;
  /** The setting that a kind of schedules lacks, by the kind. */
  lacking: ReadonlyMap<string, string>;
}

export function checkMatches({ rules }: WrittenPolicy, { backends }: Known, report: Report): void {
  for (const [at, { match = {} }] of rules.entries()) {
    for (const [key, names] of [
      ['backend', backends],
      ['kind', KINDS],
    ] as const) {
      for (const [place, pattern] of [match[key] ?? []].flat().entries()) {
        if (names.some((name) => matchesAny([pattern], name))) continue;
        const near = nearest(pattern, names);
        const path = ['rules', at, 'match', key, ...(Array.isArray(match[key]) ? [place] : [])];
        const remedy = near === null ? `Write ${names.join(', ')}, or a pattern of them.` : `Did you mean ${near}?`;
        report(path, `"${pattern}" is not a ${key}.`, remedy);
      }
    }
  }
}

/** A card for a platform that is not there would reach no one. */
export function checkPlatforms(
  { rules }: WrittenPolicy,
  document: PolicyDocument,
  { platforms }: Known,
  report: Report,
): void {
  if (platforms === null) return;
  for (const [at, rule] of document.rules.entries()) {
    const all = [...rule.rooms, ...rule.escalate.flatMap(({ rooms }) => rooms)];
    for (const missing of new Set(all.map(({ platform }) => platform).filter((one) => !platforms.includes(one)))) {
      const key = rules[at]?.rooms === undefined ? 'name' : 'rooms';
      const remedy = `Set its token in .env, or remove its rooms.`;
      report(['rules', at, key], `The rule has rooms in ${missing}, which is not configured.`, remedy, { key: true });
    }
  }
}
