/** Who presses: four reviewers, each the same person on both platforms, and one who may not decide. */
import type { DiscordUser } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackUser } from '../../../src/sandbox/emulators/slack/types.ts';
import { type PersonKey, reviewers } from './script.ts';

export interface Person {
  key: PersonKey;
  /** What both platforms show. */
  name: string;
  /** What Slack's payloads carry: shown until the name is looked up. */
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

/** The name of the person who is named so: by their handle, where the look-up failed or is still to come. */
export function nameOf(shown: string | null): string | null {
  return Object.values(people).find(({ name, handle }) => name === shown || handle === shown)?.name ?? shown;
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
