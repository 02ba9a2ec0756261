/**
 * What the policy's words say of one more press, in any state and with any signatures so far: written from `policy.md`, not
 * from the code. It knows nothing of inputs, steps and phases.
 */

export type Verb = 'approve' | 'reject' | 'take_over' | 'answer';

/** What a verb takes. All have two groups: `a` and `b`. */
export interface Taken {
  count: number;
  each: number;
  notRequester: boolean;
  confirm: boolean;
  noteRequired: boolean;
}

/** Who presses. `unverified`: a look-up failed. */
export interface Presser {
  groups: readonly string[];
  unverified: boolean;
  /** They asked for it, as far as is known. */
  asked: boolean;
}

/** What somebody signed before. `unverified`: whether they still may could not be looked up. */
export interface Given {
  who: 'other' | 'another' | 'presser';
  groups: readonly string[];
  now: 'may' | 'removed' | 'unverified';
  /** For what is asked now, and not for what was asked before; and not taken back. */
  isInForce: boolean;
}

export interface Press {
  verb: Verb;
  confirmed: boolean;
  hasNote: boolean;
  /** The card that was read is the one of now. */
  isCurrent: boolean;
}

export type Situation = 'open' | 'claimed by another' | 'claimed by the presser' | 'over';

/** `call`: the backend gets it. `waits`: it is a signature, and others are missing. `refused`: nothing is recorded. */
export function outcomeOf(
  { verb, confirmed, hasNote, isCurrent }: Press,
  taken: Taken,
  presser: Presser,
  situation: Situation,
  soFar: readonly Given[],
): 'call' | 'waits' | 'refused' {
  if (taken.notRequester && presser.asked) return 'refused';
  if (presser.unverified || presser.groups.length === 0) return 'refused';
  if (situation === 'over' || situation === 'claimed by another') return 'refused';
  if (!isCurrent) return 'refused';
  if (taken.confirm && !confirmed && verb !== 'take_over') return 'refused';
  if (taken.noteRequired && !hasNote) return 'refused';
  // Who takes it over does it, and asks no one.
  if (verb === 'take_over') return 'call';
  const others = soFar.filter(({ who, isInForce, now }) => who !== 'presser' && isInForce && now !== 'removed');
  const sure = others.filter(({ now }) => now === 'may').map(({ groups }) => groups);
  if (isEnough([...sure, presser.groups], taken)) return 'call';
  if (isEnough([...others.map(({ groups }) => groups), presser.groups], taken)) return 'refused';
  // One person signs once.
  const isTheirs = soFar.some(({ who, isInForce }) => who === 'presser' && isInForce);
  return isTheirs ? 'refused' : 'waits';
}

/** So many people, of whom so many are of each group; no one counts for two groups. */
function isEnough(people: readonly (readonly string[])[], { count, each }: Taken): boolean {
  if (people.length < count) return false;
  const choices = people.reduce<string[][]>(
    (known, groups) => known.flatMap((choice) => ['none', ...groups].map((group) => [...choice, group])),
    [[]],
  );
  return choices.some((choice) => ['a', 'b'].every((group) => choice.filter((one) => one === group).length >= each));
}
