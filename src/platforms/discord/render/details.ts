/** All details of one approval as a private message with pages. Pure. Tested in test/stories/cards/details.test.ts. */
import type { DetailsView } from '../../../core/ports/ports.ts';
import { encodeButtonId } from '../../../core/view/button-id.ts';
import type { Section } from '../../../core/view/cards/details.ts';
import { detailsText, type Page, pagesOf } from '../../../core/view/cards/details-pages.ts';
import { limits } from '../api/size-limits.ts';
import { bold, breaksOut, codeBlock, escapeMarkdown, fit, quote } from './markdown.ts';
import { type Json, renderLine } from './message.ts';

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
export function renderDetails({ approvalId, details, page }: DetailsView): { data: Json; file: Attachment | null } {
  const pages = pagesOf(details, PAGE_LENGTH);
  const current = Math.max(0, Math.min(page, pages.length - 1));
  const file = pages.length >= FILE_FROM_PAGES ? { name: 'details.txt', data: detailsText(details) } : null;
  const data = {
    embeds: [
      {
        title: fit(details.title, limits.embedTitle, escapeMarkdown),
        description: renderPage(pages[current] ?? []),
        ...(pages.length < 2 ? {} : { footer: { text: `Page ${current + 1} of ${pages.length}` } }),
      },
    ],
    components: renderPaging(approvalId, current, pages.length),
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
    case 'lines':
      return [label, ...section.lines.map((line) => renderLine(line, limits.embedDescription))].join('\n');
  }
}

function renderPaging(approvalId: string, current: number, count: number): Json[] {
  if (count < 2) return [];
  const button = (label: string, page: number): Json => ({
    type: 2,
    style: 2,
    label,
    custom_id: encodeButtonId({ approvalId, action: 'details', fingerprint: String(page) }),
  });
  const buttons = [
    ...(current > 0 ? [button('‹ Previous', current - 1)] : []),
    ...(current < count - 1 ? [button('Next ›', current + 1)] : []),
  ];
  return [{ type: ACTION_ROW, components: buttons }];
}
