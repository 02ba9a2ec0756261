/** When the process dies, or one of several is hindered, from the round's seed. */
import { type JournalEvent, journalEvents } from '../world/kills.ts';
import { runningPoints } from '../world/points.ts';
import { BUSY_MS, type Reach, type ScriptOptions } from './options.ts';
import type { Random } from './random.ts';

export type KillScript = {
  afterMs: number;
  downMs: number;
  /** Which one. Default: the first. */
  replica?: number;
  /** It comes back under another name, so that the others have to notice that it is gone. */
  renames?: boolean;
} & (
  | { by: 'time' }
  | { by: 'event'; event: JournalEvent; nth: number }
  | { by: 'points'; points: readonly Reach[] }
  | ReplicaFault
);

/** What can happen to one of several replicas besides its death. */
export type ReplicaFault =
  | { by: 'freeze'; forMs: number }
  /** Its line to the database lets nothing through. */
  | { by: 'stall'; forMs: number }
  /** All connections to the database, that of the first commit before its answer, or (at the server) those of all replicas. */
  | { by: 'cut'; what: 'line' | 'answer' | 'sessions' };

export function killsOf(random: Random, { own, points, small }: ScriptOptions): KillScript[] {
  const downMs = () => (random.chance(0.3) ? random.int(50, 400) : 0);
  if (points !== undefined) return [{ by: 'points', points, afterMs: 0, downMs: downMs() }];
  const again = small || random.chance(0.25) ? 2 : 1;
  return Array.from({ length: again }, (_, index): KillScript => {
    // The second one may come in the middle of a start.
    const common = { afterMs: index === 0 ? 0 : random.int(0, 900), downMs: downMs() };
    const by = random.weighted({ time: 5, event: 4, points: own ? 4 : 0 });
    if (by === 'event') return { ...common, by, event: random.pick(journalEvents), nth: random.int(1, 4) };
    if (by === 'points')
      return { ...common, by, points: [{ point: random.pick(runningPoints), nth: random.int(1, 6) }] };
    return { by, afterMs: random.int(0, BUSY_MS), downMs: common.downMs };
  });
}

/** Freezes and stalls that the others may not notice, and those after which they have taken over. */
const SHORT_MS = [2_000, 6_000] as const;
const LONG_MS = [11_000, 20_000] as const;

/** Spreads the deaths over the replicas, and turns some of them into what only one of several can survive unnoticed. */
export function amongReplicas(
  random: Random,
  kills: readonly KillScript[],
  { points, replicas = 1 }: Pick<ScriptOptions, 'points' | 'replicas'>,
): KillScript[] {
  const at = () => ({ afterMs: random.int(0, BUSY_MS), downMs: 0, replica: random.int(0, replicas - 1) });
  const fault = (): KillScript => {
    const by = random.weighted({ freeze: 3, stall: 2, cut: 4 });
    if (by === 'cut') return { ...at(), by, what: random.pick(['line', 'answer', 'sessions'] as const) };
    const [from, to] = random.chance(0.6) ? SHORT_MS : LONG_MS;
    return { ...at(), by, forMs: random.int(from, to) };
  };
  const spread = kills.map((kill): KillScript => {
    const replica = random.int(0, replicas - 1);
    const renames = random.chance(0.3);
    // A round for a fail-point keeps its death.
    return points === undefined && random.chance(0.4) ? fault() : { ...kill, replica, renames };
  });
  return random.chance(0.5) ? [...spread, fault()] : spread;
}
