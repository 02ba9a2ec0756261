/** Creates the platforms, connects them, and looks at their rooms. Tested in test/faults/process/start-up.test.ts. */
import type { PlatformDeps } from '../adapters.ts';
import type { Config } from '../config/config.ts';
import { sendsDirect } from '../core/policy/direct-messages.ts';
import { coerceError, PlatformError, SetupError } from '../core/ports/errors.ts';
import { failingPlatform, type ReachFailPoint } from '../core/ports/fail-points.ts';
import type { Log, Platform } from '../core/ports/ports.ts';
import type { Engine } from '../engine/contract.ts';
import { inspectRooms } from '../engine/observe/inspect-rooms.ts';
import type { PolicyInForce } from './policy-of.ts';
import { roomsOf } from './rooms-and-people.ts';
import { withinLimit } from './within-limit.ts';

/** Longer than any healthy answer, shorter than an operator's patience. */
const CHECK_MS = 10_000;
/** How long a start waits for what a platform says about its room. */
const ROOM_CHECK_MS = 3_000;
const never = new AbortController().signal;

export async function createPlatforms(
  { platforms, backends, proxy }: Readonly<Config>,
  {
    failPoint,
    inForce,
    ...deps
  }: Pick<PlatformDeps, 'buffers' | 'guard' | 'fleet' | 'clock' | 'log' | 'metrics'> & {
    failPoint: ReachFailPoint | undefined;
    inForce: PolicyInForce;
  },
): Promise<Map<string, Platform>> {
  const created = new Map<string, Platform>();
  for (const { name, load } of platforms) {
    const create = await load();
    const direct = () => sendsDirect(inForce.document, name);
    const runs = inForce.document.runs.map(({ target }) => target.name);
    const named = { runs, filters: backends.map((backend) => backend.name) };
    created.set(name, failingPlatform(create({ direct, proxy, ...named, ...deps }), failPoint));
  }
  return created;
}

/**
 * All that the operator must fix at any platform is reported at once.
 * @returns the names of those whose check has passed
 * @throws SetupError
 */
export async function startPlatforms(
  platforms: ReadonlyMap<string, Platform>,
  { handlers }: Pick<Engine, 'handlers'>,
  { config, log, roomCheckMs = ROOM_CHECK_MS }: { config: Readonly<Config>; log: Log; roomCheckMs: number | undefined },
): Promise<ReadonlySet<string>> {
  const passed = new Set<string>();
  const start = async (platform: Platform) => {
    await platform.start(handlers);
    const rooms = roomsOf(config).filter((room) => room.platform === platform.name);
    const looking = withinLimit(inspectRooms(rooms, { platforms, log, signal: never }), roomCheckMs);
    const [closed, isFine] = await Promise.all([looking, checkRoom(platform, log)]);
    if (closed !== null && closed.length > 0) throw new SetupError(closed.join('\n'));
    if (isFine) passed.add(platform.name);
    log.info({ platform: platform.name }, 'platform connected');
  };
  const started = await Promise.allSettled([...platforms.values()].map(start));
  const problems = started.flatMap((one) => (one.status === 'rejected' ? [coerceError(one.reason)] : []));
  const [first] = problems;
  if (first === undefined) return passed;
  const bug = problems.find((problem) => !(problem instanceof SetupError));
  throw bug ?? new SetupError(problems.map(({ message }) => message).join('\n'), { cause: first });
}

/**
 * A room that can't take cards is reported at the start, not when the first card is due.
 * @returns whether the check has passed: it may also fail for now
 */
async function checkRoom(platform: Platform, log: Log): Promise<boolean> {
  try {
    await platform.check(AbortSignal.timeout(CHECK_MS));
    return true;
  } catch (thrown) {
    const error = coerceError(thrown);
    if (error instanceof PlatformError && error.permanent) throw new SetupError(error.message, { cause: error });
    log.warn({ platform: platform.name, err: error }, 'could not check the channel for cards');
    return false;
  }
}
