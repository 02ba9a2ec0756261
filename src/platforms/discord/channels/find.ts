import { Routes } from 'discord.js';
import { z } from 'zod';
import type { Receipt } from '../../../core/approval/approval.ts';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Clock, Sought } from '../../../core/ports/ports.ts';
import { parseButtonId } from '../../../core/view/button-id.ts';
import type { SendRequest } from '../api/rest.ts';
import { renderMessage } from '../render/message.ts';
import type { ChannelKinds, Room } from './channel-kinds.ts';
import { ownPostsAfter } from './forum-posts.ts';
import { isWithoutThread } from './threads.ts';

/**
 * For "the past few minutes" a nonce brings the first message back instead of making a second one. How many those are,
 * Discord does not say; within the first of them there is nothing to look for in what is posted once more.
 */
const NONCE_MS = 60_000;
/** Ids hold Discord's time, and our clock may be off by so much. */
const SKEW_MS = 5 * 60_000;
const PAGE = 100;
/** Thousand messages since a try of ours: more than a room for cards sees in an outage. */
const MAX_PAGES = 10;
/** Ids count from this moment, ms since 1970. */
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
 * Discord forgets a nonce after some minutes, and never shows it. What is older is known by its buttons, which carry the
 * approval's id; what has none, by saying word for word what we would say now. That one may be missed when its text has
 * changed since; a second copy of it has no button either.
 */
export function createFind(options: {
  send: SendRequest;
  rooms: ChannelKinds;
  clock: Clock;
  /** Our bot's user, once it is known. */
  self: () => string | null;
}): (sought: Sought, signal: AbortSignal) => Promise<Receipt[]> {
  const { send, rooms, clock, self } = options;

  return async function find(sought, signal) {
    const forgotten = sought.last || clock.now() - sought.since >= NONCE_MS;
    const { place, thread } = sought;
    const room = await rooms.roomOf(place, signal);
    if (!forgotten && room.kind !== 'forum') return [];
    // A thread has the id of its first message, in a forum, too. Where it can't be had, we post in the room itself.
    const hasThread = forgotten && thread !== null && room.kind !== 'flat';
    const inThread = hasThread ? await look(thread.root.message, sought, signal).catch(withoutThread) : [];
    const inRoom =
      room.kind === 'forum' ? await lookForPost(room, sought, signal) : await look(room.id, sought, signal);
    return [...inThread, ...inRoom].sort((one, other) => (BigInt(one.message) < BigInt(other.message) ? -1 : 1));
  };

  /** A nonce does nothing for a forum's posts: of those that there are, each is looked at. */
  async function lookForPost(
    forum: Extract<Room, { kind: 'forum' }>,
    sought: Sought,
    signal: AbortSignal,
  ): Promise<Receipt[]> {
    const posts = await ownPostsAfter(send, forum, idBefore(sought.since), self(), signal);
    return posts.flatMap((post) => {
      const message = messageSchema.safeParse(post).data;
      if (message === undefined || !isIt(message, sought, self())) return [];
      return [{ platform: 'discord', room: message.id, message: message.id }];
    });
  }

  async function look(room: string, sought: Sought, signal: AbortSignal): Promise<Receipt[]> {
    const found: Receipt[] = [];
    let after = idBefore(sought.since);
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = new URLSearchParams({ after: String(after), limit: String(PAGE) });
      const answer = await send({ method: 'GET', route: Routes.channelMessages(room), query, signal });
      const read = z.array(messageSchema).safeParse(answer);
      if (!read.success) throw new PlatformError('ambiguous', 'Discord’s answer is no list of messages');
      for (const message of read.data) {
        if (isIt(message, sought, self())) found.push({ platform: 'discord', room, message: message.id });
        if (BigInt(message.id) > after) after = BigInt(message.id);
      }
      if (read.data.length < PAGE) break;
    }
    return found;
  }
}

/** Everything that was made since then has a greater one. */
function idBefore(since: number): bigint {
  return BigInt(Math.max(0, since - SKEW_MS - EPOCH_MS)) << 22n;
}

function withoutThread(error: unknown): Receipt[] {
  if (isWithoutThread(error)) return [];
  throw error;
}

function isIt(message: Message, { approvalId, card, receipt }: Sought, self: string | null): boolean {
  if (self !== null && message.author.id !== self) return false;
  const buttons = customIds(message.components);
  if (buttons.length > 0) {
    return approvalId !== null && buttons.some((id) => parseButtonId(id)?.approvalId === approvalId);
  }
  // Another approval may have come to the same words: good enough to stand for this one, never to be taken away.
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
