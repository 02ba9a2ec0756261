/** `/approvals away`: who is away, until when, and who stands in. Tested in test/engine/operators/absences.test.ts. */
import type { Actor } from '../../core/approval/parts/decision.ts';
import {
  type Absence,
  absenceSchema,
  deputyIn,
  isCalled,
  parseAway,
  problemOf,
  standsInFor,
} from '../../core/policy/absences/absence.ts';
import { parseUntil } from '../../core/policy/absences/until.ts';
import { accountKey, createPeople, type Link, type People } from '../../core/policy/operators/people.ts';
import type { Membership } from '../../core/policy/reviewers.ts';
import type { Account, PolicyDocument } from '../../core/policy/rules/document.ts';
import { everyoneIn } from '../../core/policy/rules/who.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import type { Command, CommandAnswer } from '../../core/view/command.ts';
import {
  awayText,
  backText,
  NOT_AWAY,
  refusedAwayText,
  shownText,
  UNKNOWN_DEPUTY,
  UNNAMED,
  usageText,
} from '../../core/view/operators/away.ts';
import type { Records } from '../background/records.ts';

export interface Absences {
  /** Those of now. */
  active(): readonly Absence[];
  /** Resolves once it is committed. @throws StoreError when nothing was recorded */
  onCommand(command: Command): Promise<CommandAnswer>;
}

export interface AbsencesDeps {
  records: Records;
  document: () => PolicyDocument;
  links: () => readonly Pick<Link, 'accounts'>[];
  isMember: (platform: string, group: string, userId: string) => Membership;
  /** The name of an account; null: not known. */
  nameOf: (account: Account) => string | null;
  /** After each change. */
  onChange: () => void;
  clock: Clock;
  log: Log;
}

export function createAbsences(deps: AbsencesDeps): Absences {
  const { document, clock, log } = deps;
  const kept = deps.records.of('absence', absenceSchema);
  kept.onChange((what) => {
    if (what === 'changed') deps.onChange();
  });
  const people = () => createPeople(document(), deps.links());
  const active = () =>
    [...kept.all().values()].filter(({ since, until }) => since <= clock.now() && clock.now() < until);
  const ownOf = (actor: Actor, known: People) =>
    active().find(({ absent }) => known.personOf(absent) === known.personOf(actor)) ?? null;

  async function away({ actor, roles, platform }: Command, text: string): Promise<CommandAnswer> {
    const zone = zoneOf(document());
    const typed = parseAway(text);
    const since = clock.now();
    const until = typed === null ? null : parseUntil(typed.until, since, zone);
    if (typed === null || until === null) return plain(usageText());
    if (!isNamed(actor, roles, deps)) return plain(UNNAMED);
    const deputy = deputyOf(typed.deputy, platform, deps);
    if (deputy === null) return plain(UNKNOWN_DEPUTY);
    await deps.records.refresh();
    const known = people();
    const absence: Absence = { absent: plainActor(actor), deputy, since, until };
    const own = known.personOf(actor);
    const others = active().filter(({ absent }) => known.personOf(absent) !== own);
    const problem = problemOf(absence, others, known);
    if (problem !== null) return refusedAwayText(problem, absence, zone);
    await kept.put(own, absence, { input: 'away', actor, facts: { deputy, until } }, { unlessChanged: true });
    return awayText(absence, zone);
  }

  async function back({ actor }: Command): Promise<CommandAnswer> {
    await deps.records.refresh();
    const known = people();
    const own = ownOf(actor, known);
    if (own === null) return plain(NOT_AWAY);
    const ids = [...kept.all()].filter(([, { absent }]) => known.personOf(absent) === known.personOf(actor));
    for (const [id] of ids) await kept.delete(id, { input: 'back', actor, facts: { deputy: own.deputy } });
    return plain(backText(own.deputy));
  }

  return {
    active,
    async onCommand(command) {
      const { ask, actor, platform } = command;
      log.info({ platform, actor: actor.id, verb: ask.verb }, 'command');
      if (ask.verb === 'back') return back(command);
      if (ask.verb === 'away' && ask.text !== null) return away(command, ask.text);
      const known = people();
      const others = standsInFor(known.personOf(actor), active(), known);
      return shownText(ownOf(actor, known), others, zoneOf(document()));
    },
  };
}

function plain(text: string): CommandAnswer {
  return { text, rooms: [] };
}

function plainActor({ platform, id, name }: Actor): Actor {
  return { platform, id, name };
}

/** A person of the file by name, or an account that the policy names: an operator decides who may ever decide. */
function deputyOf(typed: string, platform: string, deps: AbsencesDeps): Actor | null {
  const { people } = deps.document();
  const found = deputyIn(typed, platform, people.keys()) ?? accountCalled(typed, platform, deps);
  if (found === null) return null;
  if ('name' in found) {
    const accounts = people.get(found.name) ?? [];
    const account = accounts.find((one) => one.platform === platform) ?? accounts[0];
    return account === undefined ? null : { ...account, name: deps.nameOf(account) ?? found.name };
  }
  if (!isNamed(found, [], deps)) return null;
  const inFile = [...people].find(([, accounts]) => accounts.some((one) => accountKey(one) === accountKey(found)));
  return { ...found, name: deps.nameOf(found) ?? inFile?.[0] ?? found.id };
}

/** Where Slack sends no references, a mention is only a name: it counts where one account of the policy has it. */
function accountCalled(typed: string, platform: string, { document, nameOf }: AbsencesDeps): Account | null {
  const named = everyoneIn(document()).filter((one) => one.kind === 'user' && one.platform === platform);
  const [found, other] = named.filter((account) => isCalled(typed, nameOf(account)));
  return found === undefined || other !== undefined ? null : { platform, id: found.id };
}

/** @param roles of the person who types; of others they are not known */
function isNamed(account: Account, roles: readonly string[] | null, { document, isMember }: AbsencesDeps): boolean {
  return everyoneIn(document()).some(({ platform, kind, id }) => {
    if (platform !== account.platform) return false;
    if (kind === 'user') return id === account.id;
    return kind === 'role' ? roles?.includes(id) === true : isMember(platform, id, account.id) === 'yes';
  });
}

/** The one zone of the policy's rotas and quiet hours; UTC where it has none, or several. */
function zoneOf({ rules, schedules }: PolicyDocument): string {
  const zones = new Set([
    ...rules.flatMap(({ quiet }) => quiet?.zone ?? []),
    ...[...schedules.values()].flatMap((one) => (one.kind === 'rota' ? one.zone : [])),
  ]);
  const [zone = 'UTC'] = zones;
  return zones.size === 1 ? zone : 'UTC';
}
