import type { Approval } from '../../../core/approval/approval.ts';
import type { Clock, Store } from '../../../core/ports/ports.ts';

/** More at once are somebody's mistake; each is looked at again after every commit that changed a card. */
const WAITS_MAX = 500;

export interface Waits {
  /** Whether one more may wait. */
  readonly room: boolean;
  readonly stopped: boolean;
  /** Looks again after each commit, until it is settled, not there, or the time is over. @returns what it saw last */
  settled(look: () => Promise<Approval | null>, ms: number, gone: AbortSignal): Promise<Approval | null>;
  /** All who wait are answered with what stands. */
  stop(): void;
}

export function createWaits({ store, clock }: { store: Pick<Store, 'onJobsAdded'>; clock: Clock }): Waits {
  const stopping = new AbortController();
  let waiting = 0;
  let commit = Promise.withResolvers<void>();
  store.onJobsAdded(() => {
    const { resolve } = commit;
    commit = Promise.withResolvers();
    resolve();
  });

  return {
    get room() {
      return waiting < WAITS_MAX;
    },
    get stopped() {
      return stopping.signal.aborted;
    },
    async settled(look, ms, gone) {
      const done = new AbortController();
      let over = false;
      const late = clock
        .sleep(ms, AbortSignal.any([gone, stopping.signal, done.signal]))
        .catch(() => {})
        .then(() => {
          over = true;
        });
      waiting += 1;
      try {
        for (;;) {
          // Before the look, so that no commit slips in between.
          const next = commit.promise;
          const approval = await look();
          if (over || approval === null || approval.phase === 'settled') return approval;
          await Promise.race([next, late]);
        }
      } finally {
        waiting -= 1;
        done.abort();
      }
    },
    stop: () => stopping.abort(),
  };
}
