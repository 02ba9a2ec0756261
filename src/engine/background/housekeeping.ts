import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Log, Store } from '../../core/ports/ports.ts';

/** Nothing here is urgent: what a start has to do comes first. */
const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 3_600_000;
/** Between two slices, ms: presses and cards have nine tenths of the time. */
const REST_MS = 40;
/**
 * Ids of inputs are kept for so long. The longest that anybody delivers the same thing again: three days, for webhooks by
 * the common schedules of Standard Webhooks; Slack an hour, Discord minutes. A week leaves room for a stopped sender.
 */
const REDELIVERED_WITHIN_MS = 7 * 86_400_000;

/** Archives what was settled long ago, forgets what can't come again, and gives disk space back, a few ms at a time. */
export function createHousekeeping(options: {
  store: Store;
  clock: Clock;
  log: Log;
  /** How long settled approvals stay as they are, ms; null: for ever. */
  retentionMs: number | null;
}): { start(): void; stop(): Promise<void> } {
  const { store, clock, log, retentionMs } = options;
  const stopping = new AbortController();
  const pause = (ms: number) => clock.sleep(ms, stopping.signal).catch(() => {});
  let work: Promise<void> = Promise.resolve();

  async function keepHouse() {
    await pause(FIRST_AFTER_MS);
    while (!stopping.signal.aborted) {
      await sweep();
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
      log.warn({ err: coerceError(thrown) }, 'housekeeping could not go on; it tries again later');
    }
  }

  return {
    start() {
      work = keepHouse();
    },
    async stop() {
      stopping.abort();
      await work;
    },
  };
}
