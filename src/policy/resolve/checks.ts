/** What is wrong between parts of the file that are right on their own. Tested in test/policy/wrong-files.test.ts. */
import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import { coerceError } from '../../core/ports/errors.ts';
import { capitalise } from '../../core/text/humanise.ts';
import { isZone } from '../../core/text/time/zone.ts';
import { linearPattern } from '../linear-pattern.ts';
import type { WrittenPolicy } from '../schema/file.ts';
import { msOf } from '../schema/parts.ts';
import { checkMatches, checkPlatforms, type Known } from './match-checks.ts';
import type { Report } from './report.ts';
import { checkRule } from './rule-checks.ts';
import { coveringRule } from './shadowed.ts';
import { peopleWho } from './signers.ts';

export function checkPolicy(written: WrittenPolicy, document: PolicyDocument, known: Known, report: Report): void {
  checkMatches(written, known, report);
  checkPlatforms(written, document, known, report);
  checkPeople(written, report);
  checkGroups(written, report);
  checkSchedules(written, known, report);
  for (const [at, pattern] of (written.mask?.patterns ?? []).entries()) checkPattern(pattern, at, report);
  if (written.rules.length === 0) {
    report(
      ['rules'],
      'rules has no rule: no one could decide anything.',
      'Write a rule, such as one for everything else.',
    );
  }
  const names = new Map<string, number>();
  for (const [at, rule] of written.rules.entries()) {
    const same = names.get(rule.name);
    if (same !== undefined) {
      report(
        ['rules', at, 'name'],
        `"${rule.name}" is the name of rule ${same + 1}, too.`,
        'Give each rule its own name.',
      );
    }
    names.set(rule.name, at);
    const made = document.rules[at];
    if (made === undefined) continue;
    checkRule(rule, made, ['rules', at], { report, peopleWho: (by) => peopleWho(by, document) });
    const covering = coveringRule(document.rules, at);
    if (covering !== null) {
      const wrong = `This rule never applies: rule ${covering + 1}, "${document.rules[covering]?.name}", takes all that it matches.`;
      report(['rules', at, 'name'], wrong, `Move it above that rule, or narrow that rule’s match.`);
    }
  }
}

/** An account of two people would let one person sign twice. */
function checkPeople({ people = {}, groups = {} }: WrittenPolicy, report: Report): void {
  const owners = new Map<string, string>();
  for (const [name, accounts] of Object.entries(people)) {
    if (Object.hasOwn(groups, name)) {
      report(['people', name], `"${name}" is a person and a group.`, 'Rename one of them.', { key: true });
    }
    if (accounts.length === 0) report(['people', name], `${name} has no account.`, 'Write [slack:U0123].');
    for (const [at, account] of accounts.entries()) {
      const owner = owners.get(account);
      if (owner !== undefined) {
        const of = owner === name ? `${name} twice` : `${owner} and of ${name}`;
        report(['people', name, at], `${account} is the account of ${of}.`, 'Keep it at one person.');
      }
      owners.set(account, name);
    }
  }
}

function checkGroups({ groups = {} }: WrittenPolicy, report: Report): void {
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    (groups[from] ?? []).some((one) => {
      if (one === to) return true;
      if (!Object.hasOwn(groups, one) || seen.has(one)) return false;
      seen.add(one);
      return reaches(one, to, seen);
    });
  const circles = new Set<string>();
  for (const [name, who] of Object.entries(groups)) {
    if (who.length === 0)
      report(['groups', name], `The group ${name} is empty.`, 'Write who belongs to it, or remove it.');
    const at = who.findIndex((one) => one === name || (Object.hasOwn(groups, one) && reaches(one, name)));
    if (at >= 0 && !circles.has(who[at] ?? '')) {
      // The others of the circle would say the same.
      circles.add(name);
      report(
        ['groups', name, at],
        `The group ${name} contains itself${who[at] === name ? '' : `, through ${who[at]}`}.`,
        'Remove this entry, or the one that leads back.',
      );
    }
    for (const [place, one] of who.entries()) {
      if (who.indexOf(one) < place)
        report(['groups', name, place], `${one} is in ${name} twice.`, 'Remove one of the two.');
    }
  }
}

const HOUR_MS = 3_600_000;

function checkSchedules({ schedules = {} }: WrittenPolicy, { lacking }: Known, report: Report): void {
  for (const [name, one] of Object.entries(schedules)) {
    const path = ['schedules', name] as const;
    for (const [kind, setting] of lacking) {
      const wrong = `${setting} is not set, so no one could decide by the schedule ${name}.`;
      if (kind in one) report([...path, kind], wrong, 'Set it in .env, or write who is on duty.');
    }
    if ('zone' in one && one.zone !== undefined && !isZone(one.zone)) {
      report([...path, 'zone'], `"${one.zone}" is not a time zone.`, 'Write a name such as Europe/Berlin or UTC.');
    }
    if ('ical' in one && !/^(?:https|webcal):\/\/[^\s/]+/.test(one.ical)) {
      report([...path, 'ical'], 'This is not an https address.', 'Write the secret iCal address: https://….');
    }
    if (!('rota' in one)) continue;
    if (one.rota.length === 0) report([...path, 'rota'], `The rota ${name} is empty.`, 'Write who is on it.');
    const loop = one.rota.findIndex((who) => who.startsWith('schedule:'));
    if (loop >= 0) report([...path, 'rota', loop], 'A rota can’t contain a schedule.', 'Write people.');
    const hours = msOf(one.every) / HOUR_MS;
    if (hours % 24 !== 0 && 24 % hours !== 0) {
      report(
        [...path, 'every'],
        `Turns of ${one.every} do not begin at the same times each day.`,
        'Write 12h, 1d, 7d or 14d.',
      );
    }
    if (new Date(`${one.from}T00:00:00Z`).toJSON()?.slice(0, 10) !== one.from) {
      report([...path, 'from'], `${one.from} is not a day of the calendar.`, 'Write 2026-11-30.');
    }
  }
}

function checkPattern(source: string, at: number, report: Report): void {
  try {
    linearPattern(source);
  } catch (thrown) {
    const [wrong = '', remedy] = coerceError(thrown).message.split(/\. |: (?=shorten)/);
    const shorter = 'Write a pattern that needs a character, such as \\d{6}.';
    report(['mask', 'patterns', at], `${wrong}.`, remedy === undefined ? shorter : `${capitalise(remedy)}.`);
  }
}
