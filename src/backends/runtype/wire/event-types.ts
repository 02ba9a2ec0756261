/** Which events there are, and which one a frame carries. Tested in test/backends/runtype/wire/events.test.ts. */
import { isRecord } from '../../../core/text/json.ts';
import { known } from './schema.ts';

const pauses = new Set('approval_start agent_approval_start await flow_await agent_await step_await'.split(' '));

/** Types that are never parsed. Together with pieces of text they are nearly all other events of a stream. */
const skipped = new Set(
  `turn_start turn_complete step_skip reasoning_start reasoning_delta reasoning_complete media_start media_delta
  media_complete artifact_start artifact_delta artifact_update artifact_complete artifact source state_snapshot
  state_delta tool_input_delta tool_output_delta ping custom agent_iteration_start agent_iteration_complete
  agent_turn_complete agent_tool_delta agent_tool_input_delta agent_media agent_reflection agent_skill_loaded
  agent_skill_proposed agent_ping tool_delta text_end reason_start reason_delta reason_complete fallback_start fallback_complete fallback_exhausted`.split(
    /\s+/,
  ),
);

/** A call is over. Parsed only where that call is one that waits. */
const completions = new Set(['tool_complete', 'agent_tool_complete', 'tool_error']);

/** None of these comes between an await and the end of the stream that announced it. */
const progress = new Set(
  `execution_start execution_complete execution_error agent_start agent_complete flow_start flow_complete flow_error
  turn_start text_start text_delta agent_turn_start agent_turn_delta`.split(/\s+/),
);

/** Event streams call an event without a name so. */
const UNNAMED = 'message';

export function isPauseType(type: string): boolean {
  return pauses.has(type);
}

export function isSkipped(type: string): boolean {
  return skipped.has(type);
}

export function isCompletion(type: string): boolean {
  return completions.has(type);
}

/** Whether an event of this type shows that what the run awaited before it was answered. */
export function isProgress(type: string): boolean {
  return progress.has(type);
}

export function typeOf(raw: unknown): string | null {
  const type = isRecord(raw) ? raw['type'] : null;
  return typeof type === 'string' && type !== '' ? type : null;
}

/** The name that a frame gives its event; null for none. */
export function nameOf(event: string | null): string | null {
  return event === UNNAMED ? null : event;
}

/**
 * The type of an event whose own type and frame may disagree, or whose type is missing: a pause wins over what is known,
 * and that over what is not.
 * @param name from its frame
 */
export function typeIn(raw: unknown, name: string | null): string | null {
  const given = [typeOf(raw), name].filter((type) => type !== null);
  return given.find(isPauseType) ?? given.find((type) => known.has(type)) ?? given[0] ?? impliedType(raw);
}

/** The pause that an event without any type is, by its fields. */
function impliedType(raw: unknown): string | null {
  if (!isRecord(raw)) return null;
  if (hasValue(raw, 'approvalId') && !hasValue(raw, 'decision')) return 'approval_start';
  return awaitFields.some((field) => hasValue(raw, field)) ? 'await' : null;
}

const awaitFields = ['awaitedAt', 'awaitReason', 'elicitation', 'externalAgent'];
const pauseName = /approv|await|elicit|consent|permission|human|paus|input_re|action_re/i;
const overName = /complet|resolv|decid|den(?:y|ied)|approved|cancel|expir|time_?out|end|done|error|resum|answer/i;

/** Whether an event of an unknown type looks as if a person were asked. */
export function looksLikePause(raw: unknown, type: string): boolean {
  if (overName.test(type) || !isRecord(raw) || hasValue(raw, 'decision')) return false;
  return pauseName.test(type) || hasValue(raw, 'approvalId') || awaitFields.some((field) => hasValue(raw, field));
}

function hasValue(raw: Record<string, unknown>, field: string): boolean {
  return raw[field] !== undefined && raw[field] !== null && raw[field] !== '';
}

/** The type of an event without an `event` line, if `type` is its first key; only used to skip events unparsed. */
export function leadingType(data: string): string | null {
  return /^\s*\{\s*"type"\s*:\s*"([a-z_]+)"/.exec(data)?.[1] ?? null;
}

/** The call of an event, from its JSON; null where its id is spelt otherwise. Cheap, to skip events unparsed. */
export function callIdIn(data: string): string | null {
  return /"toolCallId"\s*:\s*"([^"\\]+)"/.exec(data)?.[1] ?? null;
}

const pauseWord = /"(?:(?:agent|flow|step)_)?(?:approval_start|await)"/;

/** Whether this JSON may be a pause, whatever its frame is called; cheap, for events that are otherwise never parsed. */
export function mayBePause(data: string, type: string): boolean {
  return leadingType(data) !== type && pauseWord.test(data);
}

/** Whether data holds no event: it is empty, or marks the end of its stream. */
export function isEmpty(data: string): boolean {
  return ['', '[DONE]'].includes(data.trim());
}

/** Whether what is not JSON looks as if it was a pause. */
export function mentionsPause(data: string): boolean {
  return pauseWord.test(data) || /"(?:approvalId|awaitedAt|awaitReason)"/.test(data);
}
