/** What all pages are made of: lines, moments, tables. All text is escaped by `html`. Tested in test/operator/pages/parts.test.ts. */
import { html } from 'hono/html';
import { actorName } from '../../core/approval/names.ts';
import { maskText } from '../../core/mask/text.ts';
import { clip } from '../../core/text/clip.ts';
import { duration } from '../../core/text/numbers.ts';
import { LAST_MOMENT } from '../../core/text/time/parse.ts';
import { revealLine } from '../../core/text/visible/reveal.ts';
import type { Line, Moment, Span, Tone } from '../../core/view/card.ts';

/** Of `html`: what is in it already is not escaped again. */
export type Html = ReturnType<typeof html>;

/** When it is, and where. */
export interface Now {
  /** ms since 1970 */
  now: number;
  /** As in the IANA database: of all times on the page. */
  zone: string;
}

const NOTHING = html``;
/** Of a text of others outside of its own box. */
const LINE_MAX = 600;

/** `4 minutes ago`, `in 2 hours`. */
export function relativeText(at: number, now: number): string {
  const ms = at - now;
  if (Math.abs(ms) < 1_000) return 'now';
  return ms < 0 ? `${duration(-ms)} ago` : `in ${duration(ms)}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `30 Nov 2026, 19:46:10 UTC` */
export function absoluteText(at: number, zone: string): string {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'short',
    });
  formats.set(zone, format);
  return format.format(at);
}

/** A moment by its distance and its date. @param order what comes first */
export function moment(at: number, { now, zone }: Now, order: 'relative' | 'exact' = 'relative'): Html {
  // What lies beyond can be in a row that was not written here.
  if (!(Math.abs(at) <= LAST_MOMENT)) return html`an unknown time`;
  const [relative, absolute] = [relativeText(at, now), absoluteText(at, zone)];
  const iso = new Date(at).toISOString();
  return order === 'exact'
    ? html`<time datetime="${iso}">${absolute}</time>`
    : html`<time datetime="${iso}">${relative} <span class="exact">(${absolute})</span></time>`;
}

export function line(spans: Line, now: Now): Html {
  return html`${spans.map((span) => spanHtml(span, now))}`;
}

function spanHtml(span: Span, now: Now): Html {
  if (typeof span === 'string') return html`${span}`;
  if ('person' in span) {
    const name = html`<bdi>${actorName(span.person)}</bdi>`;
    return span.strong === true ? html`<strong>${name}</strong>` : name;
  }
  if ('strong' in span) return html`<strong>${span.strong}</strong>`;
  if ('code' in span) return html`<code>${span.code}</code>`;
  return momentIn(span, now);
}

function momentIn({ at, style }: Moment, now: Now): Html {
  return moment(at, now, style === 'relative' ? 'relative' : 'exact');
}

/** What others wrote, on one line: masked, with what can't be seen made visible. */
export function foreignText(text: string, max = LINE_MAX): string {
  return clip(revealLine(maskText(text).value), max);
}

export function badge(text: string, tone: Tone): Html {
  return html`<span class="badge ${tone}">${text}</span>`;
}

/** A row of a list of facts; nothing where there is nothing to say. */
export function fact(name: string, value: Html | string | null): Html {
  return value === null ? NOTHING : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** A table that becomes a card for each row on a narrow screen. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html {
  return html`<div class="table"><table role="table">
<caption class="hidden">${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads.map((head) => html`<th role="columnheader" scope="col">${head}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map(
  (cells) => html`<tr role="row">${cells.map((cell, at) =>
    at === 0
      ? html`<th role="rowheader" scope="row" data-label="${heads[at] ?? ''}">${cell}</th>`
      : html`<td role="cell" data-label="${heads[at] ?? ''}"><div>${cell}</div></td>`,
  )}</tr>
`,
)}</tbody></table></div>`;
}

/** Links to the first and the next page of a list in pages by key. */
export function pager(path: string, { isFirst, next }: { isFirst: boolean; next: string | null }): Html {
  if (isFirst && next === null) return NOTHING;
  const query = (after: string) => `${path}${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(after)}`;
  return html`<nav class="pager" aria-label="Pages of this list">${
    isFirst ? NOTHING : html`<a href="${path}">« First page</a>`
  } ${next === null ? html`<span>This is the last page.</span>` : html`<a href="${query(next)}" rel="next">Next page ›</a>`}</nav>`;
}
