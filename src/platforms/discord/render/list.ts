/**
 * The list of pending approvals as a private message, with buttons below each item. Pure; within Discord’s limits.
 * Tested in test/core/view/lists/pending-list.test.ts.
 */
import type { Receipt } from '../../../core/approval/parts/slot.ts';
import { clip } from '../../../core/text/clip.ts';
import { signs } from '../../../core/view/card.ts';
import type { PendingItem } from '../../../core/view/lists/pending-item.ts';
import type { PendingList } from '../../../core/view/lists/pending-list.ts';
import { limits } from '../api/size-limits.ts';
import { bold, breaksOut, codeBlock, escapeMarkdown, fit } from './markdown.ts';
import { buttonStyles, type Json, renderLine } from './message.ts';

const EPHEMERAL = 64;
/** Allows rows between texts. A message can’t lose this flag. */
const COMPONENTS_V2 = 1 << 15;
const type = Object.freeze({ row: 1, button: 2, text: 10, separator: 14 });

/**
 * Longest escaped texts, so that three items fit the 4,000 characters of a message. What an item asks for, and its
 * cautions, are never cut here: `pending-item.ts` keeps them short.
 */
const maxLengths = Object.freeze({ heading: 90, notice: 260, title: 90, asker: 150, cautions: 250, footer: 140 });

/** A new message for one person. @param guild the server with the cards; null: cards are not linked */
export function listMessage(list: PendingList, guild: string | null): Json {
  return { ...listUpdate(list, guild), flags: EPHEMERAL | COMPONENTS_V2 };
}

/** The same message as an edit. */
export function listUpdate(list: PendingList, guild: string | null): Json {
  const { heading, notice, items, notes, pages, turns } = list;
  const head = [
    `### ${fit(heading, maxLengths.heading, escapeMarkdown)}`,
    ...(notice === null ? [] : [fit(notice, maxLengths.notice, escapeMarkdown)]),
  ].join('\n');
  const texts = items.map((item) => renderItem(item, guild));
  const taken = [head, ...texts].join('').length;
  const foot = fit([...notes, ...(pages === null ? [] : [pages])].join('\n'), limits.messageText - taken, smallText);
  const components = [
    text(head),
    ...items.flatMap((item, index) => [
      { type: type.separator },
      text(texts[index] ?? ''),
      ...(item.buttons.length === 0 ? [] : [row(item.buttons.map(button))]),
    ]),
    { type: type.separator },
    ...(foot === '' ? [] : [text(foot)]),
    row(turns.map(({ id, label }) => ({ type: type.button, style: buttonStyles.plain, label, custom_id: id }))),
  ];
  return { components, allowed_mentions: { parse: [] } };
}

function renderItem({ number, title, asker, what, cautions, footer, card }: PendingItem, guild: string | null): string {
  const link = linkTo(card, guild);
  return [
    fit(`${number} · ${title}`, maxLengths.title, bold),
    renderLine(asker, maxLengths.asker),
    ...(what === null ? [] : [codeBlock(what)]),
    ...(what !== null && breaksOut(what) ? ['-# Backticks are shown as ˋ.'] : []),
    ...(cautions.length === 0
      ? []
      : [fit(cautions.join('; '), maxLengths.cautions, (text) => `${signs.warning} ${escapeMarkdown(text)}`)]),
    `-# ${renderLine(footer, maxLengths.footer)}${link === null ? '' : ` · [Open the card](${link})`}`,
  ].join('\n');
}

function button({ id, label, style }: PendingItem['buttons'][number]): Json {
  return { type: type.button, style: buttonStyles[style], label: clip(label, limits.buttonLabel), custom_id: id };
}

/** The message’s URL. Discord checks who may see that channel. */
export function linkTo(card: Receipt | null, guild: string | null): string | null {
  return card === null || guild === null ? null : `https://discord.com/channels/${guild}/${card.room}/${card.message}`;
}

function smallText(text: string): string {
  return text === '' ? '' : escapeMarkdown(text).replace(/^/gm, '-# ');
}

function text(content: string): Json {
  return { type: type.text, content };
}

function row(components: readonly Json[]): Json {
  return { type: type.row, components: [...components] };
}
