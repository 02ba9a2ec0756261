/**
 * The list of pending approvals as blocks, for a private message and for the home tab. Pure; within Slack’s limits for any
 * list. Tested in test/core/view/lists/pending-list.test.ts.
 */
import type { types } from '@slack/bolt';
import type { Receipt } from '../../../core/approval/parts/slot.ts';
import { clip } from '../../../core/text/clip.ts';
import { signs } from '../../../core/view/card.ts';
import type { PendingItem } from '../../../core/view/lists/pending-item.ts';
import type { PendingList } from '../../../core/view/lists/pending-list.ts';
import { withNames } from '../../../core/view/people.ts';
import { slackRoom } from '../api/room.ts';
import { limits } from '../api/size-limits.ts';
import { clipLine, contextElements, plainText, richLine, richText, richTextElement } from './blocks.ts';
import { ACTION_PREFIX, escapeMrkdwn } from './message.ts';

/** Prefix of the `action_id` of the buttons that turn a list. */
export const LIST_PREFIX = `${ACTION_PREFIX}list.`;
const LINE_MAX = 400;
/** The link in an item’s last line. */
const LINK_ELEMENTS = 1;

/** @param site `https://team.slack.com/`; null if unknown: then cards are not linked */
export function renderList(list: PendingList, site: string | null): types.KnownBlock[] {
  const { heading, notice, items, notes, pages, turns } = list;
  return [
    { type: 'header', text: plainText(clip(heading, limits.header)) },
    ...(notice === null || notice === '' ? [] : [section(notice)]),
    ...items.flatMap((item) => [{ type: 'divider' as const }, ...renderItem(item, site)]),
    ...(items.length === 0 ? [] : [{ type: 'divider' as const }]),
    ...[...notes, ...(pages === null ? [] : [pages])].map(
      (note): types.ContextBlock => ({ type: 'context', elements: [plainText(clip(note, limits.textObject))] }),
    ),
    {
      type: 'actions',
      elements: turns.map(({ id, name, label }) => ({
        type: 'button',
        action_id: `${LIST_PREFIX}${name}`,
        value: id,
        text: plainText(label),
      })),
    },
  ];
}

export interface ListMessage {
  text: string;
  blocks: types.KnownBlock[];
}

/**
 * Text and blocks of a private message; the text is for notifications and screen readers. It is a new message, so people
 * are named in it.
 */
export function renderListMessage(list: PendingList, site: string | null): ListMessage {
  const items = list.items.map((item) => ({ ...item, asker: withNames(item.asker), footer: withNames(item.footer) }));
  return { text: escapeMrkdwn(list.notice ?? list.heading), blocks: renderList({ ...list, items }, site) };
}

export function renderHome(list: PendingList, site: string | null): types.HomeView {
  return { type: 'home', blocks: renderList(list, site) };
}

function renderItem(item: PendingItem, site: string | null): types.KnownBlock[] {
  const { number, title, asker, what, cautions, footer, buttons, card } = item;
  const link = linkTo(card, site);
  return [
    ...richText([
      richLine([{ strong: `${number} · ${title}` }, '\n', ...clipLine(asker, LINE_MAX)]),
      ...(what === null ? [] : [{ type: 'rich_text_preformatted' as const, elements: richTextElement(what) }]),
    ]),
    ...(cautions.length === 0
      ? []
      : [
          {
            type: 'context' as const,
            elements: [plainText(clip(cautions.map((one) => `${signs.warning} ${one}`).join('\n'), LINE_MAX))],
          },
        ]),
    {
      type: 'context',
      elements: [
        ...contextElements(clipLine(footer, LINE_MAX), limits.contextElements - LINK_ELEMENTS),
        ...(link === null ? [] : [{ type: 'mrkdwn' as const, text: `<${link}|Open the card>`, verbatim: true }]),
      ],
    },
    ...(buttons.length === 0 ? [] : [{ type: 'actions' as const, elements: buttons.map((one) => button(one, item)) }]),
  ];
}

function button({ id, action, label, style }: PendingItem['buttons'][number], item: PendingItem): types.Button {
  return {
    type: 'button',
    // An action occurs once for each item.
    action_id: `${ACTION_PREFIX}${action}.${item.number}`,
    value: id,
    text: plainText(clip(label, limits.buttonText)),
    accessibility_label: clip(`${label}: ${item.title}`, limits.accessibilityLabel),
    ...(style === 'plain' ? {} : { style }),
  };
}

/** The message’s URL. Slack checks who may see that channel. */
export function linkTo(card: Receipt | null, site: string | null): string | null {
  if (card === null || site === null) return null;
  const stamp = /^(\d+)\.(\d+)$/.exec(card.message);
  const { channel, thread } = slackRoom(card.room);
  if (stamp === null || !/^[A-Z0-9]+$/.test(channel) || !/^https?:\/\/[\w.:-]+\/$/.test(site)) return null;
  const below = thread === null ? '' : `?thread_ts=${thread}&cid=${channel}`;
  return `${site}archives/${channel}/p${stamp[1]}${stamp[2]}${below}`;
}

function section(text: string): types.SectionBlock {
  return { type: 'section', text: plainText(clip(text, limits.textObject)) };
}
