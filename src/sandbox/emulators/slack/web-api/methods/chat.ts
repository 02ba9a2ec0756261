import { type Body, readBody, readMetadata } from '../../checks/message.ts';
import type { Json } from '../../types.ts';
import { BOT, TEAM } from '../../workspace/identity.ts';
import { messageJson } from '../../workspace/message-json.ts';
import type { Change, StoredMessage } from '../../workspace/messages.ts';
import type { Room } from '../../workspace/rooms.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { flagArg, textArg } from '../args.ts';
import { LIMITS } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { type Method, roomById } from './method.ts';

/** A channel by id or name, or the direct message with a person. */
function roomToPostIn(slack: Workspace, target: string, threadTs: string): Room {
  const room = slack.people.find(target) ? slack.rooms.openDirect(target).room : slack.rooms.get(target);
  if (room.archived) throw new Refusal('is_archived');
  if (!room.joined) throw new Refusal('not_in_channel');
  slack.rooms.assertTakes(room, threadTs);
  return room;
}

/**
 * The thread of a new message. Slack does not refuse a reply to a deleted message: it silently posts it in the
 * channel, and only the missing `thread_ts` in its response shows that (slack-go/slack 1571).
 */
function threadFor(slack: Workspace, channel: string, ts: string): string | null {
  if (ts === '') return null;
  const root = slack.messages.find(channel, ts);
  if (root && root.shown.onlyFor === null) return root.shown.threadTs ?? ts;
  return slack.messages.replies(channel, ts).length > 0 ? ts : null;
}

function ownMessage(slack: Workspace, args: Json, refusal: string): StoredMessage {
  const { id } = roomById(slack, textArg(args, 'channel'));
  const message = slack.messages.find(id, textArg(args, 'ts'));
  if (!message || message.shown.onlyFor !== null) throw new Refusal('message_not_found');
  if (message.shown.user !== BOT.userId) throw new Refusal(refusal);
  return message;
}

/** @throws Refusal for a body that is invalid, or that `refuseContent` refuses */
export function acceptedBody(slack: Workspace, args: Json): Body {
  const body = readBody(args);
  const { text = '', blocks = [], attachments = [] } = body;
  const rule = slack.contentRule;
  if (rule !== null && JSON.stringify([text, blocks, attachments]).includes(rule.containing))
    throw new Refusal(rule.code);
  return body;
}

export const postMessage: Method = (args, slack) => {
  const room = roomToPostIn(slack, textArg(args, 'channel'), textArg(args, 'thread_ts'));
  const { text = '', blocks = [], attachments = [] } = acceptedBody(slack, args);
  const metadata = readMetadata(args) ?? null;
  const threadTs = threadFor(slack, room.id, textArg(args, 'thread_ts'));
  const message = slack.messages.post({
    channel: room.id,
    threadTs,
    user: BOT.userId,
    text,
    blocks,
    attachments,
    metadata,
    onlyFor: null,
    broadcast: threadTs !== null && flagArg(args, 'reply_broadcast'),
  });
  return { channel: room.id, ts: message.shown.ts, message: messageJson(message, { metadata: true }) };
};

export const postEphemeral: Method = (args, slack) => {
  const room = roomToPostIn(slack, textArg(args, 'channel'), textArg(args, 'thread_ts'));
  const user = textArg(args, 'user');
  if (!slack.people.find(user)) throw new Refusal('user_not_in_channel');
  const { text = '', blocks = [], attachments = [] } = acceptedBody(slack, args);
  const threadTs = threadFor(slack, room.id, textArg(args, 'thread_ts'));
  const message = slack.messages.post({
    channel: room.id,
    threadTs,
    user: BOT.userId,
    text,
    blocks,
    attachments,
    metadata: null,
    onlyFor: user,
  });
  return { message_ts: message.shown.ts };
};

export const update: Method = (args, slack) => {
  const message = ownMessage(slack, args, 'cant_update_message');
  if (slack.rooms.find(message.shown.channel)?.archived) throw new Refusal('is_inactive');
  // A broadcast alone needs no content, and Slack refuses the two together.
  const broadcast = flagArg(args, 'reply_broadcast');
  const hasContent = ['text', 'blocks', 'attachments'].some((name) => args[name] !== undefined);
  const body =
    broadcast && !hasContent
      ? { text: undefined, blocks: undefined, attachments: undefined }
      : acceptedBody(slack, args);
  if (Buffer.byteLength(body.text ?? '') > LIMITS.updateTextBytes) throw new Refusal('msg_too_long');
  const metadata = readMetadata(args);
  // “Can't broadcast an old reply and update the content at the same time.”
  if (broadcast && hasContent) throw new Refusal('no_dual_broadcast_content_update');
  // Slack's documentation says no more; this is the strictest reading.
  if (broadcast && (message.shown.threadTs === null || message.broadcast)) throw new Refusal('cant_broadcast_message');
  const change: Change = {};
  if (body.text !== undefined || body.blocks !== undefined) {
    // A text without blocks removes the old blocks.
    change.text = body.text ?? '';
    change.blocks = body.blocks ?? [];
  }
  if (body.attachments !== undefined) change.attachments = body.attachments;
  if (metadata !== undefined) change.metadata = metadata;
  const updated = slack.messages.update(message, change, broadcast);
  const { channel, ts, text } = updated.shown;
  return { channel, ts, text, message: messageJson(updated, { metadata: true }) };
};

export const remove: Method = (args, slack) => {
  const message = ownMessage(slack, args, 'cant_delete_message');
  slack.messages.remove(message);
  return { channel: message.shown.channel, ts: message.shown.ts };
};

export const getPermalink: Method = (args, slack) => {
  const { id } = roomById(slack, textArg(args, 'channel'));
  const ts = textArg(args, 'message_ts');
  const message = slack.messages.find(id, ts);
  if (!message || message.shown.onlyFor !== null) throw new Refusal('message_not_found');
  const { threadTs } = message.shown;
  const thread = threadTs === null ? '' : `?thread_ts=${threadTs}&cid=${id}`;
  return { channel: id, permalink: `https://${TEAM.domain}.slack.com/archives/${id}/p${ts.replace('.', '')}${thread}` };
};
