import pino, { type DestinationStream, type Logger } from 'pino';

/** Names that must never be printed, wherever an SDK's error or a mistake of ours carries them. */
const secretNames = ['token', 'botToken', 'appToken', 'apiKey', 'authorization', 'Authorization', 'secret', 'cookie'];
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]);

/** Of a thrown thing, only what tells what happened: SDK errors carry whole requests, with their payload and token. */
function errorFields(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { message: typeof thrown };
  const { name, message, stack } = thrown;
  const code = (thrown as { code?: unknown }).code;
  const cause = thrown.cause instanceof Error ? errorFields(thrown.cause) : undefined;
  return { name, message, ...(code === undefined ? {} : { code }), stack, ...(cause === undefined ? {} : { cause }) };
}

/**
 * @param level a pino level
 * @param secrets values that are cut out of every line, whichever way they got into it
 */
export function createLog(
  level: string,
  secrets: readonly string[] = [],
  // Written before the next step is taken: what a process that dies says last must not be lost, nor come out of order.
  destination: DestinationStream = pino.destination({ dest: 1, sync: true }),
): Logger {
  return pino(
    { level, base: null, redact: { paths: secretPaths, censor: '[secret]' }, serializers: { err: errorFields } },
    { write: (line: string) => destination.write(cutOut(line, secrets)) },
  );
}

function cutOut(line: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => (text.includes(secret) ? text.replaceAll(secret, '[secret]') : text), line);
}
