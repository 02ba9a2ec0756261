/** The goals of all cases as one table for docs/performance.md. */
import { short, spreadText } from './figures.ts';
import type { CaseSummary, MetricSummary, Verdict } from './summary.ts';

const HEAD = ['| Path | Floor or peer | Product | Ratio | Goal |', '| --- | --- | --- | --- | --- |'];

/** Where every subject has the same goal, only the one that is furthest from it is shown. */
const SHOWN = 6;

export function markdownOf(summaries: readonly CaseSummary[]): string {
  const rounds = summaries.flatMap((summary) => summary.rounds);
  const noisy = rounds.filter(({ quiet }) => !quiet.isQuiet).length;
  return [
    ...HEAD,
    ...summaries.flatMap(({ title, metrics }) => metrics.flatMap((metric) => rowsOf(title, metric))),
    '',
    `${rounds.length - noisy} of ${rounds.length} rounds started on a quiet machine.`,
  ].join('\n');
}

function rowsOf(title: string, metric: MetricSummary): string[] {
  const shown = metric.goals.length <= SHOWN ? metric.goals : [worstOf(metric)];
  return shown.map((goal) => rowOf(title, metric, goal));
}

function rowOf(title: string, { name, unit, better, rows }: MetricSummary, goal: Verdict): string {
  const { of, against, limit, value, isMet } = goal;
  const figure = (subject: string) => {
    const found = rows.find((row) => row.subject === subject);
    return found === undefined ? '–' : short(found.figure.median);
  };
  const sign = better === 'less' ? '≤' : '≥';
  const cells = [
    `${title}: ${name}, ${unit}`,
    against === null ? '–' : `${against}: ${figure(against)}`,
    of === 'Countersign' ? figure(of) : `${of}: ${figure(of)}`,
    against === null ? spreadText(value) : `${spreadText(value)} ×`,
    `${sign} ${limit}${against === null ? '' : ' ×'}: ${isMet ? 'met' : '**not met**'}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function worstOf({ better, goals }: MetricSummary): Verdict {
  const sign = better === 'less' ? 1 : -1;
  const byDistance = [...goals].sort((a, b) => sign * (b.value.median - a.value.median));
  return byDistance[0] as Verdict;
}
