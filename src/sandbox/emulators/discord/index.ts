import { Journal } from '../shared/journal.ts';
import { loadBodyChecks } from './checks/body.ts';
import { Intent } from './gateway/close-codes.ts';
import type { Hub } from './gateway/hub.ts';
import { Gateway } from './gateway/server.ts';
import { Interactions } from './interactions/interactions.ts';
import { Faults } from './rest/faults.ts';
import { applicationRoutes } from './rest/routes/application.ts';
import { channelRoutes } from './rest/routes/channels.ts';
import { interactionRoutes } from './rest/routes/interactions.ts';
import { threadRoutes } from './rest/routes/threads.ts';
import { webhookRoutes } from './rest/routes/webhooks.ts';
import { RestServer } from './rest/server.ts';
import type { DiscordEmulator, DiscordEmulatorOptions, DiscordEntry, DiscordUser } from './types.ts';
import { roleObjects } from './wire/guild.ts';
import { Wire } from './wire/objects.ts';
import { removeMessage } from './world/messages.ts';
import { People } from './world/people.ts';
import { World } from './world/world.ts';

/**
 * Discord for tests and for the sandbox: an HTTP and WebSocket server on 127.0.0.1 that the real discord.js talks to.
 * It refuses what Discord refuses, goes wrong on request, and keeps a journal of all it saw.
 */
export async function createDiscordEmulator(options: DiscordEmulatorOptions = {}): Promise<DiscordEmulator> {
  const hub = await assemble(options);
  const { world, gateway, interactions, journal } = hub;
  const faults = new Faults();
  const people = new People(hub);
  const routes = [channelRoutes, threadRoutes, interactionRoutes, webhookRoutes, applicationRoutes];
  const server = new RestServer(
    hub,
    routes.flatMap((make) => make(hub)),
    faults,
  );
  const port = await server.listen(options.port ?? 0);
  hub.origin = `http://127.0.0.1:${port}`;
  gateway.url = `ws://127.0.0.1:${port}/gateway`;

  return {
    url: `${hub.origin}/api`,
    token: world.token,
    applicationId: world.applicationId,
    botUserId: world.botUserId,
    guildId: world.guild.id,
    channel: [...world.channels.keys()][0] ?? '',
    journal,
    state: () => world.state(gateway.open),
    onChange: (listener) => world.onChange(listener),
    press: (press) => people.press(press),
    submitModal: (userId, modalId, values) => people.submitModal(userId, modalId, values),
    closeModal: (userId, modalId) => people.closeModal(userId, modalId),
    commands: () => [...world.commands.values()],
    command: (command) => people.command(command),
    type: (command, option) => people.type(command, option),
    fail: (route, fault, times = 1) => faults.plan(route, fault, times),
    heal: () => faults.clear(),
    requestReconnect: () => gateway.requestReconnect(),
    invalidateSessions: (resumable) => gateway.invalidateSessions(resumable),
    sendFrame: (frame) => gateway.sendFrame(frame),
    dropSockets: (code) => gateway.dropSockets(code),
    ignoreHeartbeats: (on) => {
      gateway.ignoresHeartbeats = on;
    },
    revokeToken: () => {
      world.tokenRevoked = true;
    },
    restoreToken: () => {
      world.tokenRevoked = false;
    },
    forgetNonces: () => world.forgetNonces(),
    denyChannel: (channelId, code) => {
      const channel = world.channels.get(channelId);
      if (!channel) throw new Error(`There is no channel ${channelId} in the emulator`);
      channel.denied = code;
    },
    closeDirect: (userId, closed) => {
      if (closed) world.closedToBots.add(userId);
      else world.closedToBots.delete(userId);
    },
    deleteChannel: (channelId) => deleteChannel(hub, channelId),
    deleteMessage: (channelId, messageId) => {
      const message = world.messages.get(messageId);
      if (message?.channelId !== channelId) throw new Error(`There is no message ${messageId} in channel ${channelId}`);
      removeMessage(hub, message);
    },
    addUser: (user) => addUser(hub, user),
    close: async () => {
      interactions.close();
      gateway.close();
      await server.close();
    },
  };
}

async function assemble(options: DiscordEmulatorOptions): Promise<Hub> {
  const world = new World(options);
  const wire = new Wire(world);
  const journal = new Journal<DiscordEntry>();
  const gateway = new Gateway(
    {
      heartbeatIntervalMs: options.heartbeatIntervalMs ?? 41_250,
      sessionsLeft: options.sessionsLeft ?? 1000,
      tokenIsGood: (token) => token === world.token && !world.tokenRevoked,
      ready: () => ({
        v: 10,
        user: { ...wire.user(world.botUserId), verified: true, mfa_enabled: true, email: null },
        guilds: [{ id: world.guild.id, unavailable: true }],
        application: { id: world.applicationId, flags: 0 },
        private_channels: [],
        relationships: [],
        _trace: [],
      }),
      guildCreate: () => wire.guildCreate(),
      changed: () => world.changed(),
    },
    journal,
  );
  const { interactionBudgetMs = 3000, interactionLifetimeMs = 15 * 60_000 } = options;
  const interactions = new Interactions(world.nextId, interactionBudgetMs, interactionLifetimeMs);
  return { world, wire, gateway, interactions, journal, checks: await loadBodyChecks(), origin: '' };
}

function deleteChannel(hub: Hub, channelId: string): void {
  const { world, wire, gateway } = hub;
  const channel = world.channels.get(channelId);
  if (!channel) throw new Error(`There is no channel ${channelId} in the emulator`);
  for (const thread of [...world.channels.values()]) if (thread.parentId === channelId) deleteChannel(hub, thread.id);
  for (const message of [...world.messages.values()]) {
    if (message.channelId === channelId) world.messages.delete(message.id);
  }
  world.channels.delete(channelId);
  gateway.broadcast(
    channel.parentId === null ? 'CHANNEL_DELETE' : 'THREAD_DELETE',
    wire.channel(channel),
    Intent.guilds,
  );
  world.changed();
}

/** New roles are announced, the member is not: that would take an intent that this application does not have. */
function addUser({ world, gateway }: Hub, user: DiscordUser): void {
  const before = new Set(world.roles().keys());
  world.users.set(user.id, user);
  for (const role of roleObjects(world)) {
    if (role['id'] === world.guild.id || before.has(String(role['id']))) continue;
    gateway.broadcast('GUILD_ROLE_CREATE', { guild_id: world.guild.id, role }, Intent.guilds);
  }
  world.changed();
}
