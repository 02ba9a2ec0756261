import { Journal } from '../shared/journal.ts';
import { administration } from './administration.ts';
import { loadBodyChecks } from './checks/body.ts';
import { Intent } from './gateway/protocol.ts';
import { Gateway } from './gateway/server.ts';
import { Guild } from './guild/guild.ts';
import { removeMessage } from './guild/messages.ts';
import { InteractionsEndpoint } from './interactions/endpoint.ts';
import { Interactions } from './interactions/interactions.ts';
import { UserActions } from './interactions/user-actions.ts';
import type { Parts } from './parts.ts';
import { Faults } from './rest/faults.ts';
import { applicationRoutes } from './rest/routes/application.ts';
import { channelRoutes } from './rest/routes/channels.ts';
import { interactionRoutes } from './rest/routes/interactions.ts';
import { threadRoutes } from './rest/routes/threads.ts';
import { webhookRoutes } from './rest/routes/webhooks.ts';
import { RestServer } from './rest/server.ts';
import type { DiscordEmulator, DiscordEmulatorOptions, DiscordEntry, DiscordUser } from './types.ts';
import { ApiObjects } from './wire/api-objects.ts';
import { roleObjects } from './wire/guild-objects.ts';

/**
 * Discord for tests and for the sandbox: an HTTP and WebSocket server on 127.0.0.1 that the real discord.js talks to.
 * It refuses what Discord refuses, simulates faults on request, and records every request in a journal.
 */
export async function createDiscordEmulator(options: DiscordEmulatorOptions = {}): Promise<DiscordEmulator> {
  const parts = await assemble(options);
  const { guild, objects, gateway, interactions, journal } = parts;
  const faults = new Faults();
  const userActions = new UserActions(parts);
  const routes = [channelRoutes, threadRoutes, interactionRoutes, webhookRoutes, applicationRoutes];
  const server = new RestServer(
    parts,
    routes.flatMap((make) => make(parts)),
    faults,
  );
  const port = await server.listen(options.port ?? 0);
  parts.origin = `http://127.0.0.1:${port}`;
  gateway.url = `${(options.origin ?? parts.origin).replace(/^http/, 'ws')}/gateway`;

  return {
    url: `${parts.origin}/api`,
    token: guild.token,
    applicationId: guild.applicationId,
    botUserId: guild.botUserId,
    publicKey: guild.publicKey,
    guildId: guild.id,
    channel: [...guild.channels.keys()][0] ?? '',
    journal,
    state: () => guild.state(gateway.open),
    onChange: (listener) => guild.onChange(listener),
    press: (press) => userActions.press(press),
    submitModal: (userId, modalId, values) => userActions.submitModal(userId, modalId, values),
    closeModal: (userId, modalId) => userActions.closeModal(userId, modalId),
    commands: () => [...guild.commands.values()],
    command: (command) => userActions.command(command),
    type: (command, option) => userActions.type(command, option),
    fail: (route, fault, times = 1) => faults.plan(route, fault, times),
    heal: () => faults.clear(),
    refuseContent: (rule) => {
      guild.contentRule = rule;
    },
    inRoom: (channelId = [...guild.channels.keys()][0] ?? '') =>
      [...guild.messages.values()].filter((one) => one.channelId === channelId && one.onlyFor === null),
    requestReconnect: () => gateway.requestReconnect(),
    invalidateSessions: (resumable) => gateway.invalidateSessions(resumable),
    sendFrame: (frame) => gateway.sendFrame(frame),
    dropSockets: (code) => gateway.dropSockets(code),
    ignoreHeartbeats: (on) => {
      gateway.ignoresHeartbeats = on;
    },
    revokeToken: () => {
      guild.tokenRevoked = true;
    },
    restoreToken: () => {
      guild.tokenRevoked = false;
    },
    forgetNonces: () => guild.forgetNonces(),
    writes: () =>
      journal.entries.flatMap((entry) =>
        entry.kind === 'call' && entry.method !== 'GET' ? [`${entry.method} ${entry.path}`] : [],
      ),
    ...administration(parts),
    denyChannel: (channelId, code) => {
      const channel = guild.channels.get(channelId);
      if (!channel) throw new Error(`There is no channel ${channelId} in the emulator`);
      channel.denied = code;
    },
    setOverwrites: (channelId, overwrites) => {
      const channel = guild.channels.get(channelId);
      if (!channel) throw new Error(`There is no channel ${channelId} in the emulator`);
      channel.overwrites = overwrites;
      gateway.broadcast('CHANNEL_UPDATE', objects.channel(channel), Intent.guilds);
    },
    setThreadMembers: (threadId, userIds) => {
      const thread = guild.channels.get(threadId);
      if (!thread) throw new Error(`There is no thread ${threadId} in the emulator`);
      thread.members = new Set(userIds);
    },
    closeDirect: (userId, closed) => {
      if (closed) guild.closedToBots.add(userId);
      else guild.closedToBots.delete(userId);
    },
    deleteChannel: (channelId) => deleteChannel(parts, channelId),
    deleteMessage: (channelId, messageId) => {
      const message = guild.messages.get(messageId);
      if (message?.channelId !== channelId) throw new Error(`There is no message ${messageId} in channel ${channelId}`);
      removeMessage(parts, message);
    },
    addUser: (user) => addUser(parts, user),
    close: async () => {
      interactions.close();
      gateway.close();
      await server.close();
    },
  };
}

