/** Who presses: four reviewers, each the same person on both platforms, and one who may not decide. */
import type { DiscordUser } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackUser } from '../../../src/sandbox/emulators/slack/types.ts';
import { type PersonKey, type PlatformName, reviewers } from './script.ts';

export interface Person {
  key: PersonKey;
  /** Shown for what this person did in Discord. */
  name: string;
  /** Shown for what this person did in Slack. */
  handle: string;
  slackId: string;
  discordId: string;
}

export const people: Record<PersonKey, Person> = {
  dana: {
    key: 'dana',
    name: 'Dana Reyes',
    handle: 'danareyes',
    slackId: 'U0TORTURE1',
    discordId: '300000000000000001',
  },
  sam: { key: 'sam', name: 'Sam Okafor', handle: 'samokafor', slackId: 'U0TORTURE2', discordId: '300000000000000002' },
  ida: { key: 'ida', name: 'Ida Holm', handle: 'idaholm', slackId: 'U0TORTURE3', discordId: '300000000000000003' },
  omar: {
    key: 'omar',
    name: 'Omar Vidal',
    handle: 'omarvidal',
    slackId: 'U0TORTURE4',
    discordId: '300000000000000004',
  },
  kit: { key: 'kit', name: 'Kit Moreau', handle: 'kitmoreau', slackId: 'U0TORTURE5', discordId: '300000000000000005' },
};

/** How cards name this person for a press on this platform: a Slack press carries the handle only. */
export function shownName(key: PersonKey, platform: PlatformName): string {
  return platform === 'slack' ? people[key].handle : people[key].name;
}

export const reviewerSetting = reviewers
  .flatMap((key) => [`slack:${people[key].slackId}`, `discord:${people[key].discordId}`])
  .join(',');

export function slackUsers(): SlackUser[] {
  return Object.values(people).map(({ name, handle, slackId }) => ({
    id: slackId,
    handle,
    displayName: name,
    groups: [],
  }));
}

export function discordUsers(): DiscordUser[] {
  return Object.values(people).map(({ name, handle, discordId }) => ({
    id: discordId,
    username: handle,
    globalName: name,
    roles: [],
  }));
}
