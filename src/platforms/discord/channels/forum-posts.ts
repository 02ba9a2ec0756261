/** The posts of a forum: each is a thread, and its first message has the thread's id. */
import { Routes } from 'discord.js';
import { z } from 'zod';
import type { Receipt } from '../../../core/approval/approval.ts';
import { PlatformError } from '../../../core/ports/errors.ts';
import { codes, hasCode } from '../api/errors.ts';
import type { SendRequest } from '../api/rest.ts';
import type { Json } from '../render/message.ts';
import type { Room } from './channel-kinds.ts';
import { AUTO_ARCHIVE_MINUTES } from './threads.ts';

/** Of those made since a try of ours: more than a forum for cards sees in an outage. */
const MAX_LOOKED_AT = 100;
const PAGE = 100;

type Forum = Extract<Room, { kind: 'forum' }>;

const madeSchema = z.object({ id: z.string(), message: z.object({ id: z.string() }).optional() });
const threadSchema = z.object({ id: z.string(), parent_id: z.string().nullish(), owner_id: z.string().nullish() });
const listSchema = z.object({ threads: z.array(threadSchema) });

export async function startPost(
  send: SendRequest,
  { id, tags }: Forum,
  { name, message }: { name: string; message: Json },
  signal: AbortSignal,
): Promise<Receipt> {
  const marked = tags.length === 0 ? {} : { applied_tags: tags };
  const body = { name, auto_archive_duration: AUTO_ARCHIVE_MINUTES, message, ...marked };
  const made = madeSchema.safeParse(await send({ method: 'POST', route: Routes.threads(id), body, signal }));
  if (!made.success) throw new PlatformError('ambiguous', 'Discord’s answer names no post');
  return { platform: 'discord', room: made.data.id, message: made.data.message?.id ?? made.data.id };
}

/** First messages of the posts that we have made behind an id, oldest first, as Discord gives them. */
export async function ownPostsAfter(
  send: SendRequest,
  forum: Forum,
  after: bigint,
  self: string | null,
  signal: AbortSignal,
): Promise<unknown[]> {
  const query = new URLSearchParams({ limit: String(PAGE) });
  const lists = [
    ...(forum.guild === null ? [] : [{ route: Routes.guildActiveThreads(forum.guild) }]),
    { route: Routes.channelThreads(forum.id, 'public'), query },
  ];
  const ids = new Set<string>();
  for (const list of lists) {
    const read = listSchema.safeParse(await send({ method: 'GET', ...list, signal }));
    if (!read.success) throw new PlatformError('ambiguous', 'Discord’s answer is no list of threads');
    for (const { id, parent_id: parent, owner_id: owner } of read.data.threads) {
      if (parent === forum.id && (self === null || owner === self) && BigInt(id) > after) ids.add(id);
    }
  }
  const oldest = [...ids].sort((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1)).slice(0, MAX_LOOKED_AT);
  const messages: unknown[] = [];
  for (const id of oldest) {
    try {
      messages.push(await send({ method: 'GET', route: Routes.channelMessage(id, id), signal }));
    } catch (error) {
      if (!hasCode(error, codes.unknownMessage, codes.unknownChannel)) throw error;
    }
  }
  return messages;
}

/** What is left of a post without its first message is folded up; that it could not be changes nothing. */
export async function closePost(send: SendRequest, id: string, signal: AbortSignal): Promise<void> {
  try {
    await send({ method: 'PATCH', route: Routes.channel(id), body: { archived: true }, signal });
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
  }
}
