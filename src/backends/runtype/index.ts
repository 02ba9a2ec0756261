import { setMaxListeners } from 'node:events';
import { stillWaits } from '../../core/approval/steps/transitions.ts';
import type { ProxyEnv } from '../../core/ports/adapter.ts';
import { BufferBudget } from '../../core/ports/buffer-budget.ts';
import { type BackendCall, type Metrics, noMetrics } from '../../core/ports/metrics.ts';
import type { Backend, CallGuard, Clock, Intake, Log, Store } from '../../core/ports/ports.ts';
import { toolFilter } from '../../core/text/glob.ts';
import { measured } from '../shared/http/measured.ts';
import { createJsonClient, JSON_TIMEOUTS } from '../shared/json-client.ts';
import { createTransport, DEFAULT_TIMEOUTS, type Timeouts } from '../shared/transport.ts';
import { CHECK_PATH, createCheck } from './check.ts';
import { runtypeCheckups } from './checkups.ts';
import { consequencesOf } from './decide/consequences.ts';
import { createDecide, resendable } from './decide/decide.ts';
import { runPause } from './decide/start-run.ts';
import { createGateway } from './gateway/gateway.ts';
import { createHttp } from './http.ts';
import { createAdmission, createIngest } from './ingest.ts';
import { createOpenerHash } from './pause/opener.ts';
import { BACKEND, rememberPause } from './pause/pause.ts';
import { rememberRun } from './pause/remember-run.ts';
import { RunFactsCache } from './pause/run-facts.ts';
import { createVerifier } from './signature.ts';
import { ContinuationHub } from './stream/continuation-hub.ts';
import { createHeldLanes, type HeldAmong } from './stream/held-lanes.ts';
import { recordedRuns, resumableRuns } from './stream/resumable-runs.ts';
import { createSessions } from './stream/sessions.ts';
import { createWebsiteChats, type WebsiteOptions } from './website/chats.ts';

export { ingestPart } from './api-part.ts';

export interface RuntypeOptions {
  /** An origin: `https://api.runtype.com`. */
  url: string;
  /** Answers pauses. Null: every decision is refused, with a message that names the setting. */
  apiKey: string | null;
  /** For the hashes of callers' credentials, which are stored: the same after a restart. */
  secret: string;
  gateway: {
    /** The keys whose streams get cards. */
    keys: readonly string[] | 'any';
    /** The names of those of them that have one. */
    names?: ReadonlyMap<string, string>;
  };
  /** The websites whose chats get cards. Absent: none. */
  website?: WebsiteOptions;
  /** Whether applications' responses stay open at a pause (default: on), and for how long at most (ms, default one hour). */
  hold?: { on: boolean; maxMs?: number };
  /** Whether applications may decide by calls of their own. Default: they may. */
  applicationDecides?: boolean;
  /** Patterns of the tools whose outputs people give, now; absent or empty: all. */
  awaitTools?: () => readonly string[];
  /** A Standard Webhooks secret, `whsec_…`; null: ingest is off. */
  ingestSecret: string | null;
  /** The note beside a yes or no to an await is also sent as a user's message. */
  noteAsMessage: boolean;
  /** Default: connections are direct. */
  proxy?: ProxyEnv | null;
  /** For what is kept for callers. Default: a budget of its own. */
  buffers?: BufferBudget;
  intake: Intake;
  /** The other replicas. Absent: there are none. */
  fleet?: HeldAmong;
  /** What those have read. Absent: nothing. */
  store?: Pick<Store, 'list' | 'openRuns'>;
  /** Slows wrong secrets down. */
  guard: CallGuard;
  clock: Clock;
  log: Log;
  /** Default: nothing is counted. */
  metrics?: Pick<Metrics, 'count' | 'observe'>;
  /** Spans are recorded. Default: no. */
  traced?: boolean;
  timeouts?: Partial<Timeouts>;
}

/**
 * Runtype. It has no list of pauses: only the reader of a run's stream sees them. They arrive on applications' streams
 * through the gateway, in signed deliveries, and on the streams that our own decisions open.
 * @throws SetupError
 */
