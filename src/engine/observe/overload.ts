/**
 * Counts, logs and alerts what was refused or cut because it took too much time or room. Tested in
 * test/engine/observe/overload.test.ts.
 */
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import type { Alerts } from './alerts.ts';

/** Between two lines of the log about one reason, ms: callers decide how often it happens. */
export const LOG_EVERY_MS = 60_000;

/**
 * `slow_body`: a body did not arrive in time. `unread`: a response was not read. `requests`, `connections`: too many at
 * once. `buffers`: the bytes that are kept for callers are used up.
 */
export type OverloadReason = 'slow_body' | 'unread' | 'requests' | 'connections' | 'buffers';

/** What the alert says. `slow_body` and `unread` affect only their own caller, so they raise none. */
const alerted: Partial<Record<OverloadReason, string>> = {
  requests: 'Too many requests are under way, so others are answered 503.',
  connections: 'Too many connections are open, so others are answered 503.',
  buffers: 'The memory for bodies and answers of callers is used up, so calls are answered 503 or not kept.',
};

interface Overload {
  /** @param address whose request it was; null where it is not known */
  refused(reason: OverloadReason, address?: string | null): void;
}

export function createOverload(deps: {
  alerts: Pick<Alerts, 'raise'>;
  metrics: Pick<Metrics, 'count'>;
  clock: Pick<Clock, 'monotonic'>;
  log: Pick<Log, 'warn'>;
}): Overload {
  const { alerts, metrics, clock, log } = deps;
  const reported = new Map<OverloadReason, { at: number; more: number }>();

  return {
    refused(reason, address = null) {
      metrics.count('overload', { reason });
      const last = reported.get(reason);
      const now = clock.monotonic();
      if (last !== undefined && now - last.at < LOG_EVERY_MS) {
        last.more += 1;
        return;
      }
      reported.set(reason, { at: now, more: 0 });
      log.warn({ reason, address, more: last?.more ?? 0 }, 'a request was refused or cut for want of time or room');
      const what = alerted[reason];
      if (what === undefined) return;
      const advice = 'Find the caller in the log (“for want of time or room”), and limit it at your proxy.';
      alerts.raise({ kind: 'overloaded', subject: reason, title: 'Countersign is overloaded', what, advice });
    },
  };
}
