/** What the engine is made of, and what it is. Tested in test/engine/engine.test.ts. */
import type { Approval } from '../core/approval/approval.ts';
import type { Place, Receipt } from '../core/approval/parts/slot.ts';
import type { Secrets } from '../core/approval/pause/redact.ts';
import type { PlatformIds } from '../core/policy/reviewers.ts';
import type { Lookups } from '../core/policy/rules/belonging.ts';
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import type { Policy } from '../core/policy/rules/policy.ts';
import type { ScheduleSource } from '../core/policy/schedules/source.ts';
import type { ReachFailPoint } from '../core/ports/fail-points.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Backend, Clock, Fleet, Handlers, Intake, Log, Platform, Store } from '../core/ports/ports.ts';
import type { Traces } from '../core/ports/tracing/traces.ts';
import type { Consequences } from '../core/view/card.ts';
import type { FormSettings } from '../core/view/forms/form-rule.ts';
import type { OperatorStatus } from '../core/view/operators/status-text.ts';
import type { Apply, OnCommitted } from './apply.ts';
import type { DeciderNames } from './background/decider-names.ts';
import type { HomeTabsWorker } from './background/home-tabs.ts';
import type { createHousekeeping } from './background/housekeeping.ts';
import type { Members } from './background/members.ts';
import type { Readers } from './background/readers.ts';
import type { Schedules } from './background/schedules.ts';
import type { Duties } from './duties.ts';
import type { Alerts } from './observe/alerts.ts';
import type { Health } from './observe/health.ts';
import type { LoopLag } from './observe/loop-lag.ts';
import type { DeadLetters } from './operators/dead-letters.ts';
import type { StopSwitch } from './operators/stop.ts';
import type { StopEffects } from './operators/stop-effects.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { Presence } from './recovery/presence.ts';
import type { Recovered } from './recovery/recover.ts';
import type { Recovery } from './recovery/recovery.ts';
import type { Standing } from './standing/standing.ts';

export interface EngineDeps {
  store: Store;
  platforms: ReadonlyMap<string, Platform>;
  /** Builds the backends on what takes their deliveries, the presses that come in through them, and what they may read. */
  backends: (intake: Intake, onPress: Handlers['onPress'], store: Store) => readonly Backend[];
  /** Where cards go, who may decide, and which runs can be started. `setPolicy` replaces it. */
  policy: PolicyDocument;
  /** Where the policy's schedules are looked up. Default: nowhere. */
  scheduleSources?: readonly ScheduleSource[];
  /** Who is on duty, in place of the schedules; which accounts confirmed each other. Default: it is not known. */
  lookups?: Partial<Omit<Lookups, 'isMember'>>;
  /** What accounts look like, for requesters that callers name. Default: none is known. */
  ids?: readonly PlatformIds[];
  /** The replicas that work on the store. Default: this one alone. */
  fleet?: Fleet;
  clock: Clock;
  log: Log;
  metrics?: Metrics;
  /** Default: no spans are recorded. */
  traces?: Traces | undefined;
  /** The version of this program, for operators. Null: not known. */
  release: string | null;
  /** Names all settings, so that another text means other settings. Null or absent: not known. */
  setup?: string | null;
  settings?: Partial<EngineSettings>;
  failPoint?: ReachFailPoint | undefined;
  /** Of the settings and the policy as they are now: what replicas must have in common. Default: it is not compared. */
  fingerprint?: () => string;
  /** For tests: in place of alerts that are logged and posted. */
  alerts?: Alerts;
}

/** Each is optional; without the lists and times nothing is masked, grouped, mentioned, alerted or archived. */
export interface EngineSettings {
  /** What is masked in everything that backends deliver, until `setPolicy` says it. */
  masked: Secrets;
  forms: FormSettings;
  /** What a card does not show is read in *Details* before it is approved; default: yes. */
  readFirst: boolean;
  /** *Show* opens masked values; default: yes. */
  reveal: boolean;
  /** A run that has been silent for so long gets its next card in the room itself, ms; null: in its thread. */
  resurfaceAfterMs: number | null;
  /** Where alerts are posted. */
  alertPlaces: readonly Place[];
  /** How long settled approvals stay out of the archive, ms; null: always. */
  retentionMs: number | null;
  /** How many approvals of one source may be open at once; default: `OPEN_MAX` of `ingest/source-limits.ts`. */
  openMax: number;
  /** For tests: with how many unfinished approvals these are recovered before anything starts; default: `FEW`. */
  recoveredFirst: number;
  /** For tests: the pace of the health checks, times this; default 1. */
  healthPace: number;
}

/** Parts have their own start and stop: the caller owns the order. */
export interface Engine {
  apply: Apply;
  policy: Policy;
  /**
   * Takes another document; resolves once what is open follows it, and the members of its groups are looked up.
   * @param masked what it masks, from now on; default: as before
   */
  setPolicy(document: PolicyDocument, masked?: Secrets): Promise<void>;
  intake: Intake;
  backends: readonly Backend[];
  handlers: Handlers;
  outbox: Outbox;
  members: Members;
  schedules: Schedules;
  /** The start waits a short time for the names of those who may decide. */
  names: { start(): Promise<void>; stop(): void };
  homeTabs: HomeTabsWorker;
  housekeeping: ReturnType<typeof createHousekeeping>;
  alerts: Alerts;
  stopSwitch: StopSwitch;
  /** What the page of operators reads, and its one action. */
  desk: Desk;
  /** Standing answers of people. */
  standing: Standing;
  /** Started after `recover`. */
  stopEffects: StopEffects;
  health: Health;
  lag: LoopLag;
  duties: Duties;
  /**
   * Takes over what the last process left in the middle; call it before anything is started. Where that is much, the rest of it
   * is left to `recovery.rest()`.
   */
  recover(): Promise<Recovered>;
  /** Joined before `recover`, started after it, and stopped last. */
  presence: Pick<Presence, 'join' | 'start' | 'stop'>;
  recovery: Pick<Recovery, 'rest' | 'complete' | 'stop' | 'adopt'>;
  /** Resolves once no continuation stream is read any more. */
  followed(): Promise<unknown>;
}

/** For people who look at everything without a platform. */
export interface Desk extends Pick<Shared, 'backendTitle' | 'consequences' | 'deciders'> {
  /** The address of a message, for people who may open it there; null: there is none. */
  linkTo: (receipt: Receipt) => string | null;
  status: () => Promise<OperatorStatus>;
  deadLetters: DeadLetters;
}

/** What the parts of the engine share. */
export interface Shared {
  store: Store;
  fleet: Fleet;
  duties: Duties;
  apply: Apply;
  policy: Policy;
  platforms: ReadonlyMap<string, Platform>;
  readers: Readers;
  backendTitle: (backend: string) => string;
  consequences: (approval: Approval) => Consequences | undefined;
  deciders: DeciderNames['of'];
  stopped: StopSwitch['current'];
  standing: Standing;
  clock: Clock;
  log: Log;
  onCommitted: OnCommitted;
  settings: Partial<EngineSettings>;
}
