/** The log as lines for people, on a terminal. Tested in test/system/readable-log.test.ts. */
import type { DestinationStream } from 'pino';
import { revealLine } from '../core/text/visible/reveal.ts';

/** Control characters as JSON spells them, behind an even number of backslashes; a tab and a line break are left. */
const CONTROL = /\\(?:\\|u00(?:0[0-8bcef]|1[\da-f]|7f|[89][\da-f])|[bfr])/gi;
/** Those that JSON does not escape, and marks of direction. */
const RAW_CONTROL = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Turns each JSON line into a readable one. A terminal obeys control characters, so those of others are shown, not sent.
 * @param colour whether the terminal shows colours
 */
export async function readableLines(
  output: DestinationStream,
  { colour }: { colour: boolean },
): Promise<DestinationStream> {
  // Only where a person reads: it takes a while to load.
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: colour,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    messageFormat: (log, key) => revealLine(String(log[key] ?? '')),
  });
  return { write: (line) => output.write(pretty(harmless(line)) ?? '') };
}

function harmless(line: string): string {
  return line
    .replace(CONTROL, (found) => (found === '\\\\' ? found : `\\${found}`))
    .replace(RAW_CONTROL, (found) => `\\\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}
