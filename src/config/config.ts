/** The environment as the bot reads it: checked as a whole, with everything that is wrong reported at once. */
import { z } from 'zod';
import {
  type BackendAdapter,
  backends,
  ids,
  type PlatformAdapter,
  platforms,
  type ScheduleAdapter,
  schedules,
} from '../adapters.ts';
import type { PolicySettings } from '../core/policy/rules/document-of-settings.ts';
import type { ProxyEnv, SharedSettings } from '../core/ports/adapter.ts';
import { secretsInHeaders } from '../core/ports/tracing/otlp-headers.ts';
import type { EnvFile } from '../core/text/settings/env-file.ts';
import type { Parsed } from '../core/text/settings/setting.ts';
import type { FormSettings } from '../core/view/forms/form-rule.ts';
import type { PolicyFile } from '../policy/file/read.ts';
import type { LinearPattern } from '../policy/linear-pattern.ts';
import { problemsBetween, usedPlatforms, warningsBetween } from './cross-checks.ts';
import type { Environment } from './environment.ts';
import { allowedHostsOf, exposureOf, type OperatorAccess, operatorPageOf } from './exposure.ts';
import { applyPolicyFile, type ConfiguredPolicy, policySettingsOf } from './policy-file.ts';
import { type Problem, SettingsError } from './problems.ts';
import { passwordsIn, proxyOf, withProxyNames } from './proxy.ts';
import { comparedSettings, type Read, readSettings, secretSettingsIn } from './read-settings.ts';
import { isPostgres, type Settings, settings } from './settings.ts';

type ConfiguredBackend = NonNullable<ReturnType<BackendAdapter['read']>>;
type ConfiguredPlatform = NonNullable<ReturnType<PlatformAdapter['read']>>;
type ConfiguredSchedules = NonNullable<ReturnType<ScheduleAdapter['read']>>;

export interface Config {
  host: string;
  port: number;
  /** The names under which the server answers, normalised. */
  allowedHosts: readonly string[];
  /** Why callers may be on another machine, whatever the address of their connection; null: no setting says so. */
  exposedBy: string | null;
  /** Where others reach the server; null: it is not set. */
  publicUrl: string | null;
  /** Signed deliveries are accepted. */
  takesDeliveries: boolean;
  /** Path of the SQLite file; `:memory:` where there is none. */
  databaseFile: string;
  /** Of PostgreSQL, which several replicas share; null: the SQLite file. */
  databaseUrl: string | null;
  /** The same past a pooler that keeps no sessions; null: there is none. */
  databaseListenUrl: string | null;
  /** The operator accepts a database that may lose what it has confirmed. */
  allowLoss: boolean;
  /** The name of this replica, which no other that runs has; null: the host's. */
  replica: string | null;
  /** What all replicas must have in common, as a text. It has secrets in it. */
  compared: string;
  /** How long settled approvals stay out of the archive, ms; null: always. */
  retentionMs: number | null;
  logLevel: string;
  /** Lines for people, or JSON; auto: lines on a terminal. */
  logFormat: Settings['LOG_FORMAT'];
  /** What is odd about the settings, and prevents no start. */
  warnings: readonly Problem[];
  /** The policy file; null: there is none, and `policySettings` make the policy. */
  policy: ConfiguredPolicy | null;
  policySettings: PolicySettings;
  reviewers: Settings['REVIEWERS'];
  /** Who is mentioned on a new card. */
  pings: Settings['PING'];
  /** Who gets each card by direct message, besides the rooms. */
  directMessages: Settings['DIRECT_MESSAGES'];
  /** Where alerts are posted, besides the log. */
  alertPlaces: Settings['ALERTS'];
  /** Opens metrics and health details. */
  metricsToken: string | null;
  /** Where spans are sent; null: none are recorded. */
  tracing: { url: string; headers: Readonly<Record<string, string>>; serviceName: string } | null;
  /** Who may read the page for operators; null: it is off. */
  operatorPage: OperatorAccess | null;
  forms: FormSettings;
  /** *Approve* opens *Details* first, where the card does not show everything. */
  readFirst: boolean;
  /** *Show* opens masked values in *Details*. */
  reveal: boolean;
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
  /** How many approvals of one source may be open at once. */
  openMax: number;
  /** What can be started from chat, and by whom. */
  runs: { targets: Settings['RUNS']; starters: Settings['RUN_STARTERS'] };
  platforms: readonly ConfiguredPlatform[];
  backends: readonly ConfiguredBackend[];
  /** What the policy's schedules can be looked up in. */
  schedules: readonly ConfiguredSchedules[];
  /** Null: all connections are direct. */
  proxy: ProxyEnv | null;
  /** Every secret among the settings, to be kept out of the log. */
  secrets: readonly string[];
  /** Files that hold secrets. */
  secretFiles: readonly string[];
}

/**
 * Reads the environment; empty values count as not set.
 * @param policyFile its text; null: there is none
 * @param file what `.env` added to the environment; null: there is none
 * @throws SettingsError that names each bad or missing setting and what to do about it
 */
