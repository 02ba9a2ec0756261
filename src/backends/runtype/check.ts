import type { Reach } from '../../core/ports/ports.ts';
import { explainFailure } from '../shared/api-errors.ts';
import { readShort } from '../shared/response.ts';
import type { Timeouts, Transport } from '../shared/transport.ts';

/** The body is read only to its end. */
const BODY_MAX_BYTES = 64 * 1024;
const BODY_MS = 2_000;
/** A slow server fails the check, ms. */
const HEADERS_MS = 8_000;

/** A list that changes nothing, of an agent that does not exist. */
export const CHECK_PATH = '/v1/agents/countersign/executions';

/**
 * Whether Runtype answers and accepts our key. Runtype checks the key first, so 401 is about the key; any other status
 * below 500 means that it answers and knows the key. Only a dispatch shows whether the key may dispatch. Without a key
 * there is no check.
 */
export function createCheck(
  transport: Transport,
  apiKey: string | null,
  timeouts: Pick<Timeouts, 'headersMs'>,
): { check?: (signal: AbortSignal) => Promise<Reach> } {
  if (apiKey === null) return {};
  return { check };

  async function check(signal: AbortSignal): Promise<Reach> {
    const headers = ['Authorization', `Bearer ${apiKey}`, 'Accept', 'application/json', 'User-Agent', 'countersign'];
    const headersMs = Math.min(timeouts.headersMs, HEADERS_MS);
    try {
      const request = { method: 'GET', path: CHECK_PATH, rawHeaders: headers, body: null, fresh: false };
      const { status, body } = await transport.send({ ...request, headersMs, signal });
      // Reads to the end, so that the connection can be used again.
      if ((await readShort(body, BODY_MAX_BYTES, BODY_MS)) === null) body.destroy();
      return reachOf(status);
    } catch (thrown) {
      return { ok: false, reason: explainFailure(thrown, 'Runtype').reason };
    }
  }
}

function reachOf(status: number): Reach {
  if (status === 401) return { ok: false, reason: 'Runtype rejected the key (401). Check RUNTYPE_API_KEY.' };
  if (status >= 500) return { ok: false, reason: `Runtype answered ${status}.` };
  return { ok: true };
}
