/**
 * What follows a stop and its end: the cards say so, the operator is alerted, decisions wait or are sent. Tested in
 * test/engine/operators/stop.test.ts.
 */
import { actorName } from '../../core/approval/names.ts';
import type { Stop } from '../../core/policy/operators/stop.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Clock, Log, Store } from '../../core/ports/ports.ts';
import { COMMAND } from '../../core/view/command.ts';
import { stoppedText } from '../../core/view/operators/stopped.ts';
import type { Apply } from '../apply.ts';
import type { Alerts } from '../observe/alerts.ts';
import { createRedraw } from './redraw.ts';
import type { StopSwitch } from './stop.ts';

export interface StopEffects {
  /** Once the records are loaded: the cards may say what an earlier process was about to change. */
  start(): Promise<void>;
  /** Draws every card again that waits: something else that all of them say has changed. */
  redraw(): void;
  stop(): Promise<void>;
}

/** Under which the store keeps what the cards say. */
const SAID = 'cards_say';
const UNKNOWN = 'unknown';

export function createStopEffects(options: {
  stopSwitch: StopSwitch;
  store: Pick<Store, 'unsent' | 'setMeta'>;
  apply: Apply;
  backends: () => Iterable<string>;
  alerts: Pick<Alerts, 'begin' | 'over'>;
  metrics: Metrics;
  /** Decisions are due again, or not. */
  nudge: () => void;
  clock: Clock;
  log: Log;
}): StopEffects {
  const { stopSwitch, store, alerts, metrics, nudge, log } = options;
  const redraw = createRedraw({
    ...options,
    onBegin: () => store.setMeta(SAID, UNKNOWN),
    onDone: () => store.setMeta(SAID, wordFor(stopSwitch.current())),
  });
  let last: Stop | null = null;

  function report(stop: Stop | null, isOurs = true): void {
    metrics.set('stopped', {}, stop === null ? 0 : 1);
    if (!isOurs) {
      log.warn({ stopped: stop !== null }, 'stopped, or started again, at another replica');
    } else if (stop !== null) {
      log.warn({ by: stop.by.id, platform: stop.by.platform, since: stop.at, reason: stop.reason }, 'stopped');
      alerts.begin({
        kind: 'stopped',
        subject: 'all',
        title: 'Countersign is stopped',
        what: stoppedText(stop),
        advice: `When it is safe again, type ${COMMAND} start. Decisions that wait are then sent, each once.`,
      });
    } else if (last !== null) {
      log.warn({}, 'started again');
      alerts.over('stopped', 'all', `The stop by ${actorName(last.by)} has ended. Decisions that waited are sent now.`);
    }
    last = stop;
  }

  stopSwitch.onChange((stop, isOurs) => {
    report(stop, isOurs);
    nudge();
    if (isOurs) redraw.ask();
  });

  return {
    async start() {
      const stop = stopSwitch.current();
      const said = await store.setMeta(SAID, UNKNOWN);
      const word = wordFor(stop);
      // A database of an earlier version has never been stopped.
      if (said?.value === word || (said === null && stop === null)) await store.setMeta(SAID, word);
      else redraw.ask();
      report(stop);
    },
    redraw: () => redraw.ask(),
    stop: () => redraw.stop(),
  };
}

function wordFor(stop: Stop | null): string {
  return stop === null ? 'running' : `stopped ${stop.at}`;
}
