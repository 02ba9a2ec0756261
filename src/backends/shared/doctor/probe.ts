/**
 * One call that only reads, for the doctor: whether a backend answers, takes the credentials, and has the same time.
 * Tested in test/backends/shared/doctor/probe.test.ts.
 */
import { skewFound } from '../../../core/ports/doctor/clock-skew.ts';
import { type Asked, networkFound } from '../../../core/ports/doctor/network.ts';
import type { Checkup, Clock, Found, Untold } from '../../../core/ports/ports.ts';
import { errorMessageIn, explainFailure, explainStatus, type Naming } from '../api-errors.ts';
import type { JsonAnswer } from '../json-client.ts';

export interface ProbeOptions {
  /** First part of the checks' names: `sonzai`. */
  name: string;
  /** Added to the titles, where there are several of one backend: ` (acme)`. */
  of?: string;
  naming: Naming;
  url: string;
  hasProxy: boolean;
  /** How a person gets other credentials, as a sentence. */
  renew: string;
  untold?: readonly Untold[];
  /** Sends the call. @throws TransportError, or another error that `readError` knows */
  ask: (signal: AbortSignal) => Promise<JsonAnswer>;
  /** What else it may be of a successful answer, or of an error status that is fine; null: as the statuses say. */
  read: (answer: JsonAnswer) => readonly Found[] | null;
  /** Of an error before anything was sent, such as a token that can't be had. */
  readError?: (thrown: unknown) => Found | null;
  clock: Pick<Clock, 'now'>;
}

/** `NAME.key` and `NAME.clock`, by one call. */
export function probeCheckups(options: ProbeOptions): Checkup[] {
  const { name, of = '', naming, untold = [], clock } = options;
  let asked: Promise<Probed> | null = null;
  const probe = (signal: AbortSignal): Promise<Probed> => {
    asked ??= ask(options, signal, clock);
    return asked;
  };
  return [
    {
      check: `${name}.key`,
      title: `it answers, and takes ${naming.keySettings}${of}`,
      untold,
      look: async (signal) => (await probe(signal)).found,
    },
    {
      check: `${name}.clock`,
      title: `its clock and this machine’s agree${of}`,
      async look(signal) {
        const { date, askedAt, answeredAt } = await probe(signal);
        if (date === null) return null;
        return skewFound(date, askedAt, answeredAt, naming.title);
      },
    },
  ];
}

interface Probed {
  found: readonly Found[];
  date: string | null;
  askedAt: number;
  answeredAt: number;
}

async function ask(options: ProbeOptions, signal: AbortSignal, clock: Pick<Clock, 'now'>): Promise<Probed> {
  const { naming, url, hasProxy, readError } = options;
  const askedAt = clock.now();
  try {
    const answer = await options.ask(signal);
    const found = foundIn(answer, options);
    return { found, date: answer.headers.date ?? null, askedAt, answeredAt: clock.now() };
  } catch (thrown) {
    const about: Asked = { title: naming.title, url, urlSetting: naming.urlSetting, hasProxy };
    const found = readError?.(thrown) ?? networkFound(thrown, about) ?? otherFailure(thrown, about);
    return { found: [found], date: null, askedAt, answeredAt: askedAt };
  }
}

function otherFailure(thrown: unknown, { title, url, urlSetting }: Asked): Found {
  const { reason } = explainFailure(thrown, title);
  const remedy = `Check ${urlSetting} (${url}), and a proxy if there is one; then run the doctor again.`;
  return { level: 'fault', what: reason ?? `${title} did not answer.`, remedy, where: urlSetting };
}

function foundIn(answer: JsonAnswer, { naming, url, renew, read }: ProbeOptions): readonly Found[] {
  const { status, body, text } = answer;
  const { title, urlSetting, keySettings } = naming;
  const known = read(answer);
  if (known !== null) return known;
  const said = errorMessageIn(body, text);
  const quoted = said === null ? '' : `: ${said.replace(/[.]$/, '')}`;
  switch (status) {
    case 200: {
      const what = `What answers at ${url} is not ${title}.`;
      return [{ level: 'fault', what, remedy: `Check ${urlSetting}.`, where: urlSetting }];
    }
    case 401:
      return [
        {
          level: 'fault',
          what: `${title} does not accept ${keySettings} (401${quoted}).`,
          remedy: renew,
          where: keySettings,
        },
      ];
    case 403:
      return [
        {
          level: 'fault',
          what: `${title} does not let ${keySettings} read this (403${quoted}).`,
          remedy: renew,
          where: keySettings,
        },
      ];
    case 429: {
      const what = `${title} limits the calls of ${keySettings} (429${quoted}).`;
      return [{ level: 'warning', what, remedy: 'Look for what else uses the key, or give the bot one of its own.' }];
    }
    default: {
      const { reason } = explainStatus(answer, naming);
      const remedy =
        status >= 500 ? `Run the doctor again later; if it lasts, ask whoever runs ${title}.` : `Check ${urlSetting}.`;
      return [{ level: 'fault', what: reason ?? `${title} answered ${status}.`, remedy, where: urlSetting }];
    }
  }
}
