/**
 * What Runtype's records of a run and of its tool calls say. Documented are these routes, the fields `status`,
 * `inputParameters` and `toolDescription`, and of the words of `status` only `completed`. All else in this file is inferred:
 * that tool calls are below their run, the words of a failed run, and the fields of ids, outputs and errors.
 * Tested in test/backends/runtype/wire/execution-record.test.ts.
 */
import { isRecord } from '../../../core/text/json.ts';
import type { Replay } from '../pause/run-facts.ts';
import { errorText, textOf } from './events.ts';

/** A run of a saved agent. */
export interface AgentRun {
  agentId: string;
  executionId: string;
}

/** How a run ended. `text`: its output or its error; null: not said. */
export interface RunEnd {
  ok: boolean;
  text: string | null;
}

/** Null where a run is not known to be a saved agent's. The id of a flow, which can't be distinguished from it, has no record. */
export function agentRunOf(
  executionId: string | null,
  facts: { id: string | null; replay?: Replay | null },
): AgentRun | null {
  const agentId = facts.replay?.agentId ?? facts.id;
  return executionId === null || agentId === null ? null : { agentId, executionId };
}

const COMPLETED = 'completed';
const failed: ReadonlySet<string> = new Set(['failed', 'error', 'errored']);

export function runPath({ agentId, executionId }: AgentRun): string {
  return `/v1/agents/${encodeURIComponent(agentId)}/executions/${encodeURIComponent(executionId)}`;
}

export function toolCallPath(run: AgentRun, toolCallId: string): string {
  return `${runPath(run)}/tool-calls/${encodeURIComponent(toolCallId)}`;
}

/** Null where the record does not say that this run is over: it is running or paused, its word is unknown, or it is another's. */
export function endIn(json: unknown, { agentId, executionId }: AgentRun): RunEnd | null {
  const record = recordOf(json);
  if (record === null || !isNamed(record, ['executionId', 'id'], executionId)) return null;
  if (!isNamed(record, ['agentId'], agentId)) return null;
  const word = wordOf(record);
  if (word === COMPLETED && !isError(record)) {
    return { ok: true, text: textOf(record['finalOutput'] ?? record['output'] ?? record['result']) };
  }
  if (word !== COMPLETED && !failed.has(word)) return null;
  return { ok: false, text: errorText(record['error']) };
}

/** Null where the record does not say that this call is over. `ok`: it says nothing of an error. */
export function callEndIn(json: unknown, { executionId }: AgentRun, toolCallId: string): { ok: boolean } | null {
  const record = recordOf(json);
  if (record === null || wordOf(record) !== COMPLETED) return null;
  const isThis = isNamed(record, ['toolCallId', 'id'], toolCallId) && isNamed(record, ['executionId'], executionId);
  return isThis ? { ok: !isError(record) } : null;
}

/** The record is the body, or its `data`. */
function recordOf(json: unknown): Record<string, unknown> | null {
  if (!isRecord(json)) return null;
  return isRecord(json['data']) && json['status'] === undefined ? json['data'] : json;
}

/** Whether the record gives this id, or none: then its route names it. */
function isNamed(record: Record<string, unknown>, fields: readonly string[], id: string): boolean {
  const given = fields.map((field) => record[field]).filter((one) => one !== undefined && one !== null);
  return given.length === 0 || given.includes(id);
}

function wordOf({ status }: Record<string, unknown>): string {
  return typeof status === 'string' ? status.trim().toLowerCase() : '';
}

function isError({ success, error }: Record<string, unknown>): boolean {
  return success === false || (error !== undefined && error !== null && error !== '' && error !== false);
}
