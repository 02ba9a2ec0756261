/**
 * Cards as Slack messages: post, update, remove.
 * Tested in test/platforms/slack/index.test.ts and test/contract/platforms.test.ts.
 */
import type { ChatUpdateArguments, WebClient } from '@slack/web-api';
import { directTo } from '../../core/policy/direct-messages.ts';
import { PlatformError } from '../../core/ports/errors.ts';
import type { Log, Platform } from '../../core/ports/ports.ts';
import type { Card } from '../../core/view/card.ts';
import { callSlack, metadataOf } from './api/client.ts';
import { slackErrorCode } from './api/errors.ts';
import { slackRoom } from './api/room.ts';
import { renderMessage, renderNewMessage, type SlackMessage } from './render/message.ts';

export function createSlackMessages(
  client: WebClient,
  log: Log,
): Required<Pick<Platform, 'post' | 'update' | 'render' | 'verify' | 'remove'>> {
  return {
    async post(place, thread, card, key, signal) {
      const room = slackRoom(thread?.root.room ?? directTo(place) ?? place.room);
      const message = {
        // `chat.postMessage` takes a user id for the direct messages with that user.
        channel: room.channel,
        ...asSent({ ...renderNewMessage(card, card.pings), metadata: metadataOf(key) }),
        unfurl_links: false,
        unfurl_media: false,
      };
      const below = room.thread ?? thread?.root.message ?? null;
      // What belongs in a thread that the policy names is not for its channel.
      const isForChannel = card.broadcast !== undefined && thread !== null && room.thread === null;
      const answer = await postAloud(isForChannel, signal, (aloud) =>
        client.chat.postMessage(below === null ? message : { ...message, ...replyTo(below, aloud) }),
      );
      const { channel, ts } = answer;
      if (channel === undefined || ts === undefined) {
        throw new PlatformError('ambiguous', 'Slack did not say where it posted the card.');
      }
      // Slack does not refuse a deleted thread: it posts in the channel, and only this field shows it.
      const inThread = answer.message?.thread_ts !== undefined;
      if (below !== null && !inThread) {
        log.warn({ channel, ts }, 'thread was deleted; the card was posted in the channel');
      }
      if (room.thread === null)
        return { platform: 'slack', room: channel, message: ts, ...(inThread && { inThread: 'shown' as const }) };
      if (inThread) return { platform: 'slack', room: `${channel}/${room.thread}`, message: ts };
      return { platform: 'slack', room: channel, message: ts, isAstray: true };
    },

    async update(receipt, card, signal) {
      // Always text and blocks: an update with only one of them removes the other.
      const { channel, thread } = slackRoom(receipt.room);
      const message = { channel, ts: receipt.message };
      const answer = await callSlack(signal, () => client.chat.update({ ...message, ...asSent(rendered(card)) }));
      // It is one message: an edit changes it in the thread and in the channel, and it stays in both.
      const { subtype } = (answer.message ?? {}) as { subtype?: string };
      if (card.broadcast !== 'always' || subtype === 'thread_broadcast' || thread !== null) return;
      // Slack refuses a broadcast together with new content (`no_dual_broadcast_content_update`).
      await callSlack(signal, () =>
        client.chat.update({ ...message, reply_broadcast: true } as ChatUpdateArguments),
      ).catch((error: unknown) => {
        if (!NO_BROADCAST.has(slackErrorCode(error) ?? '')) throw error;
        log.info({ ...message, err: error }, 'a reply was not broadcast to its channel');
      });
    },

    render: (card) => [rendered(card), card.broadcast === 'always'],

    async verify({ room, message }, signal) {
      await callSlack(signal, () =>
        client.chat.getPermalink({ channel: slackRoom(room).channel, message_ts: message }),
      );
    },

    async remove(receipt, signal) {
      try {
        await callSlack(signal, () =>
          client.chat.delete({ channel: slackRoom(receipt.room).channel, ts: receipt.message }),
        );
      } catch (error) {
        if (slackErrorCode(error) !== 'message_not_found') throw error;
      }
    },
  };
}

/** What web-api's client would make of each list and object, after it has walked through them for lines that it never logs. */
function asSent<Sent extends object>(message: Sent): Sent {
  const texts = Object.entries(message).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(texts) as Sent;
}

const renderings = new WeakMap<Card, SlackMessage>();

/** A card is compared with what was sent last, and then sent: it is rendered once for both. */
export function rendered(card: Card): SlackMessage {
  const known = renderings.get(card) ?? renderMessage(card);
  renderings.set(card, known);
  return known;
}

/** Slack’s refusals of a broadcast alone: the message itself is as it should be. */
const NO_BROADCAST: ReadonlySet<string> = new Set([
  'cant_broadcast_message',
  'no_dual_broadcast_content_update',
  'no_text',
]);

function replyTo(ts: string, aloud: boolean) {
  return aloud ? { thread_ts: ts, reply_broadcast: true as const } : { thread_ts: ts };
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
