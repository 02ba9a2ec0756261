/** Runtype’s answers in one piece. Tested in test/backends/runtype/wire/json-body.test.ts. */
import { copyRepeats, parseExact } from '../../../core/text/exact/parse.ts';
import { isRecord } from '../../../core/text/json.ts';
import { parseInTurns } from '../../shared/large-json.ts';
import { textOf } from './events.ts';
import { eventOutline } from './frames/large-frame.ts';

/** `pausedReason` is one pause, or holds lists of them. */
const bodyOutline = { ...eventOutline, either: new Map([['pausedReason', ['approvals', 'awaits']]]) };

/** Undefined for what is not JSON. */
export function parseJson(bytes: Uint8Array | null): unknown {
  if (bytes === null || bytes.length === 0) return undefined;
  try {
    return parseExact(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** The same of an answer; in several turns of the event loop where it is large, with large pauses outlined and marked. */
export async function parseAnswer(bytes: Uint8Array | null): Promise<unknown> {
  if (bytes === null || bytes.length === 0) return undefined;
  const json = await parseInTurns(new TextDecoder().decode(bytes), 'list', bodyOutline).catch(() => undefined);
  return json ?? linesOf(bytes);
}

/** One event on each line; undefined where a line is not JSON. */
function linesOf(bytes: Uint8Array): unknown {
  const lines = new TextDecoder()
    .decode(bytes)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const events = lines.length < 2 ? [] : lines.map((line) => parseJson(Buffer.from(line)));
  return events.length === 0 || events.includes(undefined) ? undefined : events;
}

/** The run that a body or an event names. */
export function executionIn(json: unknown): string | null {
  const id = isRecord(json) ? json['executionId'] : null;
  return typeof id === 'string' && id !== '' ? id : null;
}

/**
 * The events in a run's whole answer, of a call that requested no stream. Runtype does not document the shape of a
 * paused answer, so every shape seen is tried: `events`, `pausedReason` with its `approvals` or `awaits`, `status`,
 * `success` with a `result`.
 */
export function eventsOf(body: unknown): unknown[] {
  if (Array.isArray(body)) return body;
  if (!isRecord(body)) return [];
  if (Array.isArray(body['events'])) return body['events'];
  const paused = isRecord(body['pausedReason']) ? body['pausedReason'] : null;
  const executionId = textOf(body['executionId'] ?? paused?.['executionId']);
  const run = executionId === null ? {} : { executionId };
  const pauses = [
    ...itemsOf(paused?.['approvals'] ?? body['approvals'], 'approval_start'),
    ...itemsOf(paused?.['awaits'] ?? body['awaits'], 'await'),
  ];
  if (pauses.length > 0) return pauses.map((pause) => copyRepeats(pause, { ...run, ...pause }));
  if (paused !== null || body['status'] === 'paused') {
    const pause: Record<string, unknown> = { ...run, ...paused };
    const type = pause['approvalId'] || pause['type'] === 'approval' ? 'approval_start' : 'await';
    return [copyRepeats(paused ?? body, { ...pause, type })];
  }
  if (body['success'] === false) return [{ ...run, type: 'execution_error', error: body['error'] ?? body['result'] }];
  const output = body['finalOutput'] ?? body['result'];
  const isOver = output !== undefined || body['status'] === 'completed';
  return isOver ? [{ ...run, type: 'execution_complete', success: true, finalOutput: output }] : [];
}

function itemsOf(items: unknown, type: string): Record<string, unknown>[] {
  if (!Array.isArray(items)) return [];
  const isEvent = ({ type: own }: Record<string, unknown>) =>
    typeof own === 'string' && /(?:approval_start|await)$/.test(own);
  return items.filter(isRecord).map((item) => (isEvent(item) ? item : copyRepeats(item, { ...item, type })));
}
