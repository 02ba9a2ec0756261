/**
 * What others may have taken over is not done here: a replica whose last beat is too old sends nothing, nor does one for a job
 * that it had claimed before others took it for dead. Tested in test/engine/outbox/while-alive.test.ts.
 */
import { PlatformError } from '../../core/ports/errors.ts';
import type { Backend, Fleet, Job, Platform } from '../../core/ports/ports.ts';

type Alive = Pick<Fleet, 'alive' | 'lapses' | 'beatEveryMs'>;
type Claimed = Pick<Job, 'lapses'>;

const WHY = 'this replica was not heard of for too long: another may do its work';
/** For the card, until it is sent. */
const WHY_UNSENT = 'Countersign had lost its database. Nothing was sent.';

function isOurs({ lapses }: Claimed, fleet: Alive): boolean {
  return fleet.alive() && fleet.lapses() === lapses;
}

/** As they are, but for what changes something outside. */
export function platformsWhileAlive(
  platforms: ReadonlyMap<string, Platform>,
  fleet: Alive,
  job: Claimed,
): ReadonlyMap<string, Platform> {
  if (fleet.beatEveryMs === null) return platforms;
  const whileAlive = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!isOurs(job, fleet)) throw new PlatformError('unsent', WHY);
    return work();
  };
  return new Map([...platforms].map(([name, platform]) => [name, platformWhileAlive(platform, whileAlive)]));
}

function platformWhileAlive(platform: Platform, whileAlive: <T>(work: () => Promise<T>) => Promise<T>): Platform {
  const { pressEdits } = platform;
  return {
    ...platform,
    post: (...message) => whileAlive(() => platform.post(...message)),
    update: (...message) => whileAlive(() => platform.update(...message)),
    ...(platform.remove !== undefined && {
      remove: (...message) => whileAlive(async () => platform.remove?.(...message)),
    }),
    ...(pressEdits !== undefined && {
      pressEdits: {
        get some() {
          return pressEdits.some;
        },
        msUntil: (receipt) => pressEdits.msUntil(receipt),
        update: (...message) => whileAlive(() => pressEdits.update(...message)),
      },
    }),
  };
}

export function backendsWhileAlive(
  backends: ReadonlyMap<string, Backend>,
  fleet: Alive,
  job: Claimed,
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
          if (!isOurs(job, fleet)) return { result: { type: 'unsent', reason: WHY_UNSENT } };
          return backend.decide(...call);
        },
      };
    },
  };
}
