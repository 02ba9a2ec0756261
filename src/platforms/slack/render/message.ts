/** A card as Block Kit. Pure, and within Slack's limits for any card. */
import type { types } from '@slack/bolt';
import { clip, clipMiddle } from '../../../core/text/text.ts';
import { type Button, type Card, type Line, type Ping, signs } from '../../../core/view/card.ts';
import { limits } from '../api/limits.ts';
import { clipLine, plainText, richLine, richText, richWord, smallPrint } from './blocks.ts';

/** `action_id` of our buttons is this and the action; the rest of a press is in `value`. */
export const ACTION_PREFIX = 'countersign.';

export interface SlackMessage {
  /** For notifications and screen readers; Slack reads it as mrkdwn. */
  text: string;
  blocks: types.KnownBlock[];
}

const CLAIM_LABEL = 'The agent’s own words (a claim, not checked):';

/** More than `core/card.ts` ever sends, and little enough that an ordinary card fits without being shrunk. */
const ROOM = {
  status: 1_000,
  asker: 400,
  description: 600,
  claim: 1_000,
  label: 80,
  body: 3_000,
  cautions: 1_000,
  remark: 1_600,
  footer: 300,
} as const;
const FOOTER_LINES = 3;
/** Shares of the room that are tried in turn until the message fits. */
const SHARES = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16] as const;

/** @param pings whom a new message calls; only Slack's own elements do, never a text */
export function renderMessage(card: Card, pings: readonly Ping[] = []): SlackMessage {
  const summary = clip(card.summary === '' ? card.title : card.summary, limits.fallbackText);
  return { text: escapeMrkdwn(summary === '' ? 'Approval' : summary), blocks: fitBlocks(card, pings) };
}

/** For the few places that Slack parses: nothing in it is then a mention or a link. */
export function escapeMrkdwn(text: string): string {
  return text.toWellFormed().replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
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
  const line = (field: Line | null, room: number) =>
    field === null ? [] : richText([richLine(clipLine(field, room * share))]);
  const text = (field: string, room: number) => clipMiddle(field, Math.floor(room * share)).text;
  const label = (words: string) => richLine([{ strong: clip(words, ROOM.label) }]);
  const quote = (words: string): types.RichTextQuote => ({ type: 'rich_text_quote', elements: richWord(words) });
  const code = (words: string): types.RichTextPreformatted => ({
    type: 'rich_text_preformatted',
    elements: richWord(words),
  });
  const { title, status, asker, description, claim, body, cautions, remark, footer, buttons } = card;
  return [
    { type: 'header', text: plainText(clip(`${signs[card.tone]} ${title}`, limits.header)) },
    ...richText([{ type: 'rich_text_section', elements: pings.flatMap(renderPing) }]),
    ...line(status, ROOM.status),
    ...line(asker, ROOM.asker),
    ...(description === null ? [] : richText([richLine([text(description, ROOM.description)])])),
    ...(claim === null || claim === '' ? [] : richText([label(CLAIM_LABEL), quote(text(claim, ROOM.claim))])),
    ...(body === null ? [] : richText([label(body.label), code(text(body.text, ROOM.body))])),
    ...context(smallPrint([text(cautionsText(cautions), ROOM.cautions)], 1)),
    ...(remark === null ? [] : richText([label(remark.label), quote(text(remark.text, ROOM.remark))])),
    ...footer
      .slice(0, FOOTER_LINES)
      .flatMap((words) => context(smallPrint(clipLine(words, ROOM.footer * share), limits.contextElements))),
    ...renderButtons(buttons, title),
  ];
}

/** Slack has no roles. */
function renderPing({ kind, id }: Ping): types.RichTextElement[] {
  if (kind === 'role') return [];
  const called: types.RichTextElement =
    kind === 'user' ? { type: 'user', user_id: id } : { type: 'usergroup', usergroup_id: id };
  return [called, ...richWord(' ')];
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

function renderButtons(buttons: readonly Button[], title: string): types.ActionsBlock[] {
  // Slack refuses a message in which two buttons share an `action_id`; no card of ours offers an action twice.
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
