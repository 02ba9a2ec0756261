/** One approval in full: what *Details* shows, and where its messages are. Tested in test/operator/content.test.ts. */
import { html } from 'hono/html';
import type { Approval } from '../../core/approval/approval.ts';
import type { AuditRow } from '../../core/approval/audit.ts';
import { asksPerson } from '../../core/approval/pause/pause.ts';
import { explainStored } from '../../core/policy/explain/stored.ts';
import type { Stop } from '../../core/policy/operators/stop.ts';
import { SETTINGS_VERSION } from '../../core/policy/rules/document.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Line } from '../../core/view/card.ts';
import { policySection } from '../../core/view/details/policy-section.ts';
import { detailsOf, type Section } from '../../core/view/details/sections.ts';
import { confirmation, outcomeText } from './decided.ts';
import { paths } from './layout.ts';
import { badge, fact, type Html, line, type Now } from './parts.ts';
import { cardOf, placesOf, type Texts } from './shown.ts';

export interface ApprovalInFull {
  approval: Approval;
  rows: readonly AuditRow[];
  policy: Policy;
  stop: Stop | null;
}

export function approvalTitle({ approval }: Pick<ApprovalInFull, 'approval'>, texts: Texts): string {
  return cardOf(approval, texts, null).title;
}

export function approvalPage({ approval, rows, policy, stop }: ApprovalInFull, texts: Texts, now: Now): Html {
  const { pause, outcome } = approval;
  const backend = texts.backendTitle(pause.backend);
  const card = cardOf(approval, texts, stop);
  const follows: Line[] = [
    ...(card.consequences ?? []),
    ...(card.deciders === undefined ? [] : [[card.deciders.text]]),
  ];
  // Masked as the card is; nothing opens a mask here, for that is recorded with a person who may decide.
  const { sections } = detailsOf(approval, rows, backend, {
    top: [],
    follows: approval.phase === 'open' ? follows : [],
    masked: [],
    policy: policySections(approval, policy, now.now),
    stop,
  });
  return html`<p class="status">${outcome === null ? html`` : html`${badge(outcomeText(outcome), card.tone)} ${confirmation(approval, backend)}`}</p>
<dl>
${fact('Cards', placesOf(approval, texts))}
${fact('Audit', html`<a href="${paths.audit}?approval=${encodeURIComponent(approval.id)}">All rows of the audit log</a>`)}
</dl>
${sections.map((one, at) => section(one, `section-${at}`, now))}`;
}

function policySections(approval: Approval, policy: Policy, now: number): Section[] {
  if (policy.document.version === SETTINGS_VERSION || !asksPerson(approval.pause)) return [];
  return [policySection(explainStored(approval, policy, now))];
}

function section(one: Section, id: string, now: Now): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${one.label}</h2>
${contentOf(one, now)}
</section>`;
}

function contentOf(one: Section, now: Now): Html {
  switch (one.kind) {
    case 'code':
      return html`<pre tabindex="0">${one.text}</pre>`;
    case 'text':
      return html`<blockquote>${one.text}</blockquote>`;
    case 'lines':
      if (one.lines.length === 1) return html`<p>${line(one.lines[0] ?? [], now)}</p>`;
      return html`<ul class="lines">${one.lines.map((each) => html`<li>${line(each, now)}</li>`)}</ul>`;
    case 'masks':
      return html`<ul class="lines">${one.masks.map(({ text }) => html`<li>${text}</li>`)}</ul>`;
  }
}
