/** What an operator reads as the state of Countersign. Pure. Tested in test/core/view/operators/replies.test.ts. */
import type { Stop } from '../../policy/operators/stop.ts';
import { clip } from '../../text/clip.ts';
import { counted, duration, thousands } from '../../text/numbers.ts';
import { stoppedText } from './stopped.ts';

/** ms where a time is meant. */
export interface OperatorStatus {
  stop: Stop | null;
  /** Each part that is checked; `reason` and `advice`: what is wrong, and what to do. */
  checks: readonly { name: string; ok: boolean; reason: string | null; advice: string | null }[];
  /** Approvals by phase. */
  open: number;
  unsent: number;
  /** The one that has waited the longest. `what`: its tool, as cards name it. */
  oldest: { what: string; backend: string; waitedMs: number } | null;
  /** Jobs that are due, and how long the oldest has waited. */
  due: number;
  oldestDueMs: number | null;
  /** Cards and notes that could not be posted or updated; decisions that could not be delivered. */
  deadCards: number;
  deadDecisions: number;
  policy: { source: string; version: string; loadedMsAgo: number };
  release: string | null;
  runningMs: number;
}

/** Both platforms show this much of a private message, with room to spare; Discord takes 2,000 characters. */
const STATUS_MAX = 1_700;
const REASON_MAX = 220;

export function statusText(status: OperatorStatus): string {
  const { stop, checks, policy, release, runningMs } = status;
  const bad = checks.filter(({ ok }) => !ok);
  const well = checks.filter(({ ok }) => ok).map(({ name }) => name.replaceAll('_', ' '));
  const lines = [
    stop === null ? 'Running: decisions are sent.' : stoppedText(stop),
    ...bad.map(({ name, reason, advice }) =>
      clip(`⚠️ ${name.replaceAll('_', ' ')}: ${[reason, advice].filter((part) => part !== null).join(' ')}`, REASON_MAX),
    ),
    well.length === 0 ? 'No part is healthy.' : `Healthy: ${well.join(', ')}.`,
    waitingText(status),
    backlogText(status),
    deadText(status),
    `Policy: ${policy.source}, version ${policy.version}, loaded ${duration(policy.loadedMsAgo)} ago.`,
    `Countersign${release === null ? '' : ` ${release}`}, running for ${duration(runningMs)}.`,
  ];
  return clip(lines.join('\n'), STATUS_MAX);
}

function waitingText({ open, unsent, oldest }: OperatorStatus): string {
  const decided = unsent === 0 ? '' : ` ${counted(unsent, 'decision')} not delivered yet.`;
  if (open === 0) return `Open: none.${decided}`;
  const since = oldest === null ? '' : ` Oldest: ${oldest.what} (${oldest.backend}), ${duration(oldest.waitedMs)}.`;
  return `Open: ${counted(open, 'approval')}.${since}${decided}`;
}

function backlogText({ due, oldestDueMs }: OperatorStatus): string {
  if (due === 0) return 'Backlog: none.';
  const since = oldestDueMs === null ? '' : `, the oldest for ${duration(oldestDueMs)}`;
  return `Backlog: ${counted(due, 'job')} due${since}.`;
}

function deadText({ deadCards, deadDecisions }: OperatorStatus): string {
  if (deadCards + deadDecisions === 0) return 'Abandoned: none.';
  const cards = deadCards === 0 ? [] : [`${counted(deadCards, 'card or note', 'cards and notes')} (press Retry)`];
  const decisions =
    deadDecisions === 0 ? [] : [`${thousands(deadDecisions)} of decisions (press Try again on their cards)`];
  return `Abandoned: ${[...cards, ...decisions].join(', ')}.`;
}
