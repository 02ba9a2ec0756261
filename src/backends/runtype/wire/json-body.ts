import { isRecord } from '../../shared/json-client.ts';
import { textOf } from './events.ts';

export { isRecord } from '../../shared/json-client.ts';

/**
 * The events that a run's whole answer stands for, of a call that asked for no stream. No page tells the shape of a
 * paused answer, so everything seen anywhere is tried: `events`, `pausedReason` with its `approvals` or `awaits`,
 * `status`, `success` with a `result`.
 */
export function eventsOf(body: unknown): unknown[] {
  if (!isRecord(body)) return [];
  if (Array.isArray(body['events'])) return body['events'];
  const paused = isRecord(body['pausedReason']) ? body['pausedReason'] : null;
  const executionId = textOf(body['executionId'] ?? paused?.['executionId']);
  const about = executionId === null ? {} : { executionId };
  const pauses = [
    ...itemsOf(paused?.['approvals'] ?? body['approvals'], 'approval_start'),
    ...itemsOf(paused?.['awaits'] ?? body['awaits'], 'await'),
  ];
  if (pauses.length > 0) return pauses.map((pause) => ({ ...about, ...pause }));
  if (paused !== null || body['status'] === 'paused') {
    const pause: Record<string, unknown> = { ...about, ...paused };
    const type = pause['approvalId'] || pause['type'] === 'approval' ? 'approval_start' : 'await';
    return [{ ...pause, type }];
  }
  if (body['success'] === false) return [{ ...about, type: 'execution_error', error: body['error'] ?? body['result'] }];
  const output = body['finalOutput'] ?? body['result'];
  const over = output !== undefined || body['status'] === 'completed';
  return over ? [{ ...about, type: 'execution_complete', success: true, finalOutput: output }] : [];
}

function itemsOf(items: unknown, type: string): Record<string, unknown>[] {
  if (!Array.isArray(items)) return [];
  const isEvent = ({ type: own }: Record<string, unknown>) =>
    typeof own === 'string' && /(?:approval_start|await)$/.test(own);
  return items.filter(isRecord).map((item) => (isEvent(item) ? item : { ...item, type }));
}
