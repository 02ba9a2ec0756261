/**
 * The one list of backends, platforms and sources of schedules. A new one is a folder with `index.ts` and `settings.ts`, and
 * an entry here.
 */
import type { z } from 'zod';
import * as hookpulse from './backends/hookpulse/settings.ts';
import * as inbox from './backends/inbox/settings.ts';
import type { RuntypeOptions } from './backends/runtype/index.ts';
import * as runtype from './backends/runtype/settings.ts';
import * as sonzai from './backends/sonzai/settings.ts';
import type { PlatformIds } from './core/policy/reviewers.ts';
import type { ScheduleSource } from './core/policy/schedules/source.ts';
import type { ProxyEnv, SharedSettings } from './core/ports/adapter.ts';
import type { BufferBudget } from './core/ports/buffer-budget.ts';
import type { ApiPart } from './core/ports/http/api-part.ts';
import type { Metrics } from './core/ports/metrics.ts';
import type {
  Backend,
  CallGuard,
  Clock,
  Fleet,
  Intake,
  Log,
  Platform,
  Press,
  PressAnswer,
  Store,
} from './core/ports/ports.ts';
import type { Parsed } from './core/text/settings/setting.ts';
import * as discord from './platforms/discord/settings.ts';
import * as slack from './platforms/slack/settings.ts';
import * as ical from './schedules/ical/settings.ts';
import * as opsgenie from './schedules/opsgenie/settings.ts';
import * as pagerduty from './schedules/pagerduty/settings.ts';

/** What the bot gives a backend. */
export interface BackendDeps {
  intake: Intake;
  store: Pick<Store, 'list' | 'awaited' | 'onJobsAdded' | 'openRuns'>;
  /** The other replicas that work on it. */
  fleet: Fleet;
  /** Patterns of the tools that people answer, as the policy says now; empty: all. */
  questionTools: () => readonly string[];
  /** For decisions over the API. */
  onPress: (press: Press) => Promise<PressAnswer>;
  /** Slows wrong secrets down, and limits calls. */
  guard: CallGuard;
  /** Of the database: for keyed hashes that are stored in it. */
  secret: string;
  /** Null: connections are direct. */
  proxy: ProxyEnv | null;
  /** For what is kept for callers. */
  buffers: BufferBudget;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Spans are recorded: the trace of a request is kept with what it asks. */
  traced: boolean;
  /** For tests: in place of each backend's own. */
  timeouts: NonNullable<RuntypeOptions['timeouts']>;
  /** For tests: callbacks may go to this machine, without TLS. */
  allowLoopback: boolean;
}

