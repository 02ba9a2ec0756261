/** Holds an answer back until its item is settled. Tested in test/backends/inbox/http/edges.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import type { Clock, Store } from '../../../core/ports/ports.ts';

/** Each long poll keeps a connection. */
const WAITS_MAX = 500;
/** Of one asker: one for each item that may be pending, and the others still have theirs. */
const WAITS_OF_ONE = 200;

export interface Waits {
  /** Whether another long poll fits: of this asker, and of all. */
  room(asker: string): 'yes' | 'asker' | 'no';
  readonly stopped: boolean;
  /**
   * Reads again after each commit that changes the item, until it is settled or missing, or the time is over.
   * @param asker whose wait it is
   * @returns the last read
   */
  settled(
    look: () => Promise<Approval | null>,
    ms: number,
    gone: AbortSignal,
    asker?: string,
  ): Promise<Approval | null>;
  /** Answers every long poll with the item's present state. */
  stop(): void;
}

export function createWaits({ store, clock }: { store: Pick<Store, 'onJobsAdded'>; clock: Clock }): Waits {
  const stopping = new AbortController();
  let waiting = 0;
  const ofAskers = new Map<string, number>();
  const countFor = (asker: string, by: 1 | -1) => {
    const count = (ofAskers.get(asker) ?? 0) + by;
    if (count === 0) ofAskers.delete(asker);
    else ofAskers.set(asker, count);
  };
  /** By the approval that they wait for. */
  const waits = new Map<string, Set<() => void>>();
  const watch = (approvalId: string, look: () => void) => {
    const looks = waits.get(approvalId) ?? new Set();
    waits.set(approvalId, looks.add(look));
    return () => {
      looks.delete(look);
      if (looks.size === 0) waits.delete(approvalId);
    };
  };
  let unsubscribe = () => {};
  /** Commits are followed only while a long poll waits. */
  const subscribe = () => {
    unsubscribe = store.onJobsAdded((approvalId) => {
      const changed = approvalId === null ? [...waits.values()] : [waits.get(approvalId) ?? []];
      for (const look of changed.flatMap((looks) => [...looks])) look();
    });
  };

  return {
    room(asker) {
      if (waiting >= WAITS_MAX) return 'no';
      return (ofAskers.get(asker) ?? 0) < WAITS_OF_ONE ? 'yes' : 'asker';
    },
    get stopped() {
      return stopping.signal.aborted;
    },
    async settled(look, ms, gone, asker = '') {
      const done = new AbortController();
      let over = false;
      const late = clock
        .sleep(ms, AbortSignal.any([gone, stopping.signal, done.signal]))
        .catch(() => {})
        .then(() => {
          over = true;
        });
      let changed = Promise.withResolvers<void>();
      const onChange = () => {
        changed.resolve();
        changed = Promise.withResolvers();
      };
      let unwatch: (() => void) | null = null;
      if (waiting === 0) subscribe();
      waiting += 1;
      countFor(asker, 1);
      try {
        for (;;) {
          // Taken before the read, so that no commit is missed.
          const next = changed.promise;
          const approval = await look();
          if (over || approval === null || approval.phase === 'settled') return approval;
          if (unwatch !== null) await Promise.race([next, late]);
          // It may have changed since it was read, so it is read again at once.
          unwatch ??= watch(approval.id, onChange);
        }
      } finally {
        waiting -= 1;
        countFor(asker, -1);
        unwatch?.();
        if (waiting === 0) unsubscribe();
        done.abort();
      }
    },
    stop: () => stopping.abort(),
  };
}
