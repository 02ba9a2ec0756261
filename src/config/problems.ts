/** What is wrong with the settings of one start, all at once. Tested in test/config/start.test.ts. */
import { maskText } from '../core/mask/text.ts';
import { SetupError } from '../core/ports/errors.ts';
import { clip } from '../core/text/clip.ts';
import { counted } from '../core/text/numbers.ts';
import { revealIndented, revealLine } from '../core/text/visible/reveal.ts';

export interface Problem {
  /** The settings that it is about; empty: none that is known. */
  names: readonly string[];
  /** What is wrong, and what to do. It begins with the name, and never has a secret in it. */
  message: string;
  /** The value as it may be shown; null: the message says it, or there is none. */
  given: string | null;
  /** `.env, line 7`, or `the environment`; null: it is not set, or no `.env` was read. */
  where: string | null;
  /** To be written elsewhere, below the message. */
  lines?: readonly string[];
}

/** The start can't succeed with these settings. */
export class SettingsError extends SetupError {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];

  constructor(problems: readonly Problem[], warnings: readonly Problem[]) {
    super(textOf(problems, warnings));
    this.problems = problems;
    this.warnings = warnings;
  }
}

function textOf(problems: readonly Problem[], warnings: readonly Problem[]): string {
  const also =
    warnings.length === 0 ? [] : ['These do not prevent a start, but should be looked at:', ...linesOf(warnings)];
  const heading = "Countersign can't start with these settings:";
  return [heading, ...linesOf(problems), ...also, 'See docs/settings.md for each.'].join('\n');
}

/** A value that several are about is shown once, below the last one. */
function linesOf(problems: readonly Problem[]): string[] {
  return problems.flatMap(({ message, given, where, names, lines = [] }, at) => {
    const next = problems[at + 1];
    const isRepeated = next?.given === given && next.where === where && next.names[0] === names[0];
    const place = where === null ? '' : ` (${where})`;
    const shown = given === null || isRepeated ? [] : [`    Given: ${given}${place}`];
    return [`  - ${revealLine(message)}`, ...shown, ...lines.map((line) => `      ${revealIndented(line)}`)];
  });
}

/** A message may quote what was given; what looks like a secret there is masked. */
export function withoutSecrets(message: string): string {
  return message.replace(/"([^"]+)"/g, (_, quoted: string) => `"${maskText(quoted).value}"`);
}

const SHOWN_MAX = 120;

/** A value for people: without secrets, on one line, and not too long. */
export function shownValue(value: string, isSecret: boolean): string {
  if (isSecret) return `${counted([...value].length, 'character')}, not shown`;
  return `"${clip(revealLine(maskText(value).value), SHOWN_MAX)}"`;
}
