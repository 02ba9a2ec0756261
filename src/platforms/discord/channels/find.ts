/**
 * Finds the cards that earlier attempts of a post left in a channel.
 * Tested in test/contract/platforms.test.ts and test/faults/platform/discord-posts.test.ts.
 */
import { Routes } from 'discord.js';
import { z } from 'zod';
import type { Receipt } from '../../../core/approval/parts/slot.ts';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Clock, FindQuery, Platform, Posted } from '../../../core/ports/ports.ts';
import { parseButtonId } from '../../../core/view/button-id.ts';
import type { SendRequest } from '../api/rest.ts';
import { renderMessage } from '../render/message.ts';
import { type ChannelKinds, type Forum, inThreadOf } from './channel-kinds.ts';
import { ownPostsAfter } from './forum-posts.ts';
import { isWithoutThread } from './threads.ts';

/**
 * For “the past few minutes” a repeated nonce returns the first message instead of posting a second one. Discord does not
 * say how many; within the first minute a repeated post needs no search.
 */
const NONCE_MS = 60_000;
/** How far our clock may differ from Discord’s, whose time is in the ids. */
const SKEW_MS = 5 * 60_000;
const PAGE = 100;
/** 1,000 messages since the first attempt: more than a channel for cards gets during an outage. */
const MAX_PAGES = 10;
/** The time of id 0, ms since 1970. */
const EPOCH_MS = 1_420_070_400_000;

const embedSchema = z.object({ title: z.string().nullish(), description: z.string().nullish() });
const messageSchema = z.object({
  id: z.string(),
  author: z.object({ id: z.string() }),
  embeds: z.array(embedSchema).catch([]),
  components: z.unknown(),
});
type Message = z.infer<typeof messageSchema>;

/**
 * Discord forgets a nonce after some minutes and never shows it. Older messages are recognised by their buttons, which
 * carry the approval’s id, and without buttons by their exact text. Such a message is missed if its text has changed.
 */
export function createFind(options: {
  send: SendRequest;
  channels: ChannelKinds;
  clock: Clock;
  /** Id of the bot user; null until it is known. */
  self: () => string | null;
}): NonNullable<Platform['find']> {
  const { send, channels, clock, self } = options;

  return async function find(query, signal) {
    const forgotten = query.last || clock.now() - query.since >= NONCE_MS;
    const { place, thread } = query;
    const channel = await channels.channelOf(place, signal);
    if (!forgotten && channel.kind !== 'forum') return [];
    // A thread has the id of its first message, also in a forum. Without the thread, cards are posted in the channel.
    const hasThread = forgotten && thread !== null && channel.kind !== 'flat';
    const found = hasThread ? await search(thread.root.message, query, signal).catch(emptyWithoutThread) : [];
    const inThread = found.map((receipt): Posted => ({ ...receipt, inThread: inThreadOf(channel) }));
    const inChannel =
      channel.kind === 'forum' ? await searchPosts(channel, query, signal) : await search(channel.id, query, signal);
    return [...inThread, ...inChannel].sort((one, other) => (BigInt(one.message) < BigInt(other.message) ? -1 : 1));
  };

  /** A forum’s posts have no nonce, so each of them is read. */
  async function searchPosts(forum: Forum, query: FindQuery, signal: AbortSignal): Promise<Receipt[]> {
    const posts = await ownPostsAfter(send, forum, idBefore(query.since), self(), signal);
    return posts.flatMap((post) => {
      const message = messageSchema.safeParse(post).data;
      if (message === undefined || !matches(message, query, self())) return [];
      return [{ platform: 'discord', room: message.id, message: message.id }];
    });
  }

  async function search(room: string, query: FindQuery, signal: AbortSignal): Promise<Receipt[]> {
    const found: Receipt[] = [];
    let after = idBefore(query.since);
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const page = new URLSearchParams({ after: String(after), limit: String(PAGE) });
      const answer = await send({ method: 'GET', route: Routes.channelMessages(room), query: page, signal });
      const read = z.array(messageSchema).safeParse(answer);
      if (!read.success) throw new PlatformError('ambiguous', 'Discord’s answer is not a list of messages.');
      for (const message of read.data) {
        if (matches(message, query, self())) found.push({ platform: 'discord', room, message: message.id });
        if (BigInt(message.id) > after) after = BigInt(message.id);
      }
      if (read.data.length < PAGE) break;
    }
    return found;
  }
}

/** An id that is smaller than all ids since then. */
function idBefore(since: number): bigint {
  return BigInt(Math.max(0, since - SKEW_MS - EPOCH_MS)) << 22n;
}

function emptyWithoutThread(error: unknown): Receipt[] {
  if (isWithoutThread(error)) return [];
  throw error;
}

function matches(message: Message, { approvalId, card, receipt }: FindQuery, self: string | null): boolean {
  if (self !== null && message.author.id !== self) return false;
  const buttons = customIds(message.components);
  if (buttons.length > 0) {
    return approvalId !== null && buttons.some((id) => parseButtonId(id)?.approvalId === approvalId);
  }
  // Another approval may have the same text. It may serve as this card, but must never be removed as a copy of it.
  if (receipt !== null) return false;
  const [shown] = message.embeds;
  const [now] = z.array(embedSchema).parse(renderMessage(card)['embeds']);
  const same = (one: string | null | undefined, other: string | null | undefined) => (one ?? '') === (other ?? '');
  return shown !== undefined && same(shown.title, now?.title) && same(shown.description, now?.description);
}

function customIds(components: unknown): string[] {
  if (Array.isArray(components)) return components.flatMap(customIds);
  if (typeof components !== 'object' || components === null) return [];
  const { custom_id: id, components: inner } = components as { custom_id?: unknown; components?: unknown };
  return [...(typeof id === 'string' ? [id] : []), ...customIds(inner)];
}
