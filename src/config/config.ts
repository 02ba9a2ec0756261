/** The environment as the bot reads it: checked as a whole, with everything that is wrong reported at once. */
import { z } from 'zod';
import { type BackendAdapter, backends, ids, type PlatformAdapter, platforms } from '../adapters.ts';
import { unknownStarters } from '../core/policy/run-targets.ts';
import type { ProxyEnv, SharedSettings } from '../core/ports/adapter.ts';
import { SetupError } from '../core/ports/errors.ts';
import type { Parsed } from '../core/text/settings/setting.ts';
import type { FormSettings } from '../core/view/forms/decision-form.ts';
import { allowedHostsOf, exposureOf } from './exposure.ts';
import type { LinearPattern } from './linear-pattern.ts';
import { problemsOfPlainHttp } from './plain-http.ts';
import { passwordsIn, proxyOf, withProxyNames } from './proxy.ts';
import { type Settings, settings } from './settings.ts';

type Environment = Record<string, string | undefined>;
type ConfiguredBackend = NonNullable<ReturnType<BackendAdapter['read']>>;
type ConfiguredPlatform = NonNullable<ReturnType<PlatformAdapter['read']>>;

export interface Config {
  host: string;
  port: number;
  /** The names under which the server answers, normalised. */
  allowedHosts: readonly string[];
  /** Why callers may be on another machine, whatever the address of their connection; null: no setting says so. */
  exposedBy: string | null;
  /** Path of the SQLite file, or `:memory:`. */
  databaseFile: string;
  /** How long settled approvals stay out of the archive, ms; null: always. */
  retentionMs: number | null;
  logLevel: string;
  reviewers: Settings['REVIEWERS'];
  /** Who is mentioned on a new card. */
  pings: Settings['PING'];
  /** Who gets each card by direct message, besides the rooms. */
  directMessages: Settings['DIRECT_MESSAGES'];
  /** Where alerts are posted, besides the log. */
  alertPlaces: Settings['ALERTS'];
  /** Opens metrics and health details. */
  metricsToken: string | null;
  forms: FormSettings;
  /** *Approve* opens *Details* first, where the card does not show everything. */
  readFirst: boolean;
  /** *Show* opens masked values in *Details*. */
  reveal: boolean;
  /** How many similar cards share one message; null: each has its own. */
  digestFrom: Settings['DIGEST_FROM'];
  /** A run that has been silent for so long gets its next card in the room itself, ms; null: in its thread. */
  resurfaceAfterMs: number | null;
  /** What is masked besides what looks secret. */
  masked: { keys: readonly string[]; patterns: readonly LinearPattern[] };
  /** Patterns of tools and tags whose approval needs a confirmation. */
  confirm: readonly string[];
  /** Patterns of tools whose output is a yes or no. */
  yesNo: readonly string[];
  /** When reminders are sent after the request, ms, rising. */
  remindAfterMs: readonly number[];
  /** How long a claim lasts, ms. */
  takeOverMs: number;
  /** How many approvals of one source may be open at once. */
  openMax: number;
  /** What can be started from chat, and by whom. */
  runs: { targets: Settings['RUNS']; starters: Settings['RUN_STARTERS'] };
  platforms: readonly ConfiguredPlatform[];
  backends: readonly ConfiguredBackend[];
  /** Null: all connections are direct. */
  proxy: ProxyEnv | null;
  /** Every secret among the settings, to be kept out of the log. */
  secrets: readonly string[];
  /** Files that hold secrets. */
  secretFiles: readonly string[];
}

/**
 * Reads the environment; empty values count as not set.
 * @throws SetupError that names each bad or missing setting and what to do about it
 */
export function readConfig(environment: Environment): Readonly<Config> {
  const set = parseWith(settings, withProxyNames(environment));
  const proxy = proxyOf(set);
  const problems: string[] = [];
  const configured = readAdapters(set, problems);
  for (const name of unknownStarters(set.RUNS, set.RUN_STARTERS)) {
    problems.push(`RUN_STARTERS: "${name}" is not one of RUNS. Name one of them, or * for all.`);
  }
  if (problems.length === 0) checkPlatforms(set, configured.platforms, problems);
  if (problems.length > 0) throw setupError(problems);
  const adapters = [...configured.platforms, ...configured.backends];
  const ownSecrets = set.METRICS_TOKEN === undefined ? [] : [set.METRICS_TOKEN];
  return Object.freeze({
    host: set.HOST,
    port: set.PORT,
    allowedHosts: allowedHostsOf(set),
    databaseFile: pathIn(set.DATABASE_URL),
    retentionMs: set.RETENTION,
    logLevel: set.LOG_LEVEL,
    reviewers: set.REVIEWERS,
    pings: set.PING,
    directMessages: set.DIRECT_MESSAGES,
    alertPlaces: set.ALERTS,
    metricsToken: set.METRICS_TOKEN ?? null,
    forms: {
      quickReasons: set.QUICK_REASONS,
      reasonRequired: set.REJECT_REASON === 'required',
      approveNote: set.APPROVE_NOTE,
    },
    readFirst: set.READ_FIRST,
    reveal: set.REVEAL,
    digestFrom: set.DIGEST_FROM,
    resurfaceAfterMs: set.RESURFACE_AFTER,
    masked: { keys: set.MASK_KEYS, patterns: set.MASK_PATTERNS },
    confirm: set.CONFIRM,
    yesNo: set.AWAIT_YES_NO,
    remindAfterMs: set.REMIND_AFTER,
    takeOverMs: set.TAKE_OVER_MAX,
    openMax: set.OPEN_MAX,
    runs: { targets: set.RUNS, starters: set.RUN_STARTERS },
    ...configured,
    proxy,
    secretFiles: adapters.flatMap(({ config }) => config.secretFiles ?? []),
    secrets: [...ownSecrets, ...passwordsIn(proxy), ...adapters.flatMap(({ config }) => config.secrets)],
  });
}

