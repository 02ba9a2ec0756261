/** Discord’s settings and their meaning. Tested in test/config/start.test.ts. */
import { suggestedRoom } from '../../core/policy/reviewer-hint.ts';
import type { PlatformIds } from '../../core/policy/reviewers.ts';
import type { SharedSettings } from '../../core/ports/adapter.ts';
import { type Parsed, setting } from '../../core/text/settings/setting.ts';

const { address, key, of, text } = setting;

/** Three parts with dots; what else the Developer Portal shows is recognised by its form. */
const token = of(
  key.superRefine((value, context) => {
    const what = /^\d{15,}$/.test(value)
      ? 'the application ID'
      : /^[0-9a-f]{64}$/.test(value)
        ? 'the public key'
        : null;
    if (what === null) return;
    const message = `must be the bot token; this looks like ${what}. Make one: Developer Portal → “Bot” → “Reset Token”`;
    context.addIssue({ code: 'custom', message });
  }),
  { format: 'bot token', secret: true },
);

const publicKey = of(
  text
    .refine((value) => /^[0-9a-f]{64}$/i.test(value), {
      message:
        'must be the 64 hex digits of “Public Key” in the Developer Portal (“General Information”), not the bot token',
    })
    .toLowerCase(),
  { format: 'public key (64 hex digits)' },
);

const SNOWFLAKE = /^\d{1,20}$/;
export const ids: PlatformIds = {
  platform: 'discord',
  reviewers: {
    user: {
      pattern: SNOWFLAKE,
      name: 'user ID (digits)',
      example: 'discord:<user ID>',
      found: 'Developer Mode, right-click the person → “Copy User ID”',
    },
    role: {
      pattern: SNOWFLAKE,
      name: 'role ID (digits)',
      example: 'discord:role:<role ID>',
      found: 'Developer Mode, server settings → “Roles” → right-click → “Copy Role ID”',
    },
  },
  room: {
    pattern: SNOWFLAKE,
    name: 'channel ID (digits)',
    example: 'discord:<channel ID>',
    found: 'Developer Mode, right-click the channel → “Copy Channel ID”',
  },
};

const channel = of(
  text.superRefine((value, context) => {
    if (SNOWFLAKE.test(value)) return;
    const meant = suggestedRoom(value, ids);
    const remedy = meant === null ? `To find it: ${ids.room.found}` : `Write ${meant}`;
    context.addIssue({ code: 'custom', message: `must be a channel ID (digits), not a name. ${remedy}` });
  }),
  { format: 'channel ID (digits)' },
);

export const settings = {
  DISCORD_TOKEN: token.optional(),
  DISCORD_CHANNEL: channel.optional(),
  DISCORD_PUBLIC_KEY: publicKey.optional(),
  DISCORD_API_URL: of(
    address.refine((value) => !/\/v\d+\/?$/.test(value), 'must be without the version: https://discord.com/api'),
    { format: 'address' },
  ).default('https://discord.com/api'),
};

/** What a start without any platform asks for. */
export const needs = 'DISCORD_TOKEN and DISCORD_CHANNEL';

export interface DiscordConfig {
  token: string;
  /** Presses come as signed requests to our own server; null: over the gateway. */
  publicKey: string | null;
  /** Null: cards are sent only as direct messages. */
  channel: string | null;
  apiUrl: string;
  secrets: readonly string[];
  /** Set where Discord's own servers call this one. */
  exposedBy: string | null;
}

/** Null when Discord is not configured. */
export function read(
  set: Parsed<typeof settings>,
  { directMessages }: SharedSettings,
  problems: string[],
): DiscordConfig | null {
  const { DISCORD_TOKEN: token, DISCORD_CHANNEL: channel = null, DISCORD_API_URL: apiUrl } = set;
  const { DISCORD_PUBLIC_KEY: publicKey = null } = set;
  if (token === undefined) return null;
  if (channel === null && !directMessages.some(({ platform }) => platform === 'discord')) {
    problems.push(
      'DISCORD_CHANNEL: missing. Set the ID of the channel for cards (Developer Mode, “Copy Channel ID”), or name people in DIRECT_MESSAGES.',
    );
  }
  const exposedBy = publicKey === null ? null : 'Discord sends its requests here (DISCORD_PUBLIC_KEY)';
  return { token, publicKey, channel, apiUrl, secrets: [token], exposedBy };
}
