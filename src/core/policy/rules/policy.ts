/**
 * The policy as the engine asks it: where a card goes, who may decide, and whose signatures count. What is required is stored
 * with an approval; who belongs is what this document and these look-ups say now. Default deny. Tested in
 * test/core/policy/rules/policy.test.ts.
 */
import type { Right } from '../../approval/inputs.ts';
import type { Actor } from '../../approval/parts/decision.ts';
import type { Requirement } from '../../approval/parts/requirement.ts';
import type { Signature } from '../../approval/parts/signature.ts';
import type { Place } from '../../approval/parts/slot.ts';
import type { Action } from '../../approval/pause/pause.ts';
import type { Person } from '../../approval/person.ts';
import type { Subject } from '../../approval/subject.ts';
import type { Absence } from '../absences/absence.ts';
import { type DecidersNow, decidersBy, peopleBy, standInsOf } from '../deciding/deciders.ts';
import type { Operators } from '../operators/operators.ts';
import { accountKey, createPeople, type People } from '../operators/people.ts';
import type { Reviewer } from '../reviewers.ts';
import type { RunTarget } from '../run-targets.ts';
import { isYesNoTool } from '../yes-no.ts';
import { belongs, type Lookups } from './belonging.ts';
import { type PolicyDocument, SETTINGS_VERSION, type Who } from './document.ts';
import type { Routed } from './match.ts';
import { type Asked, candidateOf, createRights, type Rights } from './rights.ts';
import { asksTwice, type Circumstances, confirmsByRule, onDutyOf, type Route, routeOf } from './route.ts';
import { reviewersIn, whoOf } from './who.ts';

/** What is read of an approval to say what it takes. */
export interface Required {
  pause: Subject;
  requirement?: Requirement | undefined;
  /** Default: none. */
  signatures?: readonly Signature[];
}

export interface RunStarts {
  all: readonly RunTarget[];
  /** Who may start it; none for an unknown name. */
  starters(name: string): readonly Reviewer[];
  /** Denied for an unknown name. */
  right(name: string, person: Person): Right;
}

/** `judge`: whether this person may do this to this approval, by what is required of it. */
export interface Policy extends Rights {
  readonly document: PolicyDocument;
  /** Which rule applies to it now, and what follows. */
  route(pause: Routed, circumstances: Circumstances): Route;
  /** Where a card goes that needs no decision: of a run from chat, or of a note. */
  places(pause: Routed): readonly Place[];
  /** Whether the output that this await wants is a yes or no. */
  asksYesNo(pause: Subject): boolean;
  right(action: Action, person: Person, approval: Asked): Right;
  /** Whether approving it asks for a confirmation. */
  confirms(approval: Required): boolean;
  /** Nothing is required of it yet, or no one can decide by what is: the newest document says anew what it takes. */
  isOutdated(approval: Required): boolean;
  /** The same actor with the word for the person. */
  identify<A extends Actor>(actor: A): A;
  /** Who may decide it now in this way, default: in any, and what names them. */
  deciders(approval: Required, action?: Action): DecidersNow & { setting: string };
  /** Those whom its rule names and who are away now, with their deputies. */
  standIns(approval: Required): readonly Absence[];
  /** Who is mentioned on a new message of it. @param entries as the policy names them; default: those of its rule */
  mentions(approval: Required, entries?: readonly string[]): readonly Reviewer[];
  readonly runs: RunStarts;
  readonly operators: Operators;
}

export function createPolicy(document: PolicyDocument, lookups: Lookups): Policy {
  const people = peopleOf(document, lookups);
  const route: Policy['route'] = (pause, circumstances) => routeOf(pause, circumstances, document, lookups.onDuty);
  const required = ({ pause, requirement }: Required): Requirement =>
    requirement ?? route(pause, { now: 0 }).requirement;
  const rights = createRights({ document, lookups, people, required });
  const runs = runStarts(document, lookups, people);
  const isOfSettings = document.version === SETTINGS_VERSION;
  const judge: Policy['judge'] = (action, person, approval) =>
    approval.pause.kind === 'run'
      ? { right: runs.right(approval.pause.tool, person), why: null, unverified: [] }
      : rights.judge(action, person, approval);
  return {
    document,
    route,
    places: (pause) => route(pause, { now: 0 }).places,
    asksYesNo: ({ tool }) => isYesNoTool(tool, document.questions.yesNo),
    judge,
    right: (action, person, approval) => judge(action, person, approval).right,
    signing: rights.signing,
    confirms: (approval) =>
      asksTwice(approval.pause, document) || confirmsByRule(required(approval).verbs, approval.pause),
    isOutdated: ({ requirement }) => requirement === undefined || isLost(requirement, document),
    identify(actor) {
      const person = people().personOf(actor);
      const { person: _earlier, ...rest } = actor;
      // An account without a name of the file is its own word.
      return { ...rest, ...(person !== accountKey(actor) && { person }) } as typeof actor;
    },
    deciders(approval, action) {
      const { pause } = approval;
      if (pause.kind === 'run')
        return { all: runs.starters(pause.tool), setting: isOfSettings ? 'RUN_STARTERS' : document.source };
      const { signatures = [] } = approval;
      const asked = { pause, requirement: required(approval), signatures };
      return { ...decidersBy(asked, action, { document, lookups, people: people() }), setting: document.source };
    },
    standIns(approval) {
      const entries = Object.values(required(approval).verbs).flatMap(({ by }) => by);
      return standInsOf(entries, { document, lookups, people: people() });
    },
    mentions(approval, entries = required(approval).mention) {
      return peopleBy(entries, { document, lookups, people: people() });
    },
    runs,
    operators: operatorsOf(document, lookups, people),
  };
}

/** No verb names anyone whom the document still knows. What the settings required follows the settings. */
function isLost({ denied, version, verbs }: Requirement, document: PolicyDocument): boolean {
  if (denied !== null || version === SETTINGS_VERSION) return true;
  return Object.values(verbs).every(({ by }) => by.every((text) => whoOf(text, document) === null));
}

function operatorsOf(document: PolicyDocument, lookups: Lookups, people: () => People): Operators {
  const { operators, source, version } = document;
  return {
    right: (person) => rightAmong(operators, person, { document, lookups, people }),
    named: operators.map(({ text }) => text),
    source: version === SETTINGS_VERSION ? null : source,
  };
}

function rightAmong(
  entries: readonly Who[],
  person: Person,
  { document, lookups, people }: { document: PolicyDocument; lookups: Lookups; people: () => People },
): Right {
  const candidate = candidateOf(person, people());
  const answers = entries.map((who) => belongs(who, candidate, { document, lookups }).answer);
  if (answers.includes('yes')) return 'allowed';
  return answers.includes('unknown') ? 'unverified' : 'denied';
}

function runStarts(document: PolicyDocument, lookups: Lookups, people: () => People): RunStarts {
  const startOf = (name: string) => document.runs.find(({ target }) => target.name === name)?.start ?? [];
  return {
    all: document.runs.map(({ target }) => target),
    starters: (name) => reviewersIn(startOf(name), document, (one) => onDutyOf(one, lookups.onDuty)),
    right: (name, person) => rightAmong(startOf(name), person, { document, lookups, people }),
  };
}

/** Made again when a link was confirmed or undone. */
function peopleOf(document: PolicyDocument, { links }: Lookups): () => People {
  let known = { links: links(), people: createPeople(document, links()) };
  return () => {
    const newest = links();
    if (newest !== known.links) known = { links: newest, people: createPeople(document, newest) };
    return known.people;
  };
}
