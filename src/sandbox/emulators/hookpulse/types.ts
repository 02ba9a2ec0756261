import type { HttpFault } from '../shared/http-faults.ts';
import type { Journal } from '../shared/journal.ts';

/** The API's two actions. */
export type HookPulseAction = 'approve' | 'reject';

/** A step of a workflow; steps without approval run automatically and succeed. Field names are the API's. */
export interface HookPulseStep {
  step_identifier: string;
  /** Default true: the step waits for approval. */
  human_approval_required?: boolean;
  /** Seconds between this step and the next (default 0). */
  delay_to_next_step?: number;
  /** Where approval leads (default: the step after this one); an earlier step makes a loop. */
  on_success_next_step_identifier?: string;
  /** Where rejection leads (default: `onReject` of the plan). */
  on_fail_next_step_identifier?: string;
  /** The call that the step makes (default: a POST to an invented address, without parameters); null: none. */
  webhook?: Partial<HookPulseWebhook> | null;
  /** `{ field, operator, value }` each. */
  execution_conditions?: unknown;
}

/** The call of a step, in the API's names. */
export interface HookPulseWebhook {
  webhook_name: string;
  method: string;
  domain: { protocol: string; domain: string };
  path: string;
  headers_json: unknown;
  query_params_json: unknown;
  request_body_json: unknown;
}

/** A brand of the account, with its own key. */
export interface HookPulseBrand {
  apiKey: string;
  /** A key that may list but not decide: 403. */
  readOnlyApiKey: string;
  brandUuid: string;
}

/** A running workflow to add to the emulator; omitted fields get plausible values. */
export interface HookPulseSeed {
  /** A UUID. */
  executionPlanUuid?: string;
  workflowUuid?: string;
  workflowName?: string;
  workflowDescription?: string;
  /** The UUID of a brand of the emulator (default: the first). */
  brand?: string;
  /** Milliseconds since 1970 (default now). */
  insertedAt?: number;
  /** Default: one approval step. */
  steps?: HookPulseStep[];
  /** What a rejection does where the step names no branch: end the plan, or go on (default `stop`). */
  onReject?: 'stop' | 'next';
}

/** What the owner of a workflow may edit while one of its steps waits. */
export interface HookPulseEdit {
  workflowName?: string;
  /** Of the waiting step. */
  step?: Partial<HookPulseStep>;
  /** A step without approval is inserted before the waiting one, whose position thereby changes. */
  stepBefore?: string;
}

/** A plan's current state. */
export interface HookPulsePlan {
  executionPlanUuid: string;
  workflowUuid: string;
  workflowName: string;
  brand: string;
  /** `active`: between two steps. `completed` and `stopped` are invented: the real values are not documented. */
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
  /** The headers `x-hookpulse-api-key`, `x-brand-uuid`, `accept` and `content-type`, as far as they were sent. */
  headers: Record<string, string>;
  /** The parsed body; its text if it is not JSON; null if there is none. */
  body: unknown;
  /** 0 when a fault left the request without an answer. */
  status: number;
  /** Whether the action decided a step: true at most once per waiting step. */
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

/** The response to an action on a plan that is not waiting; the real one is not documented. */
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
  /** The brand's IANA time zone (default `Asia/Kolkata`, whose offset is not a whole number of hours). */
  timezone?: string;
  /** Default `soft`: 200 with `success: false`. */
  doubleAction?: DoubleAction;
  /** Requests per hour (default 1000). */
  rateLimit?: number;
  /** Milliseconds that one second of `delay_to_next_step` takes (default 0: at once); `by_hand` waits for `advance`. */
  msPerDelaySecond?: number | 'by_hand';
  /** The name of a plan's key in the list: the reference mentions both (default `execution_plan_uuid`). */
  keyField?: 'execution_plan_uuid' | 'execution_plan_id';
  /** How many brands there are, each with its own key and hourly limit (default 1). */
  brands?: number;
  /** Keys of plans and workflows are digits, and numbers on the wire (default false). */
  numericIds?: boolean;
  /** Time stamps are UTC and have no zone (default false). */
  zoneless?: boolean;
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
  /** All of them; the first is the one above. */
  readonly brands: readonly HookPulseBrand[];
  readonly journal: Journal<HookPulseEntry>;
  doubleAction: DoubleAction;
  pageSize: number;
  timezone: string;
  /** What is left of the first brand's requests in this hour; change it with `setRate`. */
  readonly rate: Readonly<HookPulseRate>;
  setRate(rate: Partial<HookPulseRate>): void;
  /** All plans, including ended ones, in order of creation. */
  plans(): HookPulsePlan[];
  /** Starts a plan; it runs to its first approval step. */
  seed(seed?: HookPulseSeed): HookPulsePlan;
  /**
   * Ends the current delay of an `active` plan.
   * @throws Error when no such plan is active.
   */
  advance(executionPlanUuid: string): HookPulsePlan;
  /**
   * Decides the waiting step as HookPulse's dashboard would.
   * @throws Error when no such plan waits.
   */
  decideInDashboard(executionPlanUuid: string, action: HookPulseAction): HookPulsePlan;
  /**
   * Edits the workflow, as its owner may before a decision.
   * @throws Error when no such plan waits.
   */
  rewrite(executionPlanUuid: string, edit: HookPulseEdit): HookPulsePlan;
  /**
   * From now on the list shows the plan with these fields, which need not have their documented types; null: as it is.
   * A field that is undefined is left out. A plan that does not wait is listed, too.
   */
  listAs(executionPlanUuid: string, fields: Record<string, unknown> | null): void;
  /** Refuses the keys of a brand with 401 from now on. */
  refuse(brandUuid: string): void;
  /**
   * Changes the list between pages: after each of the next `times` (default 1) pages that have a next one, the first
   * plan of that page leaves (so the reader misses one plan), or a new plan arrives (so the reader sees one twice).
   */
  drift(how: 'leave' | 'arrive', times?: number): void;
  /**
   * Plans a fault for the next `times` (default 1) requests to a path such as `/v1/api/human_approval_action/`;
   * a trailing slash is ignored.
   */
  fail(path: string, fault: HookPulseFault, times?: number): void;
  /** Removes all planned faults. */
  heal(): void;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
