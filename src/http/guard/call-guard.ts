import type { CallGuard, CallRate, Surface } from '../../core/ports/http.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import { networkOf } from '../../core/text/settings/networks.ts';
import type { Alert } from '../../core/view/cards/alert-card.ts';
import type { Alerts } from '../../engine/observe/alerts.ts';
import { Rates } from './rates.ts';
import { Refusals } from './refusals.ts';

/** Of one address at one surface: a person who mistypes a token is not slowed … */
export const WRONG_BURST = 5;
/** … and a guesser gets one answer a second. A random token of 16 characters outlasts any such guessing. */
const WRONG_PER_SECOND = 1;
/** How long a wrong secret waits for its answer at most, ms. Longer, and it gets 429: a call that waits keeps a connection. */
const WAIT_MAX_MS = 4_000;
/** Of all addresses together. */
const WAITING_MAX = 256;

const surfaceNames: Record<Surface, string> = {
  inbox: 'the inbox (/api/v1/approvals)',
  probes: '/metrics and /readyz',
  ingest: '/ingest/runtype',
  gateway: 'the gateway (/v1/)',
  presses: 'the addresses for signed presses (/slack/events, /discord/interactions)',
  operator: 'the page for operators (/operator)',
};

interface CallGuardOptions {
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'count'>;
  alerts: Pick<Alerts, 'begin' | 'over'>;
}

/** `stop` answers those that wait. */
export function createCallGuard(options: CallGuardOptions): CallGuard & { stop(): void } {
  const { clock, log, metrics, alerts } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const wrong = new Rates({ burst: WRONG_BURST, perSecond: WRONG_PER_SECOND });
  const limits = new Map<string, Rates>();
  const reports = new Map<string, Refusals>();
  let waiting = 0;

  function report(alert: Pick<Alert, 'kind' | 'subject'>, fields: object, message: string): Refusals {
    const key = `${alert.kind} ${alert.subject}`;
    const known = reports.get(key);
    if (known !== undefined) return known;
    const made = new Refusals({
      fields,
      message,
      onLasting: (count, callers) => alerts.begin({ ...alert, ...textOf(alert, count, callers) }),
      onOver: () => alerts.over(alert.kind, alert.subject, 'None came in for a minute.'),
      clock,
      log,
      signal,
    });
    reports.set(key, made);
    return made;
  }

  return {
    async wrongSecret(surface, remoteAddress, problem) {
      metrics.count('wrong_secrets', { surface });
      const caller = networkOf(remoteAddress);
      const alert = { kind: 'wrong_secrets', subject: surface } as const;
      report(alert, { surface }, 'wrong secrets refused').add(caller, { remoteAddress, problem });
      const patienceMs = waiting < WAITING_MAX ? WAIT_MAX_MS : 0;
      const { taken, waitMs } = wrong.take(`${surface} ${caller}`, clock.monotonic(), patienceMs);
      if (!taken) return Math.ceil(waitMs / 1_000);
      if (waitMs === 0) return null;
      waiting += 1;
      await clock.sleep(waitMs, signal).catch(() => {});
      waiting -= 1;
      return null;
    },
    take(rate, who) {
      const { taken, waitMs } = ratesOf(rate).take(who, clock.monotonic());
      if (taken) return null;
      refused(rate.surface, rate.limit, who);
      return Math.ceil(waitMs / 1_000);
    },
    refused,
    stop: () => stopping.abort(),
  };

  function refused(surface: Surface, limit: string, who: string): void {
    metrics.count('calls_limited', { surface, limit });
    const alert = { kind: 'calls_limited', subject: `${surface} ${limit}` } as const;
    report(alert, { surface, limit }, 'too many calls refused').add(who, { of: who });
  }

  function ratesOf(rate: CallRate): Rates {
    const key = `${rate.surface} ${rate.limit}`;
    const known = limits.get(key);
    if (known !== undefined) return known;
    const made = new Rates(rate);
    limits.set(key, made);
    return made;
  }
}

function textOf({ kind, subject }: Pick<Alert, 'kind' | 'subject'>, count: number, callers: string) {
  const surface = surfaceNames[subject.split(' ')[0] as Surface];
  const from = `${count} in the last minute, from ${callers} ${callers === '1' ? 'caller' : 'callers'}`;
  if (kind === 'wrong_secrets') {
    return {
      title: 'Wrong secrets keep coming in',
      what: `Calls to ${surface} are refused for a wrong or missing secret: ${from}.`,
      advice: 'The log names the last address. Give that caller its secret, or block it in front of Countersign.',
    };
  }
  return {
    title: 'A caller keeps exceeding its limit',
    what: `Calls to ${surface} are refused with 429: ${from}.`,
    advice: 'The log says which limit and whose calls. Nothing else is affected; fix or stop the caller.',
  };
}
