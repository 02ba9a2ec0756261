/** People in turn, each for the same time. Pure. Tested in test/core/policy/schedules/rota.test.ts. */
import { momentOf, wallTime } from '../../text/time/zone.ts';
import type { Rota, Who } from '../rules/document.ts';

const HOUR_MS = 3_600_000;

/** Who is on duty, and when that changes, ms since 1970. Before its first day a rota has none. */
export interface Turn {
  who: Who | null;
  until: number;
}

/** Changes at the same time of day all year, so a turn may be an hour shorter or longer. */
export function turnAt({ people, everyHours, from, at, zone }: Rota, now: number): Turn {
  const first = Date.parse(`${from}T${at}:00Z`);
  const changeAt = (turn: number) => momentOf(first + turn * everyHours * HOUR_MS, zone);
  let turn = Math.floor((wallTime(now, zone) - first) / (everyHours * HOUR_MS));
  // What the clock shows may be off by the change to or from summer time.
  while (changeAt(turn) > now) turn -= 1;
  while (changeAt(turn + 1) <= now) turn += 1;
  if (turn < 0) return { who: null, until: changeAt(0) };
  return { who: people[turn % people.length] ?? null, until: changeAt(turn + 1) };
}
