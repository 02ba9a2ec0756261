/**
 * The shared settings, each with its default and what is wrong with a bad value; each adapter has its own. Tested in
 * test/config/config.test.ts.
 */
import { z } from 'zod';
import { backends, ids, platforms, schedules } from '../adapters.ts';
import { MEMBERS_MAX } from '../core/approval/digest.ts';
import { parsePeople } from '../core/policy/direct-messages.ts';
import { parseReviewers } from '../core/policy/reviewers.ts';
import { parseRuns, parseStarters } from '../core/policy/run-targets.ts';
import { YES_NO_TOOLS } from '../core/policy/yes-no.ts';
import { parseOtlpHeaders } from '../core/ports/tracing/otlp-headers.ts';
import { parseDuration } from '../core/text/settings/duration.ts';
import { inAddress, parseHost } from '../core/text/settings/host.ts';
import { type Network, parseNetwork } from '../core/text/settings/networks.ts';
import { type Parsed, setting } from '../core/text/settings/setting.ts';
import { PINGS_MAX } from '../core/view/cards/approval-card.ts';
import { parseAlertPlaces } from './alert-places.ts';
import { parseMaskPatterns } from './mask-patterns.ts';

const { list, of, onOff, oneOf, origin, parsedBy, patterns, text, time, timeOrOff } = setting;

const PORT = 'must be a number from 0 to 65535';
const PROXY = 'must be the http or https address of a proxy, like http://proxy.example.com:3128';
const port = of(
  text
    .regex(/^\d{1,5}$/, PORT)
    .transform(Number)
    .refine((value) => value <= 65_535, PORT),
  { format: 'number from 0 to 65535' },
);

const host = of(
  text.refine(
    (value) => parseHost(inAddress(value))?.port === '',
    'must be a name or an address without scheme and port, like 127.0.0.1. The port is PORT',
  ),
  { format: 'name or address' },
);

const PUBLIC_URL = 'must be the address of this server, without a path or a password, like https://bot.example.com';
const publicUrl = of(
  origin.refine((value) => {
    const { username, password, hostname } = new URL(value);
    return username === '' && password === '' && parseHost(hostname) !== null;
  }, PUBLIC_URL),
  { format: 'address without a path' },
);

/** A base, to which `/v1/traces` is added, as OpenTelemetry says. */
const COLLECTOR = 'must be the http or https address of a collector, like http://127.0.0.1:4318';
const collector = of(
  text.refine((value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ''), COLLECTOR),
  { format: 'address' },
);

const otlpHeaders = of(
  text.transform((value, context): Record<string, string> => {
    const headers = parseOtlpHeaders(value);
    if (headers !== null) return headers;
    context.addIssue({ code: 'custom', message: 'must be NAME=VALUE, separated by commas, like api-key=secret' });
    return z.NEVER;
  }),
  { format: '`NAME=VALUE`, separated by commas', secret: true },
);

/** Names as in a Host header, without a port: a request may name any. */
const hosts = of(
  list.transform((entries, context) =>
    entries.flatMap((entry) => {
      const found = parseHost(entry);
      if (found !== null && found.port === '') return found.name;
      const message = `"${entry}" is not a host. Write bot.example.com, 10.0.0.5 or [fd00::5], without scheme, port or path`;
      context.addIssue({ code: 'custom', message });
      return [];
    }),
  ),
  { format: 'hosts, separated by commas' },
);

const PEOPLE = 'people, separated by commas';
/** Each is believed when it says who calls: a whole internet of them is a mistake. */
const proxyNetworks = of(
  list.transform((entries, context) =>
    entries.flatMap((entry): Network[] => {
      const found = parseNetwork(entry);
      if (found !== null && found.bits > 0) return [found];
      const message = `"${entry}" is not an address or a network. Write 10.0.0.5, 127.0.0.1, ::1 or 10.1.0.0/16`;
      context.addIssue({ code: 'custom', message });
      return [];
    }),
  ),
  { format: 'addresses and networks, separated by commas' },
);

/** Headers that each caller sends, or that say something else. */
const NOT_IDENTITY = [
  'authorization',
  'cookie',
  'host',
  'origin',
  'referer',
  'user-agent',
  'x-forwarded-for',
  'forwarded',
];
const IDENTITY_HEADER =
  'must be the name of the header in which your proxy sends who signed in, like X-Forwarded-Email';
