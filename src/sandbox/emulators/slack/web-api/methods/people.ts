import { APP_ID, BOT, TEAM } from '../../workspace/identity.ts';
import { userJson } from '../../workspace/people.ts';
import { flagArg, textArg } from '../args.ts';
import { Refusal } from '../refusal.ts';
import { type Method, readableRoom } from './method.ts';

export const userInfo: Method = (args, slack) => {
  const id = textArg(args, 'user');
  const user = id === BOT.userId ? { id, handle: BOT.name, displayName: BOT.name } : slack.people.find(id);
  if (!user) throw new Refusal('user_not_found');
  return { user: userJson(user, slack.enterpriseId) };
};

/** Unlike `auth.test`, it names the app of a bot’s token. */
export const botInfo: Method = (args) => {
  if (textArg(args, 'bot') !== BOT.id) throw new Refusal('bot_not_found');
  const bot = {
    id: BOT.id,
    deleted: false,
    name: BOT.name,
    updated: 0,
    app_id: APP_ID,
    user_id: BOT.userId,
    icons: {},
  };
  return { bot };
};

/** Assumed: a disabled group is unknown to a call that does not ask for those. */
export const groupMembers: Method = (args, slack) => {
  const group = textArg(args, 'usergroup');
  if (slack.people.isDisabled(group) && !flagArg(args, 'include_disabled')) throw new Refusal('no_such_subteam');
  const users = slack.people.membersOf(group);
  return { users, ...(flagArg(args, 'include_count') ? { count: users.length } : {}) };
};

/** In no particular order, each with its members and their number if asked for. */
export const listGroups: Method = (args, slack) => {
  const owner = slack.people.all()[0]?.id ?? BOT.userId;
  const listed = [...slack.people.groups()].filter(
    ([id]) => flagArg(args, 'include_disabled') || !slack.people.isDisabled(id),
  );
  const usergroups = listed.map(([id, { name, handle }]) => {
    const users = slack.people.membersOf(id);
    return {
      id,
      team_id: TEAM.id,
      is_usergroup: true,
      is_subteam: true,
      name,
      description: '',
      handle,
      is_external: false,
      date_create: 1_446_598_059,
      date_update: 1_446_670_362,
      date_delete: slack.people.isDisabled(id) ? 1_446_748_865 : 0,
      auto_type: null,
      created_by: owner,
      updated_by: owner,
      deleted_by: slack.people.isDisabled(id) ? owner : null,
      prefs: { channels: [], groups: [] },
      ...(flagArg(args, 'include_users') ? { users } : {}),
      ...(flagArg(args, 'include_count') ? { user_count: users.length } : {}),
    };
  });
  return { usergroups };
};

export const addReaction: Method = (args, slack) => {
  const { id } = readableRoom(slack, textArg(args, 'channel'));
  const name = textArg(args, 'name');
  if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(name)) throw new Refusal('invalid_name');
  const message = slack.messages.find(id, textArg(args, 'timestamp'));
  if (!message || message.shown.onlyFor !== null) throw new Refusal('message_not_found');
  const users = message.reactions.find((reaction) => reaction.name === name)?.users ?? [];
  if (users.includes(BOT.userId)) throw new Refusal('already_reacted');
  const others = message.reactions.filter((reaction) => reaction.name !== name);
  slack.messages.react(message, [...others, { name, users: [...users, BOT.userId] }]);
  return {};
};
