import { BOT, TEAM } from '../../workspace/identity.ts';
import * as chat from './chat.ts';
import * as conversations from './conversations.ts';
import type { Method } from './method.ts';
import * as people from './people.ts';
import * as views from './views.ts';

const authTest: Method = (_, slack) => ({
  url: `https://${TEAM.domain}.slack.com/`,
  team: TEAM.name,
  team_id: TEAM.id,
  user: BOT.name,
  user_id: BOT.userId,
  bot_id: BOT.id,
  ...(slack.enterpriseId !== null && { enterprise_id: slack.enterpriseId }),
  is_enterprise_install: false,
});

/** Every method that accepts the bot's token. */
export const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['auth.test', authTest],
  ['chat.postMessage', chat.postMessage],
  ['chat.postEphemeral', chat.postEphemeral],
  ['chat.update', chat.update],
  ['chat.delete', chat.remove],
  ['chat.getPermalink', chat.getPermalink],
  ['conversations.history', conversations.history],
  ['conversations.replies', conversations.replies],
  ['conversations.info', conversations.info],
  ['conversations.members', conversations.members],
  ['conversations.open', conversations.open],
  ['bots.info', people.botInfo],
  ['users.info', people.userInfo],
  ['usergroups.list', people.listGroups],
  ['usergroups.users.list', people.groupMembers],
  ['reactions.add', people.addReaction],
  ['views.open', views.open],
  ['views.push', views.push],
  ['views.update', views.update],
  ['views.publish', views.publish],
]);
