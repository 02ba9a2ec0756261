import { MessageFlag } from './check-message.ts';
import { Intent } from './gateway-codes.ts';
import type { Hub } from './hub.ts';
import { asNumber, asText } from './json.ts';
import { refuse } from './refusal.ts';
import { created, nothing, ok, type RestReply, type Route } from './route.ts';
import type { Json } from './types.ts';
import { isThread } from './wire.ts';
import { type Channel, ChannelType } from './world.ts';

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
        return startThread(hub, parent, message.id, ChannelType.publicThread, body);
      },
    },
    {
      method: 'POST',
      pattern: '/channels/:channel/threads',
      handle: ({ params, body }) => {
        const parent = parentOf(hub, params['channel']);
        checks.thread(body);
        return startThread(hub, parent, world.nextId(), asNumber(body['type']) || ChannelType.privateThread, body);
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

/** Threads hang on a text channel only. */
function parentOf({ world }: Hub, id: string | undefined): Channel {
  const channel = world.channel(id, 'write');
  if (channel.type !== ChannelType.text) throw refuse(50024);
  return channel;
}

function startThread({ world, wire, gateway }: Hub, parent: Channel, id: string, type: number, body: Json): RestReply {
  const archiveMinutes = asNumber(body['auto_archive_duration']) || 4320;
  const thread = world.addChannel({ id, type, name: asText(body['name']), parentId: parent.id, archiveMinutes });
  gateway.broadcast('THREAD_CREATE', { ...wire.channel(thread), newly_created: true }, Intent.guilds);
  world.changed();
  return created(wire.channel(thread));
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
