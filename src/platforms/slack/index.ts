import { App } from '@slack/bolt';
import { type ChatPostMessageArguments, WebClient, type WebClientOptions } from '@slack/web-api';
import type { Place, Receipt } from '../../core/approval/approval.ts';
import { directTo } from '../../core/policy/direct-messages.ts';
import { PlatformError, SetupError } from '../../core/ports/errors.ts';
import type { Clock, Log, Pace, Platform, Thread } from '../../core/ports/ports.ts';
import type { Card } from '../../core/view/card.ts';
import type { PendingList } from '../../core/view/lists/pending-list.ts';
import { createFetch } from './api/client.ts';
import { slackErrorCode, toPlatformError, toSetupError } from './api/errors.ts';
import { createFind, DIRECT_SCOPES, metadataOf, READING_SCOPES } from './api/find.ts';
import { createSlackLogger } from './api/log.ts';
import { HttpReceiver } from './connection/http-receiver.ts';
import { SocketReceiver } from './connection/socket-receiver.ts';
import { handleCommands } from './inbound/commands.ts';
import { handleLists } from './inbound/lists.ts';
import { handlePresses } from './inbound/presses.ts';
import { renderHome } from './render/list.ts';
import { renderMessage } from './render/message.ts';

/** One call, without its queueing. Slack answers within a second; whatever takes longer is as good as lost. */
const CALL_MS = 10_000;
/**
 * Slack allows a message a second in each channel, and tolerates bursts of a length that it does not name: one is tried,
 * and a 429 ends it.
 */
const PACE: Pace = { everyMs: 1_000, burst: 50 };

/** Of a reply: “Also send to the channel”. */
const BROADCAST = { reply_broadcast: true } as const;

/** How presses come in: over connections that we open, or as signed requests to our own server. */
export type SlackDelivery = { kind: 'socket'; appToken: string } | { kind: 'http'; signingSecret: string };

export interface SlackOptions {
  botToken: string;
  delivery: SlackDelivery;
  /** `https://slack.com/api/` */
  apiUrl: string;
  log: Log;
  clock: Clock;
  /** Cards go by direct message, too: then it is told at the start which scopes that misses. */
  direct?: boolean;
  /** Socket Mode connections held open at once, up to ten. Default 2. */
  connections?: number;
  /** How long after the last one each further connection is first opened, ms. */
  apartMs?: number;
  /** How long one call may take, ms. */
  callMs?: number;
  pace?: Pace;
}

