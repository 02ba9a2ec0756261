/**
 * Who may decide an approval now, as its rule names them: for cards, mentions and refusals. What decides about a press is
 * `rights.ts`. Tested in test/core/policy/deciding/deciders.test.ts.
 */
import { actorName } from '../../approval/names.ts';
import type { Requirement } from '../../approval/parts/requirement.ts';
import type { Signature } from '../../approval/parts/signature.ts';
import type { Action } from '../../approval/pause/pause.ts';
import { actsOf } from '../../approval/steps/signing/acts.ts';
import { verbOf } from '../../approval/steps/signing/rules.ts';
import type { Subject } from '../../approval/subject.ts';
import { type Absence, isSameAccount } from '../absences/absence.ts';
import type { People } from '../operators/people.ts';
import type { Reviewer } from '../reviewers.ts';
import { belongs, type Lookups } from '../rules/belonging.ts';
import type { PolicyDocument } from '../rules/document.ts';
import { candidateOf } from '../rules/rights.ts';
import { onDutyOf } from '../rules/route.ts';
import { eachLeaf, reviewersIn, whoOf } from '../rules/who.ts';

export interface DecidersNow {
  /** Without the requester where the rule excludes them, and without groups that could not be looked up. */
  all: readonly Reviewer[];
  /** Whose signature would be a step further. Absent: no one has signed, or one person is enough. */
  next?: readonly Reviewer[];
  /** Why some of those whom the rule names can't decide now, in a sentence each. */
  notes?: readonly string[];
}

interface Deps {
  document: PolicyDocument;
  lookups: Lookups;
  people: People;
}

interface Asked {
  pause: Subject;
  requirement: Requirement;
  signatures: readonly Signature[];
}

/** @param action default: any */
export function decidersBy(asked: Asked, action: Action | undefined, deps: Deps): DecidersNow {
  const { pause, requirement } = asked;
  const { verbs, escalated } = requirement;
  const own = action === undefined ? Object.values(verbs) : [verbs[verbOf(action, pause)]];
  const rules = own.flatMap((rule) => (rule === undefined || rule.by.length === 0 ? [] : [rule]));
  const isNamed = rules.length > 0;

  const entries = [...rules.flatMap(({ by }) => by), ...(isNamed ? escalated.flatMap(({ mention }) => mention) : [])];
  const isExcluded = isNamed && rules.every(({ notRequester }) => notRequester);
  const next = nextSigners(asked, deps);
  const notes = [
    ...unknownGroups(entries, deps),
    ...emptySchedules(entries, deps),
    ...standInsOf(entries, deps).map(standInText),
  ];
  return {
    all: without(isExcluded ? [pause.requester] : [], entries, deps),
    ...(next !== null && { next }),
    ...(notes.length > 0 && { notes }),
  };
}

/** Those of these entries, with the deputies of those who are away. */
export function peopleBy(entries: readonly string[], deps: Deps): readonly Reviewer[] {
  const { document, lookups } = deps;
  const known = reviewersIn(whosIn(entries, document), document, (name) => onDutyOf(name, lookups.onDuty));
  return withDeputies(known, standInsOf(entries, deps));
}

/** Of the entries that wait for people; of any, where none does. Those who have signed are not among them. */
function nextSigners({ pause, requirement, signatures }: Asked, deps: Deps): readonly Reviewer[] | null {
  const acts = actsOf({ pause, requirement, signatures }).filter(({ tally }) => !tally.isComplete);
  if (acts.length === 0) return null;
  const signed = signatures.flatMap(({ actor: { inPlaceOf, ...account } }) => [
    deps.people.personOf(account),
    ...(inPlaceOf === undefined ? [] : [inPlaceOf.person]),
  ]);
  const found = acts.flatMap(({ rule: { by, also, notRequester }, tally: { waitsFor } }) => {
    const entries = waitsFor.length > 0 ? waitsFor : [...by, ...also];
    return without([...signed, notRequester ? pause.requester : undefined], entries, deps);
  });
  return found.filter((one, index) => found.findIndex((other) => isSameReviewer(one, other)) === index);
}

/** Those of these entries without these persons, by any of their accounts, and without groups that are not known. */
function without(
  persons: readonly (string | undefined)[],
  entries: readonly string[],
  deps: Deps,
): readonly Reviewer[] {
  const { people, lookups } = deps;
  const words = new Set(persons.flatMap((word) => (word === undefined ? [] : [people.current(word)])));
  return peopleBy(entries, deps).filter((one) =>
    one.kind === 'user' ? !words.has(people.personOf(one)) : !isUnknown(one, lookups),
  );
}

function isSameReviewer(one: Reviewer, other: Reviewer): boolean {
  return one.kind === other.kind && isSameAccount(one, other);
}

function whosIn(entries: readonly string[], document: PolicyDocument) {
  return [...new Set(entries)].flatMap((text) => whoOf(text, document) ?? []);
}

/** A group of a platform that could not be looked up, no matter who asks. Roles come with each press. */
function isUnknown({ platform, kind, id }: Reviewer, { isMember }: Pick<Lookups, 'isMember'>): boolean {
  return kind === 'group' && isMember(platform, id, '') === 'unknown';
}

/** Each as the policy writes it: an operator looks for that word. */
function unknownGroups(entries: readonly string[], { document, lookups }: Deps): string[] {
  const notes = new Set<string>();
  for (const entry of whosIn(entries, document)) {
    eachLeaf([entry], document, (who) => {
      if (who.kind !== 'members' || who.of !== 'group' || !isUnknown({ ...who, kind: 'group' }, lookups)) return;
      const of = entry.text === who.text ? '' : ` (of ${entry.text})`;
      notes.add(`${who.text}${of} could not be looked up: until it can, none of its members may decide.`);
    });
  }
  return [...notes];
}

/** Those among these entries who are away, with their deputies. */
export function standInsOf(entries: readonly string[], { document, lookups, people }: Deps): readonly Absence[] {
  return (lookups.absences?.() ?? []).filter(({ absent }) => {
    const candidate = candidateOf({ actor: absent, roles: null }, people);
    return entries.some((text) => belongs(whoOf(text, document), candidate, { document, lookups }).answer === 'yes');
  });
}

function withDeputies(all: readonly Reviewer[], standIns: readonly Absence[]): readonly Reviewer[] {
  const deputies = standIns.map(({ deputy: { platform, id } }): Reviewer => ({ platform, kind: 'user', id }));
  const missing = deputies.filter((one) => !all.some((known) => known.kind === 'user' && isSameAccount(known, one)));
  return [...all, ...missing];
}

/** Their names mention no one. */
function standInText({ absent, deputy }: Absence): string {
  const [away, here] = [absent, deputy].map((actor) =>
    actorName(actor)
      .replace(/[<>@#&]/g, ' ')
      .trim(),
  );
  return `${away} is away: ${here} stands in.`;
}

/** The schedules among these entries by which no one may decide now, each in a sentence. */
function emptySchedules(entries: readonly string[], { document, lookups: { onDuty } }: Deps): string[] {
  const notes = new Set<string>();
  eachLeaf(whosIn(entries, document), document, (who) => {
    if (who.kind !== 'schedule') return;
    const found = onDuty(who.name);
    if (found.type === 'unknown') notes.add(found.why);
    else if (found.who.length === 0) notes.add(`No one is on duty by the schedule ${who.name}.`);
  });
  return [...notes];
}
