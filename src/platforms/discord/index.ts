import { Client, Events, GatewayDispatchEvents, GatewayIntentBits, Options, Routes, Status } from 'discord.js';
import { PlatformError, SetupError } from '../../core/ports/errors.ts';
import type { Clock, Log, Platform } from '../../core/ports/ports.ts';
import { closeAdvice, codes, hasCode, toSetupError } from './api/errors.ts';
import { createGatewayGuard } from './api/gateway-guard.ts';
import { createSendRequest } from './api/rest.ts';
import { createChannelKinds } from './channels/channel-kinds.ts';
import { createFind } from './channels/find.ts';
import { closePost } from './channels/forum-posts.ts';
import { createDiscordMessages } from './channels/messages.ts';
import { createInteractionHandler } from './inbound/interactions.ts';
import { createRegistration } from './inbound/register-commands.ts';
import { renderMessage } from './render/message.ts';

export interface DiscordOptions {
  token: string;
  /** Id of the channel for cards; `check` looks whether the bot sees it. Null: there are direct messages only. */
  channel: string | null;
  /** Names of what can be started by our slash command; none: no such command. */
  runs?: readonly string[];
  /** Names of backends, which a list is offered to be filtered by. */
  filters?: readonly string[];
  /** `https://discord.com/api`, or a stand-in's; one slash at its end does no harm. */
  apiUrl: string;
  clock: Clock;
  log: Log;
  /** Of one request, ms. Default 10 s. */
  timeoutMs?: number;
  /** From login until the gateway is ready, ms. Default 30 s. */
  startTimeoutMs?: number;
}

/** A server that is down must not hold the start up: presses arrive without its details, too. */
const WAIT_FOR_GUILDS_MS = 3_000;
/** For presses under way, and then for the gateway's goodbye, when we stop. */
const STOP_GRACE_MS = 2_000;
/** A rate limit on the answer to a press is waited out when it is as short as this, ms: nobody else repeats it. */
const SHORT_WAIT_MS = 500;

