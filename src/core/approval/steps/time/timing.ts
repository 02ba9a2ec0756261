/** When the policy's steps are due, from what its rule says. Tested in test/core/approval/steps/time/timing.test.ts. */
import type { Escalation, Requirement, Timing } from '../../parts/requirement.ts';
import type { AskedTimes } from '../../pause/asked.ts';
import { soonestAfter } from '../../pause/asked.ts';

/**
 * The requirement with the moments of its steps. They count from when it was asked; what would have been due before it was
 * first seen here leaves people the time to read a card and to press.
 * @param earlier what has happened already: it does not happen again
 */
export function timed(
  requirement: Requirement,
  timing: Timing | undefined,
  { countsFrom }: Pick<AskedTimes, 'countsFrom'>,
  now: number,
  earlier: readonly Escalation[] = [],
): Requirement {
  if (timing === undefined) return requirement;
  const moment = (afterMs: number) => Math.max(countsFrom + afterMs, soonestAfter(afterMs, now));
  const { expire } = timing;
  const escalations = timing.escalate.map(({ afterMs, places, mention }) => {
    return { at: moment(afterMs), places: [...places], mention: [...mention] };
  });
  const happened = (one: Escalation) => earlier.some((other) => isSame(one, other));
  return {
    ...requirement,
    expire: expire === null ? null : { at: moment(expire.afterMs), end: expire.end },
    escalations: escalations.filter((one) => !happened(one)).sort((one, other) => one.at - other.at),
    escalated: earlier.filter((one) => escalations.some((other) => isSame(one, other))),
  };
}

function isSame({ places, mention }: Escalation, other: Escalation): boolean {
  return JSON.stringify([places, mention]) === JSON.stringify([other.places, other.mention]);
}
