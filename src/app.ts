/**
 * The order in which the parts of the bot start, and the reverse order in which they stop. Tested in
 * test/faults/process/start-up.test.ts and test/faults/process/stops.test.ts.
 */
import { apiParts, type BackendDeps, ids } from './adapters.ts';
import type { Config } from './config/config.ts';
import type { ScheduleSource } from './core/policy/schedules/source.ts';
import { BufferBudget } from './core/ports/buffer-budget.ts';
import { coerceError } from './core/ports/errors.ts';
import { failingBackend, failingStore, type ReachFailPoint } from './core/ports/fail-points.ts';
import type { Backend, Clock, Log, Store } from './core/ports/ports.ts';
import { startDoctor } from './doctor/of-bot.ts';
import type { Pace } from './doctor/within.ts';
import type { Engine, EngineDeps } from './engine/contract.ts';
import { createEngine } from './engine/index.ts';
import type { Alerts } from './engine/observe/alerts.ts';
import { jobsLeft } from './engine/observe/checks.ts';
import { inspectRooms } from './engine/observe/inspect-rooms.ts';
import { createOverload } from './engine/observe/overload.ts';
import { createProcessHistory } from './engine/recovery/process-history.ts';
import { createCallGuard } from './http/guard/call-guard.ts';
import { createMetrics } from './http/metrics.ts';
import { startServer } from './http/server.ts';
import { mountsAfter, takeOver, watchAfter } from './start/after-recovery.ts';
import { operatorPage } from './start/operator-page.ts';
import { createPlatforms, startPlatforms } from './start/platforms.ts';
import { type PolicyInForce, policyOf, reloadOf, sayNothingToReload } from './start/policy-of.ts';
import { showParts, showProcess } from './start/process-metrics.ts';
import { createFingerprint, watchReplicas } from './start/replicas.ts';
import { setupOf } from './start/setup.ts';
import { summaryOf } from './start/summary.ts';
import { warnOfExposure, warnOfSettings } from './start/warnings.ts';
import { withinLimit } from './start/within-limit.ts';
import { openStore } from './store/open.ts';

export interface App {
  readonly port: number;
  readonly store: Store;
  /** Reads the policy file again. Where it started without one, the log says what to do. */
  reloadPolicy(): void;
  /** Drains and stops, within about ten seconds; jobs that are left stay in the outbox. */
  stop(): Promise<void>;
}

export interface Surroundings {
  clock: Clock;
  log: Log;
  /** The version of this program, for operators. Null: not known. */
  release: string | null;
  /** A commit failed and may have been written: end the process, and start it again. */
  onFatal: (error: Error) => void;
  /** The process runs nothing else: its memory, its files and its event loop are among the metrics. */
  ownProcess?: boolean;
  /** When the doctor looks unasked. Null or absent: only when it is asked. */
  doctorPace?: Pace | null;
  /** For tests: the pace of the health checks, times this; default 1. */
  healthPace?: number;
  /** For tests: how long the start waits for the look at a room, ms. */
  roomCheckMs?: number;
  /** For tests: how long calls to the backends may take. */
  timeouts?: BackendDeps['timeouts'];
  /** For tests that end the process in the middle of its work. */
  failPoint?: ReachFailPoint;
  /** For tests: callbacks of the inbox may go to this machine, without TLS. */
  loopbackCallbacks?: boolean;
}

/** The part of the buffers that only platforms may use: a press is a few kilobytes. */
const PLATFORM_BUFFER_BYTES = 8 * 1024 * 1024;
/** How long the line that says that the bot is ready waits for the first health checks. Everything runs meanwhile. */
const FIRST_LOOK_MS = 300;

