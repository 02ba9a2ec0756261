/** *Dead letters*: jobs that are not tried again by themselves, and their *Retry*. Tested in test/operator/content.test.ts. */
import { html } from 'hono/html';
import { platformName } from '../../core/approval/names.ts';
import type { DeadLetter, DeadLetterKey, KeyedPage } from '../../core/ports/ports.ts';
import { counted } from '../../core/text/numbers.ts';
import { titleOf } from '../../core/view/cards/cautions.ts';
import { statusOf } from '../../core/view/cards/status/line.ts';
import type { DeadLetterShown, RetryObstacle } from '../../engine/operators/dead-letters.ts';
import { deadLetterText } from './keys.ts';
import { notice, paths } from './layout.ts';
import { foreignText, type Html, line, moment, type Now, pager, table } from './parts.ts';
import { type Texts, titleLink } from './shown.ts';

export interface DeadLettersShown {
  page: KeyedPage<DeadLetterShown, DeadLetterKey>;
  isFirst: boolean;
  formToken: string;
  /** Of the retry that led here; null: none did. */
  result: RetryResult | null;
}

/** What a retry came to, as the address of the page carries it. */
export const retryResults = ['retried', 'over', 'may_have_arrived', 'stopped', 'too_late', 'nothing_to_retry'] as const;
export type RetryResult = (typeof retryResults)[number];

export function resultOf(obstacle: RetryObstacle | null): RetryResult {
  return obstacle === null ? 'retried' : (retryResults.find((one) => one === obstacle) ?? 'nothing_to_retry');
}

const resultTexts: Record<RetryResult, string> = {
  retried: 'It is tried again now. Reload the page to see what came of it.',
  over: 'Nothing was done: it was tried again, or done, since this page was made.',
  may_have_arrived: 'Nothing was done: the call may have arrived, and a second one could decide twice.',
  stopped: 'Nothing was done: an operator has stopped everything. Start it first, in chat.',
  too_late: 'Nothing was done: its time is over, and it can’t be delivered any more.',
  nothing_to_retry: 'Nothing was done: there is nothing left to send.',
};

export function deadLettersPage({ page, isFirst, formToken, result }: DeadLettersShown, texts: Texts, now: Now): Html {
  const { items, next } = page;
  return html`${result === null ? html`` : notice(result === 'retried' ? 'good' : 'warning', html`${resultTexts[result]}`)}
<p class="intro">Jobs that Countersign has given up, the latest first. <em>Retry</em> looks at the state again, and never makes a call that may have arrived already.</p>
${
  items.length === 0
    ? html`<p class="empty">There are none: every card was posted and updated. Outputs of one run, which are sent together, are never listed here: where they were not delivered, <a href="${paths.decided}">Decided</a> and their cards say so.</p>`
    : table(
        'Dead letters',
        ['What failed', 'About', 'Why', 'When', 'Action'],
        items.map((one) => row(one, formToken, texts, now)),
      )
}
${pager(paths['dead-letters'], { isFirst, next: next && deadLetterText(next) })}`;
}

function row({ letter, approvals, obstacle }: DeadLetterShown, formToken: string, texts: Texts, now: Now): Html[] {
  const backend = texts.backendTitle(approvals[0]?.pause.backend ?? '');
  const what = whatOf(letter, backend);
  const tries = counted(letter.attempts, 'attempt');
  return [
    html`${what}`,
    approvals.length === 0
      ? html`What it was about is gone.`
      : html`${approvals.slice(0, ABOUT_MAX).map((one) => html`<div>${titleLink(one, { title: titleOf(one) })}</div>`)}${
          approvals.length > ABOUT_MAX ? html`<div>and ${approvals.length - ABOUT_MAX} more</div>` : html``
        }`,
    why({ letter, approvals }, backend, now),
    letter.deadAt === null ? html`parked, no failure` : html`${moment(letter.deadAt, now)}, after ${tries}`,
    obstacle === null ? retryForm(letter, what, formToken) : html`${obstacleText(obstacle, backend)}`,
  ];
}

/** A card says more of its decision than the job does. */
function why({ letter, approvals }: Pick<DeadLetterShown, 'letter' | 'approvals'>, backend: string, now: Now): Html {
  const [first] = approvals;
  if (letter.kind === 'decide' && first !== undefined) return line(statusOf(first, backend).line, now);
  return html`${letter.error === null ? 'Not known.' : foreignText(letter.error)}`;
}

/** Approvals that one row names; a digest has many. */
const ABOUT_MAX = 5;

function retryForm({ id, claims }: DeadLetter, what: string, formToken: string): Html {
  return html`<form method="post" action="/operator/dead-letters/retry">
<input type="hidden" name="token" value="${formToken}"><input type="hidden" name="id" value="${id}"><input type="hidden" name="claims" value="${claims}">
<button type="submit">Retry<span class="hidden"> ${what}</span></button></form>`;
}

const messages: Record<string, string> = {
  card: 'Card',
  result: 'Note on the run',
  reminder: 'Reminder',
  escalation: 'Note on an escalation',
  pointer: 'Note to a thread',
};

function whatOf({ kind, slot, place }: DeadLetter, backend: string): string {
  if (kind === 'decide') return `Decision to ${backend === '' ? 'its backend' : backend}`;
  if (kind === 'wake') return 'Timer (reminders, expiry)';
  const message = messages[slot?.split('@')[0] ?? ''] ?? 'Message';
  return place === null ? message : foreignText(`${message} in ${platformName(place.platform)}, ${place.room}`);
}

function obstacleText(obstacle: RetryObstacle, backend: string): string {
  switch (obstacle) {
    case 'may_have_arrived':
      return `The call may have arrived, and a second one could decide twice. Look at ${backend}. If it has nothing, a reviewer can press Try again on the card.`;
    case 'stopped':
      return 'An operator has stopped everything. It can be retried once that ends.';
    case 'too_late':
      return 'Its time is over.';
    default:
      return 'Nothing is left to send.';
  }
}
