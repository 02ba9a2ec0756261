/** One call to an on-call service: JSON, with limits of time, and an error for people. Tested in test/contract/schedules.test.ts. */
import type { IncomingHttpHeaders } from 'node:http';
import {
  explainFailure,
  explainStatus,
  type Naming,
  requestedWaitMs,
  sentence,
} from '../../backends/shared/api-errors.ts';
import { createJsonClient, type JsonAnswer, type JsonTimeouts } from '../../backends/shared/json-client.ts';
import { createTransport } from '../../backends/shared/transport.ts';
import { ScheduleError } from '../../core/policy/schedules/source.ts';
import type { ProxyEnv } from '../../core/ports/adapter.ts';
import type { Clock } from '../../core/ports/ports.ts';

/** The next look-up comes soon: a slow answer is given up before it. */
export const LIST_TIMEOUTS: Readonly<JsonTimeouts> = Object.freeze({
  connectMs: 3_000,
  headersMs: 5_000,
  bodyMs: 5_000,
});

export interface ServiceOptions {
  /** Its address, without a path. */
  url: string;
  token: string;
  /** Null: the connection is direct. */
  proxy?: ProxyEnv | null;
  clock: Clock;
  timeouts?: Partial<JsonTimeouts>;
}

export interface ListClient {
  /** @throws ScheduleError */
  get(path: string, signal: AbortSignal): Promise<JsonAnswer>;
  close(): void;
}

/**
 * @param service.headers of each call
 * @param service.waitMs how long a service that limits calls asks to wait, in a way of its own, ms; null: it does not say
 */
export function createListClient(
  { url, proxy = null, clock, ...options }: ServiceOptions,
  service: {
    naming: Naming;
    headers: Record<string, string>;
    waitMs: (headers: IncomingHttpHeaders) => number | null;
  },
): ListClient {
  const timeouts = { ...LIST_TIMEOUTS, ...options.timeouts };
  const transport = createTransport(url, timeouts, proxy);
  const call = createJsonClient(transport, timeouts, { names: new Set() });
  const { naming, headers, waitMs } = service;
  return {
    async get(path, signal) {
      const answer = await call({ method: 'GET', path, headers, signal }).catch((cause: unknown) => {
        throw new ScheduleError(explainFailure(cause, naming.title).reason, { cause });
      });
      if (answer.status === 200) return answer;
      const retryAfterMs = requestedWaitMs(answer.headers, clock.now()) ?? waitMs(answer.headers);
      throw new ScheduleError(sentence(explainStatus(answer, naming).reason), { retryAfterMs });
    },
    close: () => transport.close(),
  };
}
