/** Tested in test/backends/runtype/stream/held-lanes.test.ts. */
import { laneText } from '../../../core/approval/lanes.ts';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Clock, Fleet, Log } from '../../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../../core/ports/retry-until-recorded.ts';
import { BACKEND } from '../pause/pause.ts';
import type { HubAmongReplicas } from './continuation-hub.ts';

/** What its responses need of the other replicas. */
export type HeldAmong = Pick<Fleet, 'beatEveryMs' | 'keepLane' | 'letGo' | 'tell' | 'onTold'>;

/**
 * The lanes of the runs whose responses are held here: their decisions are sent from here, wherever they are pressed.
 * Null: there are no other replicas.
 */
export function createHeldLanes(deps: {
  fleet: HeldAmong | undefined;
  hashOf: (key: string) => string;
  clock: Clock;
  log: Log;
}): HubAmongReplicas | null {
  const { fleet, hashOf, clock, log } = deps;
  if (fleet === undefined || fleet.beatEveryMs === null) return null;
  /** What was asked of each last: one is let go after it is kept, and not before. */
  const work = new Map<string, Promise<void>>();
  const kept = new Set<string>();

  function next(runId: string, change: (lane: string) => Promise<void>): Promise<void> {
    const lane = laneText({ kind: 'run', backend: BACKEND, runId });
    const done = (work.get(runId) ?? Promise.resolve())
      .then(() => retryUntilRecorded(clock, log, () => change(lane)))
      .catch((thrown: unknown) => {
        // The decision is then sent from anywhere, and the response ends without the rest of its run.
        log.error({ err: coerceError(thrown), run: runId }, 'the lane of a held response could not be kept, or let go');
      })
      .finally(() => {
        if (work.get(runId) === done) work.delete(runId);
      });
    work.set(runId, done);
    return done;
  }

  return {
    keep(runId) {
      if (kept.has(runId)) return work.get(runId) ?? Promise.resolve();
      kept.add(runId);
      return next(runId, (lane) => fleet.keepLane(lane));
    },
    letGo(runId) {
      if (kept.delete(runId)) void next(runId, (lane) => fleet.letGo(lane));
    },
    tell: (word) => fleet.tell(word),
    hashOf,
  };
}
