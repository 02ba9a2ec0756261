// Before discord.js.
import './api/proxied-websocket.ts';

import { Routes } from 'discord.js';
import type { ProxyEnv } from '../../core/ports/adapter.ts';
import { PlatformError } from '../../core/ports/errors.ts';
import { type Metrics, noMetrics } from '../../core/ports/metrics.ts';
import type { Clock, Log, Platform } from '../../core/ports/ports.ts';
import { closeAdvice } from './api/errors.ts';
import { DiscordGateway, STOP_GRACE_MS } from './api/gateway.ts';
import { setGatewayProxy } from './api/proxied-websocket.ts';
import { createSendRequest } from './api/rest.ts';
import { ChannelKinds } from './channels/channel-kinds.ts';
import { createFind } from './channels/find.ts';
import { createLabelOf } from './channels/labels.ts';
import { createDiscordMessages } from './channels/messages.ts';
import { createCanRead } from './channels/readers.ts';
import { discordCheckups } from './checkups/all.ts';
import { createInteractionHandler } from './inbound/answer-interactions.ts';
import type { Ours } from './inbound/check-origin.ts';
import { CommandRegistration, guildIn } from './inbound/register-commands.ts';
import { linkTo } from './render/list.ts';

export interface DiscordOptions {
  token: string;
  /** Id of the channel for cards; `check` verifies that the bot sees it. Null: only direct messages are used. */
  channel: string | null;
  /** Cards go by direct message, too: presses there count. Default: no. */
  direct?: () => boolean;
  /** Names of the runs that our slash command can start; without any there is no such command. */
  runs?: readonly string[];
  /** Names of backends, suggested as filters of the list. */
  filters?: readonly string[];
  /** `https://discord.com/api`, with or without a slash at its end. */
  apiUrl: string;
  clock: Clock;
  log: Log;
  /** Default: nothing is measured. */
  metrics?: Pick<Metrics, 'observe'>;
  /** Default: connections are direct. */
  proxy?: ProxyEnv | null;
  /** Time limit of one request, ms. Default 10 s. */
  timeoutMs?: number;
  /** Time limit from login until the gateway is ready, ms. Default 30 s. */
  startTimeoutMs?: number;
}

/** Discord over discord.js: the gateway delivers presses, plain REST requests carry cards. */
export function createDiscord(options: DiscordOptions): Platform {
  const { channel, direct = () => false, clock, filters = [], timeoutMs = 10_000, startTimeoutMs = 30_000 } = options;
  let { runs = [] } = options;
  // People copy the token with its prefix; the library removes the prefix only for the gateway.
  const token = options.token.replace(/^Bot\s+/i, '');
  const apiUrl = options.apiUrl.replace(/\/$/, '');
  const log = options.log.child({ platform: 'discord' });
  setGatewayProxy(options.proxy ?? null);
  const gateway = new DiscordGateway({ token, apiUrl, timeoutMs, startTimeoutMs, clock, log });
  const send = createSendRequest({ rest: gateway.rest, token, timeoutMs, clock, log });
  const channels = new ChannelKinds(send);
  let guildRead: string | null = null;
  async function readRoom(room: string, signal: AbortSignal): Promise<unknown> {
    const answer = await channels.read(room, signal);
    guildRead = guildIn(answer) ?? guildRead;
    return answer;
  }
  const readChannel = channel === null ? null : (signal: AbortSignal) => readRoom(channel, signal);
  const registration = new CommandRegistration({
    readChannel,
    onlyGuild: () => gateway.onlyGuild,
    runs: () => runs,
    send,
    clock,
    log,
  });
  const ours = (): Ours => ({
    applicationId: gateway.applicationId,
    botUserId: gateway.botUserId,
    // Commands can be late, for instance while Discord limits calls. Presses must not wait for them.
    guild: registration.guild ?? guildRead ?? (channel === null ? gateway.onlyGuild : gateway.guildOf(channel)),
    direct: direct(),
  });
  const inProgress = new Set<Promise<void>>();
  const lifetime = new AbortController();
  let stopping = false;

  return {
    name: 'discord',
    foldsThreads: true,
    ...createDiscordMessages({ send, channels, clock, log }),
    canRead: createCanRead({ send, find: (room) => gateway.room(room) }),
    labelOf: createLabelOf({
      send,
      guild: () => ours().guild,
      roleName: (guild, role) => gateway.roleName(guild, role),
    }),
    checkups: (wanted) =>
      discordCheckups(
        {
          apiUrl,
          hasProxy: (options.proxy ?? null) !== null,
          rest: gateway.rest,
          send,
          onlyGuild: () => gateway.onlyGuild,
          registeredRuns: () => (gateway.botUserId !== null && gateway.connected ? runs : null),
          clock,
          lifetime: lifetime.signal,
        },
        wanted,
      ),
    linkTo: (receipt) => linkTo(receipt, ours().guild),
    find: createFind({ send, channels, clock, self: () => gateway.botUserId }),

    runsChanged(names) {
      if (names.join() === runs.join()) return;
      runs = names;
      registration.again();
    },

    async start(handlers) {
      const handle = createInteractionHandler({
        handlers,
        runs: () => runs,
        filters,
        ours,
        send,
        clock,
        log,
        metrics: options.metrics ?? noMetrics,
      });
      gateway.onInteraction((dispatch) => {
        if (stopping) return;
        const done = handle(dispatch).finally(() => inProgress.delete(done));
        inProgress.add(done);
      });
      await gateway.connect();
      await registration.start();
    },

    async check(signal) {
      const { closeCode } = gateway;
      if (closeCode !== null) throw new PlatformError('refused', closeAdvice(closeCode));
      await (readChannel?.(signal) ?? send({ method: 'GET', route: Routes.user(), signal }));
      if (!gateway.connected) {
        throw new PlatformError('unsent', 'Discord’s gateway is reconnecting: presses do not arrive at the moment.');
      }
    },

    async stop() {
      stopping = true;
      lifetime.abort();
      await gateway.within(STOP_GRACE_MS, Promise.all([...inProgress, registration.stop()]));
      await gateway.disconnect();
    },
  };
}
