/**
 * The one wiring of the engine, for the bot, the tests and the model. Tested in test/engine/engine.test.ts and
 * test/model/engine.test.ts.
 */
import { type CurrentRedactor, createCurrentRedactor } from '../core/approval/pause/redact.ts';
import type { Reviewer } from '../core/policy/reviewers.ts';
import { noLookups } from '../core/policy/rules/belonging.ts';
import { type CurrentPolicy, createCurrentPolicy } from '../core/policy/rules/current-policy.ts';
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import type { Policy } from '../core/policy/rules/policy.ts';
import { everyoneIn } from '../core/policy/rules/who.ts';
import { coerceError } from '../core/ports/errors.ts';
import { type Metrics, noMetrics } from '../core/ports/metrics.ts';
import type { Asked, Backend, Log, Platform, Reach, Store } from '../core/ports/ports.ts';
import { createFleetOfOne, ONLY_REPLICA } from '../core/ports/store/fleet.ts';
import type { Traces } from '../core/ports/tracing/traces.ts';
import { type Apply, createApply, type OnCommitted } from './apply.ts';
import { createDeciderNames, type DeciderNames } from './background/decider-names.ts';
import { createHomeTabsWorker } from './background/home-tabs.ts';
import { createHousekeeping } from './background/housekeeping.ts';
import { createListReader } from './background/list-reader.ts';
import { createMembers, type Members } from './background/members.ts';
import { createNames, type Names } from './background/names.ts';
import { createOthers } from './background/others.ts';
import { createReaders } from './background/readers.ts';
import { createRecords } from './background/records.ts';
import { createSchedules } from './background/schedules.ts';
import type { Engine, EngineDeps, Shared } from './contract.ts';
import { Duties } from './duties.ts';
import { answeredFirst, Foreground } from './foreground.ts';
import { createHandlers } from './handlers.ts';
import type { AnnounceDeps } from './ingest/announcements.ts';
import { createIntake } from './ingest/ingest.ts';
import { Namesakes } from './ingest/namesakes.ts';
import { reviewOpen, reviewSigned } from './ingest/policy-review.ts';
import { type Alerts, createAlerts } from './observe/alerts.ts';
import { type CheckDeps, createChecks } from './observe/checks.ts';
import { createDenialAlerts } from './observe/denial-alerts.ts';
import { createHealth } from './observe/health.ts';
import { createInstrument } from './observe/instrument.ts';
import { createLoopLag } from './observe/loop-lag.ts';
import { createRoutes } from './observe/measure/routes.ts';
import { Tracing } from './observe/measure/tracing.ts';
import { createRoomAlerts } from './observe/room-alerts.ts';
import { createAbsences } from './operators/absences.ts';
import { createLinks } from './operators/links.ts';
import { createOperations } from './operators/operations.ts';
import { createStopSwitch } from './operators/stop.ts';
import { createDrawnBy, type DrawnBy } from './recovery/drawn-by.ts';
import { afterRecovery, recoveredStore } from './recovery/unrecovered.ts';
import { createStanding, type Standing } from './standing/standing.ts';
import { createTakeOver } from './take-over.ts';
import { createWorker } from './worker.ts';

