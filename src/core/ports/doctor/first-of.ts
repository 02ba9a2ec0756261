/** Bounds what is looked at, so that the bot's own calls keep their share of a limit. Tested in test/core/ports/doctor/first-of.test.ts. */
import type { Untold, Wanted } from './checkup.ts';

export interface Bound {
  /** Of rooms, and of people. */
  max: number;
  /** For people: `Slack`. */
  title: string;
  /** What is asked about for a room; several threads are in one channel. */
  channelOf: (room: string) => string;
}

/** The first ones, and what says that others were left out. Groups and roles are all there: they take one call together. */
export function firstOf(all: Wanted, { max, title, channelOf }: Bound): { wanted: Wanted; untold: readonly Untold[] } {
  const channels = new Set([...new Set(all.rooms.map(({ room }) => channelOf(room)))].slice(0, max));
  const rooms = all.rooms.filter(({ room }) => channels.has(channelOf(room)));
  const users = all.people.filter(({ kind }) => kind === 'user').slice(0, max);
  const people = all.people.filter((one) => one.kind !== 'user' || users.includes(one));
  const known = new Set(users.map(({ id }) => id));
  // Only whole rules: a room that is not looked at may be the one that somebody reads.
  const whole = all.rules.filter((rule) => rule.rooms.every((room) => channels.has(channelOf(room))));
  const rules = whole.map((rule) => ({
    ...rule,
    deciders: rule.deciders.filter(({ kind, id }) => kind !== 'user' || known.has(id)),
  }));
  const left = [
    ...(rooms.length < all.rooms.length ? [`${all.rooms.length - rooms.length} channels`] : []),
    ...(people.length < all.people.length ? [`${all.people.length - people.length} people`] : []),
  ];
  const what = `${title} limits such calls, so ${left.join(' and ')} beyond the first ${max} were not looked at.`;
  const untold = left.length === 0 ? [] : [{ what, remedy: `Look at them in ${title}.` }];
  return { wanted: { rooms, people, rules }, untold };
}
