/** The whole story of one approval as a modal, page by page. Pure. */
import type { types } from '@slack/bolt';
import type { DetailsView } from '../../../core/ports/ports.ts';
import { clip } from '../../../core/text/text.ts';
import { encodeButtonId } from '../../../core/view/button-id.ts';
import { type Page, pagesOf, type Section } from '../../../core/view/cards/details.ts';
import { limits } from '../api/limits.ts';
import { plainText, richLine, richText, richWord } from './blocks.ts';
import { ACTION_PREFIX } from './message.ts';

/** Characters a page: half of what Slack takes in one message, for escapes in its JSON; a screen or two to read. */
const PAGE_ROOM = 6_000;

export function renderDetails({ approvalId, details, page }: DetailsView): types.ModalView {
  const pages = pagesOf(details, PAGE_ROOM);
  const current = Math.max(0, Math.min(page, pages.length - 1));
  return {
    type: 'modal',
    title: plainText('Details'),
    close: plainText('Close'),
    blocks: [
      { type: 'header', text: plainText(clip(details.title, limits.header)) },
      ...renderPage(pages[current] ?? []),
      ...renderTurning(approvalId, current, pages.length),
    ],
  };
}

function renderPage(page: Page): types.KnownBlock[] {
  return page.flatMap((section) => richText([richLine([{ strong: section.label }]), ...renderSection(section)]));
}

function renderSection(section: Section): (types.RichTextSection | types.RichTextQuote | types.RichTextPreformatted)[] {
  switch (section.kind) {
    case 'code':
      return [{ type: 'rich_text_preformatted', elements: richWord(section.text) }];
    case 'text':
      return [{ type: 'rich_text_quote', elements: richWord(section.text) }];
    case 'lines':
      return section.lines.map((line) => richLine([...line, '\n']));
  }
}

function renderTurning(approvalId: string, current: number, count: number): types.KnownBlock[] {
  if (count < 2) return [];
  const turn = (label: string, page: number): types.Button => ({
    type: 'button',
    // Two buttons of one block need two names.
    action_id: `${ACTION_PREFIX}details.${page}`,
    value: encodeButtonId({ approvalId, action: 'details', shown: String(page) }),
    text: plainText(label),
  });
  const elements = [
    ...(current > 0 ? [turn('‹ Previous', current - 1)] : []),
    ...(current < count - 1 ? [turn('Next ›', current + 1)] : []),
  ];
  return [
    { type: 'context', elements: [plainText(`Page ${current + 1} of ${count}`)] },
    { type: 'actions', elements },
  ];
}
