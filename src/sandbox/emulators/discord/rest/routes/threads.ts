import { assertAccepted } from '../../checks/content-rule.ts';
import { MessageFlag } from '../../checks/message.ts';
import { Intent } from '../../gateway/protocol.ts';
import { type Channel, ChannelType, isThread } from '../../guild/guild.ts';
import { postMessage } from '../../guild/messages.ts';
import type { Parts } from '../../parts.ts';
import type { Json } from '../../types.ts';
import { asJson, asNumber, asText } from '../../wire/json.ts';
import { refuse, refuseForm } from '../refusal.ts';
import { created, nothing, ok, type RestReply, type RestRequest, type Route } from '../route.ts';

/** Routes for threads and direct messages. */
export function threadRoutes(parts: Parts): Route[] {
  const { guild, objects, checks } = parts;
  return [
    {
      method: 'POST',
      pattern: '/channels/:channel/messages/:message/threads',
      handle: ({ params, body }) => {
        const parent = parentOf(parts, params['channel']);
        const message = guild.message(parent, params['message']);
        checks.threadOnMessage(body);
        assertAccepted(parts, parent.id, body);
        if (message.threadId !== null) throw refuse(160004);
        message.threadId = message.id;
        message.flags |= MessageFlag.hasThread;
        const announces = parent.type === ChannelType.announcement;
        const type = announces ? ChannelType.announcementThread : ChannelType.publicThread;
        return startThread(parts, parent, message.id, type, body);
      },
    },
    {
      method: 'POST',
      pattern: '/channels/:channel/threads',
      handle: ({ params, body, files }) => {
        const forum = guild.channel(params['channel'], 'write');
        if (forum.type === ChannelType.forum) return startPost(parts, forum, body, files);
        const parent = parentOf(parts, params['channel']);
        checks.thread(body);
        return startThread(parts, parent, guild.nextId(), asNumber(body['type']) || ChannelType.privateThread, body);
      },
    },
    {
      method: 'GET',
      pattern: '/channels/:channel/thread-members/:user',
      handle: ({ params }) => {
        const thread = guild.channel(params['channel'], 'read');
        const user = params['user'] ?? '';
        if (!thread.members.has(user)) throw refuse(10007);
        return ok({ id: thread.id, user_id: user, join_timestamp: new Date(guild.createdAt).toISOString(), flags: 0 });
      },
    },
    {
      method: 'GET',
      pattern: '/guilds/:guild/threads/active',
      handle: ({ params }) => {
        if (params['guild'] !== guild.id) throw refuse(10004);
        const active = [...guild.channels.values()].filter((one) => isThread(one) && !one.archived);
        return ok({ threads: active.map((one) => objects.channel(one)), members: [] });
      },
    },
    {
      method: 'GET',
      pattern: '/channels/:channel/threads/archived/public',
      handle: ({ params }) => {
        const parent = guild.channel(params['channel'], 'read');
        const archived = [...guild.channels.values()].filter(
          (one) => isThread(one) && one.archived && one.parentId === parent.id,
        );
        return ok({ threads: archived.map((one) => objects.channel(one)), members: [], has_more: false });
      },
    },
    {
      method: 'PATCH',
      pattern: '/channels/:channel',
      handle: ({ params, body }) => {
        const channel = guild.channel(params['channel'], 'read');
        if (channel.denied === 50013) throw refuse(50013);
        if (!isThread(channel)) throw refuse(50013);
        checks.threadEdit(body);
        if (typeof body['name'] === 'string') channel.name = body['name'];
        if (typeof body['archived'] === 'boolean') channel.archived = body['archived'];
        if (typeof body['locked'] === 'boolean') channel.locked = body['locked'];
        if (typeof body['auto_archive_duration'] === 'number') channel.archiveMinutes = body['auto_archive_duration'];
        parts.gateway.broadcast('THREAD_UPDATE', objects.channel(channel), Intent.guilds);
        guild.changed();
        return ok(objects.channel(channel));
      },
    },
    {
      method: 'PUT',
      pattern: '/channels/:channel/thread-members/@me',
      handle: ({ params }) => {
        const channel = guild.channel(params['channel'], 'read');
        if (!isThread(channel)) throw refuse(50024);
        if (channel.archived) throw refuse(50083);
        return nothing;
      },
    },
    {
      method: 'POST',
      pattern: '/users/@me/channels',
      handle: ({ body }) => ok(objects.channel(directChannel(parts, asText(body['recipient_id'])))),
    },
  ];
}

/** Only text and announcement channels have threads. */
function parentOf({ guild }: Parts, id: string | undefined): Channel {
  const channel = guild.channel(id, 'write');
  if (channel.type !== ChannelType.text && channel.type !== ChannelType.announcement) throw refuse(50024);
  return channel;
}

/** A forum post: a thread and its first message, which share an id. A nonce has no effect here. */
function startPost(parts: Parts, forum: Channel, body: Json, files: RestRequest['files']): RestReply {
  const { guild, objects, checks } = parts;
  checks.forumPost(body);
  assertAccepted(parts, forum.id, body);
  const tags = Array.isArray(body['applied_tags']) ? body['applied_tags'] : [];
  const unknown = tags.find((id) => !forum.tags.some((tag) => tag.id === id));
  if (unknown !== undefined) {
    throw refuseForm([
      { path: ['applied_tags'], code: 'BASE_TYPE_CHOICES', message: 'Tag does not exist in this channel' },
    ]);
  }
  if (forum.requireTag && tags.length === 0) throw refuse(40067);
  if (forum.tags.some(({ id, moderated }) => moderated && tags.includes(id))) throw refuse(50013);
  const thread = addThread(parts, forum, guild.nextId(), ChannelType.publicThread, body);
  const message = postMessage(parts, { id: thread.id, channelId: thread.id, body: asJson(body['message']), files });
  return created({ ...objects.channel(thread), applied_tags: tags, message: objects.message(message) });
}

function startThread(parts: Parts, parent: Channel, id: string, type: number, body: Json): RestReply {
  return created(parts.objects.channel(addThread(parts, parent, id, type, body)));
}

function addThread({ guild, objects, gateway }: Parts, parent: Channel, id: string, type: number, body: Json): Channel {
  const archiveMinutes = asNumber(body['auto_archive_duration']) || 4320;
  const thread = guild.addChannel({ id, type, name: asText(body['name']), parentId: parent.id, archiveMinutes });
  gateway.broadcast('THREAD_CREATE', { ...objects.channel(thread), newly_created: true }, Intent.guilds);
  guild.changed();
  return thread;
}

/** The direct message channel with this user. @throws Refusal 10013 for an unknown user */
function directChannel({ guild }: Parts, userId: string): Channel {
  const user = guild.users.get(userId);
  if (!user) throw refuse(10013);
  const known = [...guild.channels.values()].find((channel) => channel.recipientId === userId);
  if (known) return known;
  const made = guild.addChannel({ id: guild.nextId(), name: user.username, type: ChannelType.dm, recipientId: userId });
  guild.changed();
  return made;
}
