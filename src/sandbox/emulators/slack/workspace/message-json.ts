import type { Json } from '../types.ts';
import { APP_ID, BOT, TEAM } from './identity.ts';
import type { StoredMessage } from './messages.ts';

interface Options {
  /** The replies in the message's thread. */
  replies?: StoredMessage[];
  metadata?: boolean;
}

/** A message as Slack's API and payloads show it. */
export function messageJson(message: StoredMessage, { replies = [], metadata = false }: Options = {}): Json {
  const { shown } = message;
  const author = shown.user === BOT.userId ? { bot_id: BOT.id, app_id: APP_ID } : {};
  const lastReply = replies.at(-1)?.shown;
  return {
    type: 'message',
    ...(message.broadcast ? { subtype: 'thread_broadcast' } : {}),
    user: shown.user,
    ...author,
    text: shown.text,
    ts: shown.ts,
    team: TEAM.id,
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(shown.attachments.length > 0 ? { attachments: shown.attachments } : {}),
    ...(shown.threadTs === null ? {} : { thread_ts: shown.threadTs }),
    ...(message.editedTs === null ? {} : { edited: { user: BOT.userId, ts: message.editedTs } }),
    ...(message.reactions.length > 0
      ? { reactions: message.reactions.map(({ name, users }) => ({ name, users, count: users.length })) }
      : {}),
    ...(metadata && shown.metadata !== null ? { metadata: shown.metadata } : {}),
    ...(lastReply
      ? {
          thread_ts: shown.ts,
          reply_count: replies.length,
          reply_users: [...new Set(replies.map((reply) => reply.shown.user))],
          latest_reply: lastReply.ts,
        }
      : {}),
  };
}

/** What Slack returns for a thread's deleted root while there are replies. */
export function tombstoneJson(ts: string): Json {
  return {
    type: 'message',
    subtype: 'tombstone',
    user: 'USLACKBOT',
    text: 'This message was deleted.',
    hidden: true,
    ts,
    thread_ts: ts,
  };
}
