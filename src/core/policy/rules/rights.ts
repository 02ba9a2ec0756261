/**
 * Who may decide an approval, by what is required of it and by who belongs now, and whose signatures still count. Default
 * deny: what can't be looked up is unverified, what is not named is denied. Tested in test/core/policy/rules/rights.test.ts.
 */
import type { Right } from '../../approval/inputs.ts';
import type { Actor } from '../../approval/parts/decision.ts';
import type { Requirement } from '../../approval/parts/requirement.ts';
import type { EarlierSigner, Signature, Signing } from '../../approval/parts/signature.ts';
import type { Action } from '../../approval/pause/pause.ts';
import type { Person } from '../../approval/person.ts';
import { actionsOf, type RuleInForce, ruleOf } from '../../approval/steps/signing/rules.ts';
import type { Shown, Subject } from '../../approval/subject.ts';
import { type Absence, standsInFor } from '../absences/absence.ts';
import { accountKey, type People } from '../operators/people.ts';
import { belongs, type Candidate, type Lookups, type Party } from './belonging.ts';
import type { Account, PolicyDocument } from './document.ts';
import { whoOf } from './who.ts';

/** What is read of an approval to say who may decide it. */
export interface Asked extends Pick<Shown, 'signatures'> {
  pause: Subject;
  /** Absent in rows of earlier versions, until the start has given them one. */
  requirement?: Requirement | undefined;
}

/** Whether a person may do something, and why not. */
export interface Judgement {
  right: Right;
  /** `requester`: they might, but for having asked for it themselves. */
  why: 'requester' | null;
  /** The entries that could not be looked up, as they are written; empty unless the right is `unverified`. */
  unverified: readonly string[];
  /** By the right of this person, who is away; absent: by their own. */
  inPlaceOf?: NonNullable<Actor['inPlaceOf']>;
}

interface RightsDeps {
  document: PolicyDocument;
  lookups: Lookups;
  people: () => People;
  /** What a decision takes where nothing is stored. */
  required: (approval: { pause: Subject; requirement?: Requirement | undefined }) => Requirement;
}

export interface Rights {
  judge(action: Action, person: Person, approval: Asked): Judgement;
  signing(actions: readonly Action[], person: Person, approval: Asked): Signing;
}

export function createRights(deps: RightsDeps): Rights {
  const { people, required } = deps;
  return {
    judge(action, person, approval) {
      const { pause } = approval;
      const requirement = required(approval);
      const rule = ruleOf(requirement, action, pause);
      if (rule === null) return denied;
      // Without a stored requirement one signature decides: what takes more waits for its requirement.
      if (approval.requirement === undefined && (rule.count > 1 || rule.each > 1)) return denied;
      const candidate = candidateOf(person, people());
      if (rule.notRequester && mayBeRequester(candidate, pause, people())) return { ...denied, why: 'requester' };
      const { yes, unknown } = entriesOf([rule], candidate, deps);
      if (yes.length > 0) return allowed;
      const absent = placeOf([rule], candidate, approval, deps);
      if (absent.inPlaceOf !== null) return { ...allowed, inPlaceOf: absent.inPlaceOf };
      const all = [...unknown, ...absent.unknown];
      return all.length === 0 ? denied : { right: 'unverified', why: null, unverified: all };
    },
    signing(actions, person, approval) {
      const requirement = required(approval);
      const rules = actions.flatMap((action) => ruleOf(requirement, action, approval.pause) ?? []);
      const candidate = candidateOf(person, people());
      const own = entriesOf(rules, candidate, deps);
      const { yes, unknown } = own.yes.length > 0 ? own : withUnknown(own, placeOf(rules, candidate, approval, deps));
      const isRequester = mayBeRequester(candidate, approval.pause, people());
      const earlier = approval.signatures.map((one) => signerNow(one, approval, requirement, deps));
      return { groups: yes, ...(unknown.length > 0 && { unknown }), ...(isRequester && { isRequester }), earlier };
    },
  };
}

interface Place {
  inPlaceOf: NonNullable<Actor['inPlaceOf']> | null;
  yes: readonly string[];
  unknown: readonly string[];
}

function withUnknown({ unknown }: { unknown: readonly string[] }, place: Place): Pick<Place, 'yes' | 'unknown'> {
  return { yes: place.yes, unknown: place.inPlaceOf === null ? [...unknown, ...place.unknown] : [] };
}

/**
 * For whom this person stands in who may do this now, had they been here. What the absent person asked for stays closed to
 * the deputy where the requester may not decide.
 */
