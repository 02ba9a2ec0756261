/** Looks at the rooms once, in the background of a start. Tested in test/engine/observe/inspect-rooms.test.ts. */
import type { Place } from '../../core/approval/approval.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Log, Platform } from '../../core/ports/ports.ts';

/** Longer than any healthy answer, ms. Nothing waits for it. */
const LOOK_MS = 30_000;

/** A room that can't take cards, or has more readers than expected, is in the log before its first card. Never rejects. */
export async function inspectRooms(
  places: readonly Place[],
  { platforms, log, signal }: { platforms: ReadonlyMap<string, Platform>; log: Log; signal: AbortSignal },
): Promise<void> {
  const once = new Map(places.map((place) => [`${place.platform}:${place.room}`, place]));
  const looks = [...once.values()].map(async ({ platform, room }) => {
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
      const found = (await platforms.get(platform)?.inspect?.(room, within)) ?? [];
      for (const problem of found) log.warn({ platform, room }, problem);
    } catch (thrown) {
      if (!signal.aborted) log.warn({ platform, room, err: coerceError(thrown) }, 'the channel could not be checked');
    }
  });
  await Promise.all(looks);
}
