import type { HttpFault } from '../shared/http-faults.ts';
import type { Journal } from '../shared/journal.ts';

/** The two words of the wire. */
export type HookPulseAction = 'approve' | 'reject';

/** A step of a workflow; every one but an approval runs by itself and succeeds. Names are the wire's. */
export interface HookPulseStep {
  step_identifier: string;
  /** Default true: the step waits for a person. */
  human_approval_required?: boolean;
  /** Seconds between this step and the next (default 0). */
  delay_to_next_step?: number;
  /** Where approval leads (default: the step after this one); an earlier step makes a loop. */
  on_success_next_step_identifier?: string;
  /** Where rejection leads (default: `onReject` of the plan). */
  on_fail_next_step_identifier?: string;
}

/** A running workflow to put into the emulator; what is left out gets a plausible value. */
export interface HookPulseSeed {
  /** A UUID. */
  executionPlanUuid?: string;
  workflowUuid?: string;
  workflowName?: string;
  /** Milliseconds since 1970 (default now). */
  insertedAt?: number;
  /** Default: one approval step. */
  steps?: HookPulseStep[];
  /** What a rejection does where the step names no branch: end the plan, or go on (default `stop`). */
  onReject?: 'stop' | 'next';
}

/** A plan as it stands now. */
export interface HookPulsePlan {
  executionPlanUuid: string;
  workflowUuid: string;
  workflowName: string;
  /** `active`: between two steps. The last two words are ours: no page tells the real ones. */
  status: 'waiting_approval' | 'active' | 'completed' | 'stopped';
  /** The step that waits, or that comes after the delay; null when there is none. */
  stepIdentifier: string | null;
  workflowIndex: number | null;
  decisions: {
    stepIdentifier: string;
    workflowIndex: number;
    action: HookPulseAction;
    by: 'api' | 'dashboard';
    at: number;
  }[];
}

/** One request the emulator answered, in order. */
export interface HookPulseCall {
  kind: 'call';
  at: number;
  method: string;
  /** Without the query, as it was sent. */
  path: string;
  query: Record<string, string>;
  /** Those of `x-hookpulse-api-key`, `x-brand-uuid`, `accept` and `content-type` that were sent. */
  headers: Record<string, string>;
  /** The parsed body; its text where it is no JSON; null where there is none. */
  body: unknown;
  /** 0 when a fault left the request without an answer. */
  status: number;
  /** An action that decided a step: at most one per step that waited has this set. */
  effect: boolean;
}

/** A plan began to wait, was decided, moved on, or ended. */
export interface HookPulseChange {
  kind: 'change';
  at: number;
  executionPlanUuid: string;
  status: HookPulsePlan['status'];
  stepIdentifier: string | null;
  by: 'seed' | 'api' | 'dashboard' | 'workflow';
}

export type HookPulseEntry = HookPulseCall | HookPulseChange;

export type HookPulseFault = HttpFault;

/** What a plan that is not waiting (any more) answers to an action: no page tells. */
export type DoubleAction = 'soft' | 'not_found' | 'bad_request' | 'conflict';

/** Requests per hour, counted in windows of one hour. */
export interface HookPulseRate {
  limit: number;
  remaining: number;
  /** End of the window, in milliseconds since 1970. */
  resetAt: number;
}

export interface HookPulseOptions {
  port?: number;
  /** Items on one page (default 10). */
  pageSize?: number;
  /** The brand's IANA zone (default `Asia/Kolkata`, which is no whole number of hours off). */
  timezone?: string;
  /** Default `soft`: 200 with `success: false`. */
  doubleAction?: DoubleAction;
  /** Requests per hour (default 1000). */
  rateLimit?: number;
  /** Milliseconds that one second of `delay_to_next_step` takes (default 0: at once); `by_hand` waits for `advance`. */
  msPerDelaySecond?: number | 'by_hand';
  /** What a list calls a plan's key: the reference's notes have the second name (default `execution_plan_uuid`). */
  keyField?: 'execution_plan_uuid' | 'execution_plan_id';
  /** The clock of time stamps and rates, in milliseconds since 1970 (default `Date.now`). */
  now?: () => number;
}

export interface HookPulseEmulator {
  /** For `HOOKPULSE_API_URL`: an origin, without a path. */
  readonly url: string;
  readonly apiKey: string;
  /** A key that may list but not decide: 403. */
  readonly readOnlyApiKey: string;
  readonly brandUuid: string;
  readonly journal: Journal<HookPulseEntry>;
  doubleAction: DoubleAction;
  pageSize: number;
  timezone: string;
  /** What is left of the hour's requests; change it with `setRate`. */
  readonly rate: Readonly<HookPulseRate>;
  setRate(rate: Partial<HookPulseRate>): void;
  /** Every plan as it is now, ended ones included, in the order they were made. */
  plans(): HookPulsePlan[];
  /** Starts a plan, which runs to its first approval step. */
  seed(seed?: HookPulseSeed): HookPulsePlan;
  /**
   * Ends the delay that an `active` plan is in, whatever is left of it.
   * @throws Error when no such plan is active.
   */
  advance(executionPlanUuid: string): HookPulsePlan;
  /**
   * Decides the step that waits as if somebody did so in HookPulse's own dashboard.
   * @throws Error when no such plan waits.
   */
  decideInDashboard(executionPlanUuid: string, action: HookPulseAction): HookPulsePlan;
  /**
   * The list changes under the reader: after each of the next `times` (default 1) pages that have a next one, the first
   * plan of that page leaves (so one plan slips through between the pages), or a new plan arrives (so one shows twice).
   */
  drift(how: 'leave' | 'arrive', times?: number): void;
  /**
   * What goes wrong with the next `times` (default 1) requests to a path such as `/v1/api/human_approval_action/`;
   * the last slash does not matter.
   */
  fail(path: string, fault: HookPulseFault, times?: number): void;
  /** Forgets the faults that still wait. */
  heal(): void;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