function readAdapters(set: Settings, problems: string[]): Pick<Config, 'platforms' | 'backends' | 'exposedBy'> {
  const { DIRECT_MESSAGES: directMessages, RUNS: runs } = set;
  const shared: SharedSettings = { exposedBy: exposureOf(set), directMessages, ids, runs };
  const read = <Made>(adapters: readonly { read(...all: [object, SharedSettings, string[]]): Made | null }[]): Made[] =>
    adapters.map((adapter) => adapter.read(set, shared, problems)).filter((made) => made !== null);
  const configured = { platforms: read(platforms), backends: [] as ConfiguredBackend[] };
  if (configured.platforms.length === 0 && problems.length === 0) {
    problems.push(`No platform is configured. ${needsOf(platforms)} To try it without either: npm run sandbox`);
  }
  const expose = ({ config }: ConfiguredPlatform | ConfiguredBackend) => {
    shared.exposedBy ??= config.exposedBy ?? null;
  };
  configured.platforms.forEach(expose);
  const hasPlatform = problems.length === 0;
  configured.backends = read(backends);
  configured.backends.forEach(expose);
  if (hasPlatform && problems.length === 0 && !configured.backends.some(({ config }) => config.enabled)) {
    problems.push(`No backend is configured. ${needsOf(backends)}`);
  }
  return { ...configured, exposedBy: shared.exposedBy };
}

function needsOf(adapters: readonly { needs: string }[]): string {
  return `Set ${adapters.map(({ needs }) => needs).join(', or ')}.`;
}

/** Places and people on a platform that is not configured. */
function checkPlatforms(set: Settings, configured: readonly ConfiguredPlatform[], problems: string[]): void {
  for (const name of ['ALERTS', 'PING', 'DIRECT_MESSAGES'] as const) {
    const other = set[name].find(({ platform }) => !configured.some((one) => one.name === platform));
    if (other === undefined) continue;
    const what = name === 'ALERTS' ? 'a place' : 'a person';
    problems.push(`${name}: names ${what} in ${other.platform}, which is not configured. Set its token, or remove it.`);
  }
}

/**
 * Only where the database is, for a command that needs nothing else.
 * @throws SetupError
 */
export function readDatabaseFile(environment: Environment): string {
  return pathIn(parseWith(settings.pick({ DATABASE_URL: true }), environment).DATABASE_URL);
}

/**
 * Only the proxies, for a command that needs nothing else.
 * @throws SetupError
 */
export function readProxy(environment: Environment): ProxyEnv | null {
  const proxies = settings.pick({ HTTP_PROXY: true, HTTPS_PROXY: true, NO_PROXY: true });
  return proxyOf(parseWith(proxies, withProxyNames(environment)));
}

/**
 * One adapter's settings, for a command that needs nothing else.
 * @throws SetupError that names each bad or missing setting
 */
export function readPart<Shape extends z.ZodRawShape, Made>(
  adapter: { settings: Shape; needs: string; read(set: Parsed<Shape>, shared: null, problems: string[]): Made | null },
  environment: Environment,
): Made {
  const problems: string[] = [];
  const set = parseWith(z.object(adapter.settings), environment) as Parsed<Shape>;
  const made = adapter.read(set, null, problems);
  if (made === null) problems.push(`${adapter.needs}: missing.`);
  if (made === null || problems.length > 0) throw setupError(problems);
  return made;
}

function pathIn(databaseUrl: string): string {
  return databaseUrl.slice('file:'.length).replace(/^\/\/(?=\/)/, '');
}

/** Empty values count as not set. @throws SetupError */
function parseWith<T extends object>(schema: z.ZodType<T>, environment: Environment): T {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw setupError(problemsOf(parsed.error));
  const problems = problemsOfPlainHttp(parsed.data, readAllowHttp(environment));
  if (problems.length > 0) throw setupError(problems);
  return parsed.data;
}

/** The hosts to which keys may go without TLS. @throws SetupError */
function readAllowHttp(environment: Environment): readonly string[] {
  const given = environment['ALLOW_HTTP']?.trim();
  const parsed = settings.shape.ALLOW_HTTP.safeParse(given === '' ? undefined : given);
  if (parsed.success) return parsed.data;
  throw setupError(parsed.error.issues.map(({ message }) => `ALLOW_HTTP: ${message}`));
}

function problemsOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

function setupError(problems: readonly string[]): SetupError {
  const lines = problems.map((problem) => `  - ${problem}`);
  return new SetupError(
    `Countersign can't start with these settings:\n${lines.join('\n')}\nSee .env.example for each.`,
  );
}
