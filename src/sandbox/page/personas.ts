import type { DiscordUser } from '../emulators/discord/types.ts';
import type { SlackUser } from '../emulators/slack/types.ts';

/** A person that the page's user can act as, and whom the policy names by the key: the same person on both platforms. */
export interface Persona {
  key: string;
  /** The display name, the same on both platforms. */
  name: string;
  /** The account name on both platforms. */
  handle: string;
  /** Shown beside the name: their group in the policy that the sandbox starts with. */
  part: string;
  /** What an on-call service calls them, as the policy writes it. */
  onCallId?: string;
  slackId: string;
  discordId: string;
}

export const personas: readonly Persona[] = [
  {
    key: 'dana',
    name: 'Dana Reyes',
    handle: 'dana.reyes',
    part: 'finance',
    slackId: 'U0REVIEW1',
    discordId: '200000000000000001',
  },
  {
    key: 'sam',
    name: 'Sam Okafor',
    handle: 'sam.okafor',
    part: 'finance',
    slackId: 'U0REVIEW2',
    discordId: '200000000000000002',
  },
  {
    key: 'remy',
    name: 'Remy Laurent',
    handle: 'remy.laurent',
    part: 'legal',
    onCallId: 'opsgenie:REMY01',
    slackId: 'U0REVIEW3',
    discordId: '200000000000000004',
  },
  {
    key: 'kit',
    name: 'Kit Moreau',
    handle: 'kit.moreau',
    part: 'support',
    onCallId: 'pagerduty:PKIT001',
    slackId: 'U0BYSTAND',
    discordId: '200000000000000003',
  },
];

/** @throws Error for an unknown key */
export function personaOf(key: string): Persona {
  const found = personas.find((persona) => persona.key === key);
  if (found === undefined) throw new Error(`Unknown persona "${key}".`);
  return found;
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
