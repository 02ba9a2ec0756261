/**
 * The shared settings, each with its default and what is wrong with a bad value; each adapter has its own. Tested in
 * test/config/config.test.ts.
 */
import { z } from 'zod';
import { backends, ids, platforms } from '../adapters.ts';
import { MEMBERS_MAX } from '../core/approval/digest.ts';
import { parsePeople } from '../core/policy/direct-messages.ts';
import { parseReviewers } from '../core/policy/reviewers.ts';
import { parseRuns, parseStarters } from '../core/policy/run-targets.ts';
import { YES_NO_TOOLS } from '../core/policy/yes-no.ts';
import { coerceError } from '../core/ports/errors.ts';
import { parseHost } from '../core/text/settings/host.ts';
import { type Parsed, setting } from '../core/text/settings/setting.ts';
import { PINGS_MAX } from '../core/view/cards/approval-card.ts';
import { parseAlertPlaces } from './alert-places.ts';
import { type LinearPattern, linearPattern } from './linear-pattern.ts';

const { durationOrOff, list, milliseconds, onOff, oneOf, origin, parsedBy, text } = setting;

const PORT = 'must be a number from 0 to 65535';
const PROXY = 'must be the http or https address of a proxy, like http://proxy.example.com:3128';
const port = text
  .regex(/^\d{1,5}$/, PORT)
  .transform(Number)
  .refine((value) => value <= 65_535, PORT);

const PUBLIC_URL = 'must be the address of this server, without a path or a password, like https://bot.example.com';
const publicUrl = origin.refine((value) => {
  const { username, password, hostname } = new URL(value);
  return username === '' && password === '' && parseHost(hostname) !== null;
}, PUBLIC_URL);

/** Names as in a Host header, without a port: a request may name any. */
const hosts = list.transform((entries, context) =>
  entries.flatMap((entry) => {
    const host = parseHost(entry);
    if (host !== null && host.port === '') return host.name;
    const message = `"${entry}" is not a host. Write bot.example.com, 10.0.0.5 or [fd00::5], without scheme, port or path`;
    context.addIssue({ code: 'custom', message });
    return [];
  }),
);

const reviewers = parsedBy((value) => parseReviewers(value, ids));
const pings = reviewers.refine(
  ({ length }) => length <= PINGS_MAX,
  `at most ${PINGS_MAX}; use a group or role instead`,
);

const DAY_MS = 86_400_000;
const retention = text
  .regex(/^(?:off|[1-9]\d{0,4})$/, 'must be days, at least 1, or "off"')
  .transform((value) => (value === 'off' ? null : Number(value) * DAY_MS));

/** As with curl, an address without a scheme is an http one. The message does not repeat it: it may hold a password. */
const proxyAddress = text
  .transform((value) => (value.includes('://') ? value : `http://${value}`))
  .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), PROXY)
  .optional();

/** Regular expressions, separated by spaces; a space within one is written `\s`. */
const patterns = text.transform((value, context): LinearPattern[] =>
  value.split(/\s+/).flatMap((source) => {
    try {
      return [linearPattern(source)];
    } catch (thrown) {
      context.addIssue({ code: 'custom', message: coerceError(thrown).message });
      return [];
    }
  }),
);

const REMINDERS_MAX = 10;
const SOONEST_REMINDER_MS = 1_000;
const REMINDERS = `must be up to ${REMINDERS_MAX} times in milliseconds, at least ${SOONEST_REMINDER_MS}, each longer than the one before it, like 600000,1800000`;
const reminders = list
  .refine((times) => times.length <= REMINDERS_MAX && times.every((time) => /^\d{1,9}$/.test(time)), REMINDERS)
  .transform((times) => times.map(Number))
  .refine((times) => times.every((ms, at) => ms >= SOONEST_REMINDER_MS && ms > (times[at - 1] ?? 0)), REMINDERS);

const SOONEST_RESURFACING_MS = 1_000;

const digestFrom = text
  .refine(
    (value) => value === 'off' || (/^\d{1,2}$/.test(value) && Number(value) >= 2 && Number(value) <= MEMBERS_MAX),
    `must be a number from 2 to ${MEMBERS_MAX}, or "off"`,
  )
  .transform((value) => (value === 'off' ? null : Number(value)));

/** More cards than this no room shows within a day. */
const OPEN_LARGEST = 50_000;
const OPEN = `must be a number from 1 to ${OPEN_LARGEST}`;
const openMax = text
  .regex(/^[1-9]\d{0,4}$/, OPEN)
  .transform(Number)
  .refine((value) => value <= OPEN_LARGEST, OPEN);

/** The limits of Discord's menus and of Slack's options. */
const QUICK_REASONS_MAX = 25;
const QUICK_REASON_MAX = 75;
const quickReasons = list.refine(
  (reasons) => reasons.length <= QUICK_REASONS_MAX && reasons.every(({ length }) => length <= QUICK_REASON_MAX),
  `at most ${QUICK_REASONS_MAX} reasons, each at most ${QUICK_REASON_MAX} characters, separated by commas`,
);

const shared = {
  HOST: text.default('127.0.0.1'),
  PORT: port.default(3000),
  ALLOW_HTTP: hosts.default([]),
  PUBLIC_URL: publicUrl.optional(),
  ALLOWED_HOSTS: hosts.refine(({ length }) => length > 0, 'must be hosts, separated by commas').optional(),
  DATABASE_URL: text
    .regex(/^file:(?:\/\/)?[^?#]+$/, 'must be file: and a path (only SQLite is supported)')
    .default('file:./data/countersign.db'),
  RETENTION: retention.default(90 * DAY_MS),
  HTTPS_PROXY: proxyAddress,
  HTTP_PROXY: proxyAddress,
  NO_PROXY: setting.optional,
  LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent').default('info'),
  REVIEWERS: reviewers.default([]),
  PING: pings.default([]),
  DIRECT_MESSAGES: parsedBy((value) => parsePeople(value, ids)).default([]),
  RUNS: parsedBy(parseRuns).default([]),
  RUN_STARTERS: parsedBy((value) => parseStarters(value, ids)).default(new Map()),
  ALERTS: parsedBy((value) => parseAlertPlaces(value, ids)).default([]),
  METRICS_TOKEN: setting.secret.optional(),
  REJECT_REASON: oneOf('required', 'optional').default('required'),
  QUICK_REASONS: quickReasons.default([]),
  APPROVE_NOTE: onOff.default(false),
  READ_FIRST: onOff.default(true),
  REVEAL: onOff.default(true),
  CONFIRM: list.default([]),
  AWAIT_YES_NO: list.default([...YES_NO_TOOLS]),
  REMIND_AFTER: reminders.default([]),
  DIGEST_FROM: digestFrom.default(5),
  RESURFACE_AFTER: durationOrOff(SOONEST_RESURFACING_MS).default(30 * 60_000),
  TAKE_OVER_MAX: milliseconds(1_000).default(1_800_000),
  OPEN_MAX: openMax.default(500),
  MASK_KEYS: list.default([]),
  MASK_PATTERNS: patterns.default([]),
};

export type Settings = Parsed<typeof shared>;

/** All of them, those of the adapters too. `.env.example` is checked against the names and the defaults. */
export const settings = z.object(shared).extend(shapeOf([...platforms, ...backends]));

function shapeOf(adapters: readonly { settings: z.ZodRawShape }[]): Record<never, z.ZodType> {
  return Object.assign({}, ...adapters.map((adapter) => adapter.settings));
}
