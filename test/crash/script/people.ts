/** Who presses: four reviewers, each the same person on both platforms, and one who may not decide. */
import type { DiscordUser } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackUser } from '../../../src/sandbox/emulators/slack/types.ts';
import { type PersonKey, reviewers } from './script.ts';

export interface Person {
  key: PersonKey;
  name: string;
  slackId: string;
  discordId: string;
}

export const people: Record<PersonKey, Person> = {
  dana: { key: 'dana', name: 'Dana Reyes', slackId: 'U0TORTURE1', discordId: '300000000000000001' },
  sam: { key: 'sam', name: 'Sam Okafor', slackId: 'U0TORTURE2', discordId: '300000000000000002' },
  ida: { key: 'ida', name: 'Ida Holm', slackId: 'U0TORTURE3', discordId: '300000000000000003' },
  omar: { key: 'omar', name: 'Omar Vidal', slackId: 'U0TORTURE4', discordId: '300000000000000004' },
  kit: { key: 'kit', name: 'Kit Moreau', slackId: 'U0TORTURE5', discordId: '300000000000000005' },
};

export const reviewerSetting = reviewers
  .flatMap((key) => [`slack:${people[key].slackId}`, `discord:${people[key].discordId}`])
  .join(',');

export function slackUsers(): SlackUser[] {
  return Object.values(people).map(({ name, slackId }) => ({ id: slackId, name, groups: [] }));
}

export function discordUsers(): DiscordUser[] {
  return Object.values(people).map(({ name, discordId }) => ({
    id: discordId,
    username: name.toLowerCase().replace(' ', '.'),
    globalName: name,
    roles: [],
  }));
}
