/** What people change at Slack: in the workspace, in its channels, and in the settings of the app. */
import type { SlackEmulator } from './types.ts';
import type { Tokens } from './workspace/identity.ts';
import type { Workspace } from './workspace/workspace.ts';

type Administration = Pick<
  SlackEmulator,
  | 'revokeToken'
  | 'restoreToken'
  | 'revokeScope'
  | 'grantScope'
  | 'revokeAppScope'
  | 'archiveChannel'
  | 'unarchiveChannel'
  | 'shareChannel'
  | 'restrictChannel'
  | 'setMembers'
  | 'removeBot'
  | 'inviteBot'
  | 'closeDirect'
  | 'addUser'
  | 'disableGroup'
  | 'joinOrganisation'
>;

export function administration({
  slack,
  tokens,
  scopes,
}: {
  slack: Workspace;
  tokens: Tokens;
  scopes: Set<string>;
}): Administration {
  return {
    revokeToken: (error = 'token_revoked') => {
      tokens.revoked = error;
    },
    restoreToken: () => {
      tokens.revoked = null;
    },
    revokeScope: (scope) => void scopes.delete(scope),
    grantScope: (scope) => void scopes.add(scope),
    revokeAppScope: () => tokens.appScopes.clear(),
    archiveChannel: (id) => slack.rooms.change(id, { archived: true }),
    unarchiveChannel: (id) => slack.rooms.change(id, { archived: false }),
    shareChannel: (id, shared) => slack.rooms.change(id, { shared }),
    restrictChannel: (id, restricted) => slack.rooms.change(id, { restricted }),
    setMembers: (id, members, isPrivate) => slack.rooms.change(id, { isPrivate, members: new Set(members) }),
    removeBot: (id) => slack.rooms.change(id, { joined: false }),
    inviteBot: (id) => slack.rooms.change(id, { joined: true }),
    closeDirect: (userId, closed) => slack.rooms.closeDirect(userId, closed),
    addUser: (user) => slack.people.add(user),
    disableGroup: (group, disabled) => slack.people.disable(group, disabled),
    joinOrganisation: (id) => slack.join(id),
  };
}
