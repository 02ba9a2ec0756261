/** Sonzai's settings, and what they mean together. */
import type { SharedSettings } from '../../core/ports/adapter.ts';
import { type Parsed, setting } from '../../core/text/settings/setting.ts';
import { parseCommandLine } from './command-line.ts';
import type { TokenSource } from './token.ts';

const { key, of, origin, parsedBy, pollMs, text } = setting;

export const settings = {
  SONZAI_API_URL: origin.default('https://api.sonz.ai'),
  SONZAI_TOKEN: of(key, { format: 'bearer token', secret: true }).optional(),
  SONZAI_TOKEN_FILE: of(text.min(1), { format: 'path of a file' }).optional(),
  SONZAI_TOKEN_COMMAND: parsedBy(parseCommandLine, 'command', { secret: true }).optional(),
  SONZAI_POLL_MS: pollMs,
};

/** Named in the error when no backend is configured. */
export const needs = 'SONZAI_TOKEN (or SONZAI_TOKEN_FILE or SONZAI_TOKEN_COMMAND)';

export interface SonzaiConfig {
  url: string;
  token: TokenSource;
  pollMs: number;
  enabled: true;
  secrets: readonly string[];
  secretFiles: readonly string[];
}

/** Null when Sonzai is not configured. */
export function read(
  set: Parsed<typeof settings>,
  _shared: SharedSettings | null,
  problems: string[],
): SonzaiConfig | null {
  const { SONZAI_TOKEN: value, SONZAI_TOKEN_FILE: path, SONZAI_TOKEN_COMMAND: command } = set;
  const given: TokenSource[] = [
    ...(value === undefined ? [] : [{ kind: 'value', value } as const]),
    ...(path === undefined ? [] : [{ kind: 'file', path } as const]),
    ...(command === undefined ? [] : [{ kind: 'command', command } as const]),
  ];
  const [token] = given;
  if (token === undefined) return null;
  if (given.length > 1) problems.push('SONZAI_TOKEN, SONZAI_TOKEN_FILE, SONZAI_TOKEN_COMMAND: set only one of them.');
  const secrets = value === undefined ? [] : [value];
  return {
    url: set.SONZAI_API_URL,
    token,
    pollMs: set.SONZAI_POLL_MS,
    enabled: true,
    secrets,
    secretFiles: path === undefined ? [] : [path],
  };
}
