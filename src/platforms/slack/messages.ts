/**
 * Cards as Slack messages: post, update, remove.
 * Tested in test/platforms/slack/index.test.ts and test/contract/platforms.test.ts.
 */
import type { ChatUpdateArguments, WebClient } from '@slack/web-api';
import type { Receipt } from '../../core/approval/parts/slot.ts';
import { directTo } from '../../core/policy/direct-messages.ts';
import { PlatformError } from '../../core/ports/errors.ts';
import type { Log, Platform } from '../../core/ports/ports.ts';
import { callSlack, metadataOf } from './api/client.ts';
import { slackErrorCode } from './api/errors.ts';
import { renderMessage, renderNewMessage } from './render/message.ts';

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
      const answer = await postAloud(card.broadcast !== undefined && thread !== null, signal, (aloud) =>
        client.chat.postMessage(thread === null ? message : { ...message, ...replyTo(thread.root, aloud) }),
      );
      const { channel, ts } = answer;
      if (channel === undefined || ts === undefined) {
        throw new PlatformError('ambiguous', 'Slack did not say where it posted the card.');
      }
      // Slack does not refuse a deleted thread: it posts in the channel, and only this field shows it.
      const inThread = answer.message?.thread_ts !== undefined;
      if (thread !== null && !inThread) {
        log.warn({ channel, ts }, 'thread was deleted; the card was posted in the channel');
      }
      return { platform: 'slack', room: channel, message: ts, ...(inThread && { inThread: 'shown' as const }) };
    },

    async update(receipt, card, signal) {
      // Always text and blocks: an update with only one of them removes the other.
      const message = { channel: receipt.room, ts: receipt.message };
      const answer = await callSlack(signal, () => client.chat.update({ ...message, ...renderMessage(card) }));
      // It is one message: an edit changes it in the thread and in the channel, and it stays in both.
      const { subtype } = (answer.message ?? {}) as { subtype?: string };
      if (card.broadcast !== 'always' || subtype === 'thread_broadcast') return;
      // Slack refuses a broadcast together with new content (`no_dual_broadcast_content_update`).
      await callSlack(signal, () =>
        client.chat.update({ ...message, reply_broadcast: true } as ChatUpdateArguments),
      ).catch((error: unknown) => {
        if (!NO_BROADCAST.has(slackErrorCode(error) ?? '')) throw error;
        log.info(
          { channel: receipt.room, ts: receipt.message, err: error },
          'a reply was not broadcast to its channel',
        );
      });
    },

    render: (card) => [renderMessage(card), card.broadcast === 'always'],

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

/** Slack’s refusals of a broadcast alone: the message itself is as it should be. */
const NO_BROADCAST: ReadonlySet<string> = new Set([
  'cant_broadcast_message',
  'no_dual_broadcast_content_update',
  'no_text',
]);

function replyTo({ message }: Receipt, aloud: boolean) {
  return aloud ? { thread_ts: message, reply_broadcast: true as const } : { thread_ts: message };
}

/** Posts without the broadcast if Slack refuses only that. @throws PlatformError */
async function postAloud<T>(aloud: boolean, signal: AbortSignal, post: (aloud: boolean) => Promise<T>): Promise<T> {
  try {
    return await callSlack(signal, () => post(aloud));
  } catch (error) {
    if (!aloud || slackErrorCode(error) !== 'cant_broadcast_message') throw error;
    return callSlack(signal, () => post(false));
  }
}
