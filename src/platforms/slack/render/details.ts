/** All details of one approval as a modal with pages. Pure. Tested in test/stories/cards/details.test.ts. */
import type { types } from '@slack/bolt';
import { clip } from '../../../core/text/clip.ts';
import { type ButtonId, encodeButtonId } from '../../../core/view/button-id.ts';
import type { MaskLine, Section } from '../../../core/view/details/sections.ts';
import { type DetailsPage, type DetailsView, type PageButton, pageOf } from '../../../core/view/details/view.ts';
import { limits } from '../api/size-limits.ts';
import { plainText, richLine, richText, richTextElement } from './blocks.ts';
import { closingOf, DETAILS_CALLBACK, type FormOrigin, metadataOf } from './form.ts';
import { ACTION_PREFIX, renderButtons } from './message.ts';

/** Characters a page: half of Slack’s limit, because escapes lengthen the JSON. */
const PAGE_LENGTH = 6_000;

/** @param origin where the card is, for what is answered outside of the modal */
export function renderDetails(
  view: DetailsView,
  origin: FormOrigin = { channel: null, thread: null },
): types.ModalView {
  const { title } = view.details;
  const page = pageOf(view, PAGE_LENGTH);
  return {
    type: 'modal',
    callback_id: DETAILS_CALLBACK,
    private_metadata: JSON.stringify(metadataOf(origin)),
    title: plainText('Details'),
    close: plainText('Close'),
    ...closingOf(origin),
    blocks: [
      { type: 'header', text: plainText(clip(title, limits.header)) },
      ...renderSections(page),
      ...renderPaging(page),
      ...renderButtons(page.decisions, title),
    ],
  };
}

function renderSections({ sections, showId }: DetailsPage): types.KnownBlock[] {
  return sections.flatMap((section) => {
    const label = richLine([{ strong: section.label }]);
    if (section.kind !== 'masks') return richText([label, ...renderSection(section)]);
    return [...richText([label]), ...section.masks.map((mask) => renderMask(mask, showId(mask.index)))];
  });
}

function renderMask({ index, text }: MaskLine, id: ButtonId): types.SectionBlock {
  return {
    type: 'section',
    text: plainText(clip(text, limits.textObject)),
    accessory: {
      type: 'button',
      action_id: `${ACTION_PREFIX}show.${index}`,
      value: encodeButtonId(id),
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

function renderPaging({ pageNumber, turns }: DetailsPage): types.KnownBlock[] {
  return [
    ...(pageNumber === null ? [] : [{ type: 'context' as const, elements: [plainText(pageNumber)] }]),
    ...(turns.length === 0 ? [] : [{ type: 'actions' as const, elements: turns.map(renderTurn) }]),
  ];
}

/** Each button of a block needs its own `action_id`. */
function renderTurn({ label, id }: PageButton): types.Button {
  const place = [...(id.mask === undefined ? [] : [id.mask]), id.page?.at];
  return {
    type: 'button',
    action_id: [`${ACTION_PREFIX}${id.action}`, ...place].join('.'),
    value: encodeButtonId(id),
    text: plainText(label),
  };
}
