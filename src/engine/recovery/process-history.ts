/** How the last process ended. Tested in test/stories/operator/process.test.ts. */
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Fleet, Log, Store } from '../../core/ports/ports.ts';
import { type Alerts, QUIET_MS } from '../observe/alerts.ts';
import type { Recovered } from './recover.ts';

/** How the process before this one ended. New ones go behind: their counts are stored in this order. */
const ENDINGS = ['first start', 'clean', 'failed to start', 'crashed'] as const;
export type Ending = (typeof ENDINGS)[number];

export interface Earlier {
  ending: Ending;
  /** When it last wrote at all, ms since 1970; null on a first start. */
  lastAlive: number | null;
  /** How many processes started after each ending, this one included. */
  starts: Readonly<Record<Ending, number>>;
}

const endings: Record<string, Ending> = {
  starting: 'failed to start',
  running: 'crashed',
  stopped: 'clean',
};

/** Records in the store how far this process has come, so that the next one knows how it ended. */
export interface ProcessHistory {
  /** @throws StoreError when the store can't be written */
  begin(): Promise<Earlier>;
  /** This process is ready. Alerts about a crash of the last one; in a crash loop, once per quiet period. */
  up(
    earlier: Earlier,
    recovery: { recovered: Recovered; complete: Promise<boolean> | null },
    alerts: Pick<Alerts, 'raise'>,
  ): Promise<void>;
  /** This process has shut down. Never rejects. */
  down(): Promise<void>;
}

/** @param fleet where there can be others, it is they who notice how a process ended, and say so */
export function createProcessHistory(
  store: Pick<Store, 'setMeta'>,
  clock: Clock,
  log: Log,
  { beatEveryMs }: Pick<Fleet, 'beatEveryMs'>,
): ProcessHistory {
  const isAlone = beatEveryMs === null;

  /** How many crashes were not reported yet; null when one was reported a short while ago. */
  async function unreportedCrashes(): Promise<number | null> {
    const now = clock.now();
    const before = await store.setMeta('crashes', String(now));
    const [, reportedAt = '', count = '0'] = /^(\d+):(\d+)$/.exec(before?.value ?? '') ?? [];
    const quiet = reportedAt !== '' && Math.abs(now - Number(reportedAt)) < QUIET_MS;
    await store.setMeta('crashes', quiet ? `${reportedAt}:${Number(count) + 1}` : `${now}:0`);
    return quiet ? null : Number(count);
  }

  /** The counts are one value, such as `1:4:0:2`, in the order of `ENDINGS`. */
  async function countStart(ending: Ending): Promise<Earlier['starts']> {
    const before = await store.setMeta('starts', '');
    const counts = (before?.value ?? '').split(':').map((count) => Number(count) || 0);
    const starts = ENDINGS.map((one, index): [Ending, number] => [
      one,
      (counts[index] ?? 0) + (one === ending ? 1 : 0),
    ]);
    await store.setMeta('starts', starts.map(([, count]) => count).join(':'));
    return Object.fromEntries(starts) as Record<Ending, number>;
  }

  return {
    async begin() {
      const alive = await store.setMeta('probe', 'starting');
      if (!isAlone) return { ending: 'clean', lastAlive: null, starts: await countStart('clean') };
      const earlier = await store.setMeta('process', 'starting');
      const ending = earlier === null ? 'first start' : (endings[earlier.value] ?? 'crashed');
      if (ending === 'crashed') await store.setMeta('process', 'starting after a crash');
      return { ending, lastAlive: alive?.at ?? null, starts: await countStart(ending) };
    },
    async up({ ending, lastAlive }, { recovered, complete }, alerts) {
      if (!isAlone) return;
      await store.setMeta('process', 'running');
      if (ending !== 'crashed') return;
      const times = await unreportedCrashes();
      if (times === null) return;
      const since = lastAlive === null ? '' : ` It was last alive at ${new Date(lastAlive).toISOString()}.`;
      const often = times === 0 ? '' : ` It has crashed ${times + 1} times since the last alert.`;
      const raise = () => {
        const { unfinished, inDoubt, runsLost } = recovered;
        alerts.raise({
          kind: 'crashed',
          subject: 'process',
          title: 'Countersign restarted after a crash',
          what:
            `The last process did not shut down.${since}${often} Recovered: ${unfinished} open approvals, ` +
            `${inDoubt} decisions in flight, ${runsLost} runs lost.`,
          advice:
            'The end of its log gives the reason; if there is none, it was killed or ran out of memory. Recorded data is intact.',
        });
      };
      // Until then it is not known which runs are lost.
      if (complete === null) raise();
      else void complete.then(raise);
    },
    async down() {
      if (!isAlone) return;
      try {
        await store.setMeta('process', 'stopped');
      } catch (thrown) {
        log.error({ err: coerceError(thrown) }, 'clean stop not recorded: the next start will report a crash');
      }
    },
  };
}
