/** Our slash commands, free of any platform. */
import type { Actor, Place } from '../approval/approval.ts';

export const COMMAND = '/countersign';
/** Shows what waits; a filter may stand behind it (`list-query.ts`). */
export const APPROVALS_COMMAND = '/approvals';

/** What somebody typed behind `/countersign`. */
export type Ask =
  /** `text`: the rest, in the person's own words; null where there is none. */
  { verb: 'run'; name: string; text: string | null } | { verb: 'help' };

/** Somebody used our slash command. */
export interface Command {
  /** The platform's id of it: the same one when it is delivered twice. */
  id: string;
  platform: string;
  actor: Actor;
  /** As with a press. */
  roles: readonly string[] | null;
  /** Where it was typed. */
  place: Place;
  ask: Ask;
}

/** What only its person is told; `rooms` are named behind the text, as links. */
export interface CommandAnswer {
  text: string;
  /** Rooms of the command's own platform. */
  rooms: readonly string[];
}

/** Reads what stands behind the command, on platforms where that is one text. */
export function parseAsk(typed: string): Ask {
  const [, name, rest = ''] = /^\s*run\s+(\S+)(.*)$/is.exec(typed) ?? [];
  if (name === undefined) return { verb: 'help' };
  return { verb: 'run', name, text: rest.trim() === '' ? null : rest.trim() };
}