export function readConfig(
  environment: Environment,
  file: EnvFile | null = null,
  policyFile: PolicyFile | null = null,
): Readonly<Config> {
  const { config, problems } = examineConfig(environment, file, policyFile);
  if (problems.length > 0) throw new SettingsError(problems, config.warnings);
  return config;
}

/**
 * The same, whatever is wrong.
 * @returns `config`: what can be read; where there are `problems` no bot may run with it
 */
export function examineConfig(
  environment: Environment,
  file: EnvFile | null,
  policyFile: PolicyFile | null,
): { config: Readonly<Config>; problems: readonly Problem[] } {
  const read = readSettings(settings, withProxyNames(environment), file);
  const { set } = read;
  const proxy = proxyOf(set);
  const ofPolicy: Problem[] = [];
  const named = platforms.map(({ name }) => name).filter(usedPlatforms(read, []));
  const policy = policyFile === null ? null : applyPolicyFile(policyFile, read, named, ofPolicy);
  const configured = readAdapters(
    read,
    policyFile === null ? set.DIRECT_MESSAGES : named.map((platform) => ({ platform })),
  );
  problemsBetween(read, configured.platforms);
  const warnings = [...read.warnings, ...warningsBetween(read, configured.platforms)];
  const problems = [...read.problems, ...ofPolicy];
  const channels = configured.platforms.flatMap(({ name, config: { channel } }) =>
    channel === null ? [] : [{ platform: name, room: channel }],
  );
  const adapters = [...configured.platforms, ...configured.backends, ...configured.schedules];
  const otlpSecrets = secretsInHeaders(set.OTEL_EXPORTER_OTLP_HEADERS ?? {});
  const tokens = [set.METRICS_TOKEN, set.ADMIN_TOKEN].filter((one) => one !== undefined);
  const ownSecrets = [...tokens, ...otlpSecrets];
  const config = Object.freeze({
    host: set.HOST,
    port: set.PORT,
    allowedHosts: allowedHostsOf(set),
    publicUrl: set.PUBLIC_URL ?? null,
    takesDeliveries: read.given['INGEST_SECRET'] !== undefined,
    databaseFile: pathIn(set.DATABASE_URL),
    databaseUrl: isPostgres(set.DATABASE_URL) ? set.DATABASE_URL : null,
    databaseListenUrl: set.DATABASE_LISTEN_URL ?? null,
    allowLoss: set.ALLOW_LOSS === 'yes',
    replica: set.REPLICA ?? null,
    compared: comparedSettings(read.given, Object.keys(settings.shape)),
    retentionMs: set.RETENTION,
    logLevel: set.LOG_LEVEL,
    logFormat: set.LOG_FORMAT,
    warnings,
    policy,
    policySettings: policySettingsOf(set, channels),
    reviewers: set.REVIEWERS,
    pings: set.PING,
    directMessages: set.DIRECT_MESSAGES,
    alertPlaces: set.ALERTS,
    metricsToken: set.METRICS_TOKEN ?? null,
    tracing: tracingOf(set),
    operatorPage: operatorPageOf(set),
    forms: {
      quickReasons: set.QUICK_REASONS,
      reasonRequired: set.REJECT_REASON === 'required',
      approveNote: set.APPROVE_NOTE,
    },
    readFirst: set.READ_FIRST,
    reveal: set.REVEAL,
    resurfaceAfterMs: set.RESURFACE_AFTER,
    masked: { keys: set.MASK_KEYS, patterns: set.MASK_PATTERNS },
    confirm: set.CONFIRM,
    yesNo: set.AWAIT_YES_NO,
    remindAfterMs: set.REMIND_AFTER,
    openMax: set.OPEN_MAX,
    runs: { targets: set.RUNS, starters: set.RUN_STARTERS },
    ...configured,
    proxy,
    secretFiles: adapters.flatMap(({ config }) => config.secretFiles ?? []),
    secrets: [
      ...ownSecrets,
      ...passwordsIn(proxy),
      ...passwordOf(set.DATABASE_URL),
      ...passwordOf(set.DATABASE_LISTEN_URL ?? ''),
      ...adapters.flatMap(({ config }) => config.secrets),
    ],
  });
  return { config, problems };
}

