import { type AnyMiddlewareArgs, App, type Middleware } from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import type { ProxyEnv } from '../../core/ports/adapter.ts';
import { BufferBudget } from '../../core/ports/buffer-budget.ts';
import { PlatformError, SetupError } from '../../core/ports/errors.ts';
import { openGuard } from '../../core/ports/http.ts';
import { type Metrics, noMetrics } from '../../core/ports/metrics.ts';
import type { CallGuard, Clock, EditRate, Handlers, Log, Platform, PostRate } from '../../core/ports/ports.ts';
import type { Fleet } from '../../core/ports/store/fleet.ts';
import type { PendingList } from '../../core/view/lists/pending-list.ts';
import { callSlack, createFetch, createSlackLogger } from './api/client.ts';
import { toSetupError } from './api/errors.ts';
import { createFind, DIRECT_SCOPES, READING_SCOPES } from './api/find.ts';
import { inspectChannel } from './api/inspect-channel.ts';
import { SlackPressEdits } from './api/press-edits.ts';
import { slackCheckups } from './checkups/all.ts';
import { HttpReceiver } from './connection/http-receiver.ts';
import { MAX_CONNECTIONS, SocketReceiver } from './connection/socket-receiver.ts';
import { handlePresses } from './inbound/answer-presses.ts';
import { handleCommands } from './inbound/commands.ts';
import { handleLists } from './inbound/lists.ts';
import type { HomeWorkspace } from './inbound/organisation.ts';
import { appIdIn, OurApp, reportAttempt } from './inbound/our-app.ts';
import { Replies } from './inbound/replies.ts';
import { createSlackMessages, rendered } from './messages.ts';
import { createPeople } from './people.ts';
import { createCanRead } from './readers.ts';
import { linkTo, renderHome } from './render/list.ts';
import type { SlackDelivery } from './settings.ts';

/** Needed to look up names. */
const NAME_SCOPE = 'users:read';
/** Needed to check who can read a channel. */
const LIST_SCOPES = ['channels:read', 'groups:read'];
/** Time limit of one call, without the time in our queue. Slack answers within a second. */
const CALL_MS = 10_000;
const USUAL_CONNECTIONS = 2;
const MANY_REPLICAS = 4;
/** Slack's limit: one message a second in each channel. It tolerates bursts of an undocumented length; a 429 ends ours. */
const POST_RATE: PostRate = { everyMs: 1_000, burst: 50 };

/** Tier 3, in which `chat.update` is: so many calls a minute, for each app and workspace. */
const EDIT_RATE: EditRate = { calls: 50, withinMs: 60_000 };

export interface SlackOptions {
  botToken: string;
  delivery: SlackDelivery;
  /** `https://slack.com/api/` */
  apiUrl: string;
  /** Default: connections are direct. */
  proxy?: ProxyEnv | null;
  /** For what is kept for callers. Default: a budget of its own. */
  buffers?: BufferBudget;
  /** Slows wrong signatures down. Default: nothing is slowed or counted. */
  guard?: Pick<CallGuard, 'wrongSecret'>;
  log: Log;
  clock: Clock;
  /** Default: nothing is measured. */
  metrics?: Pick<Metrics, 'observe'>;
  /** Cards are also sent by direct message: then the start checks the scopes for that, too. */
  direct?: () => boolean;
  /** Socket Mode connections that each replica has open at the same time, up to 10. Default 2. */
  connections?: number;
  /** How many replicas share Slack’s ten connections. Default: one. */
  fleet?: Pick<Fleet, 'size'>;
  /** Delay between the first openings of two connections, ms. */
  staggerMs?: number;
  /** Time limit of one call, ms. */
  callMs?: number;
  postRate?: PostRate;
}