export function createEngine(deps: EngineDeps): Engine {
  const { platforms, clock, log, metrics = noMetrics, release, settings = {}, fleet = createFleetOfOne() } = deps;
  const { store, unrecovered } = recoveredStore(deps.store);
  const duties = new Duties(fleet, clock, log);
  const byName = new Map<string, Backend>();
  const backendTitle = (name: string) => byName.get(name)?.title ?? name;
  const everyone = () => everyoneIn(policy.document);
  const onChange = () => {
    stopEffects.redraw();
    standing.rightsChanged();
    drawnBy.forget();
  };
  const looked = { groups: () => everyone().filter(isGroup), shared: sharedMembers(deps.store, duties) };
  const members = createMembers({ ...looked, platforms, onChange, clock, log });
  const records = createRecords({ store, log });
  const links = createLinks(records, clock, () => void Promise.all([reviewSigned(ingest), standing.rightsChanged()]));
  const onDuty = (schedule: string) => schedules.onDuty(schedule);
  const absent = () => absences.active();
  const ownLookups = { onDuty, links: links.all, absences: absent, ...deps.lookups, isMember: members.isMember };
  const policy = createCurrentPolicy(deps.policy, { ...noLookups, ...ownLookups });
  const observers = createObservers({ ...deps, metrics, policy, backendTitle, apply: (...input) => apply(...input) });
  const { alerts, rooms, reached, names, deciderNames, namesakes, onCommitted, routeOf, tracing } = observers;
  const watched = { document: () => policy.document, onChange, isMember: members.isMember, clock, log };
  const absences = createAbsences({ ...watched, records, links: links.all, nameOf: names.known });
  const schedules = createSchedules({ ...watched, sources: deps.scheduleSources ?? [], alerts, absences: absent });
  const stopSwitch = createStopSwitch({ records, clock });
  const { current: stopped } = stopSwitch;
  const doorOf = (to: Store) => createApply(to, clock, log, onCommitted, () => stopped() !== null);
  const apply = doorOf(store);
  const redactor = createCurrentRedactor(settings.masked);
  const standing = createStanding({ records, store, apply, policy, clock, log });
  const limits = { grants: standing.grants, openMax: settings.openMax, ids: deps.ids ?? [], redactor };
  const ingest = { store, apply, policy, clock, log, onCommitted, namesakes, stopped, me: fleet.me, ...limits };
  const foreground = new Foreground(clock);
  const intake = createIntake(ingest);
  // A press comes in later than this: the handlers need the backends.
  const taken = afterRecovery(answeredFirst(intake, foreground), () => takeOver.recovery.asked());
  const backends = deps.backends(taken, (press) => handlers.onPress(press), store);
  for (const backend of backends) byName.set(backend.name, backend);
  const texts = { backendTitle, consequences: consequencesFrom(byName, log), deciders: deciderNames.of };
  const ports = { store, apply, policy, platforms, readers: createReaders(deps), stopped, clock, log, onCommitted };
  const shared: Shared = { ...ports, ...texts, fleet, duties, standing, settings };
  const lists = createListReader(shared);
  const homeTabs = createHomeTabsWorker({ ...shared, lists });
  const follows = new Set<Promise<void>>();
  const outbox = createWorker({ ...shared, byName, follows, rooms, ingest, foreground, metrics, tracing });
  const { lag, health } = watchHealth({ ...ports, backends, reached, duties, metrics, routeOf, alerts, settings });
  const operating = { ...shared, stopSwitch, links, health, alerts, metrics, nudge: outbox.nudge, release };
  const { operate, stopEffects, policyLoaded, status, deadLetters } = createOperations({ ...operating, byName });
  const handling = { backends, lists, homeTabs, names, metrics, operate, absences, foreground, records, tracing };
  const handlers = createHandlers({ ...shared, ...handling });
  const drawnBy = createDrawnBy(deps, policy, absent);
  const untouched = { ...deps, alerts, fleet, apply: doorOf(deps.store), unrecovered, drawnBy };
  const takeOver = createTakeOver(untouched, { ...shared, byName, ingest, intake, namesakes, records });
  const changed = { redactor, policyLoaded, deciderNames, lists: [members, schedules], drawnBy, ingest };
  return {
    apply,
    policy,
    setPolicy: policySetter({ ...shared, ...changed, policy }),
    intake,
    backends,
    handlers,
    outbox,
    stopSwitch,
    stopEffects,
    desk: { ...texts, linkTo: linksOf(platforms), status, deadLetters },
    standing,
    members,
    schedules,
    names: namesOf(observers, everyone, members),
    homeTabs,
    housekeeping: createChores({ ...shared, namesakes }),
    alerts,
    health,
    lag,
    duties,
    ...takeOver,
    followed: () => Promise.all(follows),
  };
}

/** What no one waits for. */
function createChores(deps: Shared & { namesakes: Namesakes }): Engine['housekeeping'] {
  const { apply, settings, namesakes } = deps;
  const note = (changed: Asked) => namesakes.note(changed);
  const parts = [
    createHousekeeping({ ...deps, retentionMs: settings.retentionMs ?? null }),
    createOthers({ ...deps, note, onNoted: () => namesakes.record(apply) }),
  ];
  return {
    start() {
      for (const part of parts) part.start();
    },
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
    },
  };
}

function sharedMembers({ groupMembers: table }: Store, duties: Duties) {
  return table === null ? null : { table, duties };
}

