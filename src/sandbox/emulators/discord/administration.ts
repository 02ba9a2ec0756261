/** What people change at Discord: in the server, and in the settings of the application. */
import { Intent } from './gateway/protocol.ts';
import type { Parts } from './parts.ts';
import type { DiscordEmulator } from './types.ts';
import { roleObjects } from './wire/guild-objects.ts';

type Administration = Pick<
  DiscordEmulator,
  | 'configure'
  | 'setInteractionsEndpoint'
  | 'probeEndpoint'
  | 'setPermissions'
  | 'manageRole'
  | 'leaveGuild'
  | 'revokeCommandScope'
  | 'removeUser'
>;

export function administration({ guild, gateway, endpoint }: Parts): Administration {
  const announce = (roleId: string) => {
    const role = roleObjects(guild).find(({ id }) => id === roleId);
    if (role === undefined) throw new Error(`There is no role ${roleId} in the emulator`);
    gateway.broadcast('GUILD_ROLE_UPDATE', { guild_id: guild.id, role }, Intent.guilds);
  };
  return {
    configure: (application) => {
      guild.application = { ...guild.application, ...application };
    },
    setInteractionsEndpoint: async (url) => {
      if (url !== null) await endpoint.validate(url);
      guild.application = { ...guild.application, interactionsEndpointUrl: url };
    },
    probeEndpoint: async () => {
      const { interactionsEndpointUrl: url = null } = guild.application;
      if (url === null || (await endpoint.refusesWrongSignature(url))) return;
      guild.application = { ...guild.application, interactionsEndpointUrl: null };
    },
    setPermissions: (everyone) => {
      guild.permissions = everyone;
      announce(guild.id);
    },
    manageRole: (roleId) => {
      guild.managedRoles.add(roleId);
      announce(roleId);
    },
    leaveGuild: () => {
      guild.isLeft = true;
      gateway.broadcast('GUILD_DELETE', { id: guild.id }, Intent.guilds);
    },
    revokeCommandScope: () => {
      guild.hasCommandScope = false;
    },
    removeUser: (userId) => {
      if (!guild.users.delete(userId)) throw new Error(`There is no user ${userId} in the emulator`);
      guild.changed();
    },
  };
}