/** @param directMessages who gets cards without a channel; with a policy file each platform may be without one */
function readAdapters(
  read: Read<Settings>,
  directMessages: SharedSettings['directMessages'],
): Pick<Config, 'platforms' | 'backends' | 'schedules' | 'exposedBy'> {
  const { set } = read;
  const { RUNS: runs } = set;
  const shared: SharedSettings = { exposedBy: exposureOf(set), directMessages, ids, runs };
  const readAll = <Made extends ConfiguredPlatform | ConfiguredBackend | ConfiguredSchedules>(
    adapters: readonly Adapting<Made>[],
    isEnabled: (made: Made) => boolean,
    ifNone: string | null,
  ): Made[] => {
    let isTried = false;
    const configured = adapters.flatMap((adapter) => {
      const problems: string[] = [];
      const made = adapter.read(set, shared, problems);
      for (const problem of problems) read.report(problem);
      const hasFailed = problems.length > 0 || secretSettingsIn(adapter.settings).some((name) => read.failed.has(name));
      // One that was tried and is wrong has its own message.
      isTried ||= hasFailed || (made !== null && isEnabled(made));
      return made === null ? [] : [made];
    });
    if (!isTried && ifNone !== null) read.report(ifNone);
    for (const { config } of configured) shared.exposedBy ??= config.exposedBy ?? null;
    return configured;
  };
  const noPlatform = `No platform is configured. ${needsOf(platforms)} To try it without either: npm run sandbox`;
  const configured = {
    platforms: readAll(platforms, () => true, noPlatform),
    backends: readAll(backends, ({ config }) => config.enabled, `No backend is configured. ${needsOf(backends)}`),
    schedules: readAll(schedules, () => true, null),
  };
  const names = configured.backends.flatMap(({ config }) => [...new Set(config.requesters)]);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  for (const name of new Set(twice)) {
    read.report(
      `GATEWAY_KEYS: ${name} is the name of one of ASKERS, too. Give each its own, as the policy file names them.`,
    );
  }
  return { ...configured, exposedBy: shared.exposedBy };
}

interface Adapting<Made> {
  settings: z.ZodRawShape;
  read(set: object, shared: SharedSettings, problems: string[]): Made | null;
}

function needsOf(adapters: readonly { needs: string }[]): string {
  return `Set ${adapters.map(({ needs }) => needs).join(', or ')}.`;
}

/**
 * Only where the SQLite file is, for a command that needs nothing else.
 * @param instead what to do where the database is PostgreSQL
 * @throws SettingsError
 */
export function readDatabaseFile(environment: Environment, file: EnvFile | null, instead: string): string {
  const { databaseFile, databaseUrl } = readDatabase(environment, file);
  if (databaseUrl === null) return databaseFile;
  const message = `DATABASE_URL: names PostgreSQL, and this command reads a SQLite file. ${instead}`;
  throw new SettingsError([{ names: ['DATABASE_URL'], message, given: null, where: null }], []);
}

/**
 * Only where the database is, for a command that needs nothing else.
 * @throws SettingsError
 */
export function readDatabase(
  environment: Environment,
  file: EnvFile | null = null,
): Pick<Config, 'databaseFile' | 'databaseUrl'> {
  const { DATABASE_URL: url } = readSome(settings.pick({ DATABASE_URL: true }), environment, file);
  return { databaseFile: pathIn(url), databaseUrl: isPostgres(url) ? url : null };
}

/**
 * Only the proxies, for a command that needs nothing else.
 * @throws SettingsError
 */
export function readProxy(environment: Environment, file: EnvFile | null = null): ProxyEnv | null {
  const proxies = settings.pick({ HTTP_PROXY: true, HTTPS_PROXY: true, NO_PROXY: true });
  return proxyOf(readSome(proxies, withProxyNames(environment), file));
}

/**
 * One adapter's settings, for a command that needs nothing else.
 * @throws SettingsError that names each bad or missing setting
 */
export function readPart<Shape extends z.ZodRawShape, Made>(
  adapter: { settings: Shape; needs: string; read(set: Parsed<Shape>, shared: null, problems: string[]): Made | null },
  environment: Environment,
  file: EnvFile | null = null,
): Made {
  const problems: string[] = [];
  const read = readSettings(z.object(adapter.settings), environment, file);
  // Safe: it was parsed with the schema of this shape.
  const made = adapter.read(read.set as Parsed<Shape>, null, problems);
  for (const problem of problems) read.report(problem);
  if (made === null && read.problems.length === 0) read.report(`${adapter.needs}: missing.`);
  if (made === null || read.problems.length > 0) throw new SettingsError(read.problems, []);
  return made;
}

function readSome<T extends object>(
  schema: z.ZodObject & z.ZodType<T>,
  environment: Environment,
  file: EnvFile | null,
): T {
  const { set, problems } = readSettings(schema, environment, file);
  if (problems.length > 0) throw new SettingsError(problems, []);
  return set;
}

function pathIn(databaseUrl: string): string {
  if (isPostgres(databaseUrl)) return ':memory:';
  return databaseUrl.slice('file:'.length).replace(/^\/\/(?=\/)/, '');
}

/** As it is written, and as it is meant. */
function passwordOf(databaseUrl: string): string[] {
  const password = isPostgres(databaseUrl) ? new URL(databaseUrl).password : '';
  return password === '' ? [] : [...new Set([password, decodeURIComponent(password)])];
}

function tracingOf(
  set: Pick<Settings, 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_EXPORTER_OTLP_HEADERS' | 'OTEL_SERVICE_NAME'>,
) {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers = {} } = set;
  if (endpoint === undefined) return null;
  return { url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, headers, serviceName: set.OTEL_SERVICE_NAME };
}
