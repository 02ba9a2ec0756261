/** What the commands of `npm run policy` have in common. Tested in test/cli/policy/commands.test.ts. */
import { parseArgs } from 'node:util';
import { backendNames, ids } from '../../adapters.ts';
import { readDatabase } from '../../config/config.ts';
import type { Environment } from '../../config/environment.ts';
import type { Approval } from '../../core/approval/approval.ts';
import { coerceError, SetupError } from '../../core/ports/errors.ts';
import type { RecordKind } from '../../core/ports/store.ts';
import { DEFAULT_FILE, decode, readPolicyFile, SIZE_MAX } from '../../policy/file/read.ts';
import { type LoadedPolicy, loadPolicy } from '../../policy/load.ts';
import { loadEnvFile } from '../../system/env-file.ts';
import { readInput } from './input.ts';

export interface CommandIo {
  /** Is changed: `.env` adds to it. */
  environment: Record<string, string | undefined>;
  print(text: string): void;
  /** For what is wrong. */
  complain(text: string): void;
}

export interface PolicyCommand {
  name: string;
  /** One line. */
  summary: string;
  usage: string;
  /** @returns the exit code @throws SetupError */
  run(args: readonly string[], io: CommandIo): number | Promise<number>;
}

/** The options that each command has. @throws SetupError */
export function fileOption(args: readonly string[], usage: string): string | null {
  try {
    const { values } = parseArgs({ args: [...args], options: { file: { type: 'string' } }, allowPositionals: false });
    return values.file ?? null;
  } catch (thrown) {
    throw new SetupError(`${coerceError(thrown).message}\n\n${usage}`);
  }
}

/**
 * As the path of a file: what the shell writes into this program. It is opened by the user of the shell, so that the command of
 * a service can look at a file that only its operator can read.
 */
export const INPUT = '-';

/** The policy file that is meant. */
export function policyPath(option: string | null, environment: Environment): string {
  return option ?? (environment['POLICY_FILE']?.trim() || DEFAULT_FILE);
}

/** Which platforms are configured is not looked at: a check also runs where no secrets are. @throws SetupError */
export function loadFile(path: string): { name: string; text: string; loaded: LoadedPolicy } {
  const isInput = path === INPUT;
  const text = isInput ? readPolicyInput() : readPolicyFile(path);
  const name = isInput ? 'the input' : path;
  return { name, text, loaded: loadPolicy(text, { source: name, ids, ...backendNames }) };
}

function readPolicyInput(): string {
  const bytes = readInput(SIZE_MAX);
  if (bytes.length > SIZE_MAX) throw new SetupError('The input is larger than 1 MB, and is not read.');
  return decode(bytes, 'The input');
}

/** The environment with what `.env` adds to it. */
export function withEnvFile(environment: CommandIo['environment']) {
  return loadEnvFile(environment);
}

/** The past requests in the database of the bot. */
interface History {
  find(id: string): Promise<Approval | null> | Approval | null;
  since(since: number): Promise<Approval[]> | Approval[];
  records(kind: RecordKind): Promise<unknown[]> | unknown[];
  close(): Promise<void> | void;
}

/**
 * Only the library of the database that is configured is loaded.
 * @param read is given the database, and how people know it
 * @throws SetupError
 */
export async function withHistory<T>(
  environment: CommandIo['environment'],
  read: (history: History, name: string) => Promise<T>,
): Promise<T> {
  const { databaseFile, databaseUrl } = readDatabase(environment, withEnvFile(environment));
  const history = await open(databaseFile, databaseUrl);
  try {
    return await read(history, databaseUrl === null ? databaseFile : 'the database of DATABASE_URL');
  } finally {
    await history.close();
  }
}

async function open(file: string, url: string | null): Promise<History> {
  if (url === null) return (await import('../../store/sqlite/file/history.ts')).openHistory(file);
  return (await import('../../store/postgres/lists/history.ts')).openDatabaseHistory(url);
}
