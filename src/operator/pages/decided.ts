/** *Decided*: what has ended, how, and whether its backend has confirmed it. Tested in test/operator/content.test.ts. */
import { html } from 'hono/html';
import type { Approval } from '../../core/approval/approval.ts';
import { actorName, platformName } from '../../core/approval/names.ts';
import type { Actor } from '../../core/approval/parts/decision.ts';
import type { KeyedPage, SettledKey } from '../../core/ports/ports.ts';
import type { Tone } from '../../core/view/card.ts';
import { titleOf } from '../../core/view/cards/cautions.ts';
import { statusOf } from '../../core/view/cards/status/line.ts';
import { settledText } from './keys.ts';
import { paths } from './layout.ts';
import { badge, type Html, line, moment, type Now, pager, table } from './parts.ts';
import { type Texts, titleLink } from './shown.ts';

export interface Decided {
  underWay: readonly Approval[];
  page: KeyedPage<Approval, SettledKey>;
  isFirst: boolean;
  /** How long settled approvals stay out of the archive; null: always. */
  retention: string | null;
}

export function decidedPage({ underWay, page, isFirst, retention }: Decided, texts: Texts, now: Now): Html {
  const rest =
    retention === null
      ? html``
      : html` What ended more than ${retention} ago is in the archive: <a href="${paths.audit}">search the audit log</a>.`;
  return html`${
    underWay.length === 0
      ? html``
      : html`<section aria-labelledby="way"><h2 id="way">On the way</h2>
<p>Decided, and not confirmed by the backend yet.</p>
${table(
  'Decided, and not confirmed yet',
  heads,
  underWay.map((one) => row(one, texts, now)),
)}</section>`
  }
<section aria-labelledby="ended"><h2 id="ended">Ended</h2>
<p>The latest first.${rest}</p>
${
  page.items.length === 0
    ? html`<p class="empty">Nothing has ended${isFirst ? ' yet' : ' before that'}.</p>`
    : table(
        'What has ended',
        heads,
        page.items.map((one) => row(one, texts, now)),
      )
}
${pager(paths.decided, { isFirst, next: page.next && settledText(page.next) })}</section>`;
}

const heads = ['What', 'Outcome', 'By', 'When', 'Backend'];

function row(approval: Approval, texts: Texts, now: Now): Html[] {
  const { outcome, phase, settledAt, decision, pause } = approval;
  const backend = texts.backendTitle(pause.backend);
  const { tone, line: status } = statusOf(approval, backend);
  const at = settledAt ?? decision?.at ?? approval.askedAt;
  return [
    titleLink(approval, { title: titleOf(approval) }),
    html`${badge(outcome === null ? (phase === 'sending' ? 'being sent' : 'decided') : outcomeText(outcome), tone)} <span class="detail">${line(status, now)}</span>`,
    people(approval),
    moment(at, now),
    html`${confirmation(approval, backend)}`,
  ];
}

export function outcomeText(outcome: NonNullable<Approval['outcome']>): string {
  return outcome.replaceAll('_', ' ');
}

function people({ decision, signatures }: Approval): Html {
  const actors =
    signatures.length > 0 ? signatures.map(({ actor }) => actor) : decision === null ? [] : [decision.actor];
  if (actors.length === 0) return html`nobody`;
  return html`${actors.map((actor, at) => html`${at === 0 ? '' : ', '}${personOf(actor)}`)}`;
}

function personOf(actor: Actor): Html {
  const where = ['application', 'policy'].includes(actor.platform) ? '' : ` (${platformName(actor.platform)})`;
  return html`<bdi>${actorName(actor)}</bdi>${where}`;
}

/** What the backend has said of it: silence is not a confirmation. */
export function confirmation({ outcome, decision }: Approval, backend: string): Html {
  const say = (text: string, tone: Tone) => badge(text, tone);
  switch (outcome) {
    case 'approved':
    case 'rejected':
    case 'taken_over':
    case 'answered':
    case 'started':
      return html`${say('confirmed', 'good')} by ${backend}`;
    case 'unconfirmed':
      return html`${say('not confirmed', 'warning')} It is not known whether ${backend} has it. Look there.`;
    case 'failed':
      return html`${say('not delivered', 'bad')} ${backend} does not have it.`;
    case null:
      return html`${say('not confirmed yet', 'pending')}`;
    default:
      return decision === null ? html`No call was made.` : html`The decision is not in force.`;
  }
}
