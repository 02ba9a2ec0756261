/** All details of one approval as a modal with pages. Pure. Tested in test/stories/cards/details.test.ts. */
import type { types } from '@slack/bolt';
import type { DetailsView } from '../../../core/ports/ports.ts';
import { clip } from '../../../core/text/clip.ts';
import { encodeButtonId } from '../../../core/view/button-id.ts';
import type { Section } from '../../../core/view/cards/details.ts';
import { type Page, pagesOf } from '../../../core/view/cards/details-pages.ts';
import { limits } from '../api/size-limits.ts';
import { plainText, richLine, richText, richTextElement } from './blocks.ts';
import { ACTION_PREFIX } from './message.ts';

/** Characters a page: half of Slack’s limit, because escapes lengthen the JSON. */
const PAGE_LENGTH = 6_000;

export function renderDetails({ approvalId, details, page }: DetailsView): types.ModalView {
  const pages = pagesOf(details, PAGE_LENGTH);
  const current = Math.max(0, Math.min(page, pages.length - 1));
  return {
    type: 'modal',
    title: plainText('Details'),
    close: plainText('Close'),
    blocks: [
      { type: 'header', text: plainText(clip(details.title, limits.header)) },
      ...renderPage(pages[current] ?? []),
      ...renderPaging(approvalId, current, pages.length),
    ],
  };
}

function renderPage(page: Page): types.KnownBlock[] {
  return page.flatMap((section) => richText([richLine([{ strong: section.label }]), ...renderSection(section)]));
}

function renderSection(section: Section): (types.RichTextSection | types.RichTextQuote | types.RichTextPreformatted)[] {
  switch (section.kind) {
    case 'code':
      return [{ type: 'rich_text_preformatted', elements: richTextElement(section.text) }];
    case 'text':
      return [{ type: 'rich_text_quote', elements: richTextElement(section.text) }];
    case 'lines':
      return section.lines.map((line) => richLine([...line, '\n']));
  }
}

function renderPaging(approvalId: string, current: number, count: number): types.KnownBlock[] {
  if (count < 2) return [];
  const button = (label: string, page: number): types.Button => ({
    type: 'button',
    // Each button of a block needs its own `action_id`.
    action_id: `${ACTION_PREFIX}details.${page}`,
    value: encodeButtonId({ approvalId, action: 'details', fingerprint: String(page) }),
    text: plainText(label),
  });
  const elements = [
    ...(current > 0 ? [button('‹ Previous', current - 1)] : []),
    ...(current < count - 1 ? [button('Next ›', current + 1)] : []),
  ];
  return [
    { type: 'context', elements: [plainText(`Page ${current + 1} of ${count}`)] },
    { type: 'actions', elements },
  ];
}
