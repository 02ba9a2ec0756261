import { cloneJson } from '../shared/exact-json.ts';
import type {
  HookPulseAction,
  HookPulseChange,
  HookPulseEdit,
  HookPulsePlan,
  HookPulseSeed,
  HookPulseStep,
} from './types.ts';

type Status = HookPulsePlan['status'];
type Decision = HookPulsePlan['decisions'][number];

export interface PlanOptions {
  msPerDelaySecond: number | 'by_hand';
  now: () => number;
  newId: () => string;
  /** Of a seed that names none. */
  brand: string;
  onChange: (change: Omit<HookPulseChange, 'kind' | 'at'>) => void;
}

/** One execution of a workflow: it runs to an approval step, waits for a person, and continues from there. */
export class Plan {
  readonly uuid: string;
  readonly workflowUuid: string;
  workflowName: string;
  readonly workflowDescription: string;
  readonly brand: string;
  /** What the list shows in place of its fields. */
  shownAs: Record<string, unknown> | null = null;
  readonly insertedAt: number;
  readonly #steps: HookPulseStep[];
  readonly #onReject: 'stop' | 'next';
  readonly #options: PlanOptions;
  readonly #decisions: Decision[] = [];
  #status: Status = 'active';
  /** Index of the waiting or the next step; null if there is none. */
  #index: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @throws Error if a branch names an unknown step */
  constructor(seed: HookPulseSeed, options: PlanOptions) {
    this.uuid = seed.executionPlanUuid ?? options.newId();
    this.workflowUuid = seed.workflowUuid ?? options.newId();
    this.brand = seed.brand ?? options.brand;
    this.workflowDescription = seed.workflowDescription ?? '';
    this.workflowName = seed.workflowName ?? 'Vendor payout';
    this.insertedAt = seed.insertedAt ?? options.now();
    this.#steps = cloneJson(seed.steps ?? [{ step_identifier: 'release_funds' }]);
    this.#onReject = seed.onReject ?? 'stop';
    this.#options = options;
    for (const step of this.#steps) {
      this.#find(step.on_success_next_step_identifier);
      this.#find(step.on_fail_next_step_identifier);
    }
  }

  get status(): Status {
    return this.#status;
  }

  get waitingAt(): { step: HookPulseStep; index: number } | null {
    const step = this.#index === null ? undefined : this.#steps[this.#index];
    return this.#status === 'waiting_approval' && step && this.#index !== null ? { step, index: this.#index } : null;
  }

  get steps(): readonly HookPulseStep[] {
    return this.#steps;
  }

  get state(): HookPulsePlan {
    return {
      executionPlanUuid: this.uuid,
      workflowUuid: this.workflowUuid,
      workflowName: this.workflowName,
      brand: this.brand,
      status: this.#status,
      stepIdentifier: this.#identifier,
      workflowIndex: this.#index,
      decisions: structuredClone(this.#decisions),
    };
  }

  start(): void {
    this.#run(0, 'seed');
  }

  /** @throws Error if no step waits for approval */
  decide(action: HookPulseAction, by: Decision['by']): void {
    const waiting = this.waitingAt;
    if (!waiting) throw new Error(`Plan ${this.uuid} does not wait for approval.`);
    const { step, index } = waiting;
    const at = this.#options.now();
    this.#decisions.push({ stepIdentifier: step.step_identifier, workflowIndex: index, action, by, at });
    if (action === 'approve') {
      this.#leave(this.#find(step.on_success_next_step_identifier) ?? index + 1, step.delay_to_next_step ?? 0, by);
      return;
    }
    const next = this.#find(step.on_fail_next_step_identifier) ?? (this.#onReject === 'next' ? index + 1 : null);
    if (next === null) this.#enter('stopped', null, by);
    else this.#leave(next, 0, by);
  }

  /** @throws Error if no step waits for approval */
  rewrite({ workflowName, step, stepBefore }: HookPulseEdit): void {
    const waiting = this.waitingAt;
    if (!waiting) throw new Error(`Plan ${this.uuid} does not wait for approval.`);
    this.workflowName = workflowName ?? this.workflowName;
    Object.assign(waiting.step, step);
    if (stepBefore !== undefined) {
      this.#steps.splice(waiting.index, 0, { step_identifier: stepBefore, human_approval_required: false });
    }
    this.#enter('waiting_approval', waiting.index + (stepBefore === undefined ? 0 : 1), 'workflow');
  }

  /** @throws Error if the plan is not in a delay */
  advance(): void {
    if (this.#status !== 'active' || this.#index === null) throw new Error(`Plan ${this.uuid} is not active.`);
    this.close();
    this.#run(this.#index, 'workflow');
  }

  /** Stops the delay; the plan stays as it is. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  get #identifier(): string | null {
    return this.#index === null ? null : (this.#steps[this.#index]?.step_identifier ?? null);
  }

  #find(identifier: string | undefined): number | null {
    if (identifier === undefined) return null;
    const index = this.#steps.findIndex((step) => step.step_identifier === identifier);
    if (index < 0) throw new Error(`Unknown step ${identifier}.`);
    return index;
  }

  #enter(status: Status, index: number | null, by: HookPulseChange['by']): void {
    this.#status = status;
    this.#index = index;
    this.#options.onChange({ executionPlanUuid: this.uuid, status, stepIdentifier: this.#identifier, by });
  }

  /** Moves to another step after a delay; past the last step the plan completes without it. */
  #leave(to: number, delaySeconds: number, by: Decision['by']): void {
    if (to >= this.#steps.length) {
      this.#enter('completed', null, by);
      return;
    }
    this.#enter('active', to, by);
    const { msPerDelaySecond } = this.#options;
    if (msPerDelaySecond === 'by_hand') return;
    const ms = delaySeconds * msPerDelaySecond;
    if (ms > 0) this.#timer = setTimeout(() => this.#run(to, 'workflow'), ms);
    else this.#run(to, 'workflow');
  }

  #run(from: number, by: HookPulseChange['by']): void {
    this.#timer = null;
    const index = this.#nextApproval(from);
    this.#enter(index === null ? 'completed' : 'waiting_approval', index, by);
  }

  /** Steps without approval run at once and succeed; their delays are skipped. */
  #nextApproval(from: number): number | null {
    let index = from;
    for (let ran = 0; ran <= this.#steps.length; ran += 1) {
      const step = this.#steps[index];
      if (!step) return null;
      if (step.human_approval_required ?? true) return index;
      index = this.#find(step.on_success_next_step_identifier) ?? index + 1;
    }
    throw new Error(`Plan ${this.uuid} loops without an approval step.`);
  }
}
