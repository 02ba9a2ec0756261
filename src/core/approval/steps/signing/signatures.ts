/**
 * The signatures of an open approval. The law: one person is one signature, whatever account they use, and it counts only
 * for what they were shown. Tested in test/core/approval/steps/signing/signatures.test.ts.
 */
import type { Approval } from '../../approval.ts';
import type { Ignored, InputOf, Step } from '../../inputs.ts';
import type { Actor } from '../../parts/decision.ts';
import type { EarlierSigner, Signature, Signing, Voided } from '../../parts/signature.ts';
import { isSamePerson, personKey } from '../../person.ts';
import { remindersOf } from '../time/reminders.ts';
import { nextWake } from '../time/timer.ts';
import { timed } from '../time/timing.ts';
import { addSlots, changed, draws, ignore, isLeftToPeople } from '../transitions.ts';
import { type RuleInForce, rulesOf } from './rules.ts';
import { type Signer, tally } from './tally.ts';

/** What becomes of the signatures with a press. */
type Signed =
  | { type: 'refused'; ignored: Ignored }
  /** `signatures`: those of the decision. */
  | { type: 'complete'; signatures: Signature[] }
  | { type: 'waits'; signatures: Signature[]; voided: Voided[] };

/** A signature as the newest policy has it. */
interface Checked {
  signature: Signature;
  /** A look-up failed: its person may also belong to the entries that were recorded then, or to none of these any more. */
  mayCountAs: readonly string[] | null;
}

/** @param state open, or left to people */
export function withSignature(state: Approval, input: InputOf<'pressed'>, now: number): Signed {
  const { action, actor, text, signing } = input;
  const signature = signatureOf(input, now);
  const rules = rulesOf(state, action, text);
  if (rules === null) return { type: 'refused', ignored: 'not_allowed' };
  if (state.requirement === undefined) return { type: 'complete', signatures: [signature] };
  const { given, voided } = stillGiven(state, signing?.earlier ?? []);
  const others = given.filter((one) => !isSameRight(one.signature.actor, actor));
  const all = [...others, { signature, mayCountAs: null }];
  const same = all.filter((one) => isSameAct(one.signature, signature));
  const counted = same.map((one) => one.signature).filter(({ groups }) => groups.length > 0);
  if (isComplete(rules, counted.map(signerOf))) return { type: 'complete', signatures: counted };
  if (isComplete(rules, same.map(possibleSigner))) return { type: 'refused', ignored: 'signers_unverified' };
  if (hasSigned(state, input)) return { type: 'refused', ignored: 'signed' };
  // No one waits for a signature that can never count.
  if (!rules.every((rule) => tally(rule, [signerOf(signature)]).counted > 0))
    return { type: 'refused', ignored: 'not_allowed' };
  return {
    type: 'waits',
    signatures: all.map(asGiven),
    voided: voided.filter((one) => !isSamePerson(one.actor, actor)),
  };
}

function signatureOf({ action, actor, text, sentAs, fingerprint, signing }: InputOf<'pressed'>, at: number): Signature {
  const groups = [...(signing?.groups ?? [])];
  return { action, actor, text, ...(sentAs !== undefined && { sentAs }), at, fingerprint, groups };
}

function isComplete(rules: readonly RuleInForce[], signers: readonly Signer[]): boolean {
  return rules.every((rule) => tally(rule, signers).isComplete);
}

function possibleSigner({ signature, mayCountAs }: Checked): Signer {
  const { person, groups } = signerOf(signature);
  return { person, groups: [...groups, ...(mayCountAs ?? [])] };
}

/** As it is kept: what could not be checked now can be checked at the next press. */
function asGiven({ signature, mayCountAs }: Checked): Signature {
  return mayCountAs === null ? signature : { ...signature, groups: [...mayCountAs] };
}

/**
 * What was signed for what is asked now, by those who may still decide, each as the person that they are now. A signature
 * that `earlier` does not know was given after the policy was asked, so its own press was checked just now.
 */
function stillGiven(
  { signatures, fingerprint, voided }: Approval,
  earlier: readonly EarlierSigner[],
): { given: Checked[]; voided: Voided[] } {
  const known = new Map(earlier.map((one) => [one.account, one]));
  const given: Checked[] = [];
  const lost: Voided[] = [];
  for (const signature of signatures) {
    const { actor } = signature;
    const signer = known.get(accountOf(actor));
    if (signature.fingerprint !== fingerprint) lost.push({ actor, why: 'changed' });
    else if (signer === undefined) given.push({ signature, mayCountAs: null });
    else if (signer.groups === null && signer.unverified !== true) lost.push({ actor, why: 'rights' });
    else {
      const now = { ...asPerson(signature, signer), groups: [...(signer.groups ?? [])] };
      given.push({ signature: now, mayCountAs: signer.unverified === true ? signature.groups : null });
    }
  }
  // Accounts that were linked since are one person: their last signature counts.
  const distinct = new Map(given.map((one) => [rightKey(one.signature.actor), one]));
  const last = new Set(distinct.values());
  const others = given.filter((one) => !last.has(one));
  lost.push(...others.map(({ signature: { actor } }): Voided => ({ actor, why: 'same_person' })));
  return { given: [...last], voided: withVoided(voided, lost) };
}

