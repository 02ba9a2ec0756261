/** The names of the file, and what they mean. Tested in test/policy/load.test.ts. */
import type { Place } from '../../core/approval/parts/slot.ts';
import { suggestedRoom } from '../../core/policy/reviewer-hint.ts';
import { orList, type PlatformIds, parseReviewer } from '../../core/policy/reviewers.ts';
import type { Account, Who } from '../../core/policy/rules/document.ts';
import { coerceError } from '../../core/ports/errors.ts';
import { capitalise } from '../../core/text/humanise.ts';
import { nearest } from '../nearest.ts';
import type { WrittenPolicy } from '../schema/file.ts';
import type { Path } from '../yaml/tree.ts';
import type { Report } from './report.ts';

const SCHEDULE = 'schedule:';
/** Has a meaning of its own in `not`. */
const REQUESTER = 'requester';

export interface Names {
  /** Null: it is reported. */
  who(text: string, path: Path): Who | null;
  whoAll(texts: readonly string[] | undefined, path: Path): Who[];
  roomsAll(texts: readonly string[] | undefined, path: Path): Place[];
}

export function createNames(written: WrittenPolicy, ids: readonly PlatformIds[], report: Report): Names {
  const { people = {}, groups = {}, schedules = {}, rooms = {} } = written;
  const all = [...Object.keys(people), ...Object.keys(groups)];

  function who(text: string, path: Path): Who | null {
    if (text.startsWith(SCHEDULE)) return schedule(text, path);
    if (text.includes(':')) return account(text, path);
    if (Object.hasOwn(people, text)) return { kind: 'person', name: text, text };
    if (Object.hasOwn(groups, text)) return { kind: 'group', name: text, text };
    report(path, `"${text}" is not a person or a group of this file.`, remedyForName(text));
    return null;
  }

  function remedyForName(text: string): string {
    if (Object.hasOwn(schedules, text)) return `Write ${SCHEDULE}${text}.`;
    if (text === REQUESTER) return 'The requester can only be excluded: not: [requester].';
    const near = nearest(text, all);
    if (near !== null) return `Did you mean ${near}?`;
    if (/^@/.test(text)) return 'Write the name without @, or an account such as slack:U0123.';
    if (Object.hasOwn(rooms, text)) return 'It is a room; a room can’t decide. Write who decides there.';
    return all.length === 0
      ? `Add it under people, or write an account such as ${ids[0]?.reviewers.user.example ?? 'slack:U0123'}.`
      : `Write one of ${clipped(all)}, or add it under people or groups.`;
  }

  function schedule(text: string, path: Path): Who | null {
    const name = text.slice(SCHEDULE.length);
    if (Object.hasOwn(schedules, name)) return { kind: 'schedule', name, text };
    const near = nearest(name, Object.keys(schedules));
    const known = Object.keys(schedules);
    const remedy =
      near !== null
        ? `Did you mean ${SCHEDULE}${near}?`
        : known.length > 0
          ? `Write one of ${clipped(known)}, or add it under schedules.`
          : `Add ${name} under schedules.`;
    report(path, `"${name}" is not a schedule of this file.`, remedy);
    return null;
  }

  function account(text: string, path: Path): Who | null {
    try {
      const { platform, kind, id } = parseReviewer(text, ids);
      return kind === 'user'
        ? { kind: 'account', platform, id, text }
        : { kind: 'members', platform, of: kind, id, text };
    } catch (thrown) {
      report(path, ...twoSentences(coerceError(thrown).message));
      return null;
    }
  }

  function roomOf(text: string, path: Path): Place[] {
    if (!text.includes(':')) {
      if (Object.hasOwn(rooms, text)) return (rooms[text] ?? []).flatMap((one) => roomIn(one, ids) ?? []);
      const known = Object.keys(rooms);
      const near = nearest(text, known);
      const remedy =
        near !== null
          ? `Did you mean ${near}?`
          : known.length > 0
            ? `Write one of ${clipped(known)}, or add it under rooms.`
            : `Add it under rooms: ${text.replace(/^#/, '')}: [slack:C0123].`;
      report(path, `"${text}" is not a room of this file.`, remedy);
      return [];
    }
    const place = roomIn(text, ids);
    if (place !== null) return [place];
    report(path, ...problemOfRoom(text, ids));
    return [];
  }

  return {
    who,
    whoAll: (texts = [], path) => texts.flatMap((text, at) => who(text, [...path, at]) ?? []),
    roomsAll(texts = [], path) {
      const found = texts.flatMap((text, at) => roomOf(text, [...path, at]));
      return [...new Map(found.map((place) => [`${place.platform}:${place.room}`, place])).values()];
    },
  };
}

/** Names that a message can show. */
function clipped(names: readonly string[]): string {
  const SHOWN_MAX = 8;
  return names.length <= SHOWN_MAX ? orList(names) : `${names.slice(0, SHOWN_MAX).join(', ')} …`;
}

/** `slack:C0123`; null: it is not a room. */
export function roomIn(text: string, ids: readonly PlatformIds[]): Place | null {
  const at = text.indexOf(':');
  const platform = ids.find((one) => one.platform === text.slice(0, Math.max(0, at)));
  const room = text.slice(at + 1);
  return platform?.room.pattern.test(room) ? { platform: platform.platform, room } : null;
}

export function problemOfRoom(text: string, ids: readonly PlatformIds[]): [wrong: string, remedy: string] {
  const platform = ids.find((one) => text.toLowerCase().startsWith(`${one.platform}:`));
  const examples = orList(ids.map(({ room }) => room.example));
  if (platform === undefined) return [`"${text}" is not a room.`, `Write ${examples}.`];
  const meant = suggestedRoom(text, platform);
  const remedy = meant === null ? `To find it: ${platform.room.found}.` : `Write ${platform.platform}:${meant}.`;
  return [`"${text}" has no valid ${platform.room.name}.`, remedy];
}

/** One account of a person; null: it is reported. */
export function accountIn(text: string, path: Path, ids: readonly PlatformIds[], report: Report): Account | null {
  try {
    const { platform, kind, id } = parseReviewer(text, ids);
    if (kind === 'user') return { platform, id };
    report(path, `"${text}" is not one person’s account.`, 'Put groups and roles under groups.');
  } catch (thrown) {
    const isName = !text.includes(':');
    if (isName)
      report(
        path,
        `"${text}" is not an account.`,
        `Write ${orList(ids.map(({ reviewers }) => reviewers.user.example))}.`,
      );
    else report(path, ...twoSentences(coerceError(thrown).message));
  }
  return null;
}

/** What is wrong, and the rest, which is the remedy. */
function twoSentences(message: string): [wrong: string, remedy: string] {
  const at = message.search(/(?<=[.:]) (?=Use|Write|separate)/);
  return at < 0
    ? [message, 'Correct it.']
    : [message.slice(0, at).replace(/:$/, '.'), capitalise(message.slice(at + 1))];
}
