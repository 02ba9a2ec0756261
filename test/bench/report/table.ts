import { short, spreadText } from './figures.ts';
import type { CaseSummary, MetricSummary, Verdict } from './summary.ts';

const NAME_WIDTH = 68;
const FIGURE_WIDTH = 11;

/** The summary of one case as lines of text. */
export function tableOf({ name, title, rounds, metrics, errors }: CaseSummary): string {
  const noisy = rounds.filter(({ quiet }) => !quiet.isQuiet).length;
  const seconds = Math.round(rounds.reduce((sum, round) => sum + round.seconds, 0));
  const count = `${rounds.length} ${rounds.length === 1 ? 'round' : 'rounds'}${noisy > 0 ? `, ${noisy} noisy` : ''}, ${seconds} s`;
  const failed = errors.map(({ subject, error }) => `  ${subject} failed: ${error}`);
  return [`\n${name}: ${title} (${count})`, ...metrics.flatMap(linesOf), ...failed].join('\n');
}

function linesOf({ name, unit, better, rows, goals }: MetricSummary): string[] {
  if (rows.length === 0) return [];
  const heading = `  ${name}, ${unit} (${better} is better)`.padEnd(NAME_WIDTH + 2);
  const columns = ['median', 'lowest', 'highest', 'product is'].map((text) => text.padStart(FIGURE_WIDTH)).join('');
  return [
    `${heading}${columns}`,
    ...rows.map(({ subject, kind, figure, ratio }) => {
      const title = kind === 'product' ? subject : `${subject} (${kind})`;
      const figures = [figure.median, figure.lowest, figure.highest].map((each) => short(each).padStart(FIGURE_WIDTH));
      const ratioText = ratio === null ? '' : `${short(ratio.median)} ×`.padStart(FIGURE_WIDTH);
      return `    ${title.padEnd(NAME_WIDTH - 2)}${figures.join('')}${ratioText}`;
    }),
    ...goals.map((goal) => `    ${goalText(goal, better, unit)}`),
  ];
}

function goalText({ of, against, limit, value, isMet }: Verdict, better: string, unit: string): string {
  const sign = better === 'less' ? '≤' : '≥';
  const [what, is] = against === null ? [unit, spreadText(value)] : [`× ${against}`, `${spreadText(value)} ×`];
  return `goal: ${of} ${sign} ${limit} ${what}: ${isMet ? 'met' : 'not met'}, ${is}`;
}