/** @throws SetupError when a problem that the operator must fix prevents the start; what had started is stopped */
export async function startApp(config: Readonly<Config>, surroundings: Surroundings): Promise<App> {
  const { clock, log, onFatal, ownProcess = false, failPoint } = surroundings;
  const undo: (() => unknown)[] = [];
  const stopAll = async () => {
    for (const stop of undo.splice(0).reverse()) {
      // A stop that fails must not keep the others from running.
      await Promise.resolve(stop()).catch((error: unknown) => log.error({ err: error }, 'a part failed to stop'));
    }
  };
  try {
    const opened = await openStore(config, surroundings);
    const store = failingStore(opened.store, failPoint);
    undo.push(() => store.close());
    const processHistory = createProcessHistory(store, opened.clock, log, opened.fleet);
    const earlier = await processHistory.begin();
    const traces = await startTraces(config, surroundings, undo);
    const metrics = createMetrics({ process: ownProcess, exemplars: traces !== undefined });
    const buffers = new BufferBudget();
    showProcess(metrics, { ...surroundings, ...earlier, buffers });
    // No call comes in before the engine is there.
    const guard = createCallGuard({ clock, log, metrics, alerts: lateAlerts(() => engine.alerts) });
    const inForce: PolicyInForce = { document: policyOf(config) };
    const { fleet } = opened;
    const platforms = await createPlatforms(config, { inForce, buffers, guard, fleet, metrics, clock, log, failPoint });
    warnOfSettings(config, log);
    warnOfExposure(config, log);
    const secret = await store.secret('openers');
    const loaded = await loadAll(config.backends);
    const sources = await createSources(config, surroundings);
    const parts = { ...opened, store, platforms, sources, inForce, metrics, traces, buffers, guard, secret, loaded };
    const engine: Engine = wireEngine(config, surroundings, parts);
    const { backends, outbox, members, schedules, names, homeTabs, housekeeping, standing, alerts, health, lag } =
      engine;
    const overload = createOverload({ alerts, metrics, clock, log });
    buffers.onRefused(() => overload.refused('buffers'));

    const recovered = await takeOver(engine, { undo, onFatal });
    // In parallel: one that hangs must not use up the time of the others.
    undo.push(async () => {
      await Promise.all([
        ...[...platforms.values()].map((platform) => platform.stop()),
        Promise.all(backends.map((backend) => backend.stop())).then(() => engine.followed()),
      ]);
    });
    const checked = await startPlatforms(platforms, engine, { config, log, roomCheckMs: surroundings.roomCheckMs });
    undo.push(() => members.stop());
    undo.push(() => schedules.stop());
    await Promise.all([members.start(), schedules.start()]);
    undo.push(() => alerts.stop());
    alerts.start();
    undo.push(() => engine.stopEffects.stop());
    await engine.stopEffects.start();
    undo.push(() => homeTabs.stop());
    await homeTabs.start();

    const started = { at: iso(clock.now()), after: earlier.ending, lastAlive: iso(earlier.lastAlive), recovered };
    const { host, port, allowedHosts, metricsToken: token, exposedBy } = config;
    const complete = engine.recovery.complete();
    const ofPlatforms = [...platforms.values()].flatMap(({ http = [] }) => http);
    const mounts = [...backends.flatMap((backend) => mountsAfter(complete, backend)), ...ofPlatforms];
    const policy = reloadOf(config, engine, { inForce, clock, log });
    showParts(metrics, { lag, policy: policy?.state });
    const stopped = engine.stopSwitch.current;
    const doctor = await startDoctor({ ...parts, ...doctorsOf(surroundings), config, backends, stopped });
    undo.push(() => doctor.stop());
    const replicas = watchReplicas({ ...parts, alerts, clock, log }, undo);
    const status = { health, stopped, policy: policy?.state, started, replicas, lag, metrics };
    const probes = { ...doctor.probes, ...status, token, exposedBy, guard };
    const addPages = await operatorPage(config, engine, { ...surroundings, ...probes, store });
    const served = { mounts, health: probes, api: apiParts, addPages, onRefused: overload.refused };
    const server = await startServer({ host, port, allowedHosts, ...served, log });
    policy?.start();
    undo.push(() => policy?.stop());
    const stopping = new AbortController();
    undo.push(() => names.stop());
    // The first cards have the names that the platforms tell at once. Nothing else waits for these.
    void names.start().then(() => {
      if (!stopping.signal.aborted) outbox.start();
    });
    undo.push(async () => {
      // Those that wait for their refusal would delay the stop.
      guard.stop();
      await Promise.all([server.stop(), outbox.stop()]);
      const left = jobsLeft(await store.stats(0));
      const count = Object.values(left).reduce((sum, jobs) => sum + jobs, 0);
      log.info({ left }, `shutdown complete; ${count} jobs left for the next start`);
      await processHistory.down();
    });
    housekeeping.start();
    standing.start();
    undo.push(() => Promise.all([housekeeping.stop(), standing.stop()]));
    const watches = watchAfter(complete, engine, stopping.signal);
    lag.start();
    const looked = health.start(checked);
    undo.push(async () => {
      stopping.abort();
      lag.stop();
      await Promise.all([watches, health.stop()]);
    });
    undo.push(() => engine.recovery.stop());
    void lookAtAlertRooms(config.alertPlaces, { platforms, log, signal: stopping.signal });
    await processHistory.up(earlier, { recovered, complete }, alerts);
    metrics.set('started_timestamp_seconds', {}, clock.now() / 1000);
    await withinLimit(looked, FIRST_LOOK_MS);
    log.info({ ...summaryOf(config, { port: server.port, health }), ...started }, 'ready');
    engine.recovery.rest().catch((thrown: unknown) => onFatal(coerceError(thrown)));
    const reloadPolicy = () => (policy === null ? sayNothingToReload(log) : policy.reload('SIGHUP'));
    return { port: server.port, store, reloadPolicy, stop: stopAll };
  } catch (thrown) {
    await stopAll();
    throw thrown;
  }
}

