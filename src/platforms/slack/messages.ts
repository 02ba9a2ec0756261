/**
 * Cards as Slack messages: post, update, remove.
 * Tested in test/platforms/slack/index.test.ts and test/contract/platforms.test.ts.
 */
import type { WebClient } from '@slack/web-api';
import { directTo } from '../../core/policy/direct-messages.ts';
import { PlatformError } from '../../core/ports/errors.ts';
import type { Log, Platform } from '../../core/ports/ports.ts';
import type { Card } from '../../core/view/card.ts';
import { callSlack, metadataOf } from './api/client.ts';
import { slackErrorCode } from './api/errors.ts';
import { renderMessage, renderNewMessage } from './render/message.ts';

/** Of a reply: “Also send to the channel”. */
const BROADCAST = { reply_broadcast: true } as const;

export function createSlackMessages(
  client: WebClient,
  log: Log,
): Required<Pick<Platform, 'post' | 'update' | 'render' | 'verify' | 'remove'>> {
  return {
    async post(place, thread, card, key, signal) {
      const message = {
        // `chat.postMessage` takes a user id for the direct messages with that user.
        channel: thread?.root.room ?? directTo(place) ?? place.room,
        ...renderNewMessage(card, card.pings),
        metadata: metadataOf(key),
        unfurl_links: false,
        unfurl_media: false,
      };
      const reply = thread === null ? null : { ...message, thread_ts: thread.root.message };
      const answer = await callWithBroadcast(card, signal, (broadcast) =>
        client.chat.postMessage(reply !== null && broadcast ? { ...reply, ...BROADCAST } : (reply ?? message)),
      );
      const { channel, ts } = answer;
      if (channel === undefined || ts === undefined) {
        throw new PlatformError('ambiguous', 'Slack did not say where it posted the card.');
      }
      // Slack does not refuse a deleted thread: it posts in the channel, and only this field shows it.
      if (thread !== null && answer.message?.thread_ts === undefined) {
        log.warn({ channel, ts }, 'thread was deleted; the card was posted in the channel');
      }
      return { platform: 'slack', room: channel, message: ts };
    },

    async update(receipt, card, signal) {
      // Always text and blocks: an update with only one of them removes the other.
      const message = { channel: receipt.room, ts: receipt.message, ...renderMessage(card) };
      await callWithBroadcast(card, signal, (broadcast) =>
        client.chat.update({ ...message, ...(broadcast && BROADCAST) }),
      );
    },

    render: (card) => [renderMessage(card), card.broadcast ?? false],

    async verify({ room, message }, signal) {
      await callSlack(signal, () => client.chat.getPermalink({ channel: room, message_ts: message }));
    },

    async remove(receipt, signal) {
      try {
        await callSlack(signal, () => client.chat.delete({ channel: receipt.room, ts: receipt.message }));
      } catch (error) {
        if (slackErrorCode(error) !== 'message_not_found') throw error;
      }
    },
  };
}

/**
 * Sends without the broadcast if Slack refuses only that, for example for a reply that the channel already shows.
 * @throws PlatformError
 */
async function callWithBroadcast<T>(
  { broadcast = false }: Card,
  signal: AbortSignal,
  send: (broadcast: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await callSlack(signal, () => send(broadcast));
  } catch (error) {
    if (!broadcast || slackErrorCode(error) !== 'cant_broadcast_message') throw error;
    return callSlack(signal, () => send(false));
  }
}