export function createRuntype(options: RuntypeOptions): Backend {
  const { intake, clock, apiKey, hold = { on: true }, buffers = new BufferBudget() } = options;
  const log = options.log.child({ backend: BACKEND });
  const timeouts: Timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const { metrics = noMetrics } = options;
  const direct = createTransport(options.url, timeouts, options.proxy ?? null);
  const transport = measured(direct, callOf, { backend: BACKEND, clock, metrics });
  const forwarding = measured(direct, () => 'forward', { backend: BACKEND, clock, metrics });
  const runFacts = new RunFactsCache();
  const ingestedFacts = new RunFactsCache();
  const openerOf = createOpenerHash(options.secret);
  const among = createHeldLanes({ fleet: options.fleet, hashOf: (key) => openerOf('key', key), clock, log });
  const hub = new ContinuationHub(among);
  options.fleet?.onTold((word) => word.type === 'run' && hub.onTold(word));
  const releasing = new AbortController();
  // One listener for each held response is not a leak.
  setMaxListeners(0, releasing.signal);
  const forPeople = forPeopleBy(options.awaitTools ?? (() => []));
  const website = createWebsiteChats(options.website ?? { tokens: [], origins: [], visitorTools: [] }, {
    deliver: async (delivery) => void (await sessions.deliver(delivery)),
    openerOf,
    clock,
    log,
  });
  const chats = website === null ? {} : { chats: website.approvals };
  const { store } = options;
  const facts = { runFacts, ingestedFacts };
  const remember = among === null || store === undefined ? null : (runId: string) => rememberRun(runId, store, facts);
  const reading = {
    transport,
    runFacts,
    hub,
    intake,
    clock,
    log,
    timeouts,
    forPeople,
    ...chats,
    ingestedFacts,
    room: buffers,
  };
  const sessions = createSessions({ ...reading, apiKey });
  const shared = { ...reading, sessions, website };
  reportKeys(options, log);
  const verify = options.ingestSecret === null ? null : createVerifier(options.ingestSecret);

  return {
    name: BACKEND,
    title: 'Runtype',
    resendable,
    consequences: (approval) => consequencesOf(approval, options.noteAsMessage),
    decide: createDecide({ ...shared, apiKey, noteAsMessage: options.noteAsMessage }),
    ...createCheck(transport, apiKey, timeouts),
    checkups: () =>
      runtypeCheckups({
        apiKey,
        hasIngest: verify !== null,
        url: options.url,
        hasProxy: (options.proxy ?? null) !== null,
        callJson: createJsonClient(transport, { ...JSON_TIMEOUTS, ...options.timeouts }, { names: new Set() }),
        clock,
      }),
    http: createHttp({
      gateway: createGateway({
        ...shared,
        transport: forwarding,
        keys: options.gateway.keys,
        keyNames: options.gateway.names ?? new Map(),
        hold,
        releasing: releasing.signal,
        canReplay: apiKey !== null,
        ...(among !== null && { isOver: async (run: string) => (await intake.waiting(BACKEND, run)).length === 0 }),
        applicationDecides: options.applicationDecides ?? true,
        remember,
        openerOf,
        guard: options.guard,
        metrics,
        traced: options.traced ?? false,
      }),
      ingest: createIngest({ runFacts, ingestedFacts, intake, forPeople, clock, log, verify, guard: options.guard }),
      admit: createAdmission({ verify, guard: options.guard, clock }),
      buffers,
      release: () => releasing.abort(),
      log,
    }),
    runPause,
    reconcile(approvals, runs) {
      for (const approval of approvals) {
        const known = stillWaits(approval) ? rememberPause(approval, { runFacts, ingestedFacts }) : null;
        if (known !== null) website?.remember(approval, known);
      }
      // Without a key of ours no run can be read.
      if (apiKey === null) return [];
      const resumed = resumableRuns(approvals, runs, () => `stream:${clock.id()}`);
      for (const { context, row, wasPaused } of resumed) void sessions.continueFrom(context, row, wasPaused);
      if (resumed.length > 0) log.info({ runs: resumed.length }, 'reading the runs of an earlier process on');
      const resumedIds = new Set(resumed.map(({ runId }) => runId));
      const recorded = recordedRuns(approvals, (runId) => resumedIds.has(runId));
      for (const context of recorded) void sessions.readOn(context, null);
      return [...resumedIds, ...recorded.flatMap(({ run }) => run?.id ?? [])];
    },
    async stop() {
      releasing.abort();
      await sessions.stop();
      transport.close();
    },
  };
}

/** What our own calls are for. `read`: of a run, or of its record. */
function callOf({ method, path }: { method: string; path: string }): BackendCall {
  if (path === CHECK_PATH) return 'check';
  return method === 'POST' ? 'decide' : 'read';
}

/** Compiled again when the patterns are others. */
function forPeopleBy(patterns: () => readonly string[]): (tool: string) => boolean {
  let known = { patterns: patterns(), filter: toolFilter(patterns()) };
  return (tool) => {
    const newest = patterns();
    if (newest !== known.patterns) known = { patterns: newest, filter: toolFilter(newest) };
    return known.filter(tool);
  };
}

/** An application whose key is not among them gets its streams without cards, so the start says which are. */
function reportKeys({ gateway: { keys }, apiKey }: RuntypeOptions, log: Log): void {
  if (keys === 'any') {
    log.warn({}, 'GATEWAY_KEYS is *: every caller makes cards, also one that comes through a proxy on this machine');
  } else if (keys.length === 1 && keys[0] === apiKey) {
    log.info(
      {},
      'cards are made for streams opened with RUNTYPE_API_KEY; list the keys of other callers in GATEWAY_KEYS',
    );
  }
}