/** A room that takes no alert is in the log before the first one. Never rejects. */
async function lookAtAlertRooms(...looked: Parameters<typeof inspectRooms>): Promise<void> {
  const [, { log }] = looked;
  for (const problem of await inspectRooms(...looked)) log.warn({ setting: 'ALERTS' }, problem);
}

/** Of an engine that is not there yet. */
function lateAlerts(alerts: () => Alerts): Pick<Alerts, 'begin' | 'over'> {
  return { begin: (alert) => alerts().begin(alert), over: (...what) => alerts().over(...what) };
}

async function createSources(
  { schedules, proxy }: Readonly<Config>,
  { clock, loopbackCallbacks: allowLoopback = false }: Surroundings,
): Promise<ScheduleSource[]> {
  return (await loadAll(schedules)).map((create) => create({ proxy, clock, allowLoopback }));
}

function doctorsOf({ clock, log, release, doctorPace = null }: Surroundings) {
  return { clock, log, release, pace: doctorPace };
}

function wireEngine(
  config: Readonly<Config>,
  { clock, log, release, timeouts = {}, failPoint, healthPace, loopbackCallbacks = false }: Surroundings,
  parts: Required<Pick<EngineDeps, 'store' | 'fleet' | 'clock' | 'platforms' | 'metrics' | 'traces'>> &
    Pick<BackendDeps, 'buffers' | 'guard' | 'secret'> & {
      inForce: PolicyInForce;
      loaded: readonly ((deps: BackendDeps) => Backend)[];
      sources: readonly ScheduleSource[];
    },
): Engine {
  const { buffers: all, guard, secret, inForce, loaded, sources, ...wired } = parts;
  // So presses in Slack get in when the callers of backends have used up their part.
  const buffers = all.part(all.maxBytes - PLATFORM_BUFFER_BYTES);
  return createEngine({
    ...wired,
    setup: setupOf(config),
    fingerprint: createFingerprint(secret, config.compared, inForce, clock),
    backends(intake, onPress, store) {
      const { metrics } = parts;
      const { proxy } = config;
      const traced = parts.traces !== undefined;
      const allowLoopback = loopbackCallbacks;
      const surroundings = { proxy, buffers, guard, clock, log, metrics, traced, timeouts, allowLoopback };
      const questionTools = () => inForce.document.questions.tools;
      const deps = { intake, store, fleet: parts.fleet, secret, onPress, questionTools, ...surroundings };
      return loaded.map((create) => failingBackend(create(deps), failPoint));
    },
    release,
    policy: inForce.document,
    ids,
    scheduleSources: sources,
    log,
    settings: { ...config, ...(healthPace !== undefined && { healthPace }) },
    failPoint,
  });
}

/** Its library is loaded only where a collector is configured. */
async function startTraces(
  { tracing }: Readonly<Config>,
  { clock, log, release }: Surroundings,
  undo: (() => unknown)[],
) {
  if (tracing === null) return undefined;
  const { createTraces } = await import('./tracing/otlp.ts');
  const traces = createTraces({ ...tracing, clock, log, release });
  undo.push(() => traces.stop());
  return traces;
}

function loadAll<Made>(configured: readonly { load(): Promise<Made> }[]): Promise<Made[]> {
  return Promise.all(configured.map(({ load }) => load()));
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
