import type { ReactNode } from 'react';
import type { PolicyProblem } from '../lib/protocol.ts';

interface Token {
  kind: 'key' | 'comment' | 'text' | 'number' | null;
  text: string;
}

/** In this order: a comment, a text in quotes, a key, a number. */
const TOKEN =
  /(?<comment>(?:^|(?<=\s))#.*$)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|(?<key>[\w-]+(?=:(?:\s|$)))|(?<number>(?<![\w.:-])\d+(?:[smhd](?![\w]))?(?![\w.:]))/g;

/** A line of YAML in parts; together they are the line. */
export function tokensOf(line: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const match of line.matchAll(TOKEN)) {
    if (match.index > at) tokens.push({ kind: null, text: line.slice(at, match.index) });
    const [kind = null] = Object.entries(match.groups ?? {}).flatMap(([name, found]) =>
      found === undefined ? [] : [name as Token['kind']],
    );
    tokens.push({ kind, text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < line.length) tokens.push({ kind: null, text: line.slice(at) });
  return tokens;
}

/** A line with its colours, and a mark below what is wrong. */
export function Line({ text, problems }: { text: string; problems: readonly PolicyProblem[] }): ReactNode {
  const marks = problems.map(({ column }) => markOf(text, column));
  let at = 0;
  return tokensOf(text).flatMap(({ kind, text: part }) => {
    const from = at;
    at += part.length;
    const cuts = marks.flatMap(({ start, end }) => [start, end]).filter((cut) => cut > from && cut < at);
    const edges = [...new Set([from, ...cuts, at])].sort((one, other) => one - other);
    return edges.slice(1).map((end, index) => {
      const start = edges[index] ?? from;
      const isWrong = marks.some((mark) => start >= mark.start && end <= mark.end);
      const classes = [...(kind === null ? [] : [`y-${kind}`]), ...(isWrong ? ['y-wrong'] : [])];
      return (
        <span key={start} className={classes.join(' ')}>
          {text.slice(start, end)}
        </span>
      );
    });
  });
}

/** From a column to the end of its word; at the end of a line, its last character. */
function markOf(line: string, column: number): { start: number; end: number } {
  const start = Math.min(column - 1, Math.max(line.length - 1, 0));
  const [word = ''] = /^(?:["'][^"']*["']|[^\s,:{}[\]]+)/.exec(line.slice(start)) ?? [];
  return { start, end: start + Math.max(word.length, 1) };
}
