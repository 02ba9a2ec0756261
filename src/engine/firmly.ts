import { backoff } from '../core/backoff.ts';
import { StoreError } from '../core/errors.ts';
import type { Clock, Log } from '../core/ports.ts';

/** With the outbox's waits about half a minute: long enough for a full disk to be noticed, or a lock to be let go. */
const TRIES = 6;

/**
 * For what a backend has told us and will not tell again: tried until the store takes it.
 * @throws StoreError when it never did
 */
export async function firmly<T>(clock: Clock, log: Log, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (thrown) {
      if (!(thrown instanceof StoreError) || tries === TRIES) throw thrown;
      log.error({ err: thrown, tries }, 'what a backend answered is not recorded yet');
      await clock.sleep(backoff(tries, clock.random()));
    }
  }
}
