/** The rooms and the people that the settings name. */
import type { Config } from '../config/config.ts';
import type { Place } from '../core/approval/parts/slot.ts';
import type { Reviewer } from '../core/policy/reviewers.ts';

/** The rooms that get cards, without direct messages. */
export function roomsOf({ platforms }: Readonly<Config>): Place[] {
  return platforms.flatMap(({ name, config: { channel } }) =>
    channel === null ? [] : [{ platform: name, room: channel }],
  );
}

/** Those of one kind, each once. */
export function reviewersOf(wanted: Reviewer['kind'], people: readonly Reviewer[]): Reviewer[] {
  const entries = people.filter(({ kind }) => kind === wanted);
  return [...new Map(entries.map((entry) => [`${entry.platform}:${entry.id}`, entry])).values()];
}