/** Discord over discord.js: the gateway brings presses, plain REST requests carry cards. */
export function createDiscord(options: DiscordOptions): Platform {
  const { channel, clock, timeoutMs = 10_000, startTimeoutMs = 30_000 } = options;
  // People copy it with its prefix; the library takes that off for the gateway only.
  const token = options.token.replace(/^Bot\s+/i, '');
  const apiUrl = options.apiUrl.replace(/\/$/, '');
  const log = options.log.child({ platform: 'discord' });
  const guard = createGatewayGuard((error) => {
    log.error({ err: error }, 'discord.js could not read a dispatch');
  });
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [] },
    waitGuildTimeout: WAIT_FOR_GUILDS_MS,
    makeCache: Options.cacheWithLimits({ ...Options.DefaultMakeCacheSettings, MessageManager: 0 }),
    ws: { buildStrategy: guard.buildStrategy },
    rest: {
      api: apiUrl,
      timeout: timeoutMs,
      // Only the outbox repeats a request, and only it waits.
      retries: 0,
      rejectOnRateLimit: ({ route, retryAfter }) => !route.endsWith('/callback') || retryAfter > SHORT_WAIT_MS,
    },
  });
  const send = createSendRequest({ rest: client.rest, token, timeoutMs, clock, log });
  const { runs = [], filters = [] } = options;
  const rooms = createChannelKinds(send);
  const readChannel = channel === null ? null : (signal: AbortSignal) => readRoom(channel, signal);
  const registration = createRegistration({ readChannel, onlyGuild, runs, send, clock, log });
  const underWay = new Set<Promise<void>>();
  let stopping = false;
  let disconnected: Promise<void> | null = null;
  /** The gateway's last word: it will not come back after one of these. */
  let close: number | null = null;

  client.on(Events.Error, (error) => log.error({ err: error }, 'discord.js reports an error'));
  client.on(Events.ShardError, (error) => log.warn({ err: error }, 'the gateway connection has an error'));
  client.on(Events.Warn, (message) => log.warn({ message }, 'discord.js warns'));
  client.on(Events.ShardReconnecting, () => log.info({}, 'reconnecting to the gateway'));
  client.on(Events.ShardResume, (_, replayed) => log.info({ replayed }, 'the gateway session goes on'));
  client.on(Events.ShardDisconnect, ({ code }) => {
    close = code;
    log.error({ code }, closeAdvice(code));
  });

  /** Where commands are taken from while no channel says where. */
  function onlyGuild(): string | null {
    const { cache } = client.guilds;
    return cache.size === 1 ? (cache.firstKey() ?? null) : null;
  }

  async function connect(): Promise<void> {
    const ready = new Promise<void>((resolve) => {
      client.once(Events.ClientReady, () => resolve());
    });
    const closed = new Promise<never>((_, reject) => {
      client.once(Events.ShardDisconnect, ({ code }) => reject(new SetupError(closeAdvice(code))));
    });
    const done = new AbortController();
    const late = clock.sleep(startTimeoutMs, done.signal).then(() => {
      throw new SetupError(
        `Discord’s gateway was not ready after ${startTimeoutMs} ms. Check the network, and DISCORD_API_URL (${apiUrl}).`,
      );
    });
    try {
      await Promise.race([Promise.all([client.login(token), ready]), closed, late]);
    } finally {
      done.abort();
    }
  }

  /** Once, bounded, and never rejecting. */
  function disconnect(): Promise<void> {
    disconnected ??= leave();
    return disconnected;
  }

  async function leave(): Promise<void> {
    guard.park();
    // In the middle of a handshake the library could not close its socket.
    if (client.ws.shards.some(({ status }) => status === Status.Connecting))
      await within(STOP_GRACE_MS / 2, guard.held);
    await within(STOP_GRACE_MS, client.destroy());
  }

  async function within(ms: number, work: Promise<unknown>): Promise<void> {
    const done = new AbortController();
    const late = clock.sleep(ms, done.signal).catch(() => {});
    await Promise.race([work, late]).catch((error: unknown) => log.warn({ err: error }, 'stopping met an error'));
    done.abort();
  }

  /** Of what kind it is decides how cards stand there. */
  async function readRoom(id: string, signal: AbortSignal): Promise<unknown> {
    const answer = await send({ method: 'GET', route: Routes.channel(id), signal });
    rooms.learn(answer);
    return answer;
  }

  return {
    name: 'discord',

    async start(handlers) {
      const handle = createInteractionHandler({
        handlers,
        runs,
        filters,
        guild: registration.guild,
        send,
        clock,
        log,
      });
      // The dispatch as it came: discord.js's own objects would only be another form of it.
      client.ws.on(GatewayDispatchEvents.InteractionCreate, (dispatch: unknown) => {
        if (stopping) return;
        const press = handle(dispatch).finally(() => underWay.delete(press));
        underWay.add(press);
      });
      try {
        await connect();
      } catch (thrown) {
        await disconnect();
        throw toSetupError(thrown, apiUrl, close);
      }
      await registration.start();
    },

    post: createDiscordMessages({ send, rooms, clock, log }),

    find: createFind({ send, rooms, clock, self: () => client.user?.id ?? null }),

    async remove({ room, message }, signal) {
      try {
        await send({ method: 'DELETE', route: Routes.channelMessage(room, message), signal });
      } catch (error) {
        if (!hasCode(error, codes.unknownMessage, codes.unknownChannel)) throw error;
      }
      // Of a forum's post, which has the id of its first message.
      if (room === message) await closePost(send, room, signal);
    },

    async update({ room, message }, card, signal) {
      const edit = () =>
        send({ method: 'PATCH', route: Routes.channelMessage(room, message), body: renderMessage(card), signal });
      try {
        await edit();
      } catch (error) {
        // Unlike a new message, a change does not wake a thread that has been folded up.
        if (!hasCode(error, codes.threadArchived)) throw error;
        await send({ method: 'PATCH', route: Routes.channel(room), body: { archived: false }, signal });
        await edit();
      }
    },

    async check(signal) {
      if (close !== null) throw new PlatformError('refused', closeAdvice(close));
      await (readChannel?.(signal) ?? send({ method: 'GET', route: Routes.user(), signal }));
      if (client.ws.shards.some(({ status }) => status !== Status.Ready)) {
        throw new PlatformError('unsent', 'Discord’s gateway is being reconnected: presses arrive in a moment');
      }
    },

    async stop() {
      stopping = true;
      await within(STOP_GRACE_MS, Promise.all([...underWay, registration.stop()]));
      await disconnect();
    },
  };
}
