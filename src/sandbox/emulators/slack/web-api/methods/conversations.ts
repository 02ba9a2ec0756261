import type { Json } from '../../types.ts';
import { BOT, TEAM } from '../../workspace/identity.ts';
import { messageJson, tombstoneJson } from '../../workspace/message-json.ts';
import type { StoredMessage } from '../../workspace/messages.ts';
import type { Room } from '../../workspace/rooms.ts';
import { flagArg, textArg, tsArg } from '../args.ts';
import { LIMITS } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { type Method, readableRoom, roomById, visibleRoom } from './method.ts';

const CURSOR = 'next_ts:';

function limitArg(args: Json, standard: number, max: number): number {
  const text = textArg(args, 'limit');
  if (text === '') return standard;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > max) throw new Refusal('invalid_limit');
  return limit;
}

/** `oldest` and `latest` are exclusive unless `inclusive` says otherwise. */
function between(messages: StoredMessage[], args: Json): StoredMessage[] {
  const oldest = tsArg(args, 'oldest') ?? Number.NEGATIVE_INFINITY;
  const latest = tsArg(args, 'latest') ?? Number.POSITIVE_INFINITY;
  const inclusive = flagArg(args, 'inclusive');
  return messages.filter(({ shown }) => {
    const at = Number(shown.ts);
    return (at > oldest && at < latest) || (inclusive && (at === oldest || at === latest));
  });
}

/** One page of messages, in the order given. A cursor names the first message of the next page. */
function pageOf(messages: StoredMessage[], args: Json, limit: number): { page: StoredMessage[]; rest: Json } {
  const cursor = textArg(args, 'cursor');
  const decoded = Buffer.from(cursor, 'base64').toString();
  if (cursor !== '' && !decoded.startsWith(CURSOR)) throw new Refusal('invalid_cursor');
  const start = cursor === '' ? 0 : messages.findIndex(({ shown }) => shown.ts === decoded.slice(CURSOR.length));
  if (start < 0) throw new Refusal('invalid_cursor');
  const next = messages[start + limit];
  const nextCursor = next ? Buffer.from(CURSOR + next.shown.ts).toString('base64') : '';
  return {
    page: messages.slice(start, start + limit),
    rest: { has_more: next !== undefined, response_metadata: { next_cursor: nextCursor } },
  };
}

export const history: Method = (args, slack) => {
  const { id } = readableRoom(slack, textArg(args, 'channel'));
  const metadata = flagArg(args, 'include_all_metadata');
  const limit = limitArg(args, 100, LIMITS.historyPage);
  const inRoom = slack.messages.inChannel(id).filter(({ shown, broadcast }) => shown.threadTs === null || broadcast);
  const { page, rest } = pageOf(between(inRoom, args).reverse(), args, limit);
  const messages = page.map((message) =>
    messageJson(message, { metadata, replies: slack.messages.replies(id, message.shown.ts) }),
  );
  return { messages, ...rest };
};

export const replies: Method = (args, slack) => {
  const { id } = readableRoom(slack, textArg(args, 'channel'));
  const ts = textArg(args, 'ts');
  const metadata = flagArg(args, 'include_all_metadata');
  const limit = limitArg(args, LIMITS.repliesPage, LIMITS.repliesPage);
  const root = slack.messages.find(id, ts);
  const answers = slack.messages.replies(id, ts);
  if ((!root || root.shown.onlyFor !== null) && answers.length === 0) throw new Refusal('thread_not_found');
  const { page, rest } = pageOf(between(answers, args), args, limit);
  const first = root ? messageJson(root, { metadata, replies: answers }) : tombstoneJson(ts);
  return { messages: [first, ...page.map((message) => messageJson(message, { metadata }))], ...rest };
};

export const info: Method = (args, slack) => {
  const room = visibleRoom(slack, textArg(args, 'channel'));
  const direct = room.directWith !== null;
  return {
    channel: {
      id: room.id,
      ...(direct ? { user: room.directWith } : { name: room.name, name_normalized: room.name }),
      is_channel: !direct,
      is_group: false,
      is_im: direct,
      is_mpim: false,
      is_private: direct || room.isPrivate === true,
      is_archived: room.archived,
      is_member: room.joined,
      is_shared: room.shared === 'organisation' || room.shared === 'workspace',
      is_ext_shared: room.shared === 'organisation',
      is_org_shared: room.shared === 'workspace',
      is_pending_ext_shared: room.shared === 'invited',
      ...restrictionsOf(room),
      context_team_id: TEAM.id,
    },
  };
};

/** Absent where nothing is limited, as in most channels. */
function restrictionsOf({ restricted }: Room): Json {
  switch (restricted ?? null) {
    case 'read_only':
      return { is_read_only: true };
    case 'thread_only':
      return { is_thread_only: true };
    case 'non_threadable':
      return { is_non_threadable: true };
    case 'some_people':
      return { properties: { posting_restricted_to: { type: ['admin'] } } };
    default:
      return {};
  }
}

/** The people who joined: in a public channel of this emulator all but guests have. */
export const members: Method = (args, slack) => {
  const room = visibleRoom(slack, textArg(args, 'channel'));
  const limit = limitArg(args, 100, LIMITS.membersPage);
  const joined = slack.people.all().filter(({ id, guest, home }) => {
    if (room.directWith !== null) return id === room.directWith;
    return room.members?.has(id) ?? (room.isPrivate !== true && guest !== true && home === undefined);
  });
  const ids = [...joined.map(({ id }) => id), ...(room.joined ? [BOT.userId] : [])];
  const cursor = textArg(args, 'cursor');
  const start = cursor === '' ? 0 : ids.findIndex((id) => cursor === Buffer.from(`user:${id}`).toString('base64'));
  if (start < 0) throw new Refusal('invalid_cursor');
  const next = ids[start + limit];
  const nextCursor = next === undefined ? '' : Buffer.from(`user:${next}`).toString('base64');
  return { members: ids.slice(start, start + limit), response_metadata: { next_cursor: nextCursor } };
};

export const open: Method = (args, slack) => {
  const users = textArg(args, 'users').split(',').filter(Boolean);
  const channel = textArg(args, 'channel');
  if (channel !== '') return { channel: { id: roomById(slack, channel).id }, no_op: true, already_open: true };
  const [userId, ...others] = users;
  if (userId === undefined) throw new Refusal('users_list_not_supplied');
  if (users.some((id) => !slack.people.find(id))) throw new Refusal('user_not_found');
  if (others.length > 0) throw new Refusal('method_not_supported_for_channel_type');
  const { room, existed } = slack.rooms.openDirect(userId);
  return { channel: { id: room.id }, ...(existed ? { no_op: true, already_open: true } : {}) };
};
