import type { ZodType } from 'zod';
import { unknownStarters } from '../core/policy/run-targets.ts';
import { SetupError } from '../core/ports/errors.ts';
import type { FormSettings } from '../core/view/forms/decision-form.ts';
import { type Settings, settings } from './settings.ts';

type SonzaiToken =
  | { kind: 'value'; value: string }
  | { kind: 'file'; path: string }
  | { kind: 'command'; command: string };

/** How Slack's presses come in: over connections that we open, or as signed requests to our own server. */
type SlackDelivery = { kind: 'socket'; appToken: string } | { kind: 'http'; signingSecret: string };

export interface Config {
  host: string;
  port: number;
  /** Path of the SQLite file, or `:memory:`. */
  databaseFile: string;
  /** How long settled approvals stay as they are, ms; null: for ever. */
  retentionMs: number | null;
  logLevel: string;
  reviewers: Settings['REVIEWERS'];
  /** Whom a new card calls. */
  pings: Settings['PING'];
  /** Who gets each card by direct message, beside the rooms. */
  directMessages: Settings['DIRECT_MESSAGES'];
  /** Where the operator is told, beside the log. */
  alerts: Settings['ALERTS'];
  /** Opens metrics and health details to other machines. */
  metricsToken: string | null;
  forms: FormSettings;
  /** How many similar cards must wait to be shown as one; null: never. */
  digestFrom: Settings['DIGEST_FROM'];
  /** What the operator calls secret, beyond what looks it. */
  masked: { keys: readonly string[]; patterns: readonly RegExp[] };
  /** Patterns of tools and tags whose approval asks for a confirmation. */
  confirm: readonly string[];
  /** So long after it was asked people are reminded, ms, rising. */
  remindAfterMs: readonly number[];
  /** How long who takes over has it to themselves, ms. */
  takeOverMs: number;
  /** What can be started from chat, and by whom. */
  runs: { targets: Settings['RUNS']; starters: Settings['RUN_STARTERS'] };
  slack: {
    botToken: string;
    delivery: SlackDelivery;
    /** Null: cards go by direct message only. */
    channel: string | null;
    apiUrl: string;
    /** Of Socket Mode. */
    connections: number;
  } | null;
  discord: { token: string; channel: string | null; apiUrl: string } | null;
  runtype: {
    url: string;
    apiKey: string | null;
    gatewayKeys: readonly string[] | 'any';
    ingestSecret: string | null;
    noteAsMessage: boolean;
    hold: { on: boolean; maxMs: number };
    awaitTools: readonly string[];
  };
  sonzai: { url: string; token: SonzaiToken; pollMs: number } | null;
  hookpulse: { url: string; apiKey: string; brandUuid: string; pollMs: number } | null;
  inbox: {
    askTokens: readonly string[];
    resolvers: Settings['RESOLVE_TOKENS'];
    callbackHosts: readonly string[];
    callbackSecret: string | null;
  };
  /** Every secret of the above, to be kept out of the log. */
  secrets: readonly string[];
}

/**
 * Reads the environment; empty values count as not set.
 * @throws SetupError that names each bad or missing setting and what to do about it
 */
