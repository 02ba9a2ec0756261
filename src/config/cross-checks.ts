/** What is wrong between settings that are right by themselves. Tested in test/config/start.test.ts. */
import { platforms as adapters } from '../adapters.ts';
import { platformName } from '../core/approval/names.ts';
import { unknownStarters } from '../core/policy/run-targets.ts';
import { isSeparatedBySpaces } from './mask-patterns.ts';
import type { Problem } from './problems.ts';
import { type Read, secretSettingsIn } from './read-settings.ts';
import type { Settings } from './settings.ts';

type Configured = readonly { name: string }[];

/** Reports runs that do not exist, and places and people on a platform that is not configured. */
export function problemsBetween(read: Read<Settings>, configured: Configured): void {
  const { set } = read;
  if (!read.failed.has('RUNS')) {
    for (const name of unknownStarters(set.RUNS, set.RUN_STARTERS)) {
      read.report(`RUN_STARTERS: "${name}" is not one of RUNS. Name one of them, or * for all.`);
    }
  }
  for (const problem of problemsOfIdentities(set)) read.report(problem);
  const isUsed = usedPlatforms(read, configured);
  for (const name of ['ALERTS', 'PING', 'DIRECT_MESSAGES'] as const) {
    const others = new Set(set[name].map(({ platform }) => platform).filter((platform) => !isUsed(platform)));
    const what = name === 'ALERTS' ? 'a place' : 'a person';
    for (const other of others) {
      read.report(`${name}: names ${what} in ${other}, which is not configured. Set its token, or remove it.`);
    }
  }
}

/** A header that anybody can send says nothing: it is believed from named proxies only, and only for named people. */
function problemsOfIdentities(set: Settings): string[] {
  const { OPERATOR_IDENTITY_HEADER: header, OPERATOR_IDENTITIES: names, TRUSTED_PROXIES: proxies } = set;
  if (header === undefined)
    return names.length === 0
      ? []
      : ['OPERATOR_IDENTITIES: no header says who calls. Set OPERATOR_IDENTITY_HEADER, too, or remove it.'];
  return [
    ...(names.length > 0
      ? []
      : ['OPERATOR_IDENTITY_HEADER: set OPERATOR_IDENTITIES, too: the people who may read the page.']),
    ...(proxies.length > 0
      ? []
      : ['OPERATOR_IDENTITY_HEADER: set TRUSTED_PROXIES, too: the addresses of the proxy that sends it.']),
  ];
}

/** Who can't do what a setting says, and what works but is written in an old way. */
export function warningsBetween(read: Read<Settings>, configured: Configured): Problem[] {
  const { set } = read;
  const isUsed = usedPlatforms(read, configured);
  const people = { REVIEWERS: set.REVIEWERS, RUN_STARTERS: [...set.RUN_STARTERS.values()].flat() };
  const warnings = Object.entries(people).flatMap(([setting, entries]) => {
    const names = [...new Set(entries.map(({ platform }) => platform).filter((platform) => !isUsed(platform)))];
    if (names.length === 0) return [];
    const where = names.map(platformName).join(' and ');
    const isAll = entries.every(({ platform }) => names.includes(platform));
    const effect = isAll ? 'no one of them can press' : 'they can’t press there';
    return [`${setting} names people in ${where}, which is not configured: ${effect}. Set its token, or remove them`];
  });
  if (isSeparatedBySpaces(read.given['MASK_PATTERNS'] ?? '')) {
    warnings.push(
      'MASK_PATTERNS: patterns are separated by commas. Spaces still separate them; replace them by commas',
    );
  }
  return warnings
    .map(read.problemOf)
    .map(withoutPatterns)
    .filter(({ names }) => !names.some((name) => read.failed.has(name)));
}

/** A pattern can contain what it masks, and warnings are logged. */
function withoutPatterns(problem: Problem): Problem {
  return problem.names.includes('MASK_PATTERNS') ? { ...problem, given: null } : problem;
}

/** Whether a platform is configured, or would be if its settings were right. */
export function usedPlatforms({ given }: Read<Settings>, configured: Configured): (platform: string) => boolean {
  const used = new Set(configured.map(({ name }) => name));
  for (const { name, settings } of adapters) {
    if (secretSettingsIn(settings).some((setting) => given[setting] !== undefined)) used.add(name);
  }
  return (platform) => used.has(platform);
}
