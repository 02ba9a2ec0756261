// Before discord.js.
import './api/proxied-websocket.ts';

import { Routes } from 'discord.js';
import type { ProxyEnv } from '../../core/ports/adapter.ts';
import { BufferBudget } from '../../core/ports/buffer-budget.ts';
import { openGuard } from '../../core/ports/http.ts';
import { type Metrics, noMetrics } from '../../core/ports/metrics.ts';
import type { CallGuard, Clock, Log, Platform } from '../../core/ports/ports.ts';
import { createFleetOfOne, type Fleet } from '../../core/ports/store/fleet.ts';
import { setGatewayProxy } from './api/proxied-websocket.ts';
import { createRest, createSendRequest } from './api/rest.ts';
import { Arrival } from './arrival.ts';
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
  /**
   * The public key of the application, 64 hex digits: presses come as signed requests to our own server. Null: over the
   * gateway, which needs no public address. Default: null.
   */
  publicKey?: string | null;
  /** For what is kept for callers. Default: a budget of its own. */
  buffers?: BufferBudget;
  /** Counts wrong signatures. Default: nothing is counted. */
  guard?: Pick<CallGuard, 'wrongSecret'>;
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
  /** Which replica does what. Default: this one does everything. */
  fleet?: Pick<Fleet, 'hold' | 'size'>;
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

/** Discord over discord.js: the gateway or signed requests deliver presses, plain REST requests carry cards. */
export function createDiscord(options: DiscordOptions): Platform {
  const { channel, direct = () => false, clock, filters = [], timeoutMs = 10_000, startTimeoutMs = 30_000 } = options;
  let { runs = [] } = options;
  // People copy the token with its prefix; the library removes the prefix only for the gateway.
  const token = options.token.replace(/^Bot\s+/i, '');
  const apiUrl = options.apiUrl.replace(/\/$/, '');
  const log = options.log.child({ platform: 'discord' });
  setGatewayProxy(options.proxy ?? null);
  const { rest, close } = createRest({ apiUrl, timeoutMs });
  const { fleet = createFleetOfOne() } = options;
  const replicas = () => fleet.size();
  const send = createSendRequest({ rest, token, timeoutMs, replicas, clock, log });
  const lifetime = new AbortController();
  const { publicKey = null, buffers = new BufferBudget(), guard = openGuard } = options;
  const limits = { timeoutMs, startTimeoutMs, lifetime: lifetime.signal };
  const arrival = new Arrival({ token, apiUrl, publicKey, buffers, guard, send, fleet, clock, log, ...limits });
  const onlyGuild = () => arrival.onlyGuild;
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
    onlyGuild,
    runs: () => runs,
    send,
    fleet,
    clock,
    log,
  });
  const ours = (): Ours => ({
    applicationId: arrival.applicationId,
    botUserId: arrival.botUserId,
    // Commands can be late, for instance while Discord limits calls. Presses must not wait for them.
    guild: registration.guild ?? guildRead ?? (channel === null ? onlyGuild() : arrival.guildOf(channel)),
    direct: direct(),
  });

  return {
    name: 'discord',
    foldsThreads: true,
    ...createDiscordMessages({ send, channels, clock, log }),
    canRead: createCanRead({ send, find: (room) => arrival.room(room) }),
    labelOf: createLabelOf({
      send,
      guild: () => ours().guild,
      roleName: (guild, role) => arrival.roleName(guild, role),
    }),
    checkups: (wanted) =>
      discordCheckups(
        {
          apiUrl,
          hasProxy: (options.proxy ?? null) !== null,
          publicKey,
          arrived: () => arrival.requests,
          rest,
          send,
          onlyGuild,
          registeredRuns: () => (arrival.isOpen ? runs : null),
          clock,
          lifetime: lifetime.signal,
        },
        wanted,
      ),
    linkTo: (receipt) => linkTo(receipt, ours().guild),
    find: createFind({ send, channels, clock, self: () => arrival.botUserId }),
    ...(arrival.mount !== null && { http: [arrival.mount] }),

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
      await arrival.start(handle);
      await registration.start();
    },

    async check(signal) {
      arrival.assertNotClosed();
      await (readChannel?.(signal) ?? send({ method: 'GET', route: Routes.user(), signal }));
      arrival.assertOpen();
    },

    async stop() {
      await arrival.drain(registration.stop());
      lifetime.abort();
      await arrival.close();
      close();
    },
  };
}
