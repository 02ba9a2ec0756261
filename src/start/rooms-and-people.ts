/** The rooms and the people that the settings or the policy file name. */
import type { Config } from '../config/config.ts';
import { roomsIn } from '../config/policy-file.ts';
import type { Place } from '../core/approval/parts/slot.ts';
import type { Reviewer } from '../core/policy/reviewers.ts';
import { reviewersIn } from '../core/policy/rules/who.ts';

/** The rooms that get cards, without direct messages. */
export function roomsOf({ platforms, policy }: Readonly<Config>): Place[] {
  if (policy !== null) return roomsIn(policy.document);
  return platforms.flatMap(({ name, config: { channel } }) =>
    channel === null ? [] : [{ platform: name, room: channel }],
  );
}

/** Who may decide something, as the policy file or `REVIEWERS` names them. */
export function decidersOf({ policy, reviewers }: Readonly<Config>): readonly Reviewer[] {
  if (policy === null) return reviewers;
  const by = policy.document.rules.flatMap(({ verbs }) => Object.values(verbs).flatMap((verb) => verb.by));
  return reviewersIn(by, policy.document);
}

/** Those of one kind, each once. */
export function reviewersOf(wanted: Reviewer['kind'], people: readonly Reviewer[]): Reviewer[] {
  const entries = people.filter(({ kind }) => kind === wanted);
  return [...new Map(entries.map((entry) => [`${entry.platform}:${entry.id}`, entry])).values()];
}
