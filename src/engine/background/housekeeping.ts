/** Tested in test/store/sqlite/retention.test.ts. */
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Log, Store } from '../../core/ports/ports.ts';
import type { Duties } from '../duties.ts';

/** Not urgent: the work of a start comes first. */
const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 3_600_000;
/** Between two slices, ms: nine tenths of the time are left for presses and cards. */
const REST_MS = 40;
/** For so long no other replica begins, ms: one round an hour is enough for all of them. */
const HELD_MS = EVERY_MS * 0.9;
/**
 * Input ids are kept for so long, ms. Standard Webhooks are redelivered for up to three days, Slack for an hour, Discord
 * for minutes; a week leaves room for a sender that was stopped.
 */
const REDELIVERED_WITHIN_MS = 7 * 86_400_000;

/** Archives old settled approvals, prunes input ids and returns disk space, a few ms at a time. */
export function createHousekeeping(options: {
  store: Store;
  duties: Pick<Duties, 'take'>;
  clock: Clock;
  log: Log;
  /** How long settled approvals stay out of the archive, ms; null: always. */
  retentionMs: number | null;
}): { start(): void; stop(): Promise<void> } {
  const { store, duties, clock, log, retentionMs } = options;
  const stopping = new AbortController();
  const pause = (ms: number) => clock.sleep(ms, stopping.signal).catch(() => {});
  let work: Promise<void> = Promise.resolve();

  async function workRegularly() {
    await pause(FIRST_AFTER_MS);
    while (!stopping.signal.aborted) {
      if ((await duties.take('house', HELD_MS)) !== null) await sweep();
      await pause(EVERY_MS);
    }
  }

  async function sweep() {
    const settledBefore = retentionMs === null ? null : clock.now() - retentionMs;
    const limits = { settledBefore, seenBefore: clock.now() - REDELIVERED_WITHIN_MS };
    const startedAt = clock.monotonic();
    try {
      let slices = 1;
      for (; (await store.archiveAndPrune(limits)) && !stopping.signal.aborted; slices += 1) await pause(REST_MS);
      if (slices > 1) log.info({ slices, ms: Math.round(clock.monotonic() - startedAt) }, 'housekeeping done');
    } catch (thrown) {
      log.warn({ err: coerceError(thrown) }, 'housekeeping failed; it will be retried');
    }
  }

  return {
    start() {
      work = workRegularly();
    },
    async stop() {
      stopping.abort();
      await work;
    },
  };
}
