import { z } from 'zod';
import { SetupError } from './core/errors.ts';
import { parseReviewers } from './core/policy.ts';

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

const reviewers = text.transform((value, context) => {
  try {
    return parseReviewers(value);
  } catch (thrown) {
    context.addIssue({ code: 'custom', message: thrown instanceof Error ? thrown.message : String(thrown) });
    return z.NEVER;
  }
});

const onOff = z.enum(['on', 'off'], 'must be on or off').transform((value) => value === 'on');

/** Every setting, its default, and what is wrong with a bad one. `.env.example` is checked against the names. */
export const settings = z.object({
  HOST: text.default('127.0.0.1'),
  PORT: port.default(3000),
  DATABASE_URL: text
    .regex(/^file:(?:\/\/)?[^?#]+$/, 'must be file: and a path (SQLite is the only store yet)')
    .default('file:./data/countersign.db'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  REVIEWERS: reviewers.default([]),
  SLACK_BOT_TOKEN: text.startsWith('xoxb-', 'must be the bot token (xoxb-…)').optional(),
  SLACK_APP_TOKEN: text.startsWith('xapp-', 'must be the app-level token (xapp-…)').optional(),
  SLACK_CHANNEL: text.regex(/^[CG][A-Z0-9]+$/, 'must be a channel id (C…), not a name').optional(),
  SLACK_API_URL: address.default('https://slack.com/api/'),
  DISCORD_TOKEN: text.min(1).optional(),
  DISCORD_CHANNEL: text.regex(/^\d{1,20}$/, 'must be a channel id (digits), not a name').optional(),
  DISCORD_API_URL: address.default('https://discord.com/api'),
  RUNTYPE_API_URL: origin.default('https://api.runtype.com'),
  RUNTYPE_API_KEY: text.min(1).optional(),
  RUNTYPE_NOTE_AS_MESSAGE: onOff.default(false),
  GATEWAY_KEYS: list.refine((keys) => keys.length > 0, 'must be keys, separated by commas').optional(),
  INGEST_SECRET: text
    .regex(/^whsec_[A-Za-z0-9+/]+=*$/, 'must be a Standard Webhooks secret (whsec_ and base64)')
    .optional(),
});

export type Settings = z.infer<typeof settings>;

export interface Config {
  host: string;
  port: number;
  /** Path of the SQLite file, or `:memory:`. */
  databaseFile: string;
  logLevel: string;
  reviewers: Settings['REVIEWERS'];
  slack: { botToken: string; appToken: string; channel: string; apiUrl: string } | null;
  discord: { token: string; channel: string; apiUrl: string } | null;
  runtype: {
    url: string;
    apiKey: string | null;
    gatewayKeys: readonly string[] | 'any';
    ingestSecret: string | null;
    noteAsMessage: boolean;
  };
  /** Every secret of the above, to be kept out of the log. */
  secrets: readonly string[];
}

/**
 * Reads the environment; empty values count as not set.
 * @throws SetupError that names each bad or missing setting and what to do about it
 */
export function readConfig(environment: Record<string, string | undefined>): Readonly<Config> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const parsed = settings.safeParse(given);
  if (!parsed.success) {
    throw setupError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const set = parsed.data;
  const problems: string[] = [];
  const slack = readSlack(set, problems);
  const discord = readDiscord(set, problems);
  if (slack === null && discord === null && problems.length === 0) {
    problems.push(
      'No platform is configured. Set SLACK_BOT_TOKEN, SLACK_APP_TOKEN and SLACK_CHANNEL, or DISCORD_TOKEN and DISCORD_CHANNEL. To try it without either: npm run sandbox',
    );
  }
  if (problems.length > 0) throw setupError(problems);
  return Object.freeze({
    host: set.HOST,
    port: set.PORT,
    databaseFile: set.DATABASE_URL.slice('file:'.length).replace(/^\/\/(?=\/)/, ''),
    logLevel: set.LOG_LEVEL,
    reviewers: set.REVIEWERS,
    slack,
    discord,
    runtype: {
      url: set.RUNTYPE_API_URL.replace(/\/$/, ''),
      apiKey: set.RUNTYPE_API_KEY ?? null,
      gatewayKeys: gatewayKeys(set),
      ingestSecret: set.INGEST_SECRET ?? null,
      noteAsMessage: set.RUNTYPE_NOTE_AS_MESSAGE,
    },
    secrets: [
      set.SLACK_BOT_TOKEN,
      set.SLACK_APP_TOKEN,
      set.DISCORD_TOKEN,
      set.RUNTYPE_API_KEY,
      set.INGEST_SECRET,
      ...(set.GATEWAY_KEYS ?? []),
    ].filter((secret) => secret !== undefined),
  });
}

function readSlack(set: Settings, problems: string[]): Config['slack'] {
  const { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_CHANNEL: channel, SLACK_API_URL: apiUrl } = set;
  if (botToken === undefined && appToken === undefined) return null;
  if (botToken === undefined)
    problems.push('SLACK_BOT_TOKEN: missing. Copy it from “OAuth & Permissions” of your Slack app.');
  if (appToken === undefined) {
    problems.push(
      'SLACK_APP_TOKEN: missing. Make one with connections:write under “Basic Information” of your Slack app.',
    );
  }
  if (channel === undefined) {
    problems.push('SLACK_CHANNEL: missing. Set the id (C…) of the channel where cards go, and invite the bot there.');
  }
  return botToken && appToken && channel ? { botToken, appToken, channel, apiUrl } : null;
}

function readDiscord(set: Settings, problems: string[]): Config['discord'] {
  const { DISCORD_TOKEN: token, DISCORD_CHANNEL: channel, DISCORD_API_URL: apiUrl } = set;
  if (token === undefined) return null;
  if (channel === undefined) {
    problems.push(
      'DISCORD_CHANNEL: missing. Set the id of the channel where cards go (Developer Mode, “Copy Channel ID”).',
    );
    return null;
  }
  return { token, channel, apiUrl };
}

/** Whose streams make cards: what is listed; else our own key; on loopback, where only this machine can call, any. */
function gatewayKeys(set: Settings): readonly string[] | 'any' {
  if (set.GATEWAY_KEYS !== undefined) return set.GATEWAY_KEYS;
  if (/^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/.test(set.HOST)) return 'any';
  return set.RUNTYPE_API_KEY === undefined ? [] : [set.RUNTYPE_API_KEY];
}

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
}

function setupError(problems: readonly string[]): SetupError {
  const lines = problems.map((problem) => `  - ${problem}`);
  return new SetupError(
    `Countersign can't start with these settings:\n${lines.join('\n')}\nSee .env.example for each.`,
  );
}
