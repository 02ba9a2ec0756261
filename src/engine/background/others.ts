/** What other replicas change is noted here, too. Tested in test/engine/background/others.test.ts. */
import { coerceError } from '../../core/ports/errors.ts';
import type { Asked, Clock, Log, Store } from '../../core/ports/ports.ts';
import type { Fleet } from '../../core/ports/store/fleet.ts';

/** A card that must be drawn again for another one's sake is so soon after both are there. */
const EVERY_MS = 1_000;
/** Approvals that are read at once. */
const AT_ONCE = 200;

export function createOthers(deps: {
  store: Pick<Store, 'followOthers' | 'asked'>;
  fleet: Pick<Fleet, 'beatEveryMs'>;
  /** Of each approval that was changed. */
  note: (changed: Asked) => void;
  /** After all of them. */
  onNoted: () => Promise<void>;
  clock: Clock;
  log: Log;
}): { start(): void; stop(): Promise<void> } {
  const { store, fleet, note, onNoted, clock, log } = deps;
  const stopping = new AbortController();
  let work: Promise<void> = Promise.resolve();
  let isFailing = false;

  async function look(next: () => Promise<readonly string[]>): Promise<void> {
    const ids = await next();
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      for (const changed of await store.asked(ids.slice(at, at + AT_ONCE))) note(changed);
    }
    if (ids.length > 0) await onNoted();
  }

  async function lookRegularly(): Promise<void> {
    const next = store.followOthers();
    while (!stopping.signal.aborted) {
      try {
        await look(next);
        isFailing = false;
      } catch (thrown) {
        if (!isFailing)
          log.warn({ err: coerceError(thrown) }, 'what other replicas change can’t be read; it is tried again');
        isFailing = true;
      }
      await clock.sleep(EVERY_MS, stopping.signal).catch(() => {});
    }
  }

  return {
    start() {
      // Alone, there are no others.
      if (fleet.beatEveryMs !== null) work = lookRegularly();
    },
    async stop() {
      stopping.abort();
      await work;
    },
  };
}
