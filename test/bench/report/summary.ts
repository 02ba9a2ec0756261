/** What the rounds of a case say: medians of figures, and medians of the ratios within each round. */
import type { Case, Goal, Metric } from '../contract.ts';
import type { Round } from '../run/rounds.ts';

export interface Spread {
  median: number;
  lowest: number;
  highest: number;
}

export interface Row {
  subject: string;
  kind: string;
  figure: Spread;
  /** Of the first product subject to this floor or peer; null for a product. */
  ratio: Spread | null;
}

export interface Verdict {
  of: string;
  against: string | null;
  limit: number;
  value: Spread;
  isMet: boolean;
}

export interface MetricSummary extends Pick<Metric, 'name' | 'unit' | 'better'> {
  rows: Row[];
  goals: Verdict[];
}

export interface CaseSummary {
  name: string;
  title: string;
  rounds: Round[];
  metrics: MetricSummary[];
  errors: { subject: string; error: string }[];
}

export function summaryOf(each: Case, rounds: Round[]): CaseSummary {
  const { name, title, metrics, subjects } = each;
  const errors = rounds.flatMap(({ outcomes }) =>
    Object.entries(outcomes).flatMap(([subject, outcome]) =>
      'error' in outcome ? [{ subject, error: outcome.error }] : [],
    ),
  );
  const product = subjects.find(({ kind }) => kind === 'product')?.name ?? '';
  return {
    ...{ name, title, rounds, errors },
    metrics: metrics.map(({ goals = [], ...metric }) => {
      const figures = (subject: string) => spreadOf(rounds, (round) => figureOf(round, subject, metric.name));
      const ratios = (of: string, to: string) =>
        spreadOf(rounds, (round) => figureOf(round, of, metric.name) / figureOf(round, to, metric.name));
      const rows = subjects.flatMap(({ name: subject, kind }) => {
        const figure = figures(subject);
        const ratio = kind === 'product' ? null : ratios(product, subject);
        return figure === null ? [] : [{ subject, kind, figure, ratio }];
      });
      const verdict = ({ of = product, against: reference, limit }: Goal): Verdict[] => {
        const against = reference ?? null;
        const value = against === null ? figures(of) : ratios(of, against);
        if (value === null) return [];
        const isMet = metric.better === 'less' ? value.median <= limit : value.median >= limit;
        return [{ of, against, limit, value, isMet }];
      };
      return { ...metric, rows, goals: goals.flatMap(verdict) };
    }),
  };
}

function figureOf(round: Round, subject: string, metric: string): number {
  const outcome = round.outcomes[subject];
  return outcome !== undefined && 'figures' in outcome ? (outcome.figures[metric] ?? Number.NaN) : Number.NaN;
}

/** Null where no round has a value. */
function spreadOf(rounds: readonly Round[], value: (round: Round) => number): Spread | null {
  const sorted = rounds
    .map(value)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  return { median: medianOf(sorted), lowest: sorted[0] as number, highest: sorted.at(-1) as number };
}

function medianOf(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}
