/**
 * What others may have taken over is not done here: a replica whose last beat is too old sends nothing. Tested in
 * test/engine/outbox/while-alive.test.ts.
 */
import { PlatformError } from '../../core/ports/errors.ts';
import type { Backend, Fleet, Platform } from '../../core/ports/ports.ts';

type Alive = Pick<Fleet, 'alive' | 'beatEveryMs'>;

const WHY = 'this replica was not heard of for too long: another may do its work';
/** For the card, until it is sent. */
const WHY_UNSENT = 'Countersign had lost its database. Nothing was sent.';

/** As they are, but for what changes something outside. */
export function platformsWhileAlive(
  platforms: ReadonlyMap<string, Platform>,
  fleet: Alive,
): ReadonlyMap<string, Platform> {
  if (fleet.beatEveryMs === null) return platforms;
  return new Map([...platforms].map(([name, platform]) => [name, platformWhileAlive(platform, fleet)]));
}

function platformWhileAlive(platform: Platform, fleet: Alive): Platform {
  const whileAlive = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!fleet.alive()) throw new PlatformError('unsent', WHY);
    return work();
  };
  return {
    ...platform,
    post: (...message) => whileAlive(() => platform.post(...message)),
    update: (...message) => whileAlive(() => platform.update(...message)),
  };
}

export function backendsWhileAlive(
  backends: ReadonlyMap<string, Backend>,
  fleet: Alive,
): Pick<ReadonlyMap<string, Backend>, 'get'> {
  if (fleet.beatEveryMs === null) return backends;
  return {
    get(name) {
      const backend = backends.get(name);
      if (backend === undefined) return undefined;
      return {
        ...backend,
        async decide(...call) {
          // Only now: it may have been frozen since it has the job, while it marked the decision as on its way.
          if (!fleet.alive()) return { result: { type: 'unsent', reason: WHY_UNSENT } };
          return backend.decide(...call);
        },
      };
    },
  };
}
