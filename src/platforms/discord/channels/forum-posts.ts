/**
 * The posts of a forum: each is a thread, and its first message has the thread’s id.
 * Tested in test/platforms/discord/channels/channel-kinds.test.ts.
 */
import { Routes } from 'discord.js';
import { z } from 'zod';
import type { Receipt } from '../../../core/approval/parts/slot.ts';
import { PlatformError } from '../../../core/ports/errors.ts';
import { codes, hasCode } from '../api/errors.ts';
import type { SendRequest } from '../api/rest.ts';
import type { Json } from '../render/message.ts';
import type { Forum } from './channel-kinds.ts';
import { AUTO_ARCHIVE_MINUTES } from './threads.ts';

/** Posts that are read: more than a forum for cards gets during an outage. */
const MAX_READ = 100;
const PAGE = 100;

const createdSchema = z.object({ id: z.string(), message: z.object({ id: z.string() }).optional() });
const threadSchema = z.object({ id: z.string(), parent_id: z.string().nullish(), owner_id: z.string().nullish() });
const listSchema = z.object({ threads: z.array(threadSchema) });

export async function startPost(
  send: SendRequest,
  { id, tags }: Forum,
  { name, message }: { name: string; message: Json },
  signal: AbortSignal,
): Promise<Receipt> {
  const applied = tags.length === 0 ? {} : { applied_tags: tags };
  const body = { name, auto_archive_duration: AUTO_ARCHIVE_MINUTES, message, ...applied };
  const created = createdSchema.safeParse(await send({ method: 'POST', route: Routes.threads(id), body, signal }));
  if (!created.success) throw new PlatformError('ambiguous', 'Discord’s answer has no post id.');
  return { platform: 'discord', room: created.data.id, message: created.data.message?.id ?? created.data.id };
}

/** The first messages of our posts after an id, oldest first, as Discord describes them. */
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
    if (!read.success) throw new PlatformError('ambiguous', 'Discord’s answer is not a list of threads.');
    for (const { id, parent_id: parent, owner_id: owner } of read.data.threads) {
      if (parent === forum.id && (self === null || owner === self) && BigInt(id) > after) ids.add(id);
    }
  }
  const oldest = [...ids].sort((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1)).slice(0, MAX_READ);
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

/** Archives a post whose first message was removed. Errors of Discord are ignored. */
export async function archivePost(send: SendRequest, id: string, signal: AbortSignal): Promise<void> {
  try {
    await send({ method: 'PATCH', route: Routes.channel(id), body: { archived: true }, signal });
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
  }
}