/** By whose right it counts: a deputy and the person in whose place they sign are one. */
function rightKey(actor: Actor): string {
  return actor.inPlaceOf?.person ?? personKey(actor);
}

function isSameRight(one: Actor, other: Actor): boolean {
  return isSamePerson(one, other) || rightKey(one) === rightKey(other);
}

function asPerson(signature: Signature, { person, inPlaceOf }: EarlierSigner): Signature {
  const { actor } = signature;
  const place = actor.inPlaceOf !== undefined && {
    inPlaceOf: { ...actor.inPlaceOf, person: inPlaceOf ?? actor.inPlaceOf.person },
  };
  return { ...signature, actor: { ...actor, person, ...place } };
}

function accountOf({ platform, id }: Actor): string {
  return `${platform}:${id}`;
}

export function signerOf({ actor, groups }: Signature): Signer {
  return { person: personKey(actor), groups };
}

/** Both decide the same: also in the words that are sent. */
export function isSameAct(one: Signature, other: Signature): boolean {
  if (one.action !== other.action) return false;
  return one.action !== 'take_over' || (one.text === other.text && one.sentAs === other.sentAs);
}

/** This person has decided the same before, and nothing has changed since. */
export function hasSigned(
  { signatures, fingerprint }: Pick<Approval, 'signatures' | 'fingerprint'>,
  { action, actor, text, sentAs }: Pick<InputOf<'pressed'>, 'action' | 'actor' | 'text' | 'sentAs'>,
): boolean {
  return signatures.some(
    (one) =>
      isSamePerson(one.actor, actor) &&
      one.action === action &&
      one.text === text &&
      one.sentAs === sentAs &&
      one.fingerprint === fingerprint,
  );
}

/** With the signatures that no longer count, one for each person. */
export function withVoided(before: readonly Voided[], more: readonly Voided[]): Voided[] {
  return [...before.filter(({ actor }) => !more.some((one) => isSamePerson(one.actor, actor))), ...more];
}

/** What is asked is another question, or another database asks it: no one has signed that. */
export function voidAll(
  { signatures, voided }: Pick<Approval, 'signatures' | 'voided'>,
  why: Voided['why'],
): Pick<Approval, 'signatures' | 'voided'> {
  return {
    signatures: [],
    voided: withVoided(
      voided,
      signatures.map(({ actor }) => ({ actor, why })),
    ),
  };
}

export function signingChanged(state: Approval, input: InputOf<'unsigned' | 'policy_changed'>, now: number): Step {
  return input.type === 'unsigned' ? unsigned(state, input) : policyChanged(state, input, now);
}

/** A person takes their signature back; once the last one is given, there is nothing to take back. */
function unsigned(state: Approval, { actor, signing }: InputOf<'unsigned'>): Step {
  if (state.phase !== 'open' && !isLeftToPeople(state)) return ignore(state, 'already_decided');
  const isTheirs = (one: Signature) => isSamePerson(one.actor, actor) || isPersonOf(actor, one, signing);
  const theirs = state.signatures.filter(isTheirs);
  if (theirs.length === 0) return ignore(state, 'not_signed');
  const voided = withVoided(state.voided, [{ actor, why: 'withdrawn' }]);
  return changed({ ...state, signatures: state.signatures.filter((one) => !isTheirs(one)), voided });
}

/** Their accounts were linked since it was given. */
function isPersonOf(
  actor: Actor,
  { actor: signer }: Signature,
  signing: Pick<Signing, 'earlier'> | undefined,
): boolean {
  const account = accountOf(signer);
  return signing?.earlier.some((one) => one.account === account && one.person === personKey(actor)) === true;
}

/** The policy was loaded again: what is required stays, but for what no one can decide by it, as the input says. */
function policyChanged(state: Approval, input: InputOf<'policy_changed'>, now: number): Step {
  const { requirement, timing, earlier = [], masked } = input;
  if (state.phase !== 'open') return ignore(state, 'too_late');
  const { given, voided } = stillGiven(state, earlier);
  const kept = { ...state, ...masked, signatures: given.map(asGiven), voided };
  if (requirement === undefined) return { state: kept, effects: draws(kept, 'card') };
  const { confirm = state.confirm, remindAfter = [], places = [] } = input;
  const slots = addSlots(state.slots, 'card', places);
  const { askedAt, pause } = state;
  const times = { askedAt, countsFrom: askedAt, deadline: pause.deadline };
  const timely = { ...kept, requirement: timed(requirement, timing, times, now), confirm, slots };
  const remindAt = state.remindAt.length > 0 ? state.remindAt : remindersOf(timely, remindAfter, times, now);
  const next = { ...timely, remindAt };
  const at = nextWake(next, now);
  return changed(next, at === null ? [] : [{ type: 'wake', at }]);
}
