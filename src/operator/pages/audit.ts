/** *Audit*: a search in the audit log. Tested in test/operator/pages/audit.test.ts. */
import { html } from 'hono/html';
import { z } from 'zod';
import { momentOf } from '../../core/text/time/zone.ts';
import { auditKindNames, auditKinds } from '../../core/view/audit/kinds.ts';
import type { AuditFilter } from '../../core/view/audit/search.ts';
import type { AuditEntries } from '../../engine/audit.ts';
import { paths } from './layout.ts';
import { foreignText, type Html, line, moment, type Now, pager, table } from './parts.ts';
import { approvalPath } from './shown.ts';

/** Longer than any name or ID; a search for more finds nothing. */
const TEXT_MAX = 200;
const DAY_MS = 86_400_000;

/** An address can come from anyone: what can't be seen in it is not looked for. */
const text = z
  .string()
  .transform((value) => value.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim())
  .refine(({ length }) => length <= TEXT_MAX)
  .catch('');
const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .catch('');
const queryShape = z.object({
  text: text.default(''),
  person: text.default(''),
  approval: text.default(''),
  kind: z.enum(['', ...auditKindNames]).catch(''),
  from: day.default(''),
  to: day.default(''),
});
export type AuditForm = z.infer<typeof queryShape>;

/** What can't be read is left empty. */
export function parseAuditForm(query: Record<string, string>): AuditForm {
  return queryShape.parse(query);
}

export function filterOf({ text, person, approval, kind, from, to }: AuditForm, zone: string): AuditFilter {
  const [begin, end] = [startOfDay(from, zone), startOfDay(to, zone, 1)];
  return {
    ...(text !== '' && { text }),
    ...(person !== '' && { person }),
    ...(approval !== '' && { approval }),
    ...(kind !== '' && { kinds: [kind] }),
    ...(begin !== null && { from: begin }),
    ...(end !== null && { to: end }),
  };
}

/** When a day begins there, ms since 1970. @param later days later @returns null for no date */
export function startOfDay(date: string, zone: string, later = 0): number | null {
  const day = Date.parse(`${date}T00:00:00Z`) + later * DAY_MS;
  return Number.isNaN(day) ? null : momentOf(day, zone);
}

export interface AuditShown {
  form: AuditForm;
  found: AuditEntries;
  isFirst: boolean;
  /** Rows a page. */
  size: number;
}

export function auditPage({ form, found, isFirst, size }: AuditShown, now: Now): Html {
  const { entries, next } = found;
  const given = Object.entries(form).filter(([, value]) => value !== '');
  const query = new URLSearchParams(given).toString();
  const address = query === '' ? paths.audit : `${paths.audit}?${query}`;
  const isStopped = next !== null && entries.length < size;
  return html`${formHtml(form, now)}
<section aria-labelledby="found"><h2 id="found">${given.length === 0 ? 'All rows, the newest first' : 'Found, the newest first'}</h2>
${
  entries.length === 0
    ? html`<p class="empty">${next === null ? 'Nothing was found.' : 'Nothing was found so far.'}</p>`
    : table(
        'Rows of the audit log',
        ['When', 'What happened', 'About'],
        entries.map(({ at, event, title, approvalId, kinds }) => [
          moment(at, now, 'exact'),
          html`${line(event, now)}${kinds.length === 0 ? html`` : html` <span class="detail">${kinds.join(', ')}</span>`}`,
          title === null
            ? html`<code>${foreignText(approvalId)}</code>`
            : html`<a href="${approvalPath(approvalId)}">${title}</a>`,
        ]),
      )
}
${isStopped ? html`<p>A part of the log was searched. The next page goes on from there.</p>` : html``}
${pager(address, { isFirst, next })}</section>`;
}

function formHtml({ text, person, approval, kind, from, to }: AuditForm, { zone }: Now): Html {
  return html`<form class="search" method="get" action="${paths.audit}" role="search" aria-label="Audit log">
${field('text', 'Words', html`<input id="text" name="text" type="search" value="${text}" maxlength="${TEXT_MAX}" autocomplete="off">`)}
${field('person', 'Person', html`<input id="person" name="person" value="${person}" maxlength="${TEXT_MAX}" autocomplete="off" placeholder="Dana, or slack:U0123">`)}
${field('approval', 'ID of an approval', html`<input id="approval" name="approval" value="${approval}" maxlength="${TEXT_MAX}" autocomplete="off">`)}
${field(
  'kind',
  'Kind',
  html`<select id="kind" name="kind"><option value="">any</option>${auditKindNames.map(
    (name) =>
      html`<option value="${name}"${name === kind ? html` selected` : html``}>${name}: ${auditKinds[name]}</option>`,
  )}</select>`,
)}
${field('from', `From (${zone})`, html`<input id="from" name="from" type="date" value="${from}">`)}
${field('to', 'To, included', html`<input id="to" name="to" type="date" value="${to}">`)}
<div class="buttons"><button type="submit">Search</button> <a href="${paths.audit}">Clear</a></div>
</form>`;
}

function field(id: string, label: string, input: Html): Html {
  return html`<div class="field"><label for="${id}">${label}</label>${input}</div>`;
}
