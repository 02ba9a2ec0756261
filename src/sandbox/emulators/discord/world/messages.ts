import { hasSubstance, MessageFlag, settableFlags } from '../checks/message.ts';
import { Intent } from '../gateway/close-codes.ts';
import type { Hub } from '../gateway/hub.ts';
import { refuse } from '../rest/refusal.ts';
import type { DiscordAttachment, Json } from '../types.ts';
import { jsonList } from '../wire/json.ts';
import { mentionsIn } from './mentions.ts';
import type { MessageOrigin, StoredMessage } from './world.ts';

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
export function postMessage(hub: Hub, draft: Draft): StoredMessage {
  const { body, channelId, onlyFor = null, origin = null, replyTo = null } = draft;
  const { world } = hub;
  const { id = world.nextId() } = draft;
  const attachments = keepFiles(hub, id, draft.files);
  const nonce = body['nonce'];
  const { users, roles, everyone } = mentionsIn(body);
  const called = [...users, ...roles, ...(everyone ? ['everyone'] : [])];
  const message: StoredMessage = {
    id,
    channelId,
    authorId: world.botUserId,
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
  if (!draft.loading) assertSubstance(message);
  world.addMessage(message);
  if (onlyFor === null) announce(hub, 'MESSAGE_CREATE', message);
  world.changed();
  return message;
}

/** Only what the body names changes. @throws Refusal 50006 when nothing would be left */
export function editMessage(hub: Hub, message: StoredMessage, body: Json, files: readonly UploadedFile[] = []): void {
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
  if (!uploaded && kept.length === 0) assertSubstance(next);
  const attachments = [...kept, ...keepFiles(hub, message.id, files, kept.length)];
  Object.assign(message, next, { flags: next.flags & ~MessageFlag.loading });
  if (attachments.length > 0) message.attachments = attachments;
  else delete message.attachments;
  if (!loading) {
    message.edited = true;
    message.editedAt = Date.now();
  }
  if (message.onlyFor === null) announce(hub, 'MESSAGE_UPDATE', message);
  hub.world.changed();
}

export function removeMessage(hub: Hub, message: StoredMessage): void {
  hub.world.messages.delete(message.id);
  if (message.onlyFor === null) {
    const gone = { id: message.id, channel_id: message.channelId, guild_id: hub.world.guild.id };
    hub.gateway.broadcast('MESSAGE_DELETE', gone, Intent.guildMessages);
  }
  hub.world.changed();
}

function assertSubstance(message: StoredMessage): void {
  if (!hasSubstance(message) && !message.attachments?.length) throw refuse(50006);
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

function keepFiles(hub: Hub, messageId: string, files: readonly UploadedFile[], from = 0): DiscordAttachment[] {
  return files.map(({ filename, contentType, bytes }, index) => {
    const path = `/attachments/${messageId}/${from + index}/${encodeURIComponent(filename)}`;
    hub.world.files.set(path, { contentType, bytes });
    return { id: hub.world.nextId(), filename, size: bytes.length, contentType, url: hub.origin + path };
  });
}

function announce(hub: Hub, event: string, message: StoredMessage): void {
  const intent = hub.world.channels.get(message.channelId)?.recipientId ? Intent.directMessages : Intent.guildMessages;
  const guild = intent === Intent.guildMessages ? { guild_id: hub.world.guild.id } : {};
  hub.gateway.broadcast(event, { ...hub.wire.message(message), ...guild }, intent);
}
