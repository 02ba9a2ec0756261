import type { ConversationsHistoryResponse, WebClient } from '@slack/web-api';
import type { Place, Receipt } from '../../../core/approval/approval.ts';
import { directTo } from '../../../core/policy/direct-messages.ts';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Sought } from '../../../core/ports/ports.ts';
import { slackErrorCode } from './errors.ts';

/** Names our messages' metadata. */
const EVENT_TYPE = 'countersign_card';
/** Slack asks for no more than 200 messages a page. */
const PAGE = 200;
/** What has been said since a try of ours: 2,000 messages are more than a room for cards sees in an outage. */
const MAX_PAGES = 10;
/** Slack dates a message by its own clock, and ours may be off by so much. */
const SKEW_MS = 5 * 60_000;
/** What reading a room needs: the first for public channels, the second for private ones. */
export const READING_SCOPES = ['channels:history', 'groups:history'] as const;

/** And direct messages: the first to know where they are, the second to read them. Posting there needs neither. */
export const DIRECT_SCOPES = ['im:write', 'im:history'] as const;

/** What marks a message as ours, for whoever looks for it. Nobody sees it. */
export function metadataOf(key: string) {
  return { event_type: EVENT_TYPE, event_payload: { key } };
}

export type Call = <T>(signal: AbortSignal, request: () => Promise<T>) => Promise<T>;

type Page = Pick<ConversationsHistoryResponse, 'messages' | 'response_metadata'>;

/**
 * Slack has no key that would keep a second post from making a second message; instead each carries our key in its
 * metadata, and a post in doubt is looked for in its thread and in its room. What remains: a first try that Slack carries
 * out only after we have looked. The second look, right after the repeated post, finds most of those, too.
 * @param self our bot, once it is known: what another app has marked as ours is not
 */
export function createFind(
  client: WebClient,
  call: Call,
  self: () => string | null,
): (sought: Sought, signal: AbortSignal) => Promise<Receipt[] | null> {
  return async function find({ place, thread, key, since, receipt }, signal) {
    const oldest = String(Math.max(0, since - SKEW_MS) / 1_000);
    const ours = (page: Page) =>
      (page.messages ?? []).filter((message) => isOurs(message, key, self())).map(({ ts = '' }) => ts);
    try {
      const channel = (thread?.root ?? receipt)?.room ?? (await roomOf(place, signal));
      const range = { channel, oldest, limit: PAGE, include_all_metadata: true };
      const inThread =
        thread === null
          ? []
          : await pages((cursor) =>
              call(signal, () => client.conversations.replies({ ...range, ...cursor, ts: thread.root.message })),
            ).catch(withoutThread);
      // Where its thread has gone, Slack posts in the room itself.
      const inRoom = await pages((cursor) => call(signal, () => client.conversations.history({ ...range, ...cursor })));
      const found = [...new Set([...inThread, ...inRoom].flatMap(ours))].sort(
        (one, other) => Number(one) - Number(other),
      );
      return found.map((message) => ({ platform: 'slack', room: channel, message }));
    } catch (error) {
      const word = slackErrorCode(error);
      if (word === 'missing_scope' || word === 'no_permission') return null;
      throw error;
    }
  };

  async function roomOf(place: Place, signal: AbortSignal): Promise<string> {
    const person = directTo(place);
    if (person === null) return place.room;
    const { channel } = await call(signal, () => client.conversations.open({ users: person }));
    if (channel?.id === undefined)
      throw new PlatformError('unsent', 'Slack did not say where a person’s messages are.');
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

/** Nobody has answered in it, or it has gone. */
function withoutThread(error: unknown): Page[] {
  if (error instanceof PlatformError && slackErrorCode(error) === 'thread_not_found') return [];
  throw error;
}

type Message = NonNullable<Page['messages']>[number];

function isOurs({ metadata, bot_id: botId }: Message, key: string, self: string | null): boolean {
  const payload: { key?: unknown } = metadata?.event_payload ?? {};
  return metadata?.event_type === EVENT_TYPE && payload.key === key && (self === null || botId === self);
}
