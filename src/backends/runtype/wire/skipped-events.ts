import { isTextEvent } from './output-text.ts';

/** What nobody here needs; nearly all other events of a stream are these or pieces of text. Never parsed. */
const unread = new Set(
  `turn_start turn_complete step_skip reasoning_start reasoning_delta reasoning_complete media_start media_delta
  media_complete artifact_start artifact_delta artifact_update artifact_complete artifact source state_snapshot
  state_delta tool_input_delta tool_output_delta tool_complete ping custom agent_iteration_start
  agent_iteration_complete agent_turn_complete agent_tool_delta agent_tool_input_delta agent_tool_complete agent_media
  agent_reflection agent_skill_loaded agent_skill_proposed agent_ping tool_delta tool_error text_end reason_start
  reason_delta reason_complete fallback_start fallback_complete fallback_exhausted`.split(/\s+/),
);

export function isUnread(type: string): boolean {
  return unread.has(type);
}

/** Whether an event of this type has to be parsed at all. */
export function isRead(type: string): boolean {
  return !unread.has(type) && !isTextEvent(type);
}

/** The type of a frame without an `event:` line, where it stands first; only ever used to leave frames out. */
export const typeFirst = /^\s*\{\s*"type"\s*:\s*"([a-z_]+)"/;