export function readConfig(environment: Record<string, string | undefined>): Readonly<Config> {
  const set = parseWith(settings, environment);
  const problems: string[] = [];
  const slack = readSlack(set, problems);
  const discord = readDiscord(set, problems);
  const sonzai = readSonzai(set, problems);
  const hookpulse = readHookPulse(set, problems);
  if (slack === null && discord === null && problems.length === 0) {
    problems.push(
      'No platform is configured. Set SLACK_BOT_TOKEN, SLACK_APP_TOKEN and SLACK_CHANNEL, or DISCORD_TOKEN and DISCORD_CHANNEL. To try it without either: npm run sandbox',
    );
  }
  const asked = set.RUNTYPE_API_KEY ?? sonzai ?? hookpulse ?? set.ASK_TOKENS[0] ?? null;
  if (asked === null && problems.length === 0) {
    problems.push(
      'No backend is configured. Set RUNTYPE_API_KEY (it sends the decisions), what Sonzai or HookPulse need, or ASK_TOKENS.',
    );
  }
  checkRuns(set, problems);
  const isSet = ({ platform }: { platform: string }) => (platform === 'slack' ? slack : discord) !== null;
  for (const name of ['ALERTS', 'PING', 'DIRECT_MESSAGES'] as const) {
    const other = problems.length > 0 ? undefined : set[name].find((one) => !isSet(one));
    if (other === undefined) continue;
    const what = name === 'ALERTS' ? 'a place' : 'somebody';
    problems.push(
      `${name}: names ${what} in ${other.platform}, which is not configured. Set its token, or take that out.`,
    );
  }
  if (problems.length > 0) throw setupError(problems);
  return Object.freeze({
    host: set.HOST,
    port: set.PORT,
    databaseFile: pathIn(set.DATABASE_URL),
    retentionMs: set.RETENTION,
    logLevel: set.LOG_LEVEL,
    reviewers: set.REVIEWERS,
    pings: set.PING,
    directMessages: set.DIRECT_MESSAGES,
    forms: {
      quickReasons: set.QUICK_REASONS,
      reasonRequired: set.REJECT_REASON === 'required',
      approveNote: set.APPROVE_NOTE,
    },
    digestFrom: set.DIGEST_FROM,
    masked: { keys: set.MASK_KEYS, patterns: set.MASK_PATTERNS },
    confirm: set.CONFIRM,
    remindAfterMs: set.REMIND_AFTER,
    takeOverMs: set.TAKE_OVER_MAX,
    runs: { targets: set.RUNS, starters: set.RUN_STARTERS },
    alerts: set.ALERTS,
    metricsToken: set.METRICS_TOKEN ?? null,
    slack,
    discord,
    runtype: {
      url: withoutSlash(set.RUNTYPE_API_URL),
      apiKey: set.RUNTYPE_API_KEY ?? null,
      gatewayKeys: gatewayKeys(set),
      ingestSecret: set.INGEST_SECRET ?? null,
      noteAsMessage: set.RUNTYPE_NOTE_AS_MESSAGE,
      hold: { on: set.HOLD, maxMs: set.HOLD_MAX },
      awaitTools: set.AWAIT_TOOLS,
    },
    sonzai,
    hookpulse,
    inbox: {
      askTokens: set.ASK_TOKENS,
      resolvers: set.RESOLVE_TOKENS,
      callbackHosts: set.CALLBACK_HOSTS,
      callbackSecret: set.CALLBACK_SECRET ?? null,
    },
    secrets: [
      set.SLACK_BOT_TOKEN,
      set.SLACK_APP_TOKEN,
      set.SLACK_SIGNING_SECRET,
      set.DISCORD_TOKEN,
      set.RUNTYPE_API_KEY,
      ...(set.INGEST_SECRET?.split(/[\s,]+/) ?? []),
      set.METRICS_TOKEN,
      set.SONZAI_TOKEN,
      set.HOOKPULSE_API_KEY,
      ...(set.GATEWAY_KEYS ?? []),
      ...set.ASK_TOKENS,
      ...set.RESOLVE_TOKENS.keys(),
      ...(set.CALLBACK_SECRET?.split(' ') ?? []),
    ].filter((secret) => secret !== undefined),
  });
}

/**
 * Of the whole environment only where the database is.
 * @throws SetupError
 */
export function readDatabaseFile(environment: Record<string, string | undefined>): string {
  const parsed = settings.shape.DATABASE_URL.safeParse(environment['DATABASE_URL']?.trim() || undefined);
  if (parsed.success) return pathIn(parsed.data);
  throw setupError(parsed.error.issues.map(({ message }) => `DATABASE_URL: ${message}`));
}

function pathIn(databaseUrl: string): string {
  return databaseUrl.slice('file:'.length).replace(/^\/\/(?=\/)/, '');
}

const sonzaiSettings = settings.pick({
  SONZAI_API_URL: true,
  SONZAI_TOKEN: true,
  SONZAI_TOKEN_FILE: true,
  SONZAI_TOKEN_COMMAND: true,
  SONZAI_POLL_MS: true,
});

/**
 * Sonzai's part alone, for a command that needs nothing else.
 * @throws SetupError that names each bad or missing setting
 */
export function readSonzaiConfig(environment: Record<string, string | undefined>): NonNullable<Config['sonzai']> {
  const set = parseWith(sonzaiSettings, environment);
  const problems: string[] = [];
  const sonzai = readSonzai(set, problems);
  if (sonzai === null) problems.push('SONZAI_TOKEN, SONZAI_TOKEN_FILE, SONZAI_TOKEN_COMMAND: none of them is set.');
  if (sonzai === null || problems.length > 0) throw setupError(problems);
  return sonzai;
}

/** Empty values count as not set. @throws SetupError */
function parseWith<T>(schema: ZodType<T>, environment: Record<string, string | undefined>): T {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw setupError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}

