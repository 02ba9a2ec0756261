/** The environment's settings, one by one: each with its default, and with what is wrong with a bad one. */
import { z } from 'zod';
import { parseResolvers } from '../backends/inbox/item.ts';
import { MEMBERS_MAX } from '../core/approval/digest.ts';
import { parsePeople } from '../core/policy/direct-messages.ts';
import { parseReviewers } from '../core/policy/reviewers.ts';
import { parseRuns, parseStarters } from '../core/policy/run-targets.ts';
import { coerceError } from '../core/ports/errors.ts';
import { PINGS_MAX } from '../core/view/cards/mentions.ts';
import { parseAlertPlaces } from './alert-places.ts';

const text = z.string().trim();

/** An address without a path, as the three backends want it. */
const origin = text.refine(
  (value) => isOrigin(value),
  'must be an address without a path, like https://api.example.com',
);
const address = text.refine(
  (value) => URL.canParse(value) && /^https?:/.test(value),
  'must be an http or https address',
);

const port = text
  .regex(/^\d{1,5}$/, 'must be a number from 0 to 65535')
  .transform(Number)
  .refine((value) => value <= 65_535, 'must be a number from 0 to 65535');

const list = text.transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

const reviewers = parsedBy(parseReviewers);
const pings = reviewers.refine(
  ({ length }) => length <= PINGS_MAX,
  `must be ${PINGS_MAX} at most; name a group or a role`,
);
const resolvers = parsedBy(parseResolvers);
const alertPlaces = parsedBy(parseAlertPlaces);

/** What the parser objects to is what the operator reads. */
function parsedBy<T>(parse: (value: string) => T) {
  return text.transform((value, context): T => {
    try {
      return parse(value);
    } catch (thrown) {
      context.addIssue({ code: 'custom', message: coerceError(thrown).message });
      return z.NEVER;
    }
  });
}

/** Shorter would hammer a server that has no news. */
const SHORTEST_POLL_MS = 1_000;
/** A pending list is looked at this often where nobody says otherwise: four times a minute. */
const pollMs = milliseconds(SHORTEST_POLL_MS).default(15_000);

function milliseconds(least: number) {
  return text
    .regex(/^\d{1,9}$/, `must be milliseconds, ${least} or more`)
    .transform(Number)
    .refine((value) => value >= least, `must be milliseconds, ${least} or more`);
}

const DAY_MS = 86_400_000;
const retention = text
  .regex(/^(?:off|[1-9]\d{0,4})$/, 'must be days, 1 or more, or off')
  .transform((value) => (value === 'off' ? null : Number(value) * DAY_MS));

const onOff = z.enum(['on', 'off'], 'must be on or off').transform((value) => value === 'on');

/** Patterns, parted by blanks; a blank within one is written `\s`. */
const patterns = text.transform((value, context): RegExp[] => {
  return value.split(/\s+/).flatMap((source) => {
    try {
      const pattern = new RegExp(source, 'g');
      if (!pattern.test('')) return [new RegExp(source, 'g')];
      context.addIssue({ code: 'custom', message: `${source} fits an empty text: it would mask everything` });
    } catch (thrown) {
      context.addIssue({
        code: 'custom',
        message: `${source} is no regular expression: ${coerceError(thrown).message}`,
      });
    }
    return [];
  });
});
/** More often nobody looks any more. */
const REMINDERS_MAX = 10;
const SOONEST_REMINDER_MS = 1_000;
const REMINDERS = `must be up to ${REMINDERS_MAX} times in milliseconds, ${SOONEST_REMINDER_MS} or more, each longer than the one before it, like 600000,1800000`;
const reminders = list
  .refine((times) => times.length <= REMINDERS_MAX && times.every((time) => /^\d{1,9}$/.test(time)), REMINDERS)
  .transform((times) => times.map(Number))
  .refine((times) => times.every((ms, at) => ms >= SOONEST_REMINDER_MS && ms > (times[at - 1] ?? 0)), REMINDERS);
/** Fewer than two are no crowd, and more than one digest holds are never together. */
const digestFrom = text
  .refine(
    (value) => value === 'off' || (/^\d{1,2}$/.test(value) && Number(value) >= 2 && Number(value) <= MEMBERS_MAX),
    `must be a number from 2 to ${MEMBERS_MAX}, or off`,
  )
  .transform((value) => (value === 'off' ? null : Number(value)));

