/** Slack’s settings and their meaning. */
import { suggestedRoom } from '../../core/policy/reviewer-hint.ts';
import type { PlatformIds } from '../../core/policy/reviewers.ts';
import type { SharedSettings } from '../../core/ports/adapter.ts';
import { type Parsed, setting } from '../../core/text/settings/setting.ts';
import { ROOM, slackRoom } from './api/room.ts';

const { address, key, of, text } = setting;

const BOT_TOKEN = { texts: ['xoxb-'], called: 'Slack’s bot token' };
const APP_TOKEN = { texts: ['xapp-'], called: 'Slack’s app-level token' };

/** What else begins with `xox`, and where to find the right one. */
function tokenOf(begins: { texts: readonly string[]; called: string }, expected: string, where: string) {
  return of(
    key.superRefine((value, context) => {
      if (begins.texts.some((one) => value.startsWith(one))) return;
      const kind = /^xox[pear]/.test(value) ? ' This is a token of another kind (of a user, or a refresh token).' : '';
      const secret = /^[0-9a-f]{32}$/.test(value) ? ' This looks like the signing secret.' : '';
      const message = `must be ${expected}.${kind}${secret} Copy it from ${where} of your Slack app`;
      context.addIssue({ code: 'custom', message });
    }),
    { format: expected.replace('the ', ''), secret: true, begins },
  );
}

const channel = of(
  text.superRefine((value, context) => {
    if (/^[CG][A-Z0-9]+$/.test(value)) return;
    const meant = suggestedRoom(value, ids);
    const remedy = meant === null ? 'It is at the bottom of the channel’s details' : `Write ${meant}`;
    context.addIssue({ code: 'custom', message: `must be a channel ID (C…), not a name. ${remedy}` });
  }),
  { format: 'channel ID (C…)' },
);

export const settings = {
  SLACK_BOT_TOKEN: tokenOf(BOT_TOKEN, 'the bot token (xoxb-…)', '“OAuth & Permissions”').optional(),
  SLACK_APP_TOKEN: tokenOf(
    APP_TOKEN,
    'the app-level token (xapp-…)',
    '“Basic Information” → “App-Level Tokens”',
  ).optional(),
  SLACK_SIGNING_SECRET: of(
    text.regex(
      /^[0-9a-f]{32,64}$/,
      'must be the signing secret (hexadecimal digits). Copy it from “Basic Information” → “App Credentials” of your Slack app',
    ),
    { format: 'signing secret (hexadecimal digits)', secret: true },
  ).optional(),
  SLACK_CHANNEL: channel.optional(),
  SLACK_API_URL: address.default('https://slack.com/api/'),
  SLACK_CONNECTIONS: of(text.regex(/^(?:[1-9]|10)$/, 'must be a number from 1 to 10').transform(Number), {
    format: 'number from 1 to 10',
  }).default(2),
};

export const ids: PlatformIds = {
  platform: 'slack',
  reviewers: {
    user: {
      pattern: /^[UW][A-Z0-9]+$/,
      name: 'member ID (U…)',
      example: 'slack:U…',
      begins: 'U or W',
      found: 'the person’s profile → ⋮ → “Copy member ID”',
    },
    group: {
      pattern: /^S[A-Z0-9]+$/,
      name: 'user group ID (S…)',
      example: 'slack:group:S…',
      begins: 'S',
      found: '“Directories” → “User groups” → the group → ⋮ → “Copy group ID”',
    },
  },
  room: {
    pattern: ROOM,
    name: 'channel ID (C…)',
    example: 'slack:C…',
    begins: 'C',
    found: 'the channel’s details, at the bottom; a thread is slack:C…/1712345678.000100',
  },
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
  // The first room of a policy may be a thread.
  const looked = channel === null ? null : slackRoom(channel).channel;
  return { botToken, delivery, channel: looked, apiUrl, connections, secrets, exposedBy };
}

/** Prefers Socket Mode, which needs no public address. */
function deliveryOf(set: Parsed<typeof settings>): SlackDelivery | null {
  const { SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = set;
  if (appToken !== undefined) return { kind: 'socket', appToken };
  return signingSecret === undefined ? null : { kind: 'http', signingSecret };
}
