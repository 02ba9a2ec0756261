import type { Reach } from '../../core/ports/ports.ts';
import { readShort } from '../shared/response.ts';
import { type Timeouts, type Transport, TransportError } from '../shared/transport.ts';
import { interpretFailure } from './wire/interpret-answer.ts';

/** Nothing is read into it. */
const BODY_MAX_BYTES = 64 * 1024;
const BODY_MS = 2_000;
/** A check wants to know of a slow server, too, and soon. */
const HEADERS_MS = 8_000;

/** A list that is only read, of an agent that nobody has. */
const PATH = '/v1/agents/countersign/executions';

/**
 * Whether Runtype answers, and takes our key. The key is looked at first, so 401 is about it; any other answer below
 * 500 says that somebody is at home and knows the key. Whether it may dispatch, only a dispatch shows. Nothing without a
 * key: then Runtype is no business of ours.
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
      const request = { method: 'GET', path: PATH, rawHeaders: headers, body: null, fresh: false };
      const { status, body } = await transport.send({ ...request, headersMs, signal });
      // Read to its end, so that the connection can be used again.
      if ((await readShort(body, BODY_MAX_BYTES, BODY_MS)) === null) body.destroy();
      return judge(status);
    } catch (thrown) {
      const error = thrown instanceof TransportError ? thrown : new TransportError('ambiguous', 'it failed', thrown);
      const result = interpretFailure(error, transport.host);
      return { ok: false, words: 'words' in result ? result.words : 'Runtype does not answer.' };
    }
  }
}

function judge(status: number): Reach {
  if (status === 401) return { ok: false, words: 'Runtype does not take the key (401). Check RUNTYPE_API_KEY.' };
  if (status >= 500) return { ok: false, words: `Runtype answered ${status}.` };
  return { ok: true };
}
