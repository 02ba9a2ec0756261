/** Places that are one person's alone. */
import type { Place } from '../approval/parts/slot.ts';
import { orList, type PlatformIds, parseReviewers, type Reviewer } from './reviewers.ts';
import type { PolicyDocument } from './rules/document.ts';

const DIRECT = 'dm:';
/** Each has a message of their own to be posted and kept true; where more decide, they do it in a room. */
const PEOPLE_MAX = 50;

/** The direct messages between us and this person. */
export function directPlace({ platform, id }: { platform: string; id: string }): Place {
  return { platform, room: `${DIRECT}${id}` };
}

/** Whether cards may go by direct message there. Who is in a group or on duty changes, so then they may. */
export function sendsDirect({ rules }: Pick<PolicyDocument, 'rules'>, platform: string): boolean {
  return rules.some(({ direct, remind }) => {
    const isNamed = direct.some((who) => who.kind !== 'account' || who.platform === platform);
    return isNamed || remind?.to === 'direct';
  });
}

/** Whose direct messages a place is, by user id; null for a room. */
export function directTo({ room }: Pick<Place, 'room'>): string | null {
  return room.startsWith(DIRECT) ? room.slice(DIRECT.length) : null;
}

/**
 * Reads people as among the reviewers, but no groups: `slack:U0123,discord:789`.
 * @throws Error that names the entry and says what it should look like
 */
export function parsePeople(text: string, ids: readonly PlatformIds[]): readonly Reviewer[] {
  const people = [
    ...new Map(parseReviewers(text, ids).map((one) => [`${one.platform}:${one.kind}:${one.id}`, one])).values(),
  ];
  const group = people.find(({ kind }) => kind !== 'user');
  if (group !== undefined) {
    const users = orList(ids.map(({ reviewers }) => reviewers.user.example));
    throw new Error(`"${group.platform}:${group.kind}:${group.id}" is not one person. Write ${users}.`);
  }
  if (people.length > PEOPLE_MAX) throw new Error(`at most ${PEOPLE_MAX} people; use a channel for more`);
  return people;
}
