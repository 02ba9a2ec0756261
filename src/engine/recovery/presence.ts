/**
 * Tells the other replicas that this one is alive, and takes over the work of those that are not. Tested in
 * test/engine/recovery/presence.test.ts.
 */
import { coerceError, isUnconfirmed } from '../../core/ports/errors.ts';
import type { Clock, EndedReplica, Fleet, Log } from '../../core/ports/ports.ts';
import type { Alerts } from '../observe/alerts.ts';
import type { Recovered } from './recover.ts';

/** After a beat that failed, ms: two more tries fit in before others may consider us dead. */
const BEAT_AGAIN_MS = 1_000;

export interface Presence {
  /** The others know of this replica from here on. Where it is the only one, nothing happens. @throws StoreError */
  join(onFatal: (error: Error) => void): Promise<void>;
  /** What the start has taken over. */
  recovered(ended: readonly EndedReplica[], recovered: Recovered): void;
  /** Once it is recovered: takes over what others leave. */
  start(): void;
  /** The last to stop: nothing of its work is left, and the others know it. Never rejects. */
  stop(): Promise<void>;
}

interface PresenceDeps {
  fleet: Pick<Fleet, 'me' | 'beatEveryMs' | 'beat' | 'adopt' | 'leave'>;
  /** Of its settings and version, as they are now. */
  fingerprint: () => string;
  adopt: (ended: readonly EndedReplica[]) => Promise<Recovered>;
  alerts: Pick<Alerts, 'raise'>;
  clock: Clock;
  log: Log;
}

export function createPresence(deps: PresenceDeps): Presence {
  const { fleet, fingerprint, adopt, clock, log } = deps;
  const { beatEveryMs } = fleet;
  const stopping = new AbortController();
  const { signal } = stopping;
  let hasStarted = false;
  let isFailing = false;
  let beating: Promise<void> = Promise.resolve();
  let adopting: Promise<void> = Promise.resolve();

  async function beatOn(everyMs: number, onFatal: (error: Error) => void): Promise<void> {
    let isAdopting = false;
    while (!signal.aborted) {
      await clock.sleep(isFailing ? Math.min(BEAT_AGAIN_MS, everyMs) : everyMs, signal).catch(() => {});
      if (signal.aborted) return;
      try {
        await fleet.beat(fingerprint());
        if (isFailing) log.info({ replica: fleet.me }, 'the other replicas know again that this one is alive');
        isFailing = false;
      } catch (thrown) {
        if (!isUnconfirmed(thrown)) return onFatal(coerceError(thrown));
        if (!isFailing) log.error({ err: thrown, replica: fleet.me }, NOT_HEARD);
        isFailing = true;
      }
      if (isFailing || isAdopting || !hasStarted) continue;
      isAdopting = true;
      // Beside the beats: it takes as long as there is much to take over.
      adopting = adoptAll().finally(() => {
        isAdopting = false;
      });
    }
  }

  /** Never rejects. */
  async function adoptAll(): Promise<void> {
    try {
      const ended = await fleet.adopt();
      if (ended.length > 0) reportAdopted(ended, await adopt(ended), deps);
    } catch (thrown) {
      if (!signal.aborted)
        log.error({ err: coerceError(thrown) }, 'the work of other replicas could not be taken over');
    }
  }

  let taken: (() => void) | null = null;
  return {
    async join(onFatal) {
      if (beatEveryMs === null) return;
      await fleet.beat(fingerprint());
      beating = beatOn(beatEveryMs, onFatal);
    },
    recovered(ended, recovered) {
      if (beatEveryMs !== null && ended.length > 0) taken = () => reportAdopted(ended, recovered, deps);
    },
    start() {
      hasStarted = true;
      taken?.();
      taken = null;
    },
    async stop() {
      stopping.abort();
      await Promise.all([beating, adopting]);
      if (beatEveryMs !== null) await fleet.leave();
    },
  };
}

function reportAdopted(
  ended: readonly EndedReplica[],
  { unfinished, inDoubt, runsLost }: Recovered,
  { fleet, alerts, log }: Pick<PresenceDeps, 'fleet' | 'alerts' | 'log'>,
): void {
  for (const { replica, ended: how } of ended) {
    const fields = { replica, ended: how, unfinished, inDoubt, runsLost };
    log.info(fields, 'the work of another replica is taken over');
  }
  const dead = ended.filter((one) => one.ended === 'died');
  if (dead.length === 0) return;
  const names = dead.map(({ replica, lastBeat }) =>
    lastBeat === null ? replica : `${replica} (last alive at ${new Date(lastBeat).toISOString()})`,
  );
  alerts.raise({
    kind: 'crashed',
    subject: dead.map(({ replica }) => replica).join(', '),
    title: 'A replica of Countersign died',
    what:
      `${names.join(', ')} did not shut down. ${fleet.me} has taken over: ${inDoubt} decisions in flight, ` +
      `${runsLost} runs lost.`,
    advice:
      'The end of its log gives the reason; if there is none, it was killed, frozen, or cut off from the database. ' +
      'Recorded data is intact. Start it again.',
  });
}

const NOT_HEARD =
  'the other replicas can’t be told that this one is alive: it begins nothing until they can, and they take over its work';