async function assemble(options: DiscordEmulatorOptions): Promise<Parts> {
  const guild = new Guild(options);
  const objects = new ApiObjects(guild);
  const journal = new Journal<DiscordEntry>();
  const gateway = new Gateway(
    {
      heartbeatIntervalMs: options.heartbeatIntervalMs ?? 41_250,
      sessionsLeft: options.sessionsLeft ?? 1000,
      identifyEveryMs: options.identifyEveryMs ?? 0,
      now: options.now ?? Date.now,
      tokenIsGood: (token) => token === guild.token && !guild.tokenRevoked,
      ready: () => ({
        v: 10,
        user: { ...objects.user(guild.botUserId), verified: true, mfa_enabled: true, email: null },
        guilds: [{ id: guild.id, unavailable: true }],
        application: { id: guild.applicationId, flags: 0 },
        private_channels: [],
        relationships: [],
        _trace: [],
      }),
      guildCreate: () => objects.guildCreate(),
      changed: () => guild.changed(),
    },
    journal,
  );
  const { interactionBudgetMs = 3000, interactionLifetimeMs = 15 * 60_000 } = options;
  const interactions = new Interactions(guild.nextId, interactionBudgetMs, interactionLifetimeMs);
  const checks = await loadBodyChecks();
  const endpoint: InteractionsEndpoint = new InteractionsEndpoint(() => parts, interactionBudgetMs);
  const parts: Parts = { guild, objects, gateway, interactions, endpoint, journal, checks, origin: '' };
  return parts;
}

function deleteChannel(parts: Parts, channelId: string): void {
  const { guild, objects, gateway } = parts;
  const channel = guild.channels.get(channelId);
  if (!channel) throw new Error(`There is no channel ${channelId} in the emulator`);
  for (const thread of [...guild.channels.values()]) if (thread.parentId === channelId) deleteChannel(parts, thread.id);
  for (const message of [...guild.messages.values()]) {
    if (message.channelId === channelId) guild.messages.delete(message.id);
  }
  guild.channels.delete(channelId);
  gateway.broadcast(
    channel.parentId === null ? 'CHANNEL_DELETE' : 'THREAD_DELETE',
    objects.channel(channel),
    Intent.guilds,
  );
  guild.changed();
}

/** Announces new roles but not the member: member events need an intent that this application does not have. */
function addUser({ guild, gateway }: Parts, user: DiscordUser): void {
  const before = new Set(guild.roles().keys());
  guild.users.set(user.id, user);
  for (const role of roleObjects(guild)) {
    if (role['id'] === guild.id || before.has(String(role['id']))) continue;
    gateway.broadcast('GUILD_ROLE_CREATE', { guild_id: guild.id, role }, Intent.guilds);
  }
  guild.changed();
}
