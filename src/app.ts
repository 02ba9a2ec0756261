/** The composition root: the only file that sees every module, and the order in which they start and stop. */
import { createHookPulse } from './backends/hookpulse/index.ts';
import { createInbox } from './backends/inbox/index.ts';
import { createRuntype } from './backends/runtype/index.ts';
import type { Timeouts } from './backends/shared/transport.ts';
import { createSonzai } from './backends/sonzai/index.ts';
import { createTokenProvider } from './backends/sonzai/token.ts';
import type { Config } from './config/config.ts';
import type { Place } from './core/approval/approval.ts';
import { directPlace } from './core/policy/direct-messages.ts';
import { createPolicy } from './core/policy/policy.ts';
import type { Reviewer } from './core/policy/reviewers.ts';
import { createRuns, withStarters } from './core/policy/run-targets.ts';
import { coerceError, PlatformError, SetupError } from './core/ports/errors.ts';
import { failingBackend, failingPlatform, failingStore, goOn, type ReachFailPoint } from './core/ports/fail-points.ts';
import type { Backend, Clock, Intake, Log, Platform, Store } from './core/ports/ports.ts';
import { createEngine, type EngineDeps } from './engine/index.ts';
import { jobsLeft } from './engine/observe/checks.ts';
import { createProcessHistory } from './engine/recovery/process-history.ts';
import { createMetrics } from './http/metrics.ts';
import { startServer } from './http/server.ts';
import { createSqliteStore } from './store/sqlite/index.ts';

export interface App {
  readonly port: number;
  readonly store: Store;
  /** Drains and stops, in about ten seconds at the most; what is left stays in the outbox. */
  stop(): Promise<void>;
}

export interface Surroundings {
  clock: Clock;
  log: Log;
  /** A commit failed and may have been written: end the process, and start anew. */
  onFatal: (error: Error) => void;
  /** The process is ours alone: its memory, its files and its event loop are among the metrics. */
  ownProcess?: boolean;
  /** For tests: the pace of the health checks, times this; default 1. */
  healthPace?: number;
  /** For tests: how long the backends are waited for. */
  timeouts?: Partial<Timeouts>;
  /** For tests that end the process in the middle of its work. */
  failPoint?: ReachFailPoint;
  /** For tests: callbacks of the inbox may go to this machine, and without TLS. */
  loopbackCallbacks?: boolean;
}

/** Longer than any healthy answer, shorter than an operator's patience. */
const CHECK_MS = 10_000;

/** @throws SetupError when something the operator must mend keeps it from starting; what had started is stopped */
export async function startApp(config: Readonly<Config>, surroundings: Surroundings): Promise<App> {
  const { clock, log, onFatal, ownProcess = false, healthPace, timeouts = {}, failPoint = goOn } = surroundings;
  const undo: (() => unknown)[] = [];
  const stopAll = async () => {
    for (const stop of undo.splice(0).reverse()) {
      // One that fails must not keep the others from stopping.
      await Promise.resolve(stop()).catch((error: unknown) =>
        log.error({ err: error }, 'something did not stop in order'),
      );
    }
  };
  try {
    const opened = createSqliteStore({ file: config.databaseFile, clock, log, onFatal, failPoint });
    const store = failingStore(opened, failPoint);
    undo.push(() => store.close());
    const processHistory = createProcessHistory(store, clock, log);
    const earlier = await processHistory.begin();
    const platforms = await createPlatforms(config, clock, log);
    for (const [name, one] of platforms) platforms.set(name, failingPlatform(one, failPoint));
    const metrics = createMetrics({ process: ownProcess });
    const { targets, starters } = config.runs;
    if (config.reviewers.length === 0) {
      log.warn({}, 'REVIEWERS is empty: cards will be posted, and nobody may decide them');
    }
    if (targets.length > 0 && starters.size === 0) {
      log.warn({}, 'RUN_STARTERS is empty: nobody may start what RUNS names');
    }
    const { gatewayKeys, ...toRuntype } = config.runtype;
    const createBackends: EngineDeps['backends'] = (intake, onPress) => {
      const runtype = createRuntype({ ...toRuntype, gateway: { keys: gatewayKeys }, intake, clock, log, timeouts });
      const allowLoopback = surroundings.loopbackCallbacks ?? false;
      const inbox = createInbox({ ...config.inbox, intake, store, onPress, clock, log, allowLoopback });
      const backends = [runtype, inbox, ...polledBackends(config, { intake, clock, log, timeouts })];
      return backends.map((backend) => failingBackend(backend, failPoint));
    };
    const engine = createEngine({
      store,
      platforms,
      backends: createBackends,
      rules(isMember) {
        const runs = createRuns({ targets, starters, isMember });
        const { reviewers, confirm, remindAfterMs: remindAfter } = config;
        const policy = createPolicy({ reviewers, places: placesOf(config), isMember, confirm, remindAfter });
        return { policy: withStarters(policy, runs), runs };
      },
      groups: groupsOf([...config.reviewers, ...[...starters.values()].flat()]),
      clock,
      log,
      metrics,
      settings: { ...config, alertPlaces: config.alerts, ...(healthPace !== undefined && { healthPace }) },
      failPoint,
    });
    const { backends, handlers, outbox, members, homeTabs, housekeeping, alerts, health, lag } = engine;

    // They may be reading before anything else has started; a second stop changes nothing.
    undo.push(() => Promise.all(backends.map((backend) => backend.stop())));
    const recovered = await engine.recover();

    // Side by side: one that hangs must not use up the time of the others.
    undo.push(async () => {
      await Promise.all([
        ...[...platforms.values()].map((platform) => platform.stop()),
        Promise.all(backends.map((backend) => backend.stop())).then(() => engine.followed()),
      ]);
    });
    for (const platform of platforms.values()) {
      await platform.start(handlers);
      await checkRoom(platform, log);
      log.info({ platform: platform.name }, 'platform connected');
    }
    undo.push(() => members.stop());
    await members.start();
    undo.push(() => alerts.stop());
    alerts.start();
    undo.push(() => homeTabs.stop());
    await homeTabs.start();

    metrics.beforeShown(() => metrics.set('event_loop_lag_seconds', {}, lag.worst() / 1000));
    const started = { at: iso(clock.now()), after: earlier.ending, lastAlive: iso(earlier.lastAlive), recovered };
    const watched = { health, lag, metrics, started, token: config.metricsToken };
    const mounts = [...backends, ...platforms.values()].flatMap(({ http = [] }) => http);
    const server = await startServer({ host: config.host, port: config.port, mounts, health: watched, log });
    outbox.start();
    undo.push(async () => {
      await Promise.all([server.stop(), outbox.stop()]);
      const left = jobsLeft(await store.stats(0));
      log.info({ left }, 'drained: what is left is done after the next start');
      await processHistory.down();
    });
    housekeeping.start();
    undo.push(() => housekeeping.stop());
    const watching = new AbortController();
    const watches = backends.map((backend) => backend.watch?.(watching.signal));
    lag.start();
    health.start();
    undo.push(async () => {
      watching.abort();
      lag.stop();
      await Promise.all([...watches, health.stop()]);
    });
    await processHistory.up(earlier, recovered, alerts);
    metrics.set('started_timestamp_seconds', {}, clock.now() / 1000);
    log.info({ host: config.host, port: server.port, platforms: [...platforms.keys()], ...started }, 'ready');
    return { port: server.port, store, stop: stopAll };
  } catch (thrown) {
    await stopAll();
    throw thrown;
  }
}

