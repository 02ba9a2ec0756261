import type { Hub } from '../../gateway/hub.ts';
import type { Json } from '../../types.ts';
import { asJson, asText } from '../../wire/json.ts';
import { editMessage, postMessage, removeMessage } from '../../world/messages.ts';
import { type Channel, ChannelType, type StoredMessage } from '../../world/world.ts';
import { refuse, refuseForm } from '../refusal.ts';
import { nothing, ok, type RestRequest, type Route } from '../route.ts';

const MAX_PAGE = 100;

/** Messages and what can be done to them. */
export function channelRoutes(hub: Hub): Route[] {
  const { world, wire, checks } = hub;
  return [
    {
      method: 'GET',
      pattern: '/channels/:channel',
      handle: ({ params }) => ok(wire.channel(world.channel(params['channel'], 'read'))),
    },
    {
      method: 'GET',
      pattern: '/channels/:channel/messages',
      handle: ({ params, query }) => {
        const page = pageOf(hub, world.channel(params['channel'], 'read'), query);
        return ok(page.map((message) => wire.message(message)));
      },
    },
    { method: 'POST', pattern: '/channels/:channel/messages', handle: (request) => create(hub, request) },
    {
      method: 'POST',
      pattern: '/channels/:channel/typing',
      handle: ({ params }) => {
        world.channel(params['channel'], 'write');
        return nothing;
      },
    },
    {
      method: 'GET',
      pattern: '/channels/:channel/messages/:message',
      handle: ({ params }) =>
        ok(wire.message(world.message(world.channel(params['channel'], 'read'), params['message']))),
    },
    {
      method: 'PATCH',
      pattern: '/channels/:channel/messages/:message',
      handle: ({ params, body, files }) => {
        const message = ownMessage(hub, params);
        checks.messageEdit(body, message.flags);
        editMessage(hub, message, body, files);
        return ok(wire.message(message));
      },
    },
    {
      method: 'DELETE',
      pattern: '/channels/:channel/messages/:message',
      handle: ({ params }) => {
        removeMessage(hub, ownMessage(hub, params));
        return nothing;
      },
    },
  ];
}

function create(hub: Hub, { params, body, files }: RestRequest) {
  const { world, wire, checks } = hub;
  const channel = world.channel(params['channel'], 'write');
  checks.newMessage(body);
  if (!takesMessages(channel)) throw refuse(50008);
  if (world.closedToBots.has(channel.recipientId ?? '')) throw refuse(50007);
  const nonce = body['nonce'];
  if (body['enforce_nonce'] === true && nonce !== undefined && nonce !== null) {
    const first = world.messageByNonce(channel.id, world.botUserId, String(nonce));
    if (first) return ok({ ...wire.message(first), nonce });
  }
  const replyTo = answeredBy(hub, channel, body);
  // A message wakes a sleeping thread.
  channel.archived = false;
  const message = postMessage(hub, { channelId: channel.id, body, files, replyTo });
  return ok({ ...wire.message(message), ...(message.nonce === null ? {} : { nonce }) });
}

/** A forum has posts only. */
function takesMessages({ type }: Channel): boolean {
  return type !== ChannelType.forum && type !== ChannelType.media && type !== ChannelType.category;
}

/** @throws Refusal 50035 for an answer to what is not here, unless the body says that it does not matter */
function answeredBy({ world }: Hub, channel: Channel, body: Json): string | null {
  const reference = asJson(body['message_reference']);
  const id = asText(reference['message_id']);
  if (id === '') return null;
  if (world.messages.get(id)?.channelId === channel.id) return id;
  if (reference['fail_if_not_exists'] === false) return null;
  const path = ['message_reference'];
  throw refuseForm([{ path, code: 'REPLIES_UNKNOWN_MESSAGE', message: 'Unknown message' }]);
}

function ownMessage({ world }: Hub, params: Record<string, string>): StoredMessage {
  const channel = world.channel(params['channel'], 'write');
  const message = world.message(channel, params['message']);
  if (channel.archived) throw refuse(50083);
  if (message.authorId !== world.botUserId) throw refuse(50005);
  return message;
}

/** Newest first. @throws Refusal 50035 for a limit outside 1 to 100 */
function pageOf({ world }: Hub, channel: Channel, query: URLSearchParams): StoredMessage[] {
  const limit = Number(query.get('limit') ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    const message = `int value should be ${limit < 1 ? 'greater than or equal to 1' : `less than or equal to ${MAX_PAGE}`}.`;
    throw refuseForm([{ path: ['limit'], code: limit < 1 ? 'NUMBER_TYPE_MIN' : 'NUMBER_TYPE_MAX', message }]);
  }
  const all = [...world.messages.values()]
    .filter((message) => message.channelId === channel.id && message.onlyFor === null)
    .sort((one, other) => (BigInt(one.id) < BigInt(other.id) ? 1 : -1));
  const edge = (name: string) => BigInt(query.get(name) ?? 0);
  if (query.has('before')) return all.filter(({ id }) => BigInt(id) < edge('before')).slice(0, limit);
  if (query.has('after')) return all.filter(({ id }) => BigInt(id) > edge('after')).slice(-limit);
  if (query.has('around')) {
    const at = all.findIndex(({ id }) => BigInt(id) <= edge('around'));
    const start = Math.max(0, (at < 0 ? all.length : at) - Math.floor(limit / 2));
    return all.slice(start, start + limit);
  }
  return all.slice(0, limit);
}
