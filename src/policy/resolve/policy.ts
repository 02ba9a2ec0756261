/** A written policy, made into the document that is evaluated. Tested in test/policy/load.test.ts. */

import type { PlatformIds } from '../../core/policy/reviewers.ts';
import type { Account, Expression, PolicyDocument, Schedule, Who } from '../../core/policy/rules/document.ts';
import { YES_NO_TOOLS } from '../../core/policy/yes-no.ts';
import type { WrittenPolicy } from '../schema/file.ts';
import { msOf } from '../schema/parts.ts';
import type { Path } from '../yaml/tree.ts';
import { contactIn, isContact } from './contacts.ts';
import { accountIn, createNames, type Names, problemOfRoom, roomIn } from './names.ts';
import type { Report } from './report.ts';
import { resolveRule } from './rules.ts';

/** As the settings of the same meaning have them. */
const DIGEST_FROM = 5;
const CLAIM_MS = 30 * 60_000;

export interface ResolveContext {
  ids: readonly PlatformIds[];
  report: Report;
  compile(text: string, path: Path): Expression | null;
}

export function resolvePolicy(
  written: WrittenPolicy,
  { version, source }: Pick<PolicyDocument, 'version' | 'source'>,
  { ids, report, compile }: ResolveContext,
): PolicyDocument {
  const names = createNames(written, ids, report);
  const { defaults = {}, questions = {}, mask = {}, runs = {}, rooms = {} } = written;
  for (const [name, places] of Object.entries(rooms)) {
    for (const [at, place] of places.entries()) {
      if (roomIn(place, ids) === null) report(['rooms', name, at], ...problemOfRoom(place, ids));
    }
  }
  const direct = names.whoAll(defaults.direct, ['defaults', 'direct']);
  return {
    version,
    source,
    people: peopleOf(written, ids, report),
    contacts: contactsOf(written, report),
    groups: new Map(
      Object.entries(written.groups ?? {}).map(([name, who]) => [name, names.whoAll(who, ['groups', name])]),
    ),
    schedules: schedulesOf(written, names),
    rules: written.rules.map((rule, at) => resolveRule(rule, ['rules', at], { names, direct, compile })),
    links: written.links === 'on',
    requesters: written.requesters ?? [],
    operators: names.whoAll(written.operators, ['operators']),
    runs: Object.entries(runs).map(([name, run]) => ({
      target: 'flow' in run ? { name, kind: 'flow', id: run.flow } : { name, kind: 'agent', id: run.agent },
      start: names.whoAll(run.start, ['runs', name, 'start']),
    })),
    questions: { tools: questions.tools ?? [], yesNo: questions.yes_no ?? YES_NO_TOOLS },
    mask: { keys: mask.keys ?? [], patterns: mask.patterns ?? [] },
    digestFrom: defaults.digest === 'off' ? null : (defaults.digest ?? DIGEST_FROM),
    confirm: defaults.confirm ?? [],
    claimMs: defaults.claim === undefined ? CLAIM_MS : msOf(defaults.claim),
  };
}

function peopleOf(
  { people = {} }: WrittenPolicy,
  ids: readonly PlatformIds[],
  report: Report,
): Map<string, readonly Account[]> {
  return new Map(
    Object.entries(people).map(([name, accounts]) => [
      name,
      accounts.flatMap((account, at) =>
        isContact(account) ? [] : (accountIn(account, ['people', name, at], ids, report) ?? []),
      ),
    ]),
  );
}

/** What calendars and on-call services call them. */
function contactsOf({ people = {} }: WrittenPolicy, report: Report): Map<string, readonly Account[]> {
  return new Map(
    Object.entries(people).map(([name, accounts]) => [
      name,
      accounts.flatMap((account, at) =>
        isContact(account) ? (contactIn(account, ['people', name, at], report) ?? []) : [],
      ),
    ]),
  );
}

const HOUR_MS = 3_600_000;

function schedulesOf({ schedules = {} }: WrittenPolicy, names: Names): Map<string, Schedule> {
  const of = (name: string, one: NonNullable<WrittenPolicy['schedules']>[string]): Schedule => {
    if ('ical' in one) return { kind: 'ical', url: one.ical, zone: one.zone ?? null };
    if ('pagerduty' in one) return { kind: 'pagerduty', id: one.pagerduty, level: one.level ?? null };
    if ('opsgenie' in one) return { kind: 'opsgenie', id: one.opsgenie, level: one.level ?? null };
    const people: Who[] = names.whoAll(one.rota, ['schedules', name, 'rota']);
    const { from, at, zone } = one;
    return { kind: 'rota', people, everyHours: msOf(one.every) / HOUR_MS, from, at, zone };
  };
  return new Map(Object.entries(schedules).map(([name, one]) => [name, of(name, one)]));
}
