/** What is wrong with a policy file: where, what, and what to write instead. Tested in test/policy/wrong-files.test.ts. */
import { SetupError } from '../core/ports/errors.ts';
import { clip } from '../core/text/clip.ts';
import { revealLine } from '../core/text/visible/reveal.ts';

export interface PolicyProblem {
  /** Both from 1. */
  line: number;
  column: number;
  /** What is wrong, as a sentence. */
  wrong: string;
  /** What to do, as a sentence. */
  remedy: string;
}

/** The policy can't be used as it is. */
export class PolicyError extends SetupError {
  readonly problems: readonly PolicyProblem[];

  /** @param file as people name it */
  constructor(file: string, problems: readonly PolicyProblem[]) {
    super([`${file} is not a valid policy:`, ...problems.map((one) => `  - ${problemLine(file, one)}`)].join('\n'));
    this.problems = problems;
  }
}

/** As compilers write it, so that editors find the place. */
export function problemLine(file: string, { line, column, wrong, remedy }: PolicyProblem): string {
  return revealLine(`${file}:${line}:${column}: ${wrong} ${remedy}`);
}

const SHOWN_LINE_MAX = 160;

/** The line of the file with a mark below the place. */
export function codeFrame(text: string, { line, column }: PolicyProblem): string {
  const number = String(line);
  const shown = clip(text.split(/\r?\n/)[line - 1]?.replaceAll('\t', ' ') ?? '', SHOWN_LINE_MAX);
  const indent = ' '.repeat(number.length + 3 + Math.min(column - 1, SHOWN_LINE_MAX));
  return `${number} | ${revealLine(shown)}\n${indent}^`;
}

/** By their places in the file, each once. */
export function inOrder(problems: readonly PolicyProblem[]): PolicyProblem[] {
  const once = new Map(problems.map((one) => [`${one.line}:${one.column}:${one.wrong}`, one]));
  return [...once.values()].sort((one, other) => one.line - other.line || one.column - other.column);
}