/** Slack over Socket Mode, which needs no public address, or over HTTP. Scopes: `manifest.yml`. */
export function createSlack(options: SlackOptions): Platform {
  const { botToken, delivery, apiUrl, clock, callMs = CALL_MS, postRate = POST_RATE, direct = () => false } = options;
  const log = options.log.child({ platform: 'slack' });
  const logger = createSlackLogger(log);
  const lifetime = new AbortController();
  const fetch = createFetch(lifetime.signal);
  // Each client gets its own copy: Bolt and Socket Mode write into theirs. Only the outbox retries, so one call is one
  // request: the libraries' own retries post a card up to five times when an answer is lost.
  const clientOptions = (): WebClientOptions => ({
    slackApiUrl: apiUrl,
    timeout: callMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    fetch,
    logger,
  });
  const client = new WebClient(botToken, clientOptions());
  const people = createPeople(client, log, lifetime.signal);
  const pressEdits = new SlackPressEdits({ fetch, callMs, clock, render: rendered });
  const receiver = createReceiver(options, clientOptions(), log);
  let home: HomeWorkspace | null = null;
  let ourBotId: string | null = null;
  /** The address of the workspace, known after the start. */
  let site: string | null = null;

  return {
    name: 'slack',
    postRate,
    editRate: EDIT_RATE,
    pressEdits,
    ...createSlackMessages(client, log),
    inspect: (room, signal) => inspectChannel(client, room, signal),
    checkups: (wanted) =>
      slackCheckups(
        {
          botToken,
          delivery,
          apiUrl,
          hasProxy: (options.proxy ?? null) !== null,
          clientOf: (token, own) => new WebClient(token, { ...clientOptions(), fetch: own }),
          fetch,
          arriving: () => (receiver instanceof HttpReceiver ? receiver.webhook.requests : receiver.connected),
          clock,
          lifetime: lifetime.signal,
        },
        wanted,
      ),
    ...lookUpsOf(people),
    linkTo: (receipt) => linkTo(receipt, site),
    canRead: createCanRead({ client, teamId: () => home?.teamId ?? null, clock, lifetime: lifetime.signal }),
    find: createFind(client, () => ourBotId),
    ...(receiver instanceof HttpReceiver && { http: [receiver.webhook.mount] }),

    async start({ onPress, onFormNotShown, onFormClosed, onForeignPress, onCommand, onList, onHome }) {
      if (delivery.kind === 'socket') assertConnections(options);
      const self = await client.auth.test().catch((error: unknown) => {
        throw toSetupError(error, 'SLACK_BOT_TOKEN', apiUrl);
      });
      const { team_id: teamId, bot_id: botId, user_id: botUserId, enterprise_id: enterpriseId = null } = self;
      site = self.url ?? null;
      if (teamId === undefined || botId === undefined || botUserId === undefined) {
        throw new SetupError('SLACK_BOT_TOKEN is not a bot token (xoxb-…).');
      }
      ourBotId = botId;
      home = { teamId, enterpriseId };
      const organisation = people.ofWorkspace(home);
      warnOfMissingScopes(self.response_metadata?.scopes, direct(), log);
      // Bolt must not look itself up or keep conversations: both would happen before a press is acknowledged.
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
      const ours = new OurApp({ appId: await appIdOf({ client, delivery }, self.app_id, botId), botId, botUserId });
      app.use(onlyOurs(ours, { log, onForeignPress }));
      app.error(async (error) => log.error({ err: error }, 'a Slack listener failed'));
      const replies = new Replies({ client, fetch, callMs, log, site });
      const inbound = { replies, log, organisation, onForeignPress };
      handlePresses(app, { ...inbound, pressEdits, onPress, onFormNotShown, onFormClosed });
      handleCommands(app, { ...inbound, onCommand });
      handleLists(app, { ...inbound, site, onList, onCommand, onHome });
      await app.init();
      await receiver.start().catch((error: unknown) => {
        throw toSetupError(error, 'SLACK_APP_TOKEN', apiUrl);
      });
    },

    async showHome(userId: string, list: PendingList, signal: AbortSignal): Promise<void> {
      await callSlack(signal, () => client.views.publish({ user_id: userId, view: renderHome(list, site) }));
    },

    async check(signal) {
      await callSlack(signal, () => client.auth.test());
      if (receiver instanceof SocketReceiver && !receiver.connected) {
        throw new PlatformError('unsent', 'Slack is reconnecting: presses do not arrive at the moment.');
      }
    },

    async stop() {
      await receiver.stop();
      lifetime.abort();
    },
  };
}

/** The usual two are one from four replicas on, so that up to eight share Slack’s ten. */
function connectionsOf({ connections = USUAL_CONNECTIONS, fleet }: SlackOptions): number {
  const isMany = (fleet?.size() ?? 1) >= MANY_REPLICAS;
  return isMany && connections === USUAL_CONNECTIONS ? 1 : connections;
}

