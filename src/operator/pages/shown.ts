/** One approval as all pages show it: the same content as its card, with the same masks. Tested in test/operator/content.test.ts. */
import { html } from 'hono/html';
import type { Approval } from '../../core/approval/approval.ts';
import { platformName } from '../../core/approval/names.ts';
import { directTo } from '../../core/policy/direct-messages.ts';
import type { Stop } from '../../core/policy/operators/stop.ts';
import type { Card } from '../../core/view/card.ts';
import { renderCard } from '../../core/view/cards/approval-card.ts';
import type { Desk } from '../../engine/contract.ts';
import { foreignText, type Html, line, type Now } from './parts.ts';

export type Texts = Pick<Desk, 'backendTitle' | 'consequences' | 'deciders' | 'linkTo'>;

export function cardOf(approval: Approval, texts: Texts, stop: Stop | null): Card {
  const { backendTitle, consequences, deciders } = texts;
  const { platform = '' } = Object.values(approval.slots)[0]?.place ?? {};
  return renderCard(approval, {
    backend: backendTitle(approval.pause.backend),
    consequences: consequences(approval),
    deciders: deciders(approval, platform),
    stop,
  });
}

export function approvalPath(id: string): string {
  return `/operator/approval/${encodeURIComponent(id)}`;
}

export function titleLink(approval: Approval, card: Pick<Card, 'title'>): Html {
  return html`<a href="${approvalPath(approval.id)}">${card.title}</a>`;
}

/** Where its cards are, each with a link where its platform has one. */
export function placesOf({ slots }: Approval, { linkTo }: Pick<Texts, 'linkTo'>): Html | null {
  const cards = Object.values(slots).filter(({ kind }) => kind === 'card');
  if (cards.length === 0) return null;
  return html`<ul class="places">${cards.map(({ place, receipt, refused }) => {
    const direct = directTo(place);
    const where = `${platformName(place.platform)}, ${direct === null ? place.room : `direct message to ${direct}`}`;
    const link = receipt === null ? null : linkTo(receipt);
    const state =
      receipt === null
        ? ' (not posted)'
        : refused === undefined
          ? ''
          : ` (its content was refused: ${foreignText(refused.reason)})`;
    const text = foreignText(where);
    return html`<li>${
      link === null
        ? text
        : html`<a href="${link}" rel="noreferrer">${text}<span class="hidden">: open the message</span></a>`
    }${state}</li>`;
  })}</ul>`;
}

export function linesOf(lines: readonly Card['status'][] | undefined, now: Now): Html | null {
  if (lines === undefined || lines.length === 0) return null;
  return html`<ul class="lines">${lines.map((one) => html`<li>${line(one, now)}</li>`)}</ul>`;
}
