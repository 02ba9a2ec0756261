/** Tested in test/faults/backend/records.test.ts. */
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import { TransportError } from '../shared/http/failures.ts';
import { isJson, readShort } from '../shared/response.ts';
import type { Timeouts, Transport } from '../shared/transport.ts';
import { plainAnswer } from './wire/content-coding.ts';
import { type AgentRun, callEndIn, endIn, type RunEnd, runPath, toolCallPath } from './wire/execution-record.ts';
import { parseJson } from './wire/json-body.ts';

/** The delays before each try, ms. */
const WAITS_MS = [0, 1_000, 4_000];
/** A record is stored, so it is found quickly; the note that the run was lost waits for it, ms. */
const HEADERS_MS = 10_000;
const BODY_MS = 10_000;
/** A record holds the run's output; one that is longer is not read. */
const RECORD_MAX_BYTES = 4 * 1024 * 1024;

/** Reads Runtype's records of runs of saved agents, with our key. Neither rejects: what can't be read says nothing. */
export interface ExecutionRecords {
  /** How the run ended; null: the record does not say that it did. */
  endOf(run: AgentRun, signal: AbortSignal): Promise<RunEnd | null>;
  /** How this call ended; null: the record does not say that it did. */
  callEndOf(run: AgentRun, toolCallId: string, signal: AbortSignal): Promise<{ ok: boolean } | null>;
}

export function createExecutionRecords(options: {
  transport: Transport;
  /** Null: nothing is read. */
  apiKey: string | null;
  clock: Clock;
  log: Log;
  timeouts: Timeouts;
}): ExecutionRecords {
  const { transport, apiKey, clock, log, timeouts } = options;

  async function ask(path: string, key: string, signal: AbortSignal): Promise<{ json: unknown } | { why: string }> {
    const rawHeaders = ['Authorization', `Bearer ${key}`, 'Accept', 'application/json', 'Accept-Encoding', 'identity'];
    const headersMs = Math.min(timeouts.headersMs, HEADERS_MS);
    const call = { method: 'GET', path, rawHeaders, body: null, fresh: true, headersMs, signal };
    const { status, headers, body } = plainAnswer(await transport.send(call));
    const isRead = status === 200 && isJson(headers);
    const bytes = isRead ? await readShort(body, RECORD_MAX_BYTES, Math.min(timeouts.bodyMs, BODY_MS)) : null;
    body.destroy();
    if (!isRead) return { why: status === 200 ? 'no_json' : `status_${status}` };
    return bytes === null ? { why: 'body_broken' } : { json: parseJson(bytes) };
  }

  /** @returns undefined where there is nothing to read */
  async function read(run: AgentRun, path: string, signal: AbortSignal): Promise<unknown> {
    if (apiKey === null) return undefined;
    let why = '';
    for (const wait of WAITS_MS) {
      try {
        if (wait > 0) await clock.sleep(wait, signal);
        const answer = await ask(path, apiKey, signal);
        if ('json' in answer) return answer.json;
        why = answer.why;
        if (!/^(?:status_(?:429|5..)|body_broken)$/.test(why)) break;
      } catch (thrown) {
        why = thrown instanceof TransportError ? thrown.message : coerceError(thrown).message;
      }
      if (signal.aborted) break;
    }
    log.info({ run: run.executionId, why }, 'the record of a run could not be read');
    return undefined;
  }

  return {
    async endOf(run, signal) {
      const end = endIn(await read(run, runPath(run), signal), run);
      if (end !== null) log.info({ run: run.executionId, ok: end.ok }, 'the end of a run was read in its record');
      return end;
    },
    async callEndOf(run, toolCallId, signal) {
      return callEndIn(await read(run, toolCallPath(run, toolCallId), signal), run, toolCallId);
    },
  };
}
