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
  /** Given for a forum post's first message, which shares its thread's id; otherwise a new id is made. */
  id?: string;
  channelId: string;
  body: Json;
  files: readonly UploadedFile[];
  onlyFor?: string | null;
  /** The message that it answers. */
  replyTo?: string | null;
  origin?: MessageOrigin;
  /** Shown as "… is thinking" until it is edited. */
  loading?: boolean;
}

/** Posts a checked message. @throws Refusal 50006 if it is empty */
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

/** Changes only what the body names. @throws Refusal 50006 if the message would be empty */
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

/** The components V2 flag can't be cleared; an edit may change the others. */
function editedFlags(flags: number, body: Json): number {
  const turned = MessageFlag.suppressEmbeds;
  return (flags & ~turned) | (settableFlags(body, false) & (turned | MessageFlag.componentsV2));
}

/** An edit with `attachments` keeps only those it names. */
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