/** As many as Discord's menus show, and as long as Slack's options may be. */
const QUICK_REASONS_MAX = 25;
const QUICK_REASON_MAX = 75;
const quickReasons = list.refine(
  (reasons) => reasons.length <= QUICK_REASONS_MAX && reasons.every(({ length }) => length <= QUICK_REASON_MAX),
  `must be ${QUICK_REASONS_MAX} reasons at most, of ${QUICK_REASON_MAX} characters at most, separated by commas`,
);

/** `.env.example` is checked against the names and the defaults. */
export const settings = z.object({
  HOST: text.default('127.0.0.1'),
  PORT: port.default(3000),
  DATABASE_URL: text
    .regex(/^file:(?:\/\/)?[^?#]+$/, 'must be file: and a path (SQLite is the only store yet)')
    .default('file:./data/countersign.db'),
  RETENTION: retention.default(90 * DAY_MS),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  REVIEWERS: reviewers.default([]),
  PING: pings.default([]),
  DIRECT_MESSAGES: parsedBy(parsePeople).default([]),
  RUNS: parsedBy(parseRuns).default([]),
  RUN_STARTERS: parsedBy(parseStarters).default(new Map()),
  ALERTS: alertPlaces.default([]),
  METRICS_TOKEN: text.min(16, 'must have 16 characters or more').optional(),
  REJECT_REASON: z.enum(['required', 'optional'], 'must be required or optional').default('required'),
  QUICK_REASONS: quickReasons.default([]),
  APPROVE_NOTE: onOff.default(false),
  CONFIRM: list.default([]),
  REMIND_AFTER: reminders.default([]),
  DIGEST_FROM: digestFrom.default(5),
  SLACK_BOT_TOKEN: text.startsWith('xoxb-', 'must be the bot token (xoxb-…)').optional(),
  SLACK_APP_TOKEN: text.startsWith('xapp-', 'must be the app-level token (xapp-…)').optional(),
  SLACK_SIGNING_SECRET: text.regex(/^[0-9a-f]{32,64}$/, 'must be the signing secret (hexadecimal digits)').optional(),
  SLACK_CHANNEL: text.regex(/^[CG][A-Z0-9]+$/, 'must be a channel id (C…), not a name').optional(),
  SLACK_API_URL: address.default('https://slack.com/api/'),
  SLACK_CONNECTIONS: text
    .regex(/^(?:[1-9]|10)$/, 'must be a number from 1 to 10')
    .transform(Number)
    .default(2),
  DISCORD_TOKEN: text.min(1).optional(),
  DISCORD_CHANNEL: text.regex(/^\d{1,20}$/, 'must be a channel id (digits), not a name').optional(),
  DISCORD_API_URL: address.default('https://discord.com/api'),
  RUNTYPE_API_URL: origin.default('https://api.runtype.com'),
  RUNTYPE_API_KEY: text.min(1).optional(),
  RUNTYPE_NOTE_AS_MESSAGE: onOff.default(false),
  MASK_KEYS: list.default([]),
  MASK_PATTERNS: patterns.default([]),
  TAKE_OVER_MAX: milliseconds(1_000).default(1_800_000),
  HOLD: onOff.default(true),
  HOLD_MAX: milliseconds(1_000).default(3_600_000),
  AWAIT_TOOLS: list.default([]),
  SONZAI_API_URL: origin.default('https://api.sonz.ai'),
  SONZAI_TOKEN: text.min(1).optional(),
  SONZAI_TOKEN_FILE: text.min(1).optional(),
  SONZAI_TOKEN_COMMAND: text.min(1).optional(),
  SONZAI_POLL_MS: pollMs,
  HOOKPULSE_API_URL: origin.default('https://api.hookpulse.io'),
  HOOKPULSE_API_KEY: text.min(1).optional(),
  HOOKPULSE_BRAND_UUID: text.min(1).optional(),
  HOOKPULSE_POLL_MS: pollMs,
  GATEWAY_KEYS: list.refine((keys) => keys.length > 0, 'must be keys, separated by commas').optional(),
  ASK_TOKENS: list.default([]),
  RESOLVE_TOKENS: resolvers.default(new Map()),
  CALLBACK_HOSTS: list.default([]),
  CALLBACK_SECRET: text.min(1).optional(),
  // Several while a sender changes its secret: what either of them signed is taken.
  INGEST_SECRET: text
    .regex(
      /^whsec_[A-Za-z0-9+/]+=*(?:[\s,]+whsec_[A-Za-z0-9+/]+=*)*$/,
      'must be a Standard Webhooks secret (whsec_ and base64), or the new and the old one with a space between',
    )
    .optional(),
});

export type Settings = z.infer<typeof settings>;

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
}
