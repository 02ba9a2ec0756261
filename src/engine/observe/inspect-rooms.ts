/** Looks at the rooms once, at a start. Tested in test/engine/observe/inspect-rooms.test.ts. */
import type { Place } from '../../core/approval/parts/slot.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Log, Platform } from '../../core/ports/ports.ts';

/** Longer than any healthy answer, ms. Nothing waits for it. */
const LOOK_MS = 30_000;

/**
 * A room that can't take cards, or has more readers than expected, is in the log before its first card. Never rejects.
 * @returns for each room that can't take cards: what is wrong, and what to do; these are not logged
 */
export async function inspectRooms(
  places: readonly Place[],
  { platforms, log, signal }: { platforms: ReadonlyMap<string, Platform>; log: Log; signal: AbortSignal },
): Promise<readonly string[]> {
  const once = new Map(places.map((place) => [`${place.platform}:${place.room}`, place]));
  const looks = [...once.values()].map(async ({ platform, room }): Promise<string[]> => {
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
      const found = (await platforms.get(platform)?.inspect?.(room, within)) ?? [];
      for (const { message, closed } of found) if (!closed) log.warn({ platform, room }, message);
      return found.filter(({ closed }) => closed).map(({ message }) => message);
    } catch (thrown) {
      if (!signal.aborted) log.warn({ platform, room, err: coerceError(thrown) }, 'the channel could not be checked');
      return [];
    }
  });
  return (await Promise.all(looks)).flat();
}
