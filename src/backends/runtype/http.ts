/** What Runtype serves over HTTP: the gateway below `/v1/`, and signed deliveries. */
import type { BufferBudget } from '../../core/ports/buffer-budget.ts';
import { coerceError } from '../../core/ports/errors.ts';
import { mountWebhook, type Webhook } from '../../core/ports/http/webhook.ts';
import type { HttpAnswer, HttpMount } from '../../core/ports/http.ts';
import type { Log } from '../../core/ports/ports.ts';
import { answer } from './gateway/request.ts';
import { INGEST_MAX_BYTES } from './ingest.ts';

export function createHttp(options: {
  gateway: HttpMount['handle'];
  ingest: (headers: Record<string, string>, bytes: Uint8Array | null, remoteAddress: string) => Promise<HttpAnswer>;
  admit: Webhook['admit'];
  buffers: BufferBudget;
  /** Ends the responses that are held. */
  release: () => void;
  log: Log;
}): readonly HttpMount[] {
  const { gateway, ingest, admit, buffers, release, log } = options;
  return [
    {
      prefix: '/v1/',
      release,
      async handle(request, reply, signal) {
        try {
          await gateway(request, reply, signal);
        } catch (thrown) {
          log.error({ err: coerceError(thrown) }, 'the gateway failed');
          answer(reply, 502, { error: 'Bad Gateway', message: 'Countersign could not pass this request on.' });
        }
      },
    },
    mountWebhook({
      path: '/ingest/runtype',
      maxBytes: INGEST_MAX_BYTES,
      buffers,
      admit,
      receive: (headers, bytes, _answered, remoteAddress) => ingest(headers, bytes, remoteAddress),
    }),
  ];
}