function placeOf(rules: readonly RuleInForce[], candidate: Candidate, { pause }: Asked, deps: RightsDeps): Place {
  const people = deps.people();
  const unknown: string[] = [];
  for (const { absent } of absencesOf(candidate, deps.lookups, people)) {
    const theirs: Candidate = { party: partyOf(absent, people), account: absent, roles: null };
    const isExcluded = rules.some(({ notRequester }) => notRequester) && mayBeRequester(theirs, pause, people);
    if (isExcluded) continue;
    const found = entriesOf(rules, theirs, deps);
    const inPlaceOf = { person: theirs.party.person, name: absent.name };
    if (found.yes.length > 0) return { inPlaceOf, yes: found.yes, unknown: [] };
    unknown.push(...found.unknown);
  }
  return { inPlaceOf: null, yes: [], unknown };
}

function absencesOf({ party }: Candidate, { absences }: Lookups, people: People): readonly Absence[] {
  return absences === undefined ? [] : standsInFor(party.person, absences(), people);
}

export function candidateOf({ actor, roles }: Person, people: People): Candidate {
  return { party: partyOf(actor, people), account: actor, roles };
}

function partyOf(account: Account, people: People): Party {
  const person = people.personOf(account);
  const accounts = [...people.accountsOf(person), { platform: account.platform, id: account.id }];
  return { person, accounts: new Map(accounts.map((one) => [accountKey(one), one])) };
}

/** The entries of these verbs to which a person belongs, and those that could not be looked up. */
function entriesOf(
  rules: readonly RuleInForce[],
  candidate: Candidate,
  { document, lookups }: Pick<RightsDeps, 'document' | 'lookups'>,
) {
  const texts = new Set(rules.flatMap(({ by, also }) => [...by, ...also]));
  const found = [...texts].map((text) => ({
    text,
    ...belongs(whoOf(text, document), candidate, { document, lookups }),
  }));
  const having = (answer: string) => found.filter((one) => one.answer === answer);
  return {
    yes: having('yes').map(({ text }) => text),
    unseen: having('unseen').map(({ text }) => text),
    unknown: [...new Set(having('unknown').flatMap((one) => one.unknown))],
  };
}

/** A requester whom the document does not name any more could be anyone: then it may be this person. */
function mayBeRequester({ party }: Candidate, { requester }: Pick<Subject, 'requester'>, people: People): boolean {
  if (requester === undefined) return false;
  const accounts = people.accountsOf(people.current(requester));
  return accounts.length === 0 || accounts.some((account) => party.accounts.has(accountKey(account)));
}

/** A person who has signed, as they are now. What only the platform or an earlier shift could tell stays as it was then. */
function signerNow(signature: Signature, { pause }: Asked, requirement: Requirement, deps: RightsDeps): EarlierSigner {
  const { actor, action, text } = signature;
  const people = deps.people();
  const own: Candidate = { party: partyOf(actor, people), account: actor, roles: null, earlier: true };
  const { person } = own.party;
  const account = accountKey(actor);
  // It was given by the right of one who was away then, and counts as long as that right does.
  const candidate = actor.inPlaceOf === undefined ? own : earlierOf(actor.inPlaceOf.person, people);
  const signer = { account, person, ...(candidate !== own && { inPlaceOf: candidate.party.person }) };
  const rules = actionsOf(action, text, pause).map((one) => ruleOf(requirement, one, pause));
  const known = rules.filter((rule) => rule !== null);
  const isExcluded =
    known.some(({ notRequester }) => notRequester) &&
    [own, candidate].some((one) => mayBeRequester(one, pause, people));
  if (isExcluded || known.length < rules.length) return { ...signer, groups: null };
  const { yes, unseen, unknown } = entriesOf(known, candidate, deps);
  const groups = [...yes, ...unseen.filter((entry) => signature.groups.includes(entry))];
  if (unknown.length > 0) return { ...signer, groups, unverified: true };
  return { ...signer, groups: groups.length === 0 ? null : groups };
}

/** A person by the word that was stored for them. */
function earlierOf(word: string, people: People): Candidate {
  const person = people.current(word);
  const accounts = people.accountsOf(person);
  const account = accounts[0] ?? { platform: '', id: '' };
  return {
    party: { person, accounts: new Map(accounts.map((one) => [accountKey(one), one])) },
    account,
    roles: null,
    earlier: true,
  };
}

const allowed: Judgement = { right: 'allowed', why: null, unverified: [] };
const denied: Judgement = { right: 'denied', why: null, unverified: [] };
