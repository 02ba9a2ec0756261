import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Log, Store } from '../../core/ports/ports.ts';
import { type Alerts, QUIET_MS } from '../observe/alerts.ts';
import type { Recovered } from './recover.ts';

/** How the process before this one ended. */
export type Ending = 'first start' | 'stopped in order' | 'did not come up' | 'crashed';

export interface Earlier {
  ending: Ending;
  /** When it last wrote at all, ms since 1970; null on a first start. */
  lastAlive: number | null;
}

const endings: Record<string, Ending> = {
  starting: 'did not come up',
  running: 'crashed',
  stopped: 'stopped in order',
};

/** Says in the store how far this process has come, so that the next one knows how it ended. */
export interface ProcessHistory {
  /** @throws StoreError when the store can't be written: then there is nothing to start for */
  begin(): Promise<Earlier>;
  /** It is up. Tells of a crash before it; not at every turn of a crash loop. */
  up(earlier: Earlier, recovered: Recovered, alerts: Pick<Alerts, 'raise'>): Promise<void>;
  /** It has drained. Never rejects. */
  down(): Promise<void>;
}

export function createProcessHistory(store: Pick<Store, 'setMeta'>, clock: Clock, log: Log): ProcessHistory {
  /** How many starts after a crash were not told yet; null when it was told a short while ago. */
  async function untold(): Promise<number | null> {
    const now = clock.now();
    const before = await store.setMeta('crashes', String(now));
    const [, toldAt = '', count = '0'] = /^(\d+):(\d+)$/.exec(before?.value ?? '') ?? [];
    const quiet = toldAt !== '' && Math.abs(now - Number(toldAt)) < QUIET_MS;
    await store.setMeta('crashes', quiet ? `${toldAt}:${Number(count) + 1}` : `${now}:0`);
    return quiet ? null : Number(count);
  }

  return {
    async begin() {
      const alive = await store.setMeta('probe', 'starting');
      const earlier = await store.setMeta('process', 'starting');
      const ending = earlier === null ? 'first start' : (endings[earlier.value] ?? 'crashed');
      if (ending === 'crashed') await store.setMeta('process', 'starting after a crash');
      return { ending, lastAlive: alive?.at ?? null };
    },
    async up({ ending, lastAlive }, recovered, alerts) {
      await store.setMeta('process', 'running');
      if (ending !== 'crashed') return;
      const times = await untold();
      if (times === null) return;
      const { unfinished, inDoubt, runsLost } = recovered;
      const since = lastAlive === null ? '' : ` It was last alive at ${new Date(lastAlive).toISOString()}.`;
      const often = times === 0 ? '' : ` It has crashed ${times + 1} times since you were last told.`;
      alerts.raise({
        kind: 'crashed',
        subject: 'process',
        title: 'Countersign started again after a crash',
        what:
          `The last process did not stop in order.${since}${often} Taken back: ${unfinished} open approvals, ` +
          `${inDoubt} decisions that were on their way, ${runsLost} runs whose rest was not seen.`,
        advice:
          'The end of its log says why; if nothing stands there, it was killed or ran out of memory. Cards and decisions go on where they were.',
      });
    },
    async down() {
      try {
        await store.setMeta('process', 'stopped');
      } catch (thrown) {
        log.error({ err: coerceError(thrown) }, 'the next start will take this stop for a crash');
      }
    },
  };
}
