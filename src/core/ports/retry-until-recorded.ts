import { backoff } from './backoff.ts';
import { isUnconfirmed, StoreDoubt } from './errors.ts';
import type { Clock, Log } from './ports.ts';

/** With the outbox's waits about half a minute: long enough for a full disk to be noticed, or a lock to be let go. */
const TRIES = 6;
/** The longest wait between two attempts of a caller with a `signal`, ms: until then the event is only in memory. */
const LONGEST_WAIT_MS = 5_000;

/**
 * Retries a write until the store confirms it. For events that will not be delivered again.
 * @param signal retries until it is aborted; without it, for about half a minute
 * @throws StoreError or StoreDoubt when the store never confirmed it
 */
export async function retryUntilRecorded<T>(
  clock: Clock,
  log: Log,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return retry({ clock, log, work, signal, isAgain: isUnconfirmed });
}

/**
 * Repeats a write with an input id only after a doubt, for about half a minute. What is certainly not recorded at first is
 * for the caller to answer.
 * @throws StoreError when nothing was recorded; StoreDoubt when that is still not known
 */
export async function retryUntilKnown<T>(clock: Clock, log: Log, work: () => Promise<T>): Promise<T> {
  let doubt: StoreDoubt | null = null;
  const isAgain = (thrown: unknown) => {
    if (thrown instanceof StoreDoubt) doubt = thrown;
    return doubt !== null && isUnconfirmed(thrown);
  };
  // That a repetition was not recorded says nothing of the first attempt.
  return retry({ clock, log, work, isAgain }).catch((thrown: unknown) => {
    throw isUnconfirmed(thrown) ? (doubt ?? thrown) : thrown;
  });
}

async function retry<T>({
  clock,
  log,
  work,
  signal,
  isAgain,
}: {
  clock: Clock;
  log: Log;
  work: () => Promise<T>;
  signal?: AbortSignal | undefined;
  isAgain: (thrown: unknown) => boolean;
}): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (thrown) {
      const over = signal === undefined ? tries === TRIES : signal.aborted;
      if (!isAgain(thrown) || over) throw thrown;
      log.error({ err: thrown, tries }, 'what happened is not recorded yet');
      const wait = backoff(Math.min(tries, TRIES), clock.random());
      await clock.sleep(signal === undefined ? wait : Math.min(wait, LONGEST_WAIT_MS), signal).catch(() => {});
    }
  }
}
