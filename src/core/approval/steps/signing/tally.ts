/** Whether signatures are enough. Tested in test/core/approval/steps/signing/tally.test.ts. */
import type { RuleInForce } from './rules.ts';

/** A distinct person who has signed, and the entries that they belong to. */
export interface Signer {
  person: string;
  groups: readonly string[];
}

/** How far the signatures of one verb are. */
export interface Tally {
  isComplete: boolean;
  /** How many of the signers count. */
  counted: number;
  /** How many more people it takes at least. */
  more: number;
  /** How many of those must come from entries that are short of people. */
  seats: number;
  /** These entries: one more person of any of them is a step further. In the order of `by`. */
  waitsFor: readonly string[];
}

/** What of a rule says how many people it takes. */
export type Quorum = Pick<RuleInForce, 'by' | 'also' | 'count' | 'each'>;

/** @param signers distinct people; those who belong to no entry of the rule don't count */
export function tally({ by, also, count, each }: Quorum, signers: readonly Signer[]): Tally {
  const counted = signers.filter(({ groups }) => groups.some((entry) => by.includes(entry) || also.includes(entry)));
  const entries = each === 0 ? [] : [...new Set(by)];
  const seats = entries.flatMap((entry) => Array.from({ length: each }, () => entry));
  const taken = seatedIn(seats, counted);
  const free = seats.length - taken;
  const more = Math.max(count - counted.length, free, 0);
  const waitsFor = entries.filter((entry) => seatedIn(seats, [...counted, { person: '', groups: [entry] }]) > taken);
  return { isComplete: more === 0, counted: counted.length, more, seats: free, waitsFor };
}

/**
 * How many of the seats can be taken at once, where each person takes one seat of an entry that they belong to: the
 * augmenting paths of a bipartite matching.
 */
function seatedIn(seats: readonly string[], signers: readonly Signer[]): number {
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
  return [...signers.keys()].filter((signer) => seat(signer, new Set())).length;
}
