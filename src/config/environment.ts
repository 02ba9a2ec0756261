/**
 * The environment with what `.env` adds to it, and what is wrong with that file. Tested in
 * test/config/start.test.ts.
 */
import { type EnvFile, printable } from '../core/text/settings/env-file.ts';
import { nearNames, settingMeantBy } from '../core/text/settings/near-names.ts';
import type { Problem } from './problems.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What else may be in the file: for our other commands, for Node, and for the libraries of terminals. */
const OTHERS = new Set([
  ...['ASK_URL', 'ASK_TOKEN', 'SANDBOX_PORT', 'CHROMIUM'],
  ...['http_proxy', 'https_proxy', 'no_proxy'],
  ...['NODE_ENV', 'TZ', 'NO_COLOR', 'FORCE_COLOR', 'LANG'],
]);

/** Names of other programs that are near to ours. */
const FOREIGN = new Set(['HOSTS', 'ALL_PROXY', 'FTP_PROXY', 'LOG_LEVELS', 'DATABASE_URI']);

export interface FileFindings {
  problems: readonly Problem[];
  warnings: readonly Problem[];
}

/**
 * What is wrong with `.env`, and with the names of settings in it and in the environment.
 * @param known the names of all settings
 */
export function findingsOf(file: EnvFile | null, environment: Environment, known: readonly string[]): FileFindings {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const { line, names, message } of file?.faults ?? []) problems.push(inFile(line, message, names));
  for (const { line, names, message } of file?.warnings ?? []) warnings.push(inFile(line, message, names));
  for (const { name, line, value } of file?.entries ?? []) {
    if (known.includes(name) || OTHERS.has(name) || value.trim() === '') continue;
    const near = nearNames(name, known);
    if (near.length === 0) {
      warnings.push(inFile(line, `${printable(name)} is not a setting of Countersign, and has no effect.`, near));
      continue;
    }
    const shown = name.length < 60 ? name : printable(name);
    const question = `Did you mean ${near.join(' or ')}? Rename it, or remove the line.`;
    problems.push(inFile(line, `${shown} is not a setting. ${question}`, near));
  }
  const namesInFile = new Set(file?.entries.map(({ name }) => name));
  for (const [name, value] of Object.entries(environment)) {
    const isOurs = known.includes(name) || OTHERS.has(name) || FOREIGN.has(name) || namesInFile.has(name);
    const near = isOurs || !value?.trim() ? null : settingMeantBy(name, known);
    if (near === null) continue;
    const message = `${name} in the environment is not a setting. Did you mean ${near}?`;
    warnings.push({ names: [near], message, given: null, where: null });
  }
  return { problems, warnings };
}

/** Where a setting has its value from; null: it has none, or no `.env` was read. */
export function originOf(name: string, file: EnvFile | null, environment: Environment): string | null {
  const value = environment[name];
  if (value === undefined) return null;
  const entry = file?.entries.find((one) => one.name === name);
  if (entry === undefined) return file === null ? null : 'the environment';
  return entry.value === value
    ? `.env, line ${entry.line}`
    : `the environment, which comes before line ${entry.line} of .env`;
}

function inFile(line: number, message: string, names: readonly string[]): Problem {
  return { names, message: `.env, line ${line}: ${message}`, given: null, where: null };
}