function readSlack(set: Settings, problems: string[]): Config['slack'] {
  const { SLACK_BOT_TOKEN: botToken, SLACK_CHANNEL: channel = null, SLACK_API_URL: apiUrl } = set;
  const delivery = slackDelivery(set);
  if (botToken === undefined && delivery === null) return null;
  if (botToken === undefined)
    problems.push('SLACK_BOT_TOKEN: missing. Copy it from “OAuth & Permissions” of your Slack app.');
  if (delivery === null) {
    problems.push(
      'SLACK_APP_TOKEN: missing. Make one with connections:write under “Basic Information” of your Slack app. (Or set SLACK_SIGNING_SECRET, if Slack can reach this server.)',
    );
  }
  if (channel === null && !hasDirect(set, 'slack')) {
    problems.push(
      'SLACK_CHANNEL: missing. Set the id (C…) of the channel where cards go, and invite the bot there; or name people in DIRECT_MESSAGES.',
    );
  }
  const connections = set.SLACK_CONNECTIONS;
  return botToken && delivery ? { botToken, delivery, channel, apiUrl, connections } : null;
}

/** Socket Mode wherever it can be: it asks for no public address. */
function slackDelivery({ SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret }: Settings) {
  if (appToken !== undefined) return { kind: 'socket', appToken } as const;
  return signingSecret === undefined ? null : ({ kind: 'http', signingSecret } as const);
}

function readDiscord(set: Settings, problems: string[]): Config['discord'] {
  const { DISCORD_TOKEN: token, DISCORD_CHANNEL: channel = null, DISCORD_API_URL: apiUrl } = set;
  if (token === undefined) return null;
  if (channel === null && !hasDirect(set, 'discord')) {
    problems.push(
      'DISCORD_CHANNEL: missing. Set the id of the channel where cards go (Developer Mode, “Copy Channel ID”), or name people in DIRECT_MESSAGES.',
    );
    return null;
  }
  return { token, channel, apiUrl };
}

function hasDirect({ DIRECT_MESSAGES: people }: Settings, platform: string): boolean {
  return people.some((person) => person.platform === platform);
}

function readSonzai(set: Pick<Settings, keyof typeof sonzaiSettings.shape>, problems: string[]): Config['sonzai'] {
  const { SONZAI_TOKEN: value, SONZAI_TOKEN_FILE: path, SONZAI_TOKEN_COMMAND: command } = set;
  const given = [
    ...(value === undefined ? [] : [{ kind: 'value', value } as const]),
    ...(path === undefined ? [] : [{ kind: 'file', path } as const]),
    ...(command === undefined ? [] : [{ kind: 'command', command } as const]),
  ];
  const [token] = given;
  if (token === undefined) return null;
  if (given.length > 1) {
    problems.push('SONZAI_TOKEN, SONZAI_TOKEN_FILE, SONZAI_TOKEN_COMMAND: set one of them, not several.');
  }
  return { url: withoutSlash(set.SONZAI_API_URL), token, pollMs: set.SONZAI_POLL_MS };
}

function readHookPulse(set: Settings, problems: string[]): Config['hookpulse'] {
  const { HOOKPULSE_API_KEY: apiKey, HOOKPULSE_BRAND_UUID: brandUuid } = set;
  if (apiKey === undefined && brandUuid === undefined) return null;
  if (apiKey === undefined) problems.push('HOOKPULSE_API_KEY: missing, while HOOKPULSE_BRAND_UUID is set.');
  if (brandUuid === undefined) problems.push('HOOKPULSE_BRAND_UUID: missing, while HOOKPULSE_API_KEY is set.');
  if (apiKey === undefined || brandUuid === undefined) return null;
  return { url: withoutSlash(set.HOOKPULSE_API_URL), apiKey, brandUuid, pollMs: set.HOOKPULSE_POLL_MS };
}

function checkRuns({ RUNS: runs, RUN_STARTERS: starters, RUNTYPE_API_KEY: key }: Settings, problems: string[]): void {
  if (runs.length > 0 && key === undefined) problems.push('RUNS: set RUNTYPE_API_KEY, too. It starts them.');
  for (const name of unknownStarters(runs, starters)) {
    problems.push(`RUN_STARTERS: "${name}" is no run. Name one of RUNS, or * for all of them.`);
  }
}

function withoutSlash(address: string): string {
  return address.replace(/\/$/, '');
}

/** Whose streams make cards: what is listed; else our own key; on loopback, where only this machine can call, any. */
function gatewayKeys(set: Settings): readonly string[] | 'any' {
  if (set.GATEWAY_KEYS !== undefined) return set.GATEWAY_KEYS;
  if (/^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/.test(set.HOST)) return 'any';
  return set.RUNTYPE_API_KEY === undefined ? [] : [set.RUNTYPE_API_KEY];
}

function setupError(problems: readonly string[]): SetupError {
  const lines = problems.map((problem) => `  - ${problem}`);
  return new SetupError(
    `Countersign can't start with these settings:\n${lines.join('\n')}\nSee .env.example for each.`,
  );
}
