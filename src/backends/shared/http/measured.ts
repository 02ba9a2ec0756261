/** How long calls to a backend take, and how they end. Tested in test/backends/shared/http/measured.test.ts. */
import type { BackendCall, Metrics } from '../../../core/ports/metrics.ts';
import type { Clock } from '../../../core/ports/ports.ts';
import type { Outgoing, Transport } from '../transport.ts';
import { TransportError } from './failures.ts';

export interface Measuring {
  backend: string;
  clock: Pick<Clock, 'monotonic'>;
  metrics: Pick<Metrics, 'observe'>;
}

/** @param callOf what a call is for, by its address */
export function measured(
  transport: Transport,
  callOf: (request: Pick<Outgoing, 'method' | 'path'>) => BackendCall,
  { backend, clock, metrics }: Measuring,
): Transport {
  return {
    async send(request) {
      const startedAt = clock.monotonic();
      const call = callOf(request);
      const ended = (outcome: string) =>
        metrics.observe('backend_call_seconds', { backend, call, outcome }, (clock.monotonic() - startedAt) / 1000);
      try {
        const answer = await transport.send(request);
        ended(outcomeOf(answer.status));
        return answer;
      } catch (thrown) {
        ended(thrown instanceof TransportError ? thrown.kind : 'ambiguous');
        throw thrown;
      }
    },
    close: () => transport.close(),
  };
}

const TOO_MANY = 429;

/** A class of statuses; 429 has a class of its own, as it is about our rate. */
function outcomeOf(status: number): string {
  return status === TOO_MANY ? '429' : `${Math.floor(status / 100)}xx`;
}
