/** The request as Countersign's inbox returns it, and its outcome in one line. Tested in test/cli/ask.test.ts. */
import { z } from 'zod';
import { clip } from '../../core/text/clip.ts';
import { revealLine } from '../../core/text/visible/reveal.ts';

const TEXT_MAX = 500;

export const itemSchema = z.looseObject({
  approval_id: z.string().min(1),
  status: z.string(),
  resolved_by: z.string().optional(),
  resolved_by_name: z.string().optional(),
  reason: z.string().optional(),
  detail: z.string().optional(),
  answer: z.string().optional(),
  created_at: z.string().optional(),
});
export type Item = z.infer<typeof itemSchema>;

/** One line for people: who decided, and why. */
export function sentenceOf(item: Item): string {
  const who = plain(item.resolved_by_name ?? item.resolved_by ?? 'an unknown person');
  const id =
    item.resolved_by === undefined || item.resolved_by_name === undefined ? '' : ` (${plain(item.resolved_by)})`;
  const why = item.reason ?? item.detail;
  const because = why === undefined || why.trim() === '' ? '.' : `: ${plain(why)}`;
  switch (item.status) {
    case 'approved':
      return `Approved by ${who}${id}${because}`;
    case 'rejected':
      return `Rejected by ${who}${id}${because}`;
    case 'taken_over':
      return `Taken over by ${who}${id}, who does it instead${because}`;
    case 'expired':
      return `Expired without a decision${because}`;
    case 'unconfirmed':
      return `Unconfirmed: ${who}${id} decided, and it is not known whether that arrived${because}`;
    case 'failed':
      return `Not delivered: ${who}${id} decided, and that was not accepted${because}`;
    case 'decided_elsewhere':
      return `Decided elsewhere${because}`;
    case 'pending':
      return 'Timed out before a decision was confirmed. This command no longer waits for the request.';
    case 'withdrawn':
      return 'Timed out before a decision was confirmed. The request was withdrawn.';
    case 'answered':
      return `Answered by ${who}${id}.`;
    default:
      return `Not decided, ${plain(item.status).replaceAll('_', ' ')}${because}`;
  }
}

/** Foreign text must not control the terminal. */
export function plain(text: string): string {
  return clip(revealLine(text), TEXT_MAX);
}
