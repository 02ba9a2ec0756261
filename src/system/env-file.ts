/** Reads `.env`, the same way for every command. Tested in test/system/env-file.test.ts. */
import { readFileSync } from 'node:fs';
import { coerceError, SetupError } from '../core/ports/errors.ts';
import { type EnvFile, parseEnvFile } from '../core/text/settings/env-file.ts';

/**
 * Adds the settings of a file to an environment, where they are not set yet: what is set outside of the file comes first.
 * @param environment is changed
 * @returns what the file says; null where there is none
 * @throws SetupError where the file can't be read
 */
export function loadEnvFile(environment: Record<string, string | undefined>, path = '.env'): EnvFile | null {
  const text = readText(path);
  if (text === null) return null;
  const file = parseEnvFile(text);
  for (const { name, value } of file.entries) environment[name] ??= value;
  return file;
}

function readText(path: string): string | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (thrown) {
    const { code } = thrown as { code?: unknown };
    if (code === 'ENOENT') return null;
    const remedy =
      code === 'EISDIR' ? 'It must be a file.' : 'The user that starts Countersign must be able to read it.';
    throw new SetupError(`${path} can't be read (${coerceError(thrown).message}). ${remedy}`);
  }
  try {
    return decode(bytes);
  } catch {
    throw new SetupError(`${path} is not text in UTF-8. Save it as UTF-8.`);
  }
}

/** Windows also writes UTF-16, which its first bytes tell. */
function decode(bytes: Buffer): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}