/** Slack, over Socket Mode, which needs no address that Slack could reach, or over HTTP. Scopes: `manifest.yml`. */
export function createSlack(options: SlackOptions): Platform {
  const {
    botToken,
    delivery,
    apiUrl,
    clock,
    connections = 2,
    apartMs,
    callMs = CALL_MS,
    pace = PACE,
    direct = false,
  } = options;
  const log = options.log.child({ platform: 'slack' });
  const logger = createSlackLogger(log);
  const lifetime = new AbortController();
  const fetch = createFetch(lifetime.signal);
  // Every client gets a copy: Bolt and Socket Mode write into theirs. Only the outbox tries again, so that one call is
  // one request: the libraries' own retries post a card up to five times when an answer is lost.
  const clientOptions = (): WebClientOptions => ({
    slackApiUrl: apiUrl,
    timeout: callMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    fetch,
    logger,
  });
  const client = new WebClient(botToken, clientOptions());
  const receiver = createReceiver();
  let ourBot: string | null = null;
  const find = createFind(client, call, () => ourBot);
  /** The workspace's own address, once it is known. */
  let site: string | null = null;

  function createReceiver(): SocketReceiver | HttpReceiver {
    if (delivery.kind === 'http') return new HttpReceiver({ ...delivery, clock, log });
    const { logger: _, ...socketOptions } = clientOptions();
    const held = { connections, ...(apartMs === undefined ? {} : { apartMs }) };
    return new SocketReceiver({ ...delivery, clientOptions: socketOptions, ...held, logger, log, clock });
  }

  return {
    name: 'slack',
    pace,
    find,
    ...(receiver instanceof HttpReceiver && { http: [receiver.mount] }),

    async start({ onPress, onCommand, onList, onHome }) {
      const self = await client.auth.test().catch((error: unknown) => {
        throw toSetupError(error, 'SLACK_BOT_TOKEN', apiUrl);
      });
      const { team_id: home, bot_id: botId, user_id: botUserId, url = null } = self;
      site = url;
      if (home === undefined || botId === undefined || botUserId === undefined) {
        throw new SetupError('SLACK_BOT_TOKEN is not a bot token (xoxb-…).');
      }
      ourBot = botId;
      warnOfScopes(self.response_metadata?.scopes, direct, log);
      // Bolt need not ask who it is, and keeps no conversations: both would come before a press's acknowledgement.
      const app = new App({
        token: botToken,
        botId,
        botUserId,
        receiver,
        clientOptions: clientOptions(),
        logger,
        deferInitialization: true,
        tokenVerificationEnabled: false,
        convoStore: false,
        ignoreSelf: false,
        attachFunctionToken: false,
      });
      app.error(async (error) => log.error({ err: error }, 'A listener for Slack failed'));
      handlePresses(app, { client, fetch, callMs, log, home, site, onPress });
      handleCommands(app, { fetch, callMs, log, home, onCommand });
      handleLists(app, { fetch, callMs, log, home, site, onList, onHome });
      await app.init();
      await receiver.start().catch((error: unknown) => {
        throw toSetupError(error, 'SLACK_APP_TOKEN', apiUrl);
      });
    },

    async post(place: Place, thread: Thread | null, card: Card, key: string, signal: AbortSignal): Promise<Receipt> {
      const message = {
        // A person’s id does for the direct messages with them.
        channel: thread?.root.room ?? directTo(place) ?? place.room,
        ...renderMessage(card, card.pings),
        metadata: metadataOf(key),
        unfurl_links: false,
        unfurl_media: false,
      };
      const post = (where: ChatPostMessageArguments) => call(signal, () => client.chat.postMessage(where));
      const reply = thread === null ? null : { ...message, thread_ts: thread.root.message };
      const answer =
        reply === null
          ? await post(message)
          : await aloud(card, (loud) => post(loud ? { ...reply, ...BROADCAST } : reply));
      const { channel, ts } = answer;
      if (channel === undefined || ts === undefined) {
        throw new PlatformError('ambiguous', 'Slack did not say where it posted the card.');
      }
      // Slack doesn't refuse a thread that has gone: it posts in the room, and only this tells.
      if (thread !== null && answer.message?.thread_ts === undefined) {
        log.warn({ channel, ts }, 'The thread is gone; the card stands in the channel itself');
      }
      return { platform: 'slack', room: channel, message: ts };
    },

    async update(receipt: Receipt, card: Card, signal: AbortSignal): Promise<void> {
      // Text and blocks always together: one without the other takes the other away.
      const message = { channel: receipt.room, ts: receipt.message, ...renderMessage(card) };
      await aloud(card, (loud) => call(signal, () => client.chat.update({ ...message, ...(loud && BROADCAST) })));
    },

    async remove(receipt: Receipt, signal: AbortSignal): Promise<void> {
      try {
        await call(signal, () => client.chat.delete({ channel: receipt.room, ts: receipt.message }));
      } catch (error) {
        if (slackErrorCode(error) !== 'message_not_found') throw error;
      }
    },

    async members(group: string, signal: AbortSignal): Promise<readonly string[]> {
      const answer = await call(signal, () => client.usergroups.users.list({ usergroup: group }));
      return answer.users ?? [];
    },

    async showHome(userId: string, list: PendingList, signal: AbortSignal): Promise<void> {
      await call(signal, () => client.views.publish({ user_id: userId, view: renderHome(list, site) }));
    },

    async check(signal: AbortSignal): Promise<void> {
      await call(signal, () => client.auth.test());
      if (receiver instanceof SocketReceiver && !receiver.connected) {
        throw new PlatformError('unsent', 'Slack’s connection is being opened again: presses do not arrive just now.');
      }
    },

    async stop(): Promise<void> {
      await receiver.stop();
      lifetime.abort();
    },
  };
}

/** Without the broadcast where Slack refuses that alone: for one, a reply that it shows in the channel already. */
async function aloud<T>({ loud = false }: Card, send: (loud: boolean) => Promise<T>): Promise<T> {
  try {
    return await send(loud);
  } catch (error) {
    if (!loud || slackErrorCode(error) !== 'cant_broadcast_message') throw error;
    return send(false);
  }
}

/** Slack names the app's scopes with each answer: what is missing is told at the start, not after a lost answer. */
function warnOfScopes(granted: readonly string[] | undefined, direct: boolean, log: Log): void {
  const wanted = [...READING_SCOPES, ...(direct ? DIRECT_SCOPES : [])];
  const missing = wanted.filter((scope) => granted !== undefined && !granted.includes(scope));
  if (missing.length === 0) return;
  log.warn(
    { missing },
    'The Slack app may not read some rooms: a card whose answer is lost can’t be looked for there, and may be posted twice. Apply manifest.yml to the app again and reinstall it',
  );
}

/** @throws PlatformError */
async function call<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw new PlatformError('unsent', 'Stopped before Slack was called.', { cause: signal.reason });
  const { promise, reject } = Promise.withResolvers<never>();
  // web-api takes no signal: the call runs on to its own time limit, and nobody waits for it.
  const stop = () =>
    reject(new PlatformError('ambiguous', 'Stopped while Slack was called.', { cause: signal.reason }));
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([request(), promise]);
  } catch (error) {
    throw toPlatformError(error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
