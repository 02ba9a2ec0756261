import { Routes } from 'discord.js';
import { z } from 'zod';
import type { Receipt } from '../../../core/approval/approval.ts';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Clock, Log, Platform } from '../../../core/ports/ports.ts';
import type { Card } from '../../../core/view/card.ts';
import { limits } from '../api/limits.ts';
import type { SendRequest } from '../api/rest.ts';
import { renderMessage, renderThreadName } from '../render/message.ts';
import type { ChannelKinds, Room } from './channel-kinds.ts';
import { startPost } from './forum-posts.ts';
import { createThreads, isWithoutThread } from './threads.ts';

const messageSchema = z.object({ id: z.string() });

/** Posts a card: in its room, in the thread on what it belongs to, beneath that as a reply, or as a forum's post. */
export function createDiscordMessages(options: {
  send: SendRequest;
  rooms: ChannelKinds;
  clock: Clock;
  log: Log;
}): Platform['post'] {
  const { send, rooms, clock, log } = options;
  const threads = createThreads(send);

  async function postIn(
    room: string,
    card: Card,
    key: string,
    signal: AbortSignal,
    root: Receipt | null = null,
  ): Promise<Receipt> {
    const nonce = clock.hash(key).slice(0, limits.nonce);
    // Where the first message has gone, the answer stands by itself.
    const reply = root === null ? {} : { message_reference: { message_id: root.message, fail_if_not_exists: false } };
    const body = { ...renderMessage(card, card.pings), ...reply, nonce, enforce_nonce: true };
    const sent = messageSchema.safeParse(
      await send({ method: 'POST', route: Routes.channelMessages(room), body, signal }),
    );
    if (!sent.success) throw new PlatformError('ambiguous', 'Discord’s answer names no message');
    return { platform: 'discord', room, message: sent.data.id };
  }

  /** What begins something in a room, or what has lost the thread that it belongs to. */
  async function postFirst(room: Room, card: Card, key: string, signal: AbortSignal): Promise<Receipt> {
    if (room.kind !== 'forum') return postIn(room.id, card, key, signal);
    const post = { name: renderThreadName(card.title), message: renderMessage(card, card.pings) };
    return startPost(send, room, post, signal);
  }

  return async function post(place, thread, card, key, signal) {
    const room = await rooms.roomOf(place, signal);
    if (thread === null) return postFirst(room, card, key, signal);
    const { root, title } = thread;
    if (room.kind === 'flat') return postIn(room.id, card, key, signal, root);
    try {
      const below = room.kind === 'forum' ? root.room : await threads.threadOf(root, renderThreadName(title), signal);
      return await postIn(below, card, key, signal);
    } catch (error) {
      // The question outlives its thread: a card is never lost because somebody has tidied up.
      if (!isWithoutThread(error)) throw error;
      threads.forget(root);
      log.warn({ root: root.message, err: error }, 'The thread is gone; the card stands in the channel itself');
      return postFirst(room, card, key, signal);
    }
  };
}
