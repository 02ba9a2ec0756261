import { hasContent, MessageFlag, settableFlags } from '../checks/message.ts';
import { Intent } from '../gateway/protocol.ts';
import type { Parts } from '../parts.ts';
import { refuse } from '../rest/refusal.ts';
import type { DiscordAttachment, Json } from '../types.ts';
import { jsonList } from '../wire/json.ts';
import type { MessageOrigin, StoredMessage } from './guild.ts';
import { mentionsIn } from './mentions.ts';

export interface UploadedFile {
  filename: string;
  contentType: string;
  bytes: Buffer;
}

interface Draft {
  /** Of a forum post's first message, which has its thread's id; any other gets a new one. */
  id?: string;
  channelId: string;
  body: Json;
  files: readonly UploadedFile[];
  onlyFor?: string | null;
  /** The message that it answers. */
  replyTo?: string | null;
  origin?: MessageOrigin;
  /** "… is thinking": shown before anything has been said. */
  loading?: boolean;
}

/** Puts a message, already checked, into a room. @throws Refusal 50006 when there is nothing in it */
export function postMessage(parts: Parts, draft: Draft): StoredMessage {
  const { body, channelId, onlyFor = null, origin = null, replyTo = null } = draft;
  const { guild } = parts;
  const { id = guild.nextId() } = draft;
  const attachments = keepFiles(parts, id, draft.files);
  const nonce = body['nonce'];
  const { users, roles, everyone } = mentionsIn(body);
  const called = [...users, ...roles, ...(everyone ? ['everyone'] : [])];
  const message: StoredMessage = {
    id,
    channelId,
    authorId: guild.botUserId,
    content: textOf(body['content']),
    embeds: jsonList(body['embeds']),
    components: jsonList(body['components']),
    flags: settableFlags(body, origin !== null) | (draft.loading ? MessageFlag.loading : 0),
    nonce: nonce === undefined || nonce === null ? null : String(nonce),
    edited: false,
    threadId: null,
    onlyFor,
    editedAt: null,
    origin,
    ...(replyTo === null ? {} : { replyTo }),
    ...(called.length > 0 ? { called } : {}),
    ...(attachments.length > 0 ? { attachments } : {}),
  };
  if (!draft.loading) assertContent(message);
  guild.addMessage(message);
  if (onlyFor === null) announce(parts, 'MESSAGE_CREATE', message);
  guild.changed();
  return message;
}

/** Only what the body names changes. @throws Refusal 50006 when nothing would be left */
export function editMessage(
  parts: Parts,
  message: StoredMessage,
  body: Json,
  files: readonly UploadedFile[] = [],
): void {
  const kept = keptAttachments(message, body);
  const loading = (message.flags & MessageFlag.loading) !== 0;
  const next: StoredMessage = {
    ...message,
    content: 'content' in body ? textOf(body['content']) : message.content,
    embeds: 'embeds' in body ? jsonList(body['embeds']) : message.embeds,
    components: 'components' in body ? jsonList(body['components']) : message.components,
    flags: 'flags' in body ? editedFlags(message.flags, body) : message.flags,
  };
  const uploaded = files.length > 0;
  if (!uploaded && kept.length === 0) assertContent(next);
  const attachments = [...kept, ...keepFiles(parts, message.id, files, kept.length)];
  Object.assign(message, next, { flags: next.flags & ~MessageFlag.loading });
  if (attachments.length > 0) message.attachments = attachments;
  else delete message.attachments;
  if (!loading) {
    message.edited = true;
    message.editedAt = Date.now();
  }
  if (message.onlyFor === null) announce(parts, 'MESSAGE_UPDATE', message);
  parts.guild.changed();
}

export function removeMessage(parts: Parts, message: StoredMessage): void {
  parts.guild.messages.delete(message.id);
  if (message.onlyFor === null) {
    const gone = { id: message.id, channel_id: message.channelId, guild_id: parts.guild.id };
    parts.gateway.broadcast('MESSAGE_DELETE', gone, Intent.guildMessages);
  }
  parts.guild.changed();
}

function assertContent(message: StoredMessage): void {
  if (!hasContent(message) && !message.attachments?.length) throw refuse(50006);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The newer components' flag stays once it is set; the others an edit may turn. */
function editedFlags(flags: number, body: Json): number {
  const turned = MessageFlag.suppressEmbeds;
  return (flags & ~turned) | (settableFlags(body, false) & (turned | MessageFlag.componentsV2));
}

/** An edit that names `attachments` keeps those it names and no others. */
function keptAttachments(message: StoredMessage, body: Json): DiscordAttachment[] {
  const all = message.attachments ?? [];
  if (!('attachments' in body)) return all;
  const named = jsonList(body['attachments']).map((one) => one['id']);
  return all.filter((one) => named.includes(one.id));
}

function keepFiles(parts: Parts, messageId: string, files: readonly UploadedFile[], from = 0): DiscordAttachment[] {
  return files.map(({ filename, contentType, bytes }, index) => {
    const path = `/attachments/${messageId}/${from + index}/${encodeURIComponent(filename)}`;
    parts.guild.files.set(path, { contentType, bytes });
    return { id: parts.guild.nextId(), filename, size: bytes.length, contentType, url: parts.origin + path };
  });
}

function announce(parts: Parts, event: string, message: StoredMessage): void {
  const intent = parts.guild.channels.get(message.channelId)?.recipientId
    ? Intent.directMessages
    : Intent.guildMessages;
  const guild = intent === Intent.guildMessages ? { guild_id: parts.guild.id } : {};
  parts.gateway.broadcast(event, { ...parts.objects.message(message), ...guild }, intent);
}
