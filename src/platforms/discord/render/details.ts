/** All details of one approval as a private message with pages. Pure. Tested in test/stories/cards/details.test.ts. */
import type { DetailsView } from '../../../core/ports/ports.ts';
import { type ButtonId, encodeButtonId } from '../../../core/view/button-id.ts';
import { detailsText, type Page, pageOfMask, pagesOf } from '../../../core/view/details/pages.ts';
import type { Section } from '../../../core/view/details/sections.ts';
import { limits } from '../api/size-limits.ts';
import { bold, breaksOut, codeBlock, escapeMarkdown, fit, quote } from './markdown.ts';
import { type Json, renderLine, renderRows } from './message.ts';

/** Characters a page: escaping at most doubles them, and an embed takes 4,096. */
const PAGE_LENGTH = 1_800;
/** From this many pages on, a file is attached. */
const FILE_FROM_PAGES = 4;
const ACTION_ROW = 1;

export interface Attachment {
  name: string;
  data: string;
}

/** The data of an interaction’s answer; `file` contains everything, if it is long. */
export function renderDetails(view: DetailsView): { data: Json; file: Attachment | null } {
  const { details, open, buttons = [] } = view;
  const pages = pagesOf(open === undefined ? details : { ...details, sections: [open.section] }, PAGE_LENGTH);
  const current = Math.max(0, Math.min(view.page, pages.length - 1));
  const isLast = current === pages.length - 1 && open === undefined;
  // A masked value is never in the file, nor is one that is open.
  const isLong = pages.length >= FILE_FROM_PAGES && open === undefined;
  const file = isLong ? { name: 'details.txt', data: detailsText(details) } : null;
  const page = pages[current] ?? [];
  const data = {
    embeds: [
      {
        title: fit(details.title, limits.embedTitle, escapeMarkdown),
        description: renderPage(page),
        ...(pages.length < 2 ? {} : { footer: { text: `Page ${current + 1} of ${pages.length}` } }),
      },
    ],
    components: [
      ...renderShow(page, view, pages.length),
      ...renderPaging(view, current, pages.length),
      ...(isLast ? renderRows(buttons) : []),
    ],
  };
  return { data, file };
}

function renderPage(page: Page): string {
  return fit(page.map(renderSection).join('\n\n'), limits.embedDescription, (text) => text);
}

function renderSection(section: Section): string {
  const label = bold(section.label);
  switch (section.kind) {
    case 'code': {
      const note = breaksOut(section.text) ? '\n-# Backticks are shown as ˋ.' : '';
      return `${label}\n${codeBlock(section.text)}${note}`;
    }
    case 'text':
      return `${label}\n${quote(section.text)}`;
    case 'masks':
      return [label, ...section.masks.map(({ index, text }) => escapeMarkdown(`${index + 1}. ${text}`))].join('\n');
    case 'lines':
      return [label, ...section.lines.map((line) => renderLine(line, limits.embedDescription))].join('\n');
  }
}

/** The buttons *Show* of the page's masked values, numbered as these are. */
function renderShow(page: Page, view: DetailsView, of: number): Json[] {
  const masks = page.flatMap((section) => (section.kind === 'masks' ? section.masks : []));
  const buttons = masks.map(({ index }) =>
    button(view, `Show ${index + 1}`, { action: 'show', mask: index, page: { at: 0, of } }),
  );
  const rows = Math.ceil(buttons.length / limits.rowButtons);
  return Array.from({ length: rows }, (_, at) =>
    row(buttons.slice(at * limits.rowButtons, (at + 1) * limits.rowButtons)),
  );
}

/** Turns the pages; from an open value back to the page with its *Show*. */
function renderPaging(view: DetailsView, current: number, count: number): Json[] {
  const { open } = view;
  const turn = (label: string, at: number) =>
    button(view, label, {
      page: { at, of: count },
      ...(open === undefined ? { action: 'details' } : { action: 'show', mask: open.mask }),
    });
  const buttons = [
    ...(open === undefined ? [] : [backButton(view, open.mask)]),
    ...(current > 0 ? [turn('‹ Previous', current - 1)] : []),
    ...(current < count - 1 ? [turn('Next ›', current + 1)] : []),
    ...(current < count - 2 ? [turn('To the end »', count - 1)] : []),
  ];
  return buttons.length === 0 ? [] : [row(buttons)];
}

function backButton(view: DetailsView, mask: number): Json {
  const pages = pagesOf(view.details, PAGE_LENGTH);
  const at = Math.max(0, pageOfMask(pages, mask));
  return button(view, 'Hide', { action: 'details', page: { at, of: pages.length } });
}

function button(
  { approvalId, fingerprint = '0' }: DetailsView,
  label: string,
  rest: Omit<ButtonId, 'approvalId' | 'fingerprint'>,
): Json {
  return { type: 2, style: 2, label, custom_id: encodeButtonId({ approvalId, fingerprint, ...rest }) };
}

function row(components: readonly Json[]): Json {
  return { type: ACTION_ROW, components: [...components] };
}