/** What the bot gives a platform. */
export interface PlatformDeps {
  /** Whether cards go by direct message, too, as the policy says now. */
  direct: () => boolean;
  /** Names of the runs that a command can start, at the start. */
  runs: readonly string[];
  /** Names of the backends, which lists can be filtered by. */
  filters: readonly string[];
  /** Null: connections are direct. */
  proxy: ProxyEnv | null;
  /** For what is kept for callers. */
  buffers: BufferBudget;
  /** Slows wrong secrets down. */
  guard: CallGuard;
  /** Which replica does what. */
  fleet: Pick<Fleet, 'hold' | 'size'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

/** What the bot gives a source of schedules. */
export interface ScheduleDeps {
  /** Null: connections are direct. */
  proxy: ProxyEnv | null;
  clock: Clock;
  /** For tests: calendars may be on this machine, without TLS. */
  allowLoopback: boolean;
}

interface AnyConfig {
  secrets: readonly string[];
  /** Why its callers are on other machines, in a few words; null or absent: they need not be. */
  exposedBy?: string | null;
  /** Files that hold secrets. */
  secretFiles?: readonly string[];
}

interface BackendConfig extends AnyConfig {
  /** Whether it can bring approvals. */
  enabled: boolean;
  /** The names of keys that the policy file may let name a requester. Absent: none. */
  requesters?: readonly string[];
}

interface PlatformConfig extends AnyConfig {
  /** Where cards are posted. Null: by direct message only. */
  channel: string | null;
}

/** An adapter as it is configured. */
export interface Configured<Config, Deps, Made> {
  name: string;
  config: Config;
  /** Loads its code, which is not loaded where it is not configured: a platform's library takes half a second. */
  load(): Promise<(deps: Deps) => Made>;
}

export interface Adapter<Config, Deps, Made> {
  name: string;
  /** What has to be set when none of its kind is configured. */
  needs: string;
  /** The zod shape of its settings. */
  settings: z.ZodRawShape;
  /** Whether it can say who asked for what it brings. Default: no. */
  namesRequesters?: boolean;
  /**
   * @param set the parsed settings
   * @param problems gets what is wrong, each with its setting and what to do
   * @returns null when it is not configured
   */
  read(set: object, shared: SharedSettings, problems: string[]): Configured<Config, Deps, Made> | null;
}

export type BackendAdapter = Adapter<BackendConfig, BackendDeps, Backend>;
export type PlatformAdapter = Adapter<PlatformConfig, PlatformDeps, Platform>;
export type ScheduleAdapter = Adapter<AnyConfig, ScheduleDeps, ScheduleSource>;

/** What the OpenAPI document has of the backends, whichever are configured. Loaded when it is asked for. */
export async function apiParts(): Promise<readonly ApiPart[]> {
  const [{ inboxPart }, { ingestPart }] = await Promise.all([
    import('./backends/inbox/index.ts'),
    import('./backends/runtype/index.ts'),
  ]);
  return [inboxPart(), ingestPart()];
}

export const backends: readonly BackendAdapter[] = [
  adapter({
    name: 'runtype',
    ...runtype,
    async load(config) {
      const { createRuntype } = await import('./backends/runtype/index.ts');
      return (deps: BackendDeps) => createRuntype({ ...config, ...deps, awaitTools: deps.questionTools });
    },
  }),
  adapter({
    name: 'inbox',
    ...inbox,
    async load(config) {
      const { createInbox } = await import('./backends/inbox/index.ts');
      return (deps: BackendDeps) => createInbox({ ...config, ...deps });
    },
  }),
  adapter({
    name: 'sonzai',
    ...sonzai,
    async load(config) {
      const { createSonzai } = await import('./backends/sonzai/index.ts');
      return (deps: BackendDeps) => createSonzai({ ...config, ...deps });
    },
  }),
  adapter({
    name: 'hookpulse',
    ...hookpulse,
    async load(config) {
      const { createHookPulse } = await import('./backends/hookpulse/index.ts');
      return (deps: BackendDeps) => createHookPulse({ ...config, ...deps });
    },
  }),
];

/** For the checks of a policy file: all, and those that can say who asked. */
export const backendNames = {
  backends: backends.map(({ name }) => name),
  naming: backends.flatMap(({ name, namesRequesters }) => (namesRequesters ? [name] : [])),
};

export const platforms: readonly PlatformAdapter[] = [
  adapter({
    name: 'slack',
    ...slack,
    async load(config) {
      const { createSlack } = await import('./platforms/slack/index.ts');
      return (deps: PlatformDeps) => createSlack({ ...config, ...deps });
    },
  }),
  adapter({
    name: 'discord',
    ...discord,
    async load(config) {
      const { createDiscord } = await import('./platforms/discord/index.ts');
      return (deps: PlatformDeps) => createDiscord({ ...config, ...deps });
    },
  }),
];

/** Each is used where the policy has a schedule of its kind, which is its name. */
export const schedules: readonly ScheduleAdapter[] = [
  adapter({
    name: 'ical',
    ...ical,
    async load(config) {
      const { createIcal } = await import('./schedules/ical/index.ts');
      return (deps: ScheduleDeps) => createIcal({ ...config, ...deps });
    },
  }),
  adapter({
    name: 'pagerduty',
    ...pagerduty,
    async load(config) {
      const { createPagerDuty } = await import('./schedules/pagerduty/index.ts');
      return (deps: ScheduleDeps) => createPagerDuty({ ...config, ...deps });
    },
  }),
  adapter({
    name: 'opsgenie',
    ...opsgenie,
    async load(config) {
      const { createOpsgenie } = await import('./schedules/opsgenie/index.ts');
      return (deps: ScheduleDeps) => createOpsgenie({ ...config, ...deps });
    },
  }),
];

/** What the IDs of each platform look like. */
export const ids: readonly PlatformIds[] = [slack.ids, discord.ids];

/** One entry, with the types of its own settings hidden, so that all fit in one list. */
function adapter<Shape extends z.ZodRawShape, Config extends Common, Common, Deps, Made>(entry: {
  name: string;
  needs: string;
  settings: Shape;
  namesRequesters?: boolean;
  read(set: Parsed<Shape>, shared: SharedSettings, problems: string[]): Config | null;
  load(config: Config): Promise<(deps: Deps) => Made>;
}): Adapter<Common, Deps, Made> {
  const { name, needs, settings, namesRequesters = false, read, load } = entry;
  return {
    name,
    needs,
    settings,
    namesRequesters,
    read(set, shared, problems) {
      // Safe: `set` was parsed with a schema that holds these settings.
      const config = read(set as Parsed<Shape>, shared, problems);
      return config && { name, config, load: () => load(config) };
    },
  };
}
