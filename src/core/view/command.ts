/** Our slash commands, free of any platform. Tested in test/core/view/command.test.ts. */
import type { Actor } from '../approval/parts/decision.ts';
import type { Place } from '../approval/parts/slot.ts';
import { isBlank } from '../text/blank.ts';

export const COMMAND = '/countersign';
/** Shows what waits; a filter may stand behind it (`list-query.ts`). */
export const APPROVALS_COMMAND = '/approvals';

/** The arguments of `/countersign`. `text`, `reason`: in the person's own words; null where there is none. */
export type Ask =
  | { verb: 'run'; name: string; text: string | null }
  /** Operators: everything, until `start`. */
  | { verb: 'stop'; reason: string | null }
  | { verb: 'start' }
  | { verb: 'status' }
  /** Operators: the cards that could not be posted or updated. */
  | { verb: 'retry' }
  /** Two accounts become one person. Without a code: gives one, or says how far it is. */
  | { verb: 'link'; code: string | null }
  /** Says yes to the account that it names. */
  | { verb: 'confirm'; account: string }
  | { verb: 'unlink' }
  | { verb: 'help' }
  /** Of `/approvals`. `text` null: it shows who is away. */
  | { verb: 'away'; text: string | null }
  | { verb: 'back' }
  /** Of `/approvals`. `end`: the approval from whose card a standing answer was given, or `all`; null: it shows them. */
  | { verb: 'standing'; end: string | null };

/** A use of the slash command, or of a button of an answer to it. */
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
  /** Default: none. */
  buttons?: readonly CommandButton[];
  /** A moment that follows them, in the reader's own time zone, ms since 1970. */
  at?: number;
}

/** What `/approvals` does besides showing a list; null: it shows one. */
export function parseListVerb(typed: string): Extract<Ask, { verb: 'away' | 'back' | 'standing' }> | null {
  const [, verb = '', rest = ''] = /^\s*(away|back|standing)(?:\s+(.*))?$/is.exec(typed) ?? [];
  if (verb === '') return null;
  if (verb.toLowerCase() === 'standing') return parseStanding(rest);
  if (verb.toLowerCase() === 'away') return { verb: 'away', text: isBlank(rest) ? null : rest.trim() };
  return isBlank(rest) ? { verb: 'back' } : null;
}

/** `end all`, or `end` and the id that a button carries. */
function parseStanding(typed: string): Extract<Ask, { verb: 'standing' }> {
  const [, end = null] = /^\s*end\s+([A-Za-z0-9_-]{1,40})\s*$/i.exec(typed) ?? [];
  return { verb: 'standing', end };
}

/** A button that does what a typed command does. */
export interface CommandButton {
  label: string;
  /** What is typed behind `/countersign`. */
  typed: string;
}

/** As long as a Discord message. */
export const ASK_TEXT_MAX = 2_000;
/** Discord takes 100 characters of a button's id. */
const BUTTON_MAX = 100;
const BUTTON = 'csc.';

/** Parses the arguments, on platforms that send them as one text. */
export function parseAsk(typed: string): Ask {
  const [, word = '', rest = ''] = /^\s*(\S*)(.*)$/s.exec(typed) ?? [];
  const text = isBlank(rest) ? null : rest.trim();
  switch (word.toLowerCase()) {
    case 'run': {
      const [, name, more = ''] = /^(\S+)(.*)$/s.exec(text ?? '') ?? [];
      return name === undefined ? { verb: 'help' } : { verb: 'run', name, text: isBlank(more) ? null : more.trim() };
    }
    case 'stop':
      return { verb: 'stop', reason: text };
    case 'start':
    case 'status':
    case 'retry':
    case 'unlink':
      // `start NAME` is not the start of a run, and must not end a stop.
      return text === null ? { verb: word.toLowerCase() as 'start' } : { verb: 'help' };
    case 'standing':
      return parseStanding(rest);
    case 'link':
      return { verb: 'link', code: text };
    case 'confirm':
      return text === null ? { verb: 'help' } : { verb: 'confirm', account: text };
    default:
      return { verb: 'help' };
  }
}

/** @returns null where the id would be too long: the command is then typed */
export function encodeCommandButton({ typed }: CommandButton): string | null {
  const id = `${BUTTON}${typed}`;
  return id.length > BUTTON_MAX ? null : id;
}

/** What a button may do: it must not stop or start everything by a slip of the thumb. */
const withButton: ReadonlySet<Ask['verb']> = new Set(['retry', 'confirm', 'status', 'unlink', 'standing']);

/** Null for a button that does something else. */
export function parseCommandButton(id: string): Ask | null {
  const ask = id.startsWith(BUTTON) ? parseAsk(id.slice(BUTTON.length)) : null;
  return ask === null || !withButton.has(ask.verb) ? null : ask;
}
