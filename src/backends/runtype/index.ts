import { setMaxListeners } from 'node:events';
import type { Backend, Clock, Intake, Log } from '../../core/ports/ports.ts';
import { toolFilter } from '../../core/text/glob.ts';
import { createTransport, DEFAULT_TIMEOUTS, type Timeouts } from '../shared/transport.ts';
import { createCheck } from './check.ts';
import { createDecide } from './decide/decide.ts';
import { runPause } from './decide/start-run.ts';
import { createGateway } from './gateway/gateway.ts';
import { createHttp } from './http.ts';
import { createIngest } from './ingest.ts';
import { BACKEND } from './pause/pause.ts';
import { RunFactsCache } from './pause/run-facts.ts';
import { createVerifier } from './signature.ts';
import { resumable } from './stream/checkpoint.ts';
import { ContinuationHub } from './stream/continuation-hub.ts';
import { createSessions } from './stream/sessions.ts';

export interface RuntypeOptions {
  /** An origin: `https://api.runtype.com`. */
  url: string;
  /** Answers pauses. Null: every decision is refused, with words that say so. */
  apiKey: string | null;
  gateway: {
    /** Whose streams make cards; anybody's on a loopback address. */
    keys: readonly string[] | 'any';
  };
  /** Whether applications' responses stay open at a pause (default: on), and how long at the most (ms, default one hour). */
  hold?: { on: boolean; maxMs?: number };
  /** Patterns of the tools whose outputs people give; none, or empty: all. */
  awaitTools?: readonly string[];
  /** Of Standard Webhooks, `whsec_…`; null: ingest is off. */
  ingestSecret: string | null;
  /** What a person writes beside yes or no to an await is also sent as a user's message. */
  noteAsMessage: boolean;
  intake: Intake;
  clock: Clock;
  log: Log;
  timeouts?: Partial<Timeouts>;
}

/**
 * Runtype. Nothing there lists pauses: whoever holds a run's stream is the only one who learns of them. They come from
 * applications' streams through the gateway, from signed deliveries, and from the streams that our own decisions open.
 * @throws SetupError
 */
export function createRuntype(options: RuntypeOptions): Backend {
  const { intake, clock, apiKey, hold = { on: true } } = options;
  const log = options.log.child({ backend: BACKEND });
  const timeouts: Timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const transport = createTransport(options.url, timeouts);
  const memory = new RunFactsCache();
  const hub = new ContinuationHub();
  const releasing = new AbortController();
  // One listener per held response is no leak.
  setMaxListeners(0, releasing.signal);
  const forPeople = toolFilter(options.awaitTools ?? []);
  const reading = { transport, memory, hub, intake, clock, log, timeouts, forPeople };
  const sessions = createSessions({ ...reading, apiKey });
  const shared = { ...reading, sessions };
  const verify = options.ingestSecret === null ? null : createVerifier(options.ingestSecret);

  return {
    name: BACKEND,
    title: 'Runtype',
    // A second decision of an approval is refused with the first one; a second resume of a run may answer its next pause.
    resendable: (group) => group.every(({ pause }) => pause.kind === 'approval'),
    decide: createDecide({ ...shared, apiKey, noteAsMessage: options.noteAsMessage }),
    ...createCheck(transport, apiKey, timeouts),
    http: createHttp({
      gateway: createGateway({ ...shared, keys: options.gateway.keys, hold, releasing: releasing.signal }),
      ingest: createIngest({ ...shared, verify }),
      release: () => releasing.abort(),
      log,
    }),
    runPause,
    reconcile(approvals, runs) {
      // Without a key of ours nothing there can be read.
      if (apiKey === null) return [];
      const resumed = resumable(approvals, runs, () => `stream:${clock.id()}`);
      for (const { about, row, quiet } of resumed) void sessions.continueFrom(about, row, quiet);
      if (resumed.length > 0) log.info({ runs: resumed.length }, 'runs of an earlier process are read on');
      return resumed.map(({ runId }) => runId);
    },
    async stop() {
      releasing.abort();
      await sessions.stop();
      transport.close();
    },
  };
}
