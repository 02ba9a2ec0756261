/** The settings of one start, and all that is wrong with them. Tested in test/config/start.test.ts. */
import type { z } from 'zod';
import { type EnvFile, isReference } from '../core/text/settings/env-file.ts';
import { kindOf } from '../core/text/settings/setting.ts';
import { type Environment, findingsOf, originOf } from './environment.ts';
import { problemsOfPlainHttp } from './plain-http.ts';
import { type Problem, shownValue, withoutSecrets } from './problems.ts';
import { settings } from './settings.ts';

export interface Read<T> {
  set: T;
  /** The texts of all that is set, by name. */
  given: Readonly<Record<string, string>>;
  /** The names of settings that could not be read; each has its default in `set`. */
  failed: ReadonlySet<string>;
  problems: readonly Problem[];
  warnings: readonly Problem[];
  /**
   * Adds a problem between settings. It is dropped where one of those that it is about could not be read: what it says may
   * be wrong then.
   * @param message `NAME: what is wrong, and what to do`
   */
  report(message: string): void;
  /** The same for what prevents no start. */
  problemOf(message: string): Problem;
}

/** They may differ between replicas that work by the same rules: where each runs, how it is reached, and what it tells whom. */
const OWN: ReadonlySet<string> = new Set([
  ...['HOST', 'PORT', 'REPLICA', 'DATABASE_URL', 'DATABASE_LISTEN_URL', 'ALLOW_LOSS', 'POLICY_FILE'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'LOG_LEVEL', 'LOG_FORMAT'],
  ...['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_SERVICE_NAME'],
]);

/** The settings that all replicas must have in common, as a text that is the same where they are. It has secrets in it. */
export function comparedSettings(given: Readonly<Record<string, string>>, names: readonly string[]): string {
  const compared = names.filter((name) => !OWN.has(name) && given[name] !== undefined);
  return JSON.stringify(compared.sort().map((name) => [name, given[name]]));
}

/**
 * Empty values count as not set.
 * @param schema of all settings, or of those that a command needs: then only what concerns them is reported
 */
export function readSettings<T extends object>(
  schema: z.ZodObject & z.ZodType<T>,
  environment: Environment,
  file: EnvFile | null,
): Read<T> {
  const given = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value?.trim() ? [[name, value]] : [])),
  );
  const { set, faults } = parseEachSetting(schema, given);
  const isAll = schema === (settings as unknown);
  const names = Object.keys(schema.shape);
  const concerns = ({ names: about }: Problem) =>
    isAll || about.length === 0 || about.some((name) => names.includes(name));
  const found = findingsOf(file, environment, Object.keys(settings.shape));
  const problems = found.problems.filter(concerns);

  /** With the value and its place, if it is about one setting alone. */
  function problemOf(message: string): Problem {
    const [subject = ''] = message.split(':');
    const about = namesIn(subject);
    const [name] = about.length > 0 ? about : namesIn(message);
    const value = name === undefined ? undefined : given[name];
    if (name === undefined || value === undefined) return { names: about, message, given: null, where: null };
    const shown = shownValue(value, isSecretSetting(name, settings.shape));
    const where = originOf(name, file, environment);
    return { names: about.length > 0 ? about : [name], message: withoutSecrets(message), given: shown, where };
  }

  for (const [name, messages] of faults) {
    if (isReference(given[name] ?? '')) continue;
    for (const message of messages) problems.push(problemOf(`${name}: ${message}`));
  }
  for (const message of problemsOfPlainHttp(set, allowHttpIn(given, problems, isAll, problemOf))) {
    problems.push(problemOf(message));
  }
  const failed = new Set(faults.keys());
  return {
    set,
    given,
    failed,
    problems,
    warnings: isAll ? found.warnings : [],
    problemOf,
    report(message) {
      const problem = problemOf(message);
      if (!problem.names.some((name) => failed.has(name))) problems.push(problem);
    },
  };
}

/** The hosts to which keys may go without TLS. */
function allowHttpIn(
  given: Readonly<Record<string, string>>,
  problems: Problem[],
  isAll: boolean,
  problemOf: (message: string) => Problem,
): readonly string[] {
  const parsed = settings.shape.ALLOW_HTTP.safeParse(given['ALLOW_HTTP']);
  if (parsed.success) return parsed.data;
  if (!isAll) problems.push(...parsed.error.issues.map(({ message }) => problemOf(`ALLOW_HTTP: ${message}`)));
  return [];
}

/** The settings that a text names. */
function namesIn(text: string): string[] {
  const words = text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b/g) ?? [];
  return [...new Set(words)].filter((word) => Object.hasOwn(settings.shape, word));
}

interface ParsedSettings<T> {
  /** A setting that could not be read has its default here. */
  set: T;
  /** By name: what is wrong, each with what to do. */
  faults: ReadonlyMap<string, readonly string[]>;
}

/** @param given without the empty values, which count as not set */
function parseEachSetting<T extends object>(
  schema: z.ZodObject & z.ZodType<T>,
  given: Readonly<Record<string, string>>,
): ParsedSettings<T> {
  const faults = new Map<string, string[]>();
  const set: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(schema.shape)) {
    const parsed = (one as z.ZodType).safeParse(given[name]);
    if (!parsed.success)
      faults.set(
        name,
        parsed.error.issues.map(({ message }) => message),
      );
    const value = parsed.success ? parsed.data : standIn(one as z.ZodType, given[name]);
    if (value !== undefined) set[name] = value;
  }
  for (const [name, value] of Object.entries(given)) {
    const misplaced = Object.hasOwn(schema.shape, name) ? misplacedIn(name, value, schema.shape) : null;
    if (misplaced === null) continue;
    // Only for a secret: the other messages of a value that is shown repeat it, and it is a key here.
    const [expected] = isSecretSetting(name, schema.shape) ? (faults.get(name) ?? []) : [];
    faults.set(name, [expected === undefined ? misplaced : `${expected}. It ${misplaced}`]);
  }
  return { set: set as T, faults };
}

/** In place of what can't be read, so that what else is wrong is found: it is set, or it has its default. */
function standIn(schema: z.ZodType, text: string | undefined): unknown {
  const { innerType } = schema.def as { innerType?: z.ZodType };
  const byDefault = schema.safeParse(undefined).data;
  return byDefault === undefined && innerType?.def.type === 'string' ? text : byDefault;
}

/** A key or a token that belongs in another setting, by what it begins with. */
function misplacedIn(name: string, value: string, shape: z.ZodRawShape): string | null {
  const { begins: own, secret = false } = kindOf(shape[name] as z.ZodType) ?? {};
  // Secrets of our own making have a syntax of their own, in which others' secrets have a place.
  const entries = secret && own === undefined ? [value.trim()] : value.split(/[\s,]+/);
  for (const [other, schema] of Object.entries(shape)) {
    const begins = kindOf(schema as z.ZodType)?.begins;
    if (begins === undefined || begins.called === own?.called) continue;
    if (begins.texts.some((text) => entries.some((entry) => entry.startsWith(text)))) {
      return `holds ${begins.called}, which belongs in ${other}`;
    }
  }
  return null;
}

/** The names of the secrets of an adapter. */
export function secretSettingsIn(shape: z.ZodRawShape): string[] {
  return Object.keys(shape).filter((name) => isSecretSetting(name, shape));
}

/** Whether the value of a setting is never shown. What is not known to be harmless is a secret. */
function isSecretSetting(name: string, shape: z.ZodRawShape): boolean {
  const schema = shape[name] as z.ZodType | undefined;
  return schema === undefined || (kindOf(schema)?.secret ?? false);
}