/** @throws SetupError when all replicas together would have more than Slack allows */
function assertConnections(options: SlackOptions): void {
  const replicas = options.fleet?.size() ?? 1;
  const each = connectionsOf(options);
  if (each * replicas <= MAX_CONNECTIONS) return;
  const most = Math.max(1, Math.floor(MAX_CONNECTIONS / replicas));
  throw new SetupError(
    `SLACK_CONNECTIONS: ${replicas} replicas with ${each} connections each are ${each * replicas}, and Slack allows ${MAX_CONNECTIONS} for an app. Set it to ${most} for all replicas, or use Slack over HTTP (SLACK_SIGNING_SECRET), which needs none.`,
  );
}

function createReceiver(
  options: SlackOptions,
  { logger: _, ...clientOptions }: WebClientOptions,
  log: Log,
): SocketReceiver | HttpReceiver {
  const { delivery, clock, staggerMs, proxy = null, metrics = noMetrics } = options;
  const { buffers = new BufferBudget(), guard = openGuard } = options;
  if (delivery.kind === 'http') return new HttpReceiver({ ...delivery, buffers, guard, clock, log, metrics });
  const connections = () => connectionsOf(options);
  const pool = { connections, ...(staggerMs === undefined ? {} : { staggerMs }) };
  const observed = { logger: createSlackLogger(log), log, clock, metrics };
  return new SocketReceiver({ ...delivery, clientOptions, ...pool, proxy, ...observed });
}

/** Which app the bot's token belongs to; null where nothing says it. @throws SetupError if the other token is another app's */
async function appIdOf(
  { client, delivery }: { client: WebClient; delivery: SlackDelivery },
  ofBot: string | undefined,
  botId: string,
): Promise<string | null> {
  const asked = ofBot ?? (await client.bots.info({ bot: botId }).catch(() => null))?.bot?.app_id ?? null;
  const ofSocket = delivery.kind === 'socket' ? appIdIn(delivery.appToken) : null;
  if (asked !== null && ofSocket !== null && asked !== ofSocket) {
    throw new SetupError(
      `SLACK_APP_TOKEN is of the app ${ofSocket} and SLACK_BOT_TOKEN of ${asked}: copy both from the same app.`,
    );
  }
  return asked ?? ofSocket;
}

function lookUpsOf({ members, nameOf, labelOf }: ReturnType<typeof createPeople>) {
  return { members, nameOf, labelOf };
}

/** What is not for our app reaches no listener; its receiver acknowledges it. */
function onlyOurs(
  ours: OurApp,
  { log, onForeignPress }: { log: Log; onForeignPress: Handlers['onForeignPress'] },
): Middleware<AnyMiddlewareArgs> {
  return async ({ body, next }) => {
    const why = ours.foreignReason(body);
    if (why === null) return await next();
    log.warn({ reason: why }, 'a payload from Slack that is not ours was refused');
    await reportAttempt(body, why, onForeignPress);
  };
}

/** Slack names the app's scopes in each answer, so a missing scope is logged at the start, not after a lost answer. */
function warnOfMissingScopes(granted: readonly string[] | undefined, direct: boolean, log: Log): void {
  if (granted === undefined) return;
  const isMissing = (scope: string) => !granted.includes(scope);
  if (isMissing(NAME_SCOPE)) {
    log.warn(
      { missing: [NAME_SCOPE] },
      'the Slack app can’t look up names: outside of Slack, people are named by their handles. Apply manifest.yml to the app again and reinstall it',
    );
  }
  const unlisted = LIST_SCOPES.filter(isMissing);
  if (unlisted.length > 0) {
    log.warn(
      { missing: unlisted },
      'the Slack app can’t check who can read a channel: /approvals and the home tab list nothing of it. Apply manifest.yml to the app again and reinstall it',
    );
  }
  const missing = [...READING_SCOPES, ...(direct ? DIRECT_SCOPES : [])].filter(isMissing);
  if (missing.length === 0) return;
  log.warn(
    { missing },
    'the Slack app can’t read some channels: after a lost answer it can’t find the card there, and may post it twice. Apply manifest.yml to the app again and reinstall it',
  );
}