const identityHeader = of(
  text
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, IDENTITY_HEADER)
    .refine((name) => !NOT_IDENTITY.includes(name.toLowerCase()), IDENTITY_HEADER),
  { format: 'name of a header' },
);
const identities = of(
  list.transform((names) => names.map((name) => name.toLowerCase())),
  { format: 'names as the proxy sends them, separated by commas' },
);

const reviewers = parsedBy((value) => parseReviewers(value, ids), `${PEOPLE}: \`slack:U…\`, \`discord:role:…\``);
const pings = of(
  reviewers.refine(({ length }) => length <= PINGS_MAX, `at most ${PINGS_MAX}; use a group or role instead`),
  { format: `${PEOPLE}, at most ${PINGS_MAX}` },
);

const DAY_MS = 86_400_000;
const RETENTION_MAX_MS = 99_999 * DAY_MS;
const RETENTION = 'must be a time of at least a day, like 90d, or "off"; a plain number is days';
const retention = of(
  text.transform((value, context): number | null => {
    if (value === 'off') return null;
    const ms = parseDuration(value, 'd');
    if (ms !== null && ms >= DAY_MS && ms <= RETENTION_MAX_MS) return ms;
    context.addIssue({ code: 'custom', message: RETENTION });
    return z.NEVER;
  }),
  { format: 'time, at least a day, or `off`; a plain number is days' },
);

/** As with curl, an address without a scheme is an http one. The message does not repeat it: it may hold a password. */
const proxyAddress = of(
  text
    .transform((value) => (value.includes('://') ? value : `http://${value}`))
    .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), PROXY),
  // It may hold a password.
  { format: 'address of a proxy', secret: true },
).optional();

const REMINDERS_MAX = 10;
const SOONEST_REMINDER_MS = 1_000;
const LONGEST_REMINDER_MS = 24 * DAY_MS;
const REMINDERS = `must be up to ${REMINDERS_MAX} times, at least 1s, each longer than the one before it, like 10m,30m; a plain number is milliseconds`;
const reminders = of(
  list
    .transform((times) => times.map((one) => parseDuration(one, 'ms') ?? 0))
    .refine(
      (times) =>
        times.length <= REMINDERS_MAX &&
        times.every((ms, at) => ms >= SOONEST_REMINDER_MS && ms <= LONGEST_REMINDER_MS && ms > (times[at - 1] ?? 0)),
      REMINDERS,
    ),
  { format: 'times, separated by commas' },
);

const SOONEST_RESURFACING_MS = 1_000;

const digestFrom = of(
  text
    .refine(
      (value) => value === 'off' || (/^\d{1,2}$/.test(value) && Number(value) >= 2 && Number(value) <= MEMBERS_MAX),
      `must be a number from 2 to ${MEMBERS_MAX}, or "off"`,
    )
    .transform((value) => (value === 'off' ? null : Number(value))),
  { format: `number from 2 to ${MEMBERS_MAX}, or \`off\`` },
);

/** More cards than this no room shows within a day. */
const OPEN_LARGEST = 50_000;
const OPEN = `must be a number from 1 to ${OPEN_LARGEST}`;
const openMax = of(
  text
    .regex(/^[1-9]\d{0,4}$/, OPEN)
    .transform(Number)
    .refine((value) => value <= OPEN_LARGEST, OPEN),
  { format: OPEN.replace('must be a ', '') },
);

/** The limits of Discord's menus and of Slack's options. */
const QUICK_REASONS_MAX = 25;
const QUICK_REASON_MAX = 75;
const quickReasons = of(
  list.refine(
    (reasons) => reasons.length <= QUICK_REASONS_MAX && reasons.every(({ length }) => length <= QUICK_REASON_MAX),
    `at most ${QUICK_REASONS_MAX} reasons, each at most ${QUICK_REASON_MAX} characters, separated by commas`,
  ),
  { format: 'texts, separated by commas' },
);

