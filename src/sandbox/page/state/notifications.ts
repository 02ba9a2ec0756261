import type { DiscordState } from '../../emulators/discord/types.ts';
import { timeOf } from '../../emulators/discord/wire/snowflake.ts';
import type { SlackMessage, SlackState } from '../../emulators/slack/types.ts';
import type { PhoneNotification } from '../protocol.ts';

/** The newest that are kept. */
const KEPT = 20;

/** Discord's flag of a message that notifies no one. */
const SUPPRESS_NOTIFICATIONS = 1 << 12;

/**
 * What phones show of the bot's messages, each as it was when it was first seen: an edit changes no notification. Our
 * choice: the phone is set to notify of every message in these rooms. A reply in a thread notifies only the people that
 * it mentions.
 */
export class Notifications {
  readonly #seen = new Set<string>();
  #shown: PhoneNotification[] = [];
  #last = 0;

  get shown(): readonly PhoneNotification[] {
    return this.#shown;
  }

  noteSlack(botUser: string, { channels, messages }: Pick<SlackState, 'channels' | 'messages'>): void {
    for (const message of messages) {
      if (message.user !== botUser || message.onlyFor !== null) continue;
      const channel = channels.find(({ id }) => id === message.channel);
      const direct = channel?.directWith ?? null;
      const only = direct === null ? slackReaders(message) : [direct];
      this.#add(`${message.channel}/${message.ts}`, {
        platform: 'slack',
        room: direct === null ? `#${channel?.name ?? message.channel}` : null,
        message: message.ts,
        text: message.text,
        at: Number(message.ts) * 1_000,
        only,
      });
    }
  }

  noteDiscord(botUser: string, { channels, messages }: Pick<DiscordState, 'channels' | 'messages'>): void {
    for (const message of messages) {
      if (message.authorId !== botUser || message.onlyFor !== null) continue;
      if ((message.flags & SUPPRESS_NOTIFICATIONS) !== 0) continue;
      const channel = channels.find(({ id }) => id === message.channelId);
      const direct = channel?.recipientId ?? null;
      const isReply = channel?.parentId !== null && message.id !== message.channelId;
      const only = isReply ? (message.called ?? []) : null;
      this.#add(message.id, {
        platform: 'discord',
        room: direct === null ? `#${channel?.name ?? message.channelId}` : null,
        message: message.id,
        text: message.content,
        at: timeOf(message.id),
        only: direct === null ? only : [direct],
      });
    }
  }

  #add(key: string, notification: Omit<PhoneNotification, 'number'>): void {
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (notification.only?.length === 0) return;
    this.#last += 1;
    this.#shown = [...this.#shown, { number: this.#last, ...notification }].slice(-KEPT);
  }
}

/** Null: everyone in the channel. */
function slackReaders({ threadTs, ts, text, broadcast }: SlackMessage): string[] | null {
  if (threadTs === null || threadTs === ts || broadcast === true) return null;
  return [...text.matchAll(/<@([UW]\w+)>/g)].map(([, id = '']) => id);
}