function backendNames({ sonzai, hookpulse }: Readonly<Config>): string[] {
  return ['runtype', 'inbox', ...(sonzai === null ? [] : ['sonzai']), ...(hookpulse === null ? [] : ['hookpulse'])];
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** The backends whose pending lists are looked at again and again, as far as they are configured. */
function polledBackends(
  { sonzai, hookpulse }: Readonly<Config>,
  surroundings: { intake: Intake; clock: Clock; log: Log; timeouts: Partial<Timeouts> },
): Backend[] {
  const { clock } = surroundings;
  return [
    ...(sonzai === null
      ? []
      : [createSonzai({ ...sonzai, ...surroundings, token: createTokenProvider(sonzai.token, clock) })]),
    ...(hookpulse === null ? [] : [createHookPulse({ ...hookpulse, ...surroundings })]),
  ];
}

/** Each group once, whoever is named by it. */
function groupsOf(people: readonly Reviewer[]): Reviewer[] {
  const groups = people.filter(({ kind }) => kind === 'group');
  return [...new Map(groups.map((group) => [`${group.platform}:${group.id}`, group])).values()];
}

/** A room that can't take cards is told now, not when the first card is due. */
async function checkRoom(platform: Platform, log: Log): Promise<void> {
  try {
    await platform.check(AbortSignal.timeout(CHECK_MS));
  } catch (thrown) {
    const error = coerceError(thrown);
    const mendable = error instanceof PlatformError && (error.kind === 'refused' || error.kind === 'gone');
    if (mendable) throw new SetupError(error.message, { cause: error });
    log.warn({ platform: platform.name, err: error }, 'the room for cards could not be checked');
  }
}

/** A platform's library is loaded only where it is configured: each costs half a second. */
async function createPlatforms(config: Readonly<Config>, clock: Clock, log: Log): Promise<Map<string, Platform>> {
  const platforms = new Map<string, Platform>();
  if (config.slack !== null) {
    const { createSlack } = await import('./platforms/slack/index.ts');
    const direct = config.directMessages.some(({ platform }) => platform === 'slack');
    platforms.set('slack', createSlack({ ...config.slack, direct, clock, log }));
  }
  if (config.discord !== null) {
    const { createDiscord } = await import('./platforms/discord/index.ts');
    platforms.set(
      'discord',
      createDiscord({
        ...config.discord,
        runs: config.runs.targets.map(({ name }) => name),
        filters: backendNames(config),
        clock,
        log,
      }),
    );
  }
  return platforms;
}

function placesOf({ slack, discord, directMessages }: Readonly<Config>): Place[] {
  const rooms = Object.entries({ slack: slack?.channel ?? null, discord: discord?.channel ?? null });
  return [
    ...rooms.flatMap(([platform, room]) => (room === null ? [] : [{ platform, room }])),
    ...directMessages.map(directPlace),
  ];
}
