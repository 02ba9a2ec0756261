/** Finds and reads the policy file. Tested in test/policy/file/read.test.ts. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { coerceError, SetupError } from '../../core/ports/errors.ts';
import type { LoadedPolicy, loadPolicy } from '../load.ts';

/** In the folder of the start. */
export const DEFAULT_FILE = 'countersign.yml';
/** Before it is read at all; what is parsed is bounded, too. */
export const SIZE_MAX = 1024 * 1024;

/** A policy file as it was read at the start. */
export interface PolicyFile {
  /** As it was named: relative to the folder of the start. */
  path: string;
  text: string;
  /** Of `load.ts`, which is loaded only where there is a file: with the libraries for YAML and CEL. */
  loadPolicy: typeof loadPolicy;
}

/**
 * @param setting `POLICY_FILE`; undefined or blank: `countersign.yml`, where that exists
 * @returns null where there is no policy file
 * @throws SetupError where the file that the setting names can't be read
 */
export async function findPolicyFile(setting: string | undefined): Promise<PolicyFile | null> {
  const named = setting?.trim() || null;
  const path = named ?? DEFAULT_FILE;
  if (named === null && statSync(path, { throwIfNoEntry: false }) === undefined) return null;
  const text = readPolicyFile(path);
  return { path, text, loadPolicy: (await import('../load.ts')).loadPolicy };
}

/** Of a bot that started without a policy file: the one that is there now, which it does not use. Null: there is none. */
export function unusedFile(): string | null {
  return existsSync(DEFAULT_FILE) ? DEFAULT_FILE : null;
}

/** @throws SetupError that says what to do */
export function readPolicyFile(path: string): string {
  try {
    const found = statSync(path);
    if (!found.isFile()) throw new SetupError(`${path} is not a file. POLICY_FILE names the policy file.`);
    if (found.size > SIZE_MAX) throw new SetupError(`${path} is larger than 1 MB, and is not read.`);
    return decode(readFileSync(path), path);
  } catch (thrown) {
    if (thrown instanceof SetupError) throw thrown;
    const { code } = thrown as { code?: unknown };
    if (code === 'ENOENT') {
      const remedy = `Write one from .env: npm run policy -- init --file ${path}`;
      throw new MissingFileError(`${path} does not exist. ${remedy}, or leave POLICY_FILE empty.`);
    }
    const remedy = 'The user that starts Countersign must be able to read it.';
    throw new SetupError(`${path} can’t be read (${coerceError(thrown).message}). ${remedy}`);
  }
}

/** An editor that replaces a file removes it for a moment. */
export class MissingFileError extends SetupError {}

/** The text of a policy file. @throws SetupError where it is not in UTF-8 */
export function decode(bytes: Buffer, path: string): string {
  try {
    // Without a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SetupError(`${path} is not text in UTF-8. Save it as UTF-8.`);
  }
}

/** What is wrong with a file that could not even be read, as a problem of its first line. */
export function unreadable(thrown: unknown): LoadedPolicy {
  const { message } = coerceError(thrown);
  const [wrong = message, ...remedy] = message.split(/(?<=\.) /);
  return { document: null, problems: [{ line: 1, column: 1, wrong, remedy: remedy.join(' ') }], warnings: [] };
}