const database = of(
  text.superRefine((value, context) => {
    if (/^file:(?:\/\/)?[^?#]+$/.test(value) || isPostgres(value)) return;
    const isPath = !value.includes(':') && value !== '';
    const remedy = isPath ? `. Write file:${value}` : '';
    const message = `must be file: and a path (SQLite), or postgres://USER:PASSWORD@HOST/DATABASE${remedy}`;
    context.addIssue({ code: 'custom', message });
  }),
  { format: '`file:` and a path, or `postgres://USER:PASSWORD@HOST/DATABASE`' },
);

/** Whether several replicas can share this database. */
export function isPostgres(databaseUrl: string): boolean {
  const { protocol = '', pathname = '' } = URL.parse(databaseUrl) ?? {};
  return /^postgres(?:ql)?:$/.test(protocol) && pathname.length > 1;
}

const shared = {
  HOST: host.default('127.0.0.1'),
  PORT: port.default(3000),
  ALLOW_HTTP: hosts.default([]),
  PUBLIC_URL: publicUrl.optional(),
  ALLOWED_HOSTS: of(
    hosts.refine(({ length }) => length > 0, 'must be hosts, separated by commas'),
    { format: 'hosts, separated by commas' },
  ).optional(),
  DATABASE_URL: database.default('file:./data/countersign.db'),
  DATABASE_LISTEN_URL: of(text.refine(isPostgres, 'must be postgres://USER:PASSWORD@HOST/DATABASE'), {
    format: '`postgres://USER:PASSWORD@HOST/DATABASE`',
  }).optional(),
  ALLOW_LOSS: oneOf('yes').optional(),
  REPLICA: of(text.regex(/^[\w.-]{1,63}$/, 'must be 1 to 63 letters, digits, dots, dashes or underscores'), {
    format: 'a name',
  }).optional(),
  RETENTION: retention.default(90 * DAY_MS),
  HTTPS_PROXY: proxyAddress,
  HTTP_PROXY: proxyAddress,
  NO_PROXY: of(text.min(1), { format: 'hosts, separated by commas' }).optional(),
  LOG_FORMAT: oneOf('auto', 'text', 'json').default('auto'),
  LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent').default('info'),
  POLICY_FILE: of(text, { format: 'path' }).optional(),
  REVIEWERS: reviewers.default([]),
  PING: pings.default([]),
  DIRECT_MESSAGES: parsedBy((value) => parsePeople(value, ids), PEOPLE).default([]),
  RUNS: parsedBy(parseRuns, '`NAME=flow:ID` or `NAME=agent:ID`, separated by commas').default([]),
  RUN_STARTERS: parsedBy((value) => parseStarters(value, ids), '`NAME=PERSON|PERSON`, separated by commas').default(
    new Map(),
  ),
  ALERTS: parsedBy((value) => parseAlertPlaces(value, ids), 'channels, separated by commas').default([]),
  METRICS_TOKEN: setting.secret.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: otlpHeaders.optional(),
  OTEL_SERVICE_NAME: of(text.min(1), { format: 'text' }).default('countersign'),
  ADMIN_TOKEN: setting.secret.optional(),
  OPERATOR_IDENTITY_HEADER: identityHeader.optional(),
  OPERATOR_IDENTITIES: identities.default([]),
  TRUSTED_PROXIES: proxyNetworks.default([]),
  REJECT_REASON: oneOf('required', 'optional').default('required'),
  QUICK_REASONS: quickReasons.default([]),
  APPROVE_NOTE: onOff.default(false),
  READ_FIRST: onOff.default(true),
  REVEAL: onOff.default(true),
  CONFIRM: patterns.default([]),
  AWAIT_YES_NO: patterns.default([...YES_NO_TOOLS]),
  REMIND_AFTER: reminders.default([]),
  DIGEST_FROM: digestFrom.default(5),
  RESURFACE_AFTER: timeOrOff(SOONEST_RESURFACING_MS).default(30 * 60_000),
  TAKE_OVER_MAX: time(1_000).default(1_800_000),
  OPEN_MAX: openMax.default(500),
  MASK_KEYS: list.default([]),
  MASK_PATTERNS: parsedBy(parseMaskPatterns, 'regular expressions (RE2), separated by commas').default([]),
};

export type Settings = Parsed<typeof shared>;

/** All of them, those of the adapters too. `.env.example` is checked against the names and the defaults. */
export const settings = z.object(shared).extend(shapeOf([...platforms, ...backends, ...schedules]));

function shapeOf(adapters: readonly { settings: z.ZodRawShape }[]): Record<never, z.ZodType> {
  return Object.assign({}, ...adapters.map((adapter) => adapter.settings));
}
