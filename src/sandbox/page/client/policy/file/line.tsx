import type { ReactNode } from 'react';
import type { PolicyProblem } from '../../lib/protocol.ts';
import { marksOf, tokensOf } from './tokens.ts';

/** A line with its colours, and a mark below what is wrong. */
export function Line({ text, problems }: { text: string; problems: readonly PolicyProblem[] }): ReactNode {
  const columns = problems.map(({ column }) => column);
  const marks = marksOf(text, columns);
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
