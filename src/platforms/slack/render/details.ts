/** All details of one approval as a modal with pages. Pure. Tested in test/stories/cards/details.test.ts. */
import type { types } from '@slack/bolt';
import type { DetailsView } from '../../../core/ports/ports.ts';
import { clip } from '../../../core/text/clip.ts';
import { type ButtonId, encodeButtonId } from '../../../core/view/button-id.ts';
import { type Page, pageOfMask, pagesOf } from '../../../core/view/details/pages.ts';
import type { MaskLine, Section } from '../../../core/view/details/sections.ts';
import { limits } from '../api/size-limits.ts';
import { plainText, richLine, richText, richTextElement } from './blocks.ts';
import type { FormOrigin } from './form.ts';
import { ACTION_PREFIX, renderButtons } from './message.ts';

/** Characters a page: half of Slack’s limit, because escapes lengthen the JSON. */
const PAGE_LENGTH = 6_000;

/** @param origin where the card is, for what is answered outside of the modal */
export function renderDetails(
  view: DetailsView,
  { channel, thread }: FormOrigin = { channel: null, thread: null },
): types.ModalView {
  const { details, open, buttons = [] } = view;
  const pages = pagesOf(open === undefined ? details : { ...details, sections: [open.section] }, PAGE_LENGTH);
  const current = Math.max(0, Math.min(view.page, pages.length - 1));
  const isLast = current === pages.length - 1 && open === undefined;
  return {
    type: 'modal',
    private_metadata: JSON.stringify({ channel, thread }),
    title: plainText('Details'),
    close: plainText('Close'),
    blocks: [
      { type: 'header', text: plainText(clip(details.title, limits.header)) },
      ...renderPage(pages[current] ?? [], view, pages.length),
      ...renderPaging(view, current, pages.length),
      ...(isLast ? renderButtons(buttons, details.title) : []),
    ],
  };
}

function renderPage(page: Page, view: DetailsView, of: number): types.KnownBlock[] {
  return page.flatMap((section) => {
    const label = richLine([{ strong: section.label }]);
    if (section.kind !== 'masks') return richText([label, ...renderSection(section)]);
    return [...richText([label]), ...section.masks.map((mask) => renderMask(mask, view, of))];
  });
}

function renderMask({ index, text }: MaskLine, view: DetailsView, of: number): types.SectionBlock {
  return {
    type: 'section',
    text: plainText(clip(text, limits.textObject)),
    accessory: {
      type: 'button',
      action_id: `${ACTION_PREFIX}show.${index}`,
      value: buttonIn(view, { action: 'show', mask: index, page: { at: 0, of } }),
      text: plainText('Show'),
      accessibility_label: clip(`Show ${text}`, limits.accessibilityLabel),
    },
  };
}

type TextSection = Exclude<Section, { kind: 'masks' }>;

function renderSection(
  section: TextSection,
): (types.RichTextSection | types.RichTextQuote | types.RichTextPreformatted)[] {
  switch (section.kind) {
    case 'code':
      return [{ type: 'rich_text_preformatted', elements: richTextElement(section.text) }];
    case 'text':
      return [{ type: 'rich_text_quote', elements: richTextElement(section.text) }];
    case 'lines':
      return section.lines.map((line) => richLine([...line, '\n']));
  }
}

/** Turns the pages; from an open value back to the page with its *Show*. */
function renderPaging(view: DetailsView, current: number, count: number): types.KnownBlock[] {
  const { open } = view;
  const [action, mask] = open === undefined ? (['details', undefined] as const) : (['show', open.mask] as const);
  const turn = (label: string, at: number): types.Button => ({
    type: 'button',
    // Each button of a block needs its own `action_id`.
    action_id: [`${ACTION_PREFIX}${action}`, ...(mask === undefined ? [] : [mask]), at].join('.'),
    value: buttonIn(view, { action, page: { at, of: count }, ...(mask !== undefined && { mask }) }),
    text: plainText(label),
  });
  const elements = [
    ...(open === undefined ? [] : [backButton(view, open.mask)]),
    ...(current > 0 ? [turn('‹ Previous', current - 1)] : []),
    ...(current < count - 1 ? [turn('Next ›', current + 1)] : []),
    ...(current < count - 2 ? [turn('To the end »', count - 1)] : []),
  ];
  const number =
    count < 2 ? [] : [{ type: 'context' as const, elements: [plainText(`Page ${current + 1} of ${count}`)] }];
  return [...number, ...(elements.length === 0 ? [] : [{ type: 'actions' as const, elements }])];
}

function backButton(view: DetailsView, mask: number): types.Button {
  const pages = pagesOf(view.details, PAGE_LENGTH);
  const at = Math.max(0, pageOfMask(pages, mask));
  return {
    type: 'button',
    action_id: `${ACTION_PREFIX}details.${at}`,
    value: buttonIn(view, { action: 'details', page: { at, of: pages.length } }),
    text: plainText('Hide'),
  };
}

function buttonIn({ approvalId, fingerprint = '0' }: DetailsView, rest: Omit<ButtonId, 'approvalId' | 'fingerprint'>) {
  return encodeButtonId({ approvalId, fingerprint, ...rest });
}
