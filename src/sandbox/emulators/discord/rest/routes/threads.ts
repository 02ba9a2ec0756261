import { MessageFlag } from '../../checks/message.ts';
import { Intent } from '../../gateway/close-codes.ts';
import type { Hub } from '../../gateway/hub.ts';
import type { Json } from '../../types.ts';
import { asJson, asNumber, asText } from '../../wire/json.ts';
import { isThread } from '../../wire/objects.ts';
import { postMessage } from '../../world/messages.ts';
import { type Channel, ChannelType } from '../../world/world.ts';
import { refuse, refuseForm } from '../refusal.ts';
import { created, nothing, ok, type RestReply, type RestRequest, type Route } from '../route.ts';

/** Threads, and the direct messages that are channels, too. */
export function threadRoutes(hub: Hub): Route[] {
  const { world, wire, checks } = hub;
  return [
    {
      method: 'POST',
      pattern: '/channels/:channel/messages/:message/threads',
      handle: ({ params, body }) => {
        const parent = parentOf(hub, params['channel']);
        const message = world.message(parent, params['message']);
        checks.threadOnMessage(body);
        if (message.threadId !== null) throw refuse(160004);
        message.threadId = message.id;
        message.flags |= MessageFlag.hasThread;
        const announces = parent.type === ChannelType.announcement;
        const type = announces ? ChannelType.announcementThread : ChannelType.publicThread;
        return startThread(hub, parent, message.id, type, body);
      },
    },
    {
      method: 'POST',
      pattern: '/channels/:channel/threads',
      handle: ({ params, body, files }) => {
        const forum = world.channel(params['channel'], 'write');
        if (forum.type === ChannelType.forum) return startPost(hub, forum, body, files);
        const parent = parentOf(hub, params['channel']);
        checks.thread(body);
        return startThread(hub, parent, world.nextId(), asNumber(body['type']) || ChannelType.privateThread, body);
      },
    },
    {
      method: 'GET',
      pattern: '/guilds/:guild/threads/active',
      handle: ({ params }) => {
        if (params['guild'] !== world.guild.id) throw refuse(10004);
        const active = [...world.channels.values()].filter((one) => isThread(one) && !one.archived);
        return ok({ threads: active.map((one) => wire.channel(one)), members: [] });
      },
    },
    {
      method: 'GET',
      pattern: '/channels/:channel/threads/archived/public',
      handle: ({ params }) => {
        const parent = world.channel(params['channel'], 'read');
        const archived = [...world.channels.values()].filter(
          (one) => isThread(one) && one.archived && one.parentId === parent.id,
        );
        return ok({ threads: archived.map((one) => wire.channel(one)), members: [], has_more: false });
      },
    },
    {
      method: 'PATCH',
      pattern: '/channels/:channel',
      handle: ({ params, body }) => {
        const channel = world.channel(params['channel'], 'read');
        if (channel.denied === 50013) throw refuse(50013);
        if (!isThread(channel)) throw refuse(50013);
        checks.threadEdit(body);
        if (typeof body['name'] === 'string') channel.name = body['name'];
        if (typeof body['archived'] === 'boolean') channel.archived = body['archived'];
        if (typeof body['locked'] === 'boolean') channel.locked = body['locked'];
        if (typeof body['auto_archive_duration'] === 'number') channel.archiveMinutes = body['auto_archive_duration'];
        hub.gateway.broadcast('THREAD_UPDATE', wire.channel(channel), Intent.guilds);
        world.changed();
        return ok(wire.channel(channel));
      },
    },
    {
      method: 'PUT',
      pattern: '/channels/:channel/thread-members/@me',
      handle: ({ params }) => {
        const channel = world.channel(params['channel'], 'read');
        if (!isThread(channel)) throw refuse(50024);
        if (channel.archived) throw refuse(50083);
        return nothing;
      },
    },
    {
      method: 'POST',
      pattern: '/users/@me/channels',
      handle: ({ body }) => ok(wire.channel(directChannel(hub, asText(body['recipient_id'])))),
    },
  ];
}

/** Threads hang on a text or an announcement channel only. */
function parentOf({ world }: Hub, id: string | undefined): Channel {
  const channel = world.channel(id, 'write');
  if (channel.type !== ChannelType.text && channel.type !== ChannelType.announcement) throw refuse(50024);
  return channel;
}

/** A post of a forum: a thread and its first message, which share an id. A nonce does nothing here. */
function startPost(hub: Hub, forum: Channel, body: Json, files: RestRequest['files']): RestReply {
  const { world, wire, checks } = hub;
  checks.forumPost(body);
  const tags = Array.isArray(body['applied_tags']) ? body['applied_tags'] : [];
  const unknown = tags.find((id) => !forum.tags.some((tag) => tag.id === id));
  if (unknown !== undefined) {
    throw refuseForm([
      { path: ['applied_tags'], code: 'BASE_TYPE_CHOICES', message: 'Tag does not exist in this channel' },
    ]);
  }
  if (forum.requireTag && tags.length === 0) throw refuse(40067);
  if (forum.tags.some(({ id, moderated }) => moderated && tags.includes(id))) throw refuse(50013);
  const thread = addThread(hub, forum, world.nextId(), ChannelType.publicThread, body);
  const message = postMessage(hub, { id: thread.id, channelId: thread.id, body: asJson(body['message']), files });
  return created({ ...wire.channel(thread), applied_tags: tags, message: wire.message(message) });
}

function startThread(hub: Hub, parent: Channel, id: string, type: number, body: Json): RestReply {
  return created(hub.wire.channel(addThread(hub, parent, id, type, body)));
}

function addThread({ world, wire, gateway }: Hub, parent: Channel, id: string, type: number, body: Json): Channel {
  const archiveMinutes = asNumber(body['auto_archive_duration']) || 4320;
  const thread = world.addChannel({ id, type, name: asText(body['name']), parentId: parent.id, archiveMinutes });
  gateway.broadcast('THREAD_CREATE', { ...wire.channel(thread), newly_created: true }, Intent.guilds);
  world.changed();
  return thread;
}

/** The one conversation with this person. @throws Refusal 10013 for a stranger */
function directChannel({ world }: Hub, userId: string): Channel {
  const user = world.users.get(userId);
  if (!user) throw refuse(10013);
  const known = [...world.channels.values()].find((channel) => channel.recipientId === userId);
  if (known) return known;
  const made = world.addChannel({ id: world.nextId(), name: user.username, type: ChannelType.dm, recipientId: userId });
  world.changed();
  return made;
}
