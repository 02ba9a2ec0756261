import type { DiscordUser } from '../emulators/discord/types.ts';
import type { SlackUser } from '../emulators/slack/types.ts';

/** A person that the page's user can act as; the same person on both platforms. */
export interface Persona {
  key: string;
  /** The display name, the same on both platforms. */
  name: string;
  /** The account name on both platforms. */
  handle: string;
  /** Shown beside the name: whether this person may decide. */
  part: 'reviewer' | 'bystander';
  slackId: string;
  discordId: string;
}

export const personas: readonly Persona[] = [
  {
    key: 'dana',
    name: 'Dana Reyes',
    handle: 'dana.reyes',
    part: 'reviewer',
    slackId: 'U0REVIEW1',
    discordId: '200000000000000001',
  },
  {
    key: 'sam',
    name: 'Sam Okafor',
    handle: 'sam.okafor',
    part: 'reviewer',
    slackId: 'U0REVIEW2',
    discordId: '200000000000000002',
  },
  {
    key: 'kit',
    name: 'Kit Moreau',
    handle: 'kit.moreau',
    part: 'bystander',
    slackId: 'U0BYSTAND',
    discordId: '200000000000000003',
  },
];

/** For the bot's `REVIEWERS` setting: both reviewers, on both platforms. */
export function reviewerSetting(): string {
  return personas
    .filter((person) => person.part === 'reviewer')
    .flatMap((person) => [`slack:${person.slackId}`, `discord:${person.discordId}`])
    .join(',');
}

/** For the bot's `RUN_STARTERS`: the same people, for every run. */
export function starterSetting(): string {
  return `*=${reviewerSetting().replaceAll(',', '|')}`;
}

export function slackUsers(): SlackUser[] {
  return personas.map(({ name, handle, slackId }) => ({ id: slackId, handle, displayName: name, groups: [] }));
}

export function discordUsers(): DiscordUser[] {
  return personas.map(({ name, handle, discordId }) => ({
    id: discordId,
    username: handle,
    globalName: name,
    roles: [],
  }));
}
