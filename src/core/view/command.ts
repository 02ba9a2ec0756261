/** Our slash commands, free of any platform. */

import type { Actor } from '../approval/parts/decision.ts';
import type { Place } from '../approval/parts/slot.ts';
import { isBlank } from '../text/blank.ts';

export const COMMAND = '/countersign';
/** Shows what waits; a filter may stand behind it (`list-query.ts`). */
export const APPROVALS_COMMAND = '/approvals';

/** The arguments of `/countersign`. */
export type Ask =
  /** `text`: the rest, in the person's own words; null where there is none. */
  { verb: 'run'; name: string; text: string | null } | { verb: 'help' };

/** A use of the slash command. */
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

/** A private answer; `rooms` follow the text as links. */
export interface CommandAnswer {
  text: string;
  /** Rooms of the command's own platform. */
  rooms: readonly string[];
}

/** Parses the arguments, on platforms that send them as one text. */
export function parseAsk(typed: string): Ask {
  const [, name, rest = ''] = /^\s*run\s+(\S+)(.*)$/is.exec(typed) ?? [];
  if (name === undefined) return { verb: 'help' };
  return { verb: 'run', name, text: isBlank(rest) ? null : rest.trim() };
}
