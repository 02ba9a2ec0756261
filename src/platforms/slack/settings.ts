/** Slack’s settings and their meaning. */
import type { PlatformIds } from '../../core/policy/reviewers.ts';
import type { SharedSettings } from '../../core/ports/adapter.ts';
import { type Parsed, setting } from '../../core/text/settings/setting.ts';

const { address, text } = setting;

export const settings = {
  SLACK_BOT_TOKEN: text.startsWith('xoxb-', 'must be the bot token (xoxb-…)').optional(),
  SLACK_APP_TOKEN: text.startsWith('xapp-', 'must be the app-level token (xapp-…)').optional(),
  SLACK_SIGNING_SECRET: text.regex(/^[0-9a-f]{32,64}$/, 'must be the signing secret (hexadecimal digits)').optional(),
  SLACK_CHANNEL: text.regex(/^[CG][A-Z0-9]+$/, 'must be a channel ID (C…), not a name').optional(),
  SLACK_API_URL: address.default('https://slack.com/api/'),
  SLACK_CONNECTIONS: text
    .regex(/^(?:[1-9]|10)$/, 'must be a number from 1 to 10')
    .transform(Number)
    .default(2),
};

export const ids: PlatformIds = {
  platform: 'slack',
  reviewers: {
    user: { pattern: /^[UW][A-Z0-9]+$/, name: 'member ID (U…)', example: 'slack:U…' },
    group: { pattern: /^S[A-Z0-9]+$/, name: 'user group ID (S…)', example: 'slack:group:S…' },
  },
  room: { pattern: /^[CGD][A-Z0-9]+$/, name: 'channel ID (C…)', example: 'slack:C…' },
};

/** What a start without any platform asks for. */
export const needs = 'SLACK_BOT_TOKEN, SLACK_APP_TOKEN and SLACK_CHANNEL';

/** How presses arrive: over connections that we open, or as signed requests to our own server. */
export type SlackDelivery = { kind: 'socket'; appToken: string } | { kind: 'http'; signingSecret: string };

export interface SlackConfig {
  botToken: string;
  delivery: SlackDelivery;
  /** Null: cards are sent only as direct messages. */
  channel: string | null;
  apiUrl: string;
  /** Socket Mode connections that are open at the same time. */
  connections: number;
  secrets: readonly string[];
  /** Set where Slack's own servers call this one. */
  exposedBy: string | null;
}

/** Null when Slack is not configured. */
export function read(
  set: Parsed<typeof settings>,
  { directMessages }: SharedSettings,
  problems: string[],
): SlackConfig | null {
  const { SLACK_BOT_TOKEN: botToken, SLACK_CHANNEL: channel = null } = set;
  const delivery = deliveryOf(set);
  if (botToken === undefined && delivery === null) return null;
  if (botToken === undefined)
    problems.push('SLACK_BOT_TOKEN: missing. Copy it from “OAuth & Permissions” of your Slack app.');
  if (delivery === null) {
    problems.push(
      'SLACK_APP_TOKEN: missing. Create one with connections:write under “Basic Information” of your Slack app. (Or set SLACK_SIGNING_SECRET, if Slack can reach this server.)',
    );
  }
  if (channel === null && !directMessages.some(({ platform }) => platform === 'slack')) {
    problems.push(
      'SLACK_CHANNEL: missing. Set the ID (C…) of the channel for cards, and invite the bot there; or name people in DIRECT_MESSAGES.',
    );
  }
  if (botToken === undefined || delivery === null) return null;
  const secrets = [botToken, set.SLACK_APP_TOKEN, set.SLACK_SIGNING_SECRET].filter((one) => one !== undefined);
  const { SLACK_API_URL: apiUrl, SLACK_CONNECTIONS: connections } = set;
  const exposedBy = delivery.kind === 'http' ? 'Slack sends its requests here (SLACK_SIGNING_SECRET)' : null;
  return { botToken, delivery, channel, apiUrl, connections, secrets, exposedBy };
}

/** Prefers Socket Mode, which needs no public address. */
function deliveryOf(set: Parsed<typeof settings>): SlackDelivery | null {
  const { SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = set;
  if (appToken !== undefined) return { kind: 'socket', appToken };
  return signingSecret === undefined ? null : { kind: 'http', signingSecret };
}
