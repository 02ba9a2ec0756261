/**
 * Signatures: which of them count for a decision, and whether they are enough. The law that matters: one person is one
 * signature, whatever account they use, and it counts only for what they were shown. Tested in
 * test/core/approval/steps/signing.test.ts.
 */
import type { Approval } from '../approval.ts';
import type { InputOf, Step } from '../inputs.ts';
import type { Requirement, Verb, VerbRule } from '../parts/requirement.ts';
import type { Signature, Signing } from '../parts/signature.ts';
import type { Action, Pause } from '../pause/pause.ts';
import { isSamePerson, personKey } from '../person.ts';
import { approvedWithin } from './approved-within.ts';
import { changed, draws, ignore } from './transitions.ts';

/** A distinct person who has signed, and the entries of `by` that they may stand for. */
export interface Signer {
  person: string;
  groups: readonly string[];
}

/** How far the signatures of one verb are. */
export interface Tally {
  isComplete: boolean;
  /** How many more people it takes at least. */
  more: number;
  /** The entries of `by` that are short of people. */
  waitsFor: readonly string[];
}

/** What the policy calls this action on this pause. */
export function verbOf(action: Action, { kind }: Pick<Pause, 'kind'>): Verb {
  return action === 'take_over' && kind === 'await' ? 'answer' : action;
}

/** What this action takes on this approval; null: nobody may. */
export function ruleOf(requirement: Requirement, action: Action, pause: Pick<Pause, 'kind'>): VerbRule | null {
  const rule = requirement.verbs[verbOf(action, pause)];
  return requirement.denied !== null || rule === undefined || rule.by.length === 0 ? null : rule;
}

export function tally({ by, count, each }: VerbRule, signers: readonly Signer[]): Tally {
  const seats = each === 0 ? [] : by.flatMap((entry) => Array.from({ length: each }, () => entry));
  const taken = seated(seats, signers);
  const free = seats.filter((_seat, index) => taken[index] === undefined);
  const more = Math.max(count - signers.length, free.length, 0);
  return { isComplete: more === 0, more, waitsFor: [...new Set(free)] };
}

/** Seats as many as can be seated at once, each on one seat: the augmenting paths of a bipartite matching. */
function seated(seats: readonly string[], signers: readonly Signer[]): (number | undefined)[] {
  const taken: (number | undefined)[] = seats.map(() => undefined);
  const seat = (signer: number, tried: Set<number>): boolean =>
    seats.some((entry, index) => {
      if (tried.has(index) || signers[signer]?.groups.includes(entry) !== true) return false;
      tried.add(index);
      const before = taken[index];
      if (before !== undefined && !seat(before, tried)) return false;
      taken[index] = signer;
      return true;
    });
  for (const signer of signers.keys()) seat(signer, new Set());
  return taken;
}

/** The signatures with that of this press, and whether they are enough. Null: nobody may do this. */
export function withSignature(
  state: Approval,
  input: InputOf<'pressed'>,
  now: number,
): { signatures: Signature[]; isComplete: boolean } | null {
  const { action, actor, text, sentAs, fingerprint, signing } = input;
  const { requirement, pause } = state;
  const signature: Signature = {
    action,
    actor,
    text,
    ...(sentAs !== undefined && { sentAs }),
    at: now,
    fingerprint,
    groups: [...(signing?.groups ?? [])],
  };
  const others = stillGiven(state, signing).filter((one) => !isSamePerson(one.actor, actor));
  const signatures = [...others, signature];
  if (requirement === undefined) return { signatures: [signature], isComplete: true };
  const rules = [action, ...approvedWithin(action, text)].map((one) => ruleOf(requirement, one, pause));
  const signers = signatures.filter((one) => isSameAct(one, signature)).map(signerOf);
  if (rules.includes(null)) return null;
  return { signatures, isComplete: rules.every((rule) => rule !== null && tally(rule, signers).isComplete) };
}

/** What was signed for what is asked now, by those who may still decide, as the person that each of them is now. */
export function stillGiven({ signatures, fingerprint }: Approval, signing: Signing | undefined): Signature[] {
  const earlier = new Map(signing?.earlier.map((one) => [one.account, one]));
  const given = signatures.flatMap((signature) => {
    const known = earlier.get(`${signature.actor.platform}:${signature.actor.id}`);
    if (signature.fingerprint !== fingerprint || known?.groups === null) return [];
    if (known === undefined) return [signature];
    return [{ ...signature, actor: { ...signature.actor, person: known.person }, groups: [...known.groups] }];
  });
  // Accounts that were linked since are one person: their last signature counts.
  return [...new Map(given.map((one) => [personKey(one.actor), one])).values()];
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
export function hasSigned(state: Approval, { action, actor, text, sentAs, fingerprint }: InputOf<'pressed'>): boolean {
  return state.signatures.some(
    (one) =>
      isSamePerson(one.actor, actor) &&
      one.action === action &&
      one.text === text &&
      one.sentAs === sentAs &&
      one.fingerprint === fingerprint,
  );
}

export function signingChanged(state: Approval, input: InputOf<'unsigned' | 'policy_changed'>): Step {
  return input.type === 'unsigned' ? unsigned(state, input) : policyChanged(state, input);
}

/** A person takes their signature back; once the last one is given, there is nothing to take back. */
function unsigned(state: Approval, { actor }: InputOf<'unsigned'>): Step {
  if (state.phase !== 'open') return ignore(state, 'already_decided');
  const signatures = state.signatures.filter((one) => !isSamePerson(one.actor, actor));
  return signatures.length === state.signatures.length
    ? ignore(state, 'not_signed')
    : changed({ ...state, signatures });
}

/** The policy was loaded again: what is required stays, unless nobody could decide by it. */
function policyChanged(state: Approval, { requirement }: InputOf<'policy_changed'>): Step {
  if (state.phase !== 'open') return ignore(state, 'too_late');
  if (requirement === undefined || (state.requirement?.denied ?? null) === null)
    return { state, effects: draws(state, 'card') };
  return changed({ ...state, requirement });
}
