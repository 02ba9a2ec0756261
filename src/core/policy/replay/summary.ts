/** What a replay found, as text: a line with the sums, then each request by name. Tested in test/core/policy/replay/replay.test.ts. */
import { counted, thousands } from '../../text/numbers.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import { foreign, momentText } from '../explain/words.ts';
import type { Difference, Replayed } from './replay.ts';

export interface ReplaySummary {
  requests: number;
  /** As they were. */
  unchanged: number;
  /** The more serious first. */
  groups: readonly ReplayGroup[];
}

export interface ReplayGroup {
  /** What these have in common, without their number: `would now need 2 people`. */
  what: string;
  found: readonly Replayed[];
}

/** What is decided without a person, and what no one can decide, comes first. */
const order = [
  'passes',
  'refused',
  'no_one',
  'not_allowed',
  'people',
  'rooms',
] as const satisfies readonly Difference['type'][];

export function summaryOf(all: readonly Replayed[]): ReplaySummary {
  const groups = new Map<string, { rank: number; found: Replayed[] }>();
  for (const one of all) {
    for (const difference of one.differences) {
      const what = whatOf(difference);
      const group = groups.get(what) ?? { rank: order.indexOf(difference.type), found: [] };
      // One person who signed twice is one request.
      if (group.found.at(-1) !== one) group.found.push(one);
      groups.set(what, group);
    }
  }
  return {
    requests: all.length,
    unchanged: all.filter(({ differences }) => differences.length === 0).length,
    groups: [...groups]
      .sort(([, one], [, other]) => one.rank - other.rank || other.found.length - one.found.length)
      .map(([what, { found }]) => ({ what, found })),
  };
}

const fates: Record<string, string> = {
  approved: 'that were approved',
  rejected: 'that were rejected',
  taken_over: 'that were taken over',
  answered: 'that were answered',
  expired: 'that expired',
  pending: 'that are pending',
  decided: 'that are being sent',
};

function fateText(was: string): string {
  return fates[was] ?? `that ended as “${was.replaceAll('_', ' ')}”`;
}

/** After a number. */
export function whatOf(difference: Difference): string {
  switch (difference.type) {
    case 'passes':
      return `${fateText(difference.was)} would have passed without a person`;
    case 'refused':
      return `${fateText(difference.was)} would have been rejected without a person`;
    case 'no_one':
      return `would reach no one ${reasons[difference.why]}`;
    case 'people': {
      const { count, was } = difference;
      return `would now need ${count === 1 ? 'one person' : `${count} people`}${count < was ? ` in place of ${was}` : ''}`;
    }
    case 'not_allowed':
      return 'were decided by someone who could no longer';
    case 'rooms':
      return 'would be posted in other rooms';
  }
}

const reasons: Record<Extract<Difference, { type: 'no_one' }>['why'], string> = {
  no_rule: '(no rule fits)',
  expression: '(a condition fails)',
  no_deciders: '(their rule names no one)',
  no_rooms: '(their rule names no room)',
};

/** `412 requests: 37 would now need 2 people, 3 that were rejected would have passed without a person.` */
export function headline({ requests, groups }: ReplaySummary): string {
  const parts = groups.map(({ what, found }) => `${thousands(found.length)} ${what}`);
  return `${counted(requests, 'request')}: ${parts.length === 0 ? 'all as they were' : parts.join(', ')}.`;
}

/** The headline, and below it each request of each group. */
export function summaryText(summary: ReplaySummary): string {
  const { groups, unchanged } = summary;
  return [
    headline(summary),
    ...groups.flatMap(({ what, found }) => [
      '',
      `${thousands(found.length)} ${what}:`,
      ...found.map((one) => `    ${requestLine(one)}`),
    ]),
    '',
    `${counted(unchanged, 'request')} as before.`,
  ].join('\n');
}

function requestLine({ approval, rule, differences }: Replayed): string {
  const { pause, id, askedAt } = approval;
  const asker = pause.asker === null ? '' : ` of ${foreign(pause.asker)}`;
  const signers = differences.flatMap((one) => (one.type === 'not_allowed' ? [foreign(one.who)] : []));
  const by = signers.length === 0 ? '' : `, decided by ${[...new Set(signers)].join(' and ')}`;
  const fits = rule === null ? '' : `, rule “${rule}”`;
  return `${momentText(askedAt)}  ${revealLine(pause.tool)}${asker}${by}${fits}  ${id}`;
}
