/** Discord’s settings and their meaning. */
import type { PlatformIds } from '../../core/policy/reviewers.ts';
import type { SharedSettings } from '../../core/ports/adapter.ts';
import { type Parsed, setting } from '../../core/text/settings/setting.ts';

const { address, optional, text } = setting;

export const settings = {
  DISCORD_TOKEN: optional,
  DISCORD_CHANNEL: text.regex(/^\d{1,20}$/, 'must be a channel ID (digits), not a name').optional(),
  DISCORD_API_URL: address.default('https://discord.com/api'),
};

const SNOWFLAKE = /^\d{1,20}$/;
export const ids: PlatformIds = {
  platform: 'discord',
  reviewers: {
    user: { pattern: SNOWFLAKE, name: 'user ID (digits)', example: 'discord:<user ID>' },
    role: { pattern: SNOWFLAKE, name: 'role ID (digits)', example: 'discord:role:<role ID>' },
  },
  room: { pattern: SNOWFLAKE, name: 'channel ID (digits)', example: 'discord:<channel ID>' },
};

/** What a start without any platform asks for. */
export const needs = 'DISCORD_TOKEN and DISCORD_CHANNEL';

export interface DiscordConfig {
  token: string;
  /** Null: cards are sent only as direct messages. */
  channel: string | null;
  apiUrl: string;
  secrets: readonly string[];
}

/** Null when Discord is not configured. */
export function read(
  set: Parsed<typeof settings>,
  { directMessages }: SharedSettings,
  problems: string[],
): DiscordConfig | null {
  const { DISCORD_TOKEN: token, DISCORD_CHANNEL: channel = null, DISCORD_API_URL: apiUrl } = set;
  if (token === undefined) return null;
  if (channel === null && !directMessages.some(({ platform }) => platform === 'discord')) {
    problems.push(
      'DISCORD_CHANNEL: missing. Set the ID of the channel for cards (Developer Mode, “Copy Channel ID”), or name people in DIRECT_MESSAGES.',
    );
  }
  return { token, channel, apiUrl, secrets: [token] };
}
