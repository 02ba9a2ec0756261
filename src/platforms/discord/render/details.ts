/** All details of one approval as a private message with pages. Pure. Tested in test/stories/cards/details.test.ts. */
import { encodeButtonId } from '../../../core/view/button-id.ts';
import { detailsText } from '../../../core/view/details/pages.ts';
import type { Section } from '../../../core/view/details/sections.ts';
import { type DetailsPage, type DetailsView, type PageButton, pageOf } from '../../../core/view/details/view.ts';
import { limits } from '../api/size-limits.ts';
import { bold, breaksOut, codeBlock, escapeMarkdown, fit, quote } from './markdown.ts';
import { type Json, renderLine, renderRows } from './message.ts';

/** Characters a page: escaping at most doubles them, and an embed takes 4,096. */
const PAGE_LENGTH = 1_800;
/** From this many pages on, a file is attached. */
const FILE_FROM_PAGES = 4;

export interface Attachment {
  name: string;
  data: string;
}

/** The data of an interaction’s answer; `file` contains everything, if it is long. */
export function renderDetails(view: DetailsView): { data: Json; file: Attachment | null } {
  const { details, open } = view;
  const page = pageOf(view, PAGE_LENGTH);
  // A masked value is never in the file, nor is one that is open.
  const isLong = page.count >= FILE_FROM_PAGES && open === undefined;
  const file = isLong ? { name: 'details.txt', data: detailsText(details) } : null;
  const data = {
    embeds: [
      {
        title: fit(details.title, limits.embedTitle, escapeMarkdown),
        description: fit(page.sections.map(renderSection).join('\n\n'), limits.embedDescription, (text) => text),
        ...(page.pageNumber === null ? {} : { footer: { text: page.pageNumber } }),
      },
    ],
    components: [
      ...renderRows(showButtons(page).map(plainButton)),
      ...renderRows(page.turns.map(plainButton)),
      ...renderRows(page.decisions),
    ],
  };
  return { data, file };
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

/** The buttons *Show* of the page’s masked values, numbered as these are. */
function showButtons({ sections, showId }: DetailsPage): PageButton[] {
  const masks = sections.flatMap((section) => (section.kind === 'masks' ? section.masks : []));
  return masks.map(({ index }) => ({ label: `Show ${index + 1}`, id: showId(index) }));
}

function plainButton({ label, id }: PageButton) {
  return { label, id: encodeButtonId(id), style: 'plain' as const };
}
