/**
 * Finds the cards that earlier attempts of a post left in a channel.
 * Tested in test/contract/platforms.test.ts and test/faults/platform/slack-posts.test.ts.
 */
import type { ConversationsHistoryResponse, WebClient } from '@slack/web-api';
import type { Place } from '../../../core/approval/parts/slot.ts';
import { directTo } from '../../../core/policy/direct-messages.ts';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Platform, Posted } from '../../../core/ports/ports.ts';
import { callSlack, EVENT_TYPE } from './client.ts';
import { slackErrorCode } from './errors.ts';
import { slackRoom } from './room.ts';

/** Slack’s guideline: at most 200 messages a page. */
const PAGE = 200;
/** 2,000 messages since the first attempt: more than a channel for cards gets during an outage. */
const MAX_PAGES = 10;
/** How far our clock may differ from Slack's, which dates the messages. */
const SKEW_MS = 5 * 60_000;

/** Needed to read public channels and private channels. */
export const READING_SCOPES = ['channels:history', 'groups:history'] as const;

/** Needed to locate direct messages and to read them. Posting there needs neither. */
export const DIRECT_SCOPES = ['im:write', 'im:history'] as const;

type Page = Pick<ConversationsHistoryResponse, 'messages' | 'response_metadata'>;
type Message = NonNullable<Page['messages']>[number];

/**
 * Slack has no idempotency key. Each message carries our key in its metadata instead, and a post that may have arrived is
 * searched for in its thread and in its channel. A first attempt that Slack executes after the search is missed; the
 * second search, right after the repeated post, finds most of those.
 * @param self id of our bot, null until it is known: messages of other apps with our metadata are ignored
 */
export function createFind(client: WebClient, self: () => string | null): NonNullable<Platform['find']> {
  return async function find({ place, thread, key, since, receipt }, signal) {
    const oldest = String(Math.max(0, since - SKEW_MS) / 1_000);
    const ours = (page: Page) => (page.messages ?? []).filter((message) => isOurs(message, key, self()));
    try {
      const room = slackRoom((thread?.root ?? receipt)?.room ?? (await channelOf(place, signal)));
      const { channel } = room;
      const below = room.thread ?? thread?.root.message ?? null;
      const range = { channel, oldest, limit: PAGE, include_all_metadata: true };
      const inThread =
        below === null
          ? []
          : await pages((cursor) =>
              callSlack(signal, () => client.conversations.replies({ ...range, ...cursor, ts: below })),
            ).catch(emptyWithoutThread);
      // If the thread was deleted, Slack posts in the channel itself.
      const inChannel = await pages((cursor) =>
        callSlack(signal, () => client.conversations.history({ ...range, ...cursor })),
      );
      const found = new Map([...inThread, ...inChannel].flatMap(ours).map((message) => [message.ts ?? '', message]));
      return [...found]
        .sort(([one], [other]) => Number(one) - Number(other))
        .map(([message, { thread_ts: root = message }]): Posted => {
          const receipt = { platform: 'slack', room: channel, message };
          if (room.thread !== null && root === room.thread) return { ...receipt, room: `${channel}/${root}` };
          return root === message ? receipt : { ...receipt, inThread: 'shown' };
        });
    } catch (error) {
      const code = slackErrorCode(error);
      if (code === 'missing_scope' || code === 'no_permission') return null;
      throw error;
    }
  };

  async function channelOf(place: Place, signal: AbortSignal): Promise<string> {
    const person = directTo(place);
    if (person === null) return place.room;
    const { channel } = await callSlack(signal, () => client.conversations.open({ users: person }));
    if (channel?.id === undefined)
      throw new PlatformError('unsent', 'Slack did not name the channel of a person’s direct messages.');
    return channel.id;
  }
}

async function pages(load: (cursor: { cursor?: string }) => Promise<Page>): Promise<Page[]> {
  const loaded: Page[] = [];
  let cursor = '';
  do {
    const page = await load(cursor === '' ? {} : { cursor });
    loaded.push(page);
    cursor = page.response_metadata?.next_cursor ?? '';
  } while (cursor !== '' && loaded.length < MAX_PAGES);
  return loaded;
}

/** The thread has no replies, or was deleted. */
function emptyWithoutThread(error: unknown): Page[] {
  if (error instanceof PlatformError && slackErrorCode(error) === 'thread_not_found') return [];
  throw error;
}

function isOurs({ metadata, bot_id: botId }: Message, key: string, self: string | null): boolean {
  const payload: { key?: unknown } = metadata?.event_payload ?? {};
  return metadata?.event_type === EVENT_TYPE && payload.key === key && (self === null || botId === self);
}
