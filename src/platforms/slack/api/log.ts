import { type Logger, LogLevel } from '@slack/bolt';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Log } from '../../../core/ports/ports.ts';

/** What the libraries may put into a line: tokens, and the address of a socket with its ticket. */
const secret = /\bx(?:ox[a-z]|app)-[\w.-]+|\bwss?:\/\/\S+/g;

/**
 * Slack's libraries speaking into our log, for whoever looks closely: what matters of it reaches our own code, too, and
 * is told there in our words. Their debug lines hold whole payloads, so those are never written.
 */
export function createSlackLogger(log: Log): Logger {
  const write = (...messages: unknown[]) => log.debug({}, messages.map(words).join(' ').replaceAll(secret, '[hidden]'));
  return {
    debug: () => {},
    info: write,
    warn: write,
    error: write,
    getLevel: () => LogLevel.INFO,
    // The log's own level holds.
    setLevel: () => {},
    setName: () => {},
  };
}

function words(message: unknown): string {
  return typeof message === 'string' ? message : coerceError(message).message;
}
