/** What is new about a request, as the expressions of rules see it. Pure. Tested in test/core/view/precedents/novelty.test.ts. */
import type { Approval } from '../../approval/approval.ts';
import type { Novelty } from '../../approval/parts/novelty.ts';

/** A repetition within this time is one for `novel.repeat`, ms. */
export const REPEAT_MS = 3_600_000;

/** When it was asked, and what was new about it then: a rule is read again as it was read first. */
export function circumstancesOf({ askedAt, novelty }: Pick<Approval, 'askedAt' | 'novelty'>) {
  return { now: askedAt, ...(novelty !== undefined && { novelty: noveltyFacts(novelty, askedAt) }) };
}

/**
 * For the expressions of rules, as `novel.…`. Where nothing was approved before, everything is new.
 * @param now ms since 1970
 */
export function noveltyFacts(novelty: Novelty, now: number): Record<string, unknown> {
  const { seen, parties, hosts, amount, same, changed, incomparable } = novelty;
  return {
    seen,
    tool: seen === 0,
    payee: parties.length > 0,
    host: hosts.length > 0,
    amount: amount !== null || incomparable,
    repeat: isRepeat(novelty, now),
    ...(same !== null && { since: Math.max(0, Math.floor((now - same) / 1_000)) }),
    ...(changed !== null && { changed: changed.path.join('.') }),
  };
}

/** The very same was approved shortly before. */
export function isRepeat({ same }: Novelty, now: number): boolean {
  return same !== null && now - same <= REPEAT_MS;
}
