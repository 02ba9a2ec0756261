import { assertAccepted } from '../../checks/content-rule.ts';
import { type Channel, ChannelType, type StoredMessage } from '../../guild/guild.ts';
import { editMessage, postMessage, removeMessage } from '../../guild/messages.ts';
import type { Parts } from '../../parts.ts';
import type { Json } from '../../types.ts';
import { asJson, asText } from '../../wire/json.ts';
import { refuse, refuseForm } from '../refusal.ts';
import { nothing, ok, type RestRequest, type Route } from '../route.ts';

const MAX_PAGE = 100;

/** Routes for channels and their messages. */
export function channelRoutes(parts: Parts): Route[] {
  const { guild, objects, checks } = parts;
  return [
    {
      method: 'GET',
      pattern: '/channels/:channel',
      handle: ({ params }) => ok(objects.channel(guild.channel(params['channel'], 'read'))),
    },
    {
      method: 'GET',
      pattern: '/channels/:channel/messages',
      handle: ({ params, query }) => {
        const page = pageOf(parts, guild.channel(params['channel'], 'read'), query);
        return ok(page.map((message) => objects.message(message)));
      },
    },
    { method: 'POST', pattern: '/channels/:channel/messages', handle: (request) => create(parts, request) },
    {
      method: 'POST',
      pattern: '/channels/:channel/typing',
      handle: ({ params }) => {
        guild.channel(params['channel'], 'write');
        return nothing;
      },
    },
    {
      method: 'GET',
      pattern: '/channels/:channel/messages/:message',
      handle: ({ params }) =>
        ok(objects.message(guild.message(guild.channel(params['channel'], 'read'), params['message']))),
    },
    {
      method: 'PATCH',
      pattern: '/channels/:channel/messages/:message',
      handle: ({ params, body, files }) => {
        const message = ownMessage(parts, params);
        checks.messageEdit(body, message.flags);
        assertAccepted(parts, message.channelId, body);
        editMessage(parts, message, body, files);
        return ok(objects.message(message));
      },
    },
    {
      method: 'DELETE',
      pattern: '/channels/:channel/messages/:message',
      handle: ({ params }) => {
        removeMessage(parts, ownMessage(parts, params));
        return nothing;
      },
    },
  ];
}

function create(parts: Parts, { params, body, files }: RestRequest) {
  const { guild, objects, checks } = parts;
  const channel = guild.channel(params['channel'], 'write');
  checks.newMessage(body);
  assertAccepted(parts, channel.id, body);
  if (!takesMessages(channel)) throw refuse(50008);
  if (guild.closedToBots.has(channel.recipientId ?? '')) throw refuse(50007);
  const nonce = body['nonce'];
  if (body['enforce_nonce'] === true && nonce !== undefined && nonce !== null) {
    const first = guild.messageByNonce(channel.id, guild.botUserId, String(nonce));
    if (first) return ok({ ...objects.message(first), nonce });
  }
  const replyTo = answeredBy(parts, channel, body);
  // A new message reopens an archived thread.
  channel.archived = false;
  const message = postMessage(parts, { channelId: channel.id, body, files, replyTo });
  return ok({ ...objects.message(message), ...(message.nonce === null ? {} : { nonce }) });
}

/** A forum accepts only posts. */
function takesMessages({ type }: Channel): boolean {
  return type !== ChannelType.forum && type !== ChannelType.media && type !== ChannelType.category;
}

/** @throws Refusal 50035 for a reply to an unknown message, unless `fail_if_not_exists` is false */
function answeredBy({ guild }: Parts, channel: Channel, body: Json): string | null {
  const reference = asJson(body['message_reference']);
  const id = asText(reference['message_id']);
  if (id === '') return null;
  if (guild.messages.get(id)?.channelId === channel.id) return id;
  if (reference['fail_if_not_exists'] === false) return null;
  const path = ['message_reference'];
  throw refuseForm([{ path, code: 'REPLIES_UNKNOWN_MESSAGE', message: 'Unknown message' }]);
}

function ownMessage({ guild }: Parts, params: Record<string, string>): StoredMessage {
  const channel = guild.channel(params['channel'], 'write');
  const message = guild.message(channel, params['message']);
  if (channel.archived) throw refuse(50083);
  if (message.authorId !== guild.botUserId) throw refuse(50005);
  return message;
}

/** Newest first. @throws Refusal 50035 for a limit outside 1 to 100 */
function pageOf({ guild }: Parts, channel: Channel, query: URLSearchParams): StoredMessage[] {
  const limit = Number(query.get('limit') ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    const message = `int value should be ${limit < 1 ? 'greater than or equal to 1' : `less than or equal to ${MAX_PAGE}`}.`;
    throw refuseForm([{ path: ['limit'], code: limit < 1 ? 'NUMBER_TYPE_MIN' : 'NUMBER_TYPE_MAX', message }]);
  }
  const all = [...guild.messages.values()]
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
