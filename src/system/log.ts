import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** Fields that are never printed: an SDK's error or a mistake of ours may carry them. */
const secretNames = ['token', 'botToken', 'appToken', 'apiKey', 'authorization', 'Authorization', 'secret', 'cookie'];
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]);

/** Synchronous: the last lines of a process that dies must not be lost or reordered. It waits for a slow reader. */
export function standardOutput(): DestinationStream {
  return pino.destination({ dest: 1, sync: true });
}

/** Only what describes the error: SDK errors carry whole requests, with payload and token. */
function errorFields(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { message: typeof thrown };
  const { name, message, stack } = thrown;
  const code = (thrown as { code?: unknown }).code;
  const cause = thrown.cause instanceof Error ? errorFields(thrown.cause) : undefined;
  return { name, message, ...(code === undefined ? {} : { code }), stack, ...(cause === undefined ? {} : { cause }) };
}

/**
 * @param level a pino level
 * @param secrets values that are replaced in every line
 */
export function createLog(
  level: string,
  secrets: readonly string[] = [],
  destination: DestinationStream = standardOutput(),
): Logger {
  return pino(
    { level, base: null, redact: { paths: secretPaths, censor: '[secret]' }, serializers: { err: errorFields } },
    { write: (line: string) => destination.write(cutOut(line, secrets)) },
  );
}

function cutOut(line: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => (text.includes(secret) ? text.replaceAll(secret, '[secret]') : text), line);
}
