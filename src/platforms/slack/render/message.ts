/** A card as Block Kit. Pure; within Slack’s limits for any card. */
import type { types } from '@slack/bolt';
import { clip, clipMiddle } from '../../../core/text/clip.ts';
import { type Button, type Card, type Line, type Ping, type Quote, signs } from '../../../core/view/card.ts';
import { cardWithNames } from '../../../core/view/people.ts';
import { limits } from '../api/size-limits.ts';
import { clipLine, contextElements, plainText, richLine, richList, richText, richTextElement } from './blocks.ts';

/** Prefix of the `action_id` of our buttons, before the action. The button id is in `value`. */
export const ACTION_PREFIX = 'countersign.';

export interface SlackMessage {
  /** For notifications and screen readers; Slack parses it as mrkdwn. */
  text: string;
  blocks: types.KnownBlock[];
}

/** Longest texts: at least what the core sends, and short enough that an ordinary card fits. */
const MAX_LENGTHS = {
  status: 1_000,
  danger: 160,
  more: 160,
  asker: 400,
  quote: 1_200,
  label: 80,
  author: 160,
  body: 3_000,
  cautions: 1_000,
  /** Of each line. */
  news: 600,
  consequences: 500,
  deciders: 300,
  remark: 1_600,
  footer: 300,
} as const;
const FOOTER_LINES = 3;
/** Shares of the lengths, tried in order until the message fits. */
const SHARES = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16] as const;

/**
 * A text mentions no one; only Slack’s own elements do. In a new message they notify, so only its pings are elements, and
 * other people are named in plain text.
 * @param pings the people and groups that it mentions
 */
export function renderNewMessage(card: Card, pings: readonly Ping[] = []): SlackMessage {
  return render(cardWithNames(card), pings);
}

/** The message of an edit: its elements notify no one. */
export function renderMessage(card: Card): SlackMessage {
  return render(card, []);
}

function render(card: Card, pings: readonly Ping[]): SlackMessage {
  const summary = clip(card.summary === '' ? card.title : card.summary, limits.fallbackText);
  return { text: escapeMrkdwn(summary === '' ? 'Approval' : summary), blocks: fitBlocks(card, pings) };
}

/** `:white_check_mark:`, which a notification shows as the sign. */
const emojiName = /:(?=\d{0,9}[a-z+_'-][\w+'-]{0,100}:)/gi;

/** For the few texts that Slack parses: removes mentions, links and emoji. */
export function escapeMrkdwn(text: string): string {
  const escaped = text.toWellFormed().replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replace(emojiName, '∶');
}

function fitBlocks(card: Card, pings: readonly Ping[]): types.KnownBlock[] {
  let blocks: types.KnownBlock[] = [];
  for (const share of SHARES) {
    blocks = renderBlocks(card, pings, share);
    if (JSON.stringify(blocks).length <= limits.messageJson) break;
  }
  return blocks;
}

function renderBlocks(card: Card, pings: readonly Ping[], share: number): types.KnownBlock[] {
  const line = (field: Line | null, max: number) =>
    field === null ? [] : richText([richLine(clipLine(field, max * share))]);
  const text = (field: string, max: number) => clipMiddle(field, Math.floor(max * share)).text;
  const label = (text: string) => richLine([{ strong: clip(text, MAX_LENGTHS.label) }]);
  const quote = (text: string): types.RichTextQuote => ({ type: 'rich_text_quote', elements: richTextElement(text) });
  const quoted = (field: Quote): types.RichTextBlock[] => {
    if (field.text === '') return [];
    const author = richLine([{ strong: clip(`${field.author}:`, MAX_LENGTHS.author) }]);
    return richText([author, quote(text(field.text, MAX_LENGTHS.quote))]);
  };
  const code = (text: string): types.RichTextPreformatted => ({
    type: 'rich_text_preformatted',
    elements: richTextElement(text),
  });
  const { title, status, danger, more, asker, quotes, body, cautions, remark, footer, buttons } = card;
  const { news = [], consequences = [], deciders } = card;
  return [
    { type: 'header', text: plainText(clip(`${signs[card.tone]} ${title}`, limits.header)) },
    ...richText([{ type: 'rich_text_section', elements: pings.flatMap(renderPing) }]),
    ...line(status, MAX_LENGTHS.status),
    ...line(danger === undefined ? null : [{ strong: `${signs.danger} ${danger}` }], MAX_LENGTHS.danger),
    ...line(more === undefined ? null : [{ strong: `${signs.open} ${more}` }], MAX_LENGTHS.more),
    ...line(asker, MAX_LENGTHS.asker),
    ...quotes.flatMap(quoted),
    ...(body === null ? [] : richText([label(body.label), code(text(body.text, MAX_LENGTHS.body))])),
    ...context(contextElements([text(cautionsText(cautions), MAX_LENGTHS.cautions)], 1)),
    ...news.flatMap((one) => context(contextElements(clipLine(one, MAX_LENGTHS.news * share), limits.contextElements))),
    ...richList(consequences.map((one) => clipLine(one, MAX_LENGTHS.consequences * share))),
    ...(deciders === undefined ? [] : context(contextElements([text(deciders.text, MAX_LENGTHS.deciders)], 1))),
    ...(remark === null ? [] : richText([label(remark.label), quote(text(remark.text, MAX_LENGTHS.remark))])),
    ...footer
      .slice(0, FOOTER_LINES)
      .flatMap((line) => context(contextElements(clipLine(line, MAX_LENGTHS.footer * share), limits.contextElements))),
    ...renderButtons(buttons, title),
  ];
}

/** Slack has no roles, so a role is not mentioned. */
function renderPing({ kind, id }: Ping): types.RichTextElement[] {
  if (kind === 'role') return [];
  const mention: types.RichTextElement =
    kind === 'user' ? { type: 'user', user_id: id } : { type: 'usergroup', usergroup_id: id };
  return [mention, ...richTextElement(' ')];
}

function cautionsText(cautions: readonly string[]): string {
  return cautions
    .filter((caution) => caution !== '')
    .map((caution) => `${signs.warning} ${caution}`)
    .join('\n');
}

function context(elements: types.ContextBlock['elements']): types.ContextBlock[] {
  return elements.length === 0 ? [] : [{ type: 'context', elements }];
}

export function renderButtons(buttons: readonly Button[], title: string): types.ActionsBlock[] {
  // Slack refuses a message with two buttons of one `action_id`; our cards offer no action twice.
  const distinct = [...new Map(buttons.map((button) => [button.action, button])).values()];
  const elements = distinct.map((button): types.Button => {
    const label = button.label === '' ? button.action : button.label;
    return {
      type: 'button',
      action_id: `${ACTION_PREFIX}${button.action}`,
      value: button.id,
      text: plainText(clip(label, limits.buttonText)),
      accessibility_label: clip(title === '' ? label : `${label}: ${title}`, limits.accessibilityLabel),
      ...(button.style === 'plain' ? {} : { style: button.style }),
    };
  });
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}
