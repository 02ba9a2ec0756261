/** *Waiting*: what people have to decide. Tested in test/operator/content.test.ts. */
import { html } from 'hono/html';
import type { Approval } from '../../core/approval/approval.ts';
import { endToShow } from '../../core/approval/steps/time/expiry.ts';
import type { Stop } from '../../core/policy/operators/stop.ts';
import type { KeyedPage, WaitingKey } from '../../core/ports/ports.ts';
import { clipMiddle } from '../../core/text/clip.ts';
import { counted } from '../../core/text/numbers.ts';
import type { Card } from '../../core/view/card.ts';
import { signedText } from '../../core/view/cards/signing/lines.ts';
import { waitingText } from './keys.ts';
import { paths } from './layout.ts';
import { badge, fact, foreignText, type Html, line, moment, type Now, pager } from './parts.ts';
import { cardOf, placesOf, type Texts, titleLink } from './shown.ts';

/** Of what is asked, characters: the page of the approval has all of it. */
const BODY_MAX = 600;

export interface Waiting {
  page: KeyedPage<Approval, WaitingKey>;
  isFirst: boolean;
  total: number;
  stop: Stop | null;
}

export function waitingPage({ page, isFirst, total, stop }: Waiting, texts: Texts, now: Now): Html {
  if (total === 0 && page.items.length === 0)
    return html`<p class="empty">Nothing waits for a decision. New requests appear here and on their cards in chat.</p>`;
  return html`<p class="intro">${counted(total, 'request waits', 'requests wait')} for a decision, those that end soonest first.</p>
<div class="items">${page.items.map((approval) => item(approval, texts, stop, now))}</div>
${pager(paths.waiting, { isFirst, next: page.next && waitingText(page.next) })}`;
}

function item(approval: Approval, texts: Texts, stop: Stop | null, now: Now): Html {
  const card = cardOf(approval, texts, stop);
  const { pause, askedAt, claim, signatures } = approval;
  const end = endToShow(approval);
  const signed = signatures.length === 0 ? null : line(signedText(approval), now);
  return html`<article class="item ${card.tone}">
<h2>${titleLink(approval, card)}</h2>
<p class="status">${line(card.status, now)}</p>
${card.danger === undefined ? html`` : html`<p>${badge('Dangerous', 'danger')} ${card.danger}</p>`}
${card.asker === null ? html`` : html`<p>${line(card.asker, now)}</p>`}
${card.body === null ? html`` : html`<figure><figcaption>${card.body.label}</figcaption><pre tabindex="0">${clipMiddle(card.body.text, BODY_MAX).text}</pre></figure>`}
${card.cautions.length === 0 ? html`` : html`<ul class="cautions">${card.cautions.map((one) => html`<li>${one}</li>`)}</ul>`}
<dl>
${fact('Asked', moment(askedAt, now))}
${fact('Until', end === null ? 'No end: it waits until somebody decides.' : moment(end, now))}
${fact('Who may decide', card.deciders?.text ?? null)}
${fact('Signed so far', signed)}
${fact('Claimed', claim === null ? null : html`by <bdi>${foreignText(claim.actor.name)}</bdi> until ${moment(claim.until, now)}`)}
${fact('Rule', ruleOf(approval, card))}
${fact('Backend', texts.backendTitle(pause.backend))}
${fact('Cards', placesOf(approval, texts))}
</dl>
</article>`;
}

/** Where the line on who may decide does not name it. */
function ruleOf({ requirement }: Approval, { deciders }: Pick<Card, 'deciders'>): string | null {
  if (requirement === undefined || requirement.rule === '') return null;
  const rule = foreignText(requirement.rule);
  return deciders?.text.includes(rule) === true ? null : rule;
}
