/**
 * Cards as Discord messages: post, update, remove.
 * Tested in test/platforms/discord/index.test.ts and test/contract/platforms.test.ts.
 */
import { Routes } from 'discord.js';
import { z } from 'zod';
import type { Receipt } from '../../../core/approval/parts/slot.ts';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Clock, Log, Platform } from '../../../core/ports/ports.ts';
import type { Card } from '../../../core/view/card.ts';
import { codes, hasCode } from '../api/errors.ts';
import type { SendRequest } from '../api/rest.ts';
import { limits } from '../api/size-limits.ts';
import { renderMessage, renderThreadName } from '../render/message.ts';
import { type Channel, type ChannelKinds, inThreadOf } from './channel-kinds.ts';
import { archivePost, startPost } from './forum-posts.ts';
import { isWithoutThread, Threads } from './threads.ts';

const messageSchema = z.object({ id: z.string() });

export function createDiscordMessages(options: {
  send: SendRequest;
  channels: ChannelKinds;
  clock: Clock;
  log: Log;
}): Required<Pick<Platform, 'post' | 'update' | 'render' | 'verify' | 'remove'>> {
  const { send, channels, clock, log } = options;
  const threads = new Threads(send);

  async function postIn(
    room: string,
    card: Card,
    key: string,
    signal: AbortSignal,
    replyTo: Receipt | null = null,
  ): Promise<Receipt> {
    const nonce = clock.hash(key).slice(0, limits.nonce);
    // If the first message was deleted, this one is posted without a reference.
    const reply =
      replyTo === null ? {} : { message_reference: { message_id: replyTo.message, fail_if_not_exists: false } };
    const body = { ...renderMessage(card, card.pings), ...reply, nonce, enforce_nonce: true };
    const sent = messageSchema.safeParse(
      await send({ method: 'POST', route: Routes.channelMessages(room), body, signal }),
    );
    if (!sent.success) throw new PlatformError('ambiguous', 'Discord’s answer has no message id.');
    return { platform: 'discord', room, message: sent.data.id };
  }

  /** Posts a first card, or a follow-up whose thread was deleted. */
  async function postFirst(channel: Channel, card: Card, key: string, signal: AbortSignal): Promise<Receipt> {
    if (channel.kind !== 'forum') return postIn(channel.id, card, key, signal);
    const post = { name: renderThreadName(card.title), message: renderMessage(card, card.pings) };
    return startPost(send, channel, post, signal);
  }

  return {
    async post(place, thread, card, key, signal) {
      const channel = await channels.channelOf(place, signal);
      if (thread === null) return postFirst(channel, card, key, signal);
      const { root, title } = thread;
      // A note for the room answers the first card, whose thread is right below it.
      const besideThread = card.inRoom === true && channel.kind === 'threaded' && root.room === channel.id;
      if (channel.kind === 'flat' || besideThread) return postIn(channel.id, card, key, signal, root);
      try {
        const name = renderThreadName(title);
        const room = channel.kind === 'forum' ? root.room : await threads.open(root, name, signal);
        const receipt = await postIn(room, card, key, signal);
        return { ...receipt, inThread: inThreadOf(channel) };
      } catch (error) {
        // A deleted thread must not lose the card.
        if (!isWithoutThread(error)) throw error;
        threads.forget(root);
        log.warn({ root: root.message, err: error }, 'thread was deleted; the card is posted in the channel');
        return postFirst(channel, card, key, signal);
      }
    },

    async update({ room, message }, card, signal) {
      const edit = () =>
        send({ method: 'PATCH', route: Routes.channelMessage(room, message), body: renderMessage(card), signal });
      try {
        await edit();
      } catch (error) {
        // Unlike a new message, an edit does not reopen an archived thread.
        if (!hasCode(error, codes.threadArchived)) throw error;
        await send({ method: 'PATCH', route: Routes.channel(room), body: { archived: false }, signal });
        await edit();
      }
    },

    render: (card) => renderMessage(card),

    async verify({ room, message }, signal) {
      await send({ method: 'GET', route: Routes.channelMessage(room, message), signal });
    },

    async remove({ room, message }, signal) {
      try {
        await send({ method: 'DELETE', route: Routes.channelMessage(room, message), signal });
      } catch (error) {
        if (!hasCode(error, codes.unknownMessage, codes.unknownChannel)) throw error;
      }
      // A forum’s post has the id of its first message.
      if (room === message) await archivePost(send, room, signal);
    },
  };
}