function watchHealth(
  deps: Omit<CheckDeps, 'lag'> & Pick<Shared, 'log' | 'settings'> & { alerts: Alerts },
): Pick<Engine, 'lag' | 'health'> {
  const lag = createLoopLag(deps.clock);
  const checks = createChecks({ ...deps, lag }, deps.settings.healthPace);
  return { lag, health: createHealth({ ...deps, checks }) };
}

/** What another document changes at once, and then in all that is open. */
function policySetter(deps: {
  policy: CurrentPolicy;
  redactor: CurrentRedactor;
  platforms: ReadonlyMap<string, Platform>;
  policyLoaded: () => void;
  deciderNames: DeciderNames;
  lists: readonly { refresh(): Promise<void> }[];
  standing: Standing;
  drawnBy: DrawnBy;
  ingest: AnnounceDeps;
}): Engine['setPolicy'] {
  const { policy, redactor, platforms, lists, standing, drawnBy, ingest } = deps;
  return async (document, secrets) => {
    policy.replace(document);
    if (secrets !== undefined) redactor.replace(secrets);
    offerRuns(document, platforms);
    deps.policyLoaded();
    deps.deciderNames.refresh();
    await Promise.all([...lists.map((list) => list.refresh()), drawnBy.begin()]);
    await Promise.all([standing.grants.review(), reviewOpen(ingest)]);
    await drawnBy.end();
  };
}

function offerRuns({ runs }: PolicyDocument, platforms: ReadonlyMap<string, Platform>): void {
  const names = runs.map(({ target }) => target.name);
  for (const platform of platforms.values()) platform.runsChanged?.(names);
}

/** What follows every commit: metrics, alerts, and the names of people. */
function createObservers(
  deps: Pick<EngineDeps, 'store' | 'fleet' | 'platforms' | 'clock' | 'log' | 'settings'> & {
    alerts?: Alerts;
    metrics: Metrics;
    traces?: Traces | undefined;
    policy: Policy;
    backendTitle: (backend: string) => string;
    apply: Apply;
  },
) {
  const { platforms, clock, log, metrics, policy, apply, backendTitle } = deps;
  const places = deps.settings?.alertPlaces ?? [];
  const { incidents } = deps.store;
  const shared = incidents === null ? null : { incidents, me: deps.fleet?.me ?? ONLY_REPLICA };
  const alerts = deps.alerts ?? createAlerts({ places, platforms, clock, log, metrics, shared });
  const rooms = createRoomAlerts(alerts);
  const reached = new Map<string, Reach>();
  const routeOf = createRoutes(() => policy.document);
  const tracing = deps.traces && new Tracing(deps.traces, routeOf);
  const onReach = (backend: string, reach: Reach) => void reached.set(backend, reach);
  const instrument = createInstrument({ log, metrics, alerts, rooms, backendTitle, routeOf, tracing, onReach });
  const names = createNames({ platforms, apply, clock, log });
  const deciderNames = createDeciderNames({ platforms, policy, names, clock, log });
  const namesakes = new Namesakes();
  const denials = createDenialAlerts({ alerts, source: () => policy.document.source, clock });
  const onCommitted: OnCommitted = (committed) => {
    instrument(committed);
    denials(committed);
    names.onCommitted(committed);
    namesakes.onCommitted(committed);
  };
  return { alerts, rooms, reached, names, deciderNames, namesakes, onCommitted, routeOf, tracing };
}

function namesOf(
  { names, deciderNames }: { names: Names; deciderNames: DeciderNames },
  everyone: () => readonly Reviewer[],
  members: Members,
): Engine['names'] {
  return {
    async start() {
      names.start(() => [...everyone().filter(({ kind }) => kind === 'user'), ...members.all()]);
      await deciderNames.start(everyone);
    },
    stop() {
      names.stop();
      deciderNames.stop();
    },
  };
}

function linksOf(platforms: ReadonlyMap<string, Platform>): Engine['desk']['linkTo'] {
  return (receipt) => platforms.get(receipt.platform)?.linkTo?.(receipt) ?? null;
}

function isGroup({ kind }: Reviewer): boolean {
  return kind === 'group';
}

function consequencesFrom(backends: ReadonlyMap<string, Backend>, log: Log): Shared['consequences'] {
  return (approval) => {
    try {
      return backends.get(approval.pause.backend)?.consequences?.(approval);
    } catch (thrown) {
      // A row of another version: its card is worth more than this line.
      log.warn({ approval: approval.id, err: coerceError(thrown) }, 'the consequences of a decision are not known');
      return undefined;
    }
  };
}
