/** The templates of the workflows that wait, read rarely. Tested in test/backends/hookpulse/templates.test.ts. */
import type { Clock } from '../../core/ports/ports.ts';
import type { RateBudget } from './rate-budget.ts';
import type { Template } from './template.ts';

/** How long a template that was read is shown before it is read again, ms. Each decision reads it anew. */
export const TEMPLATE_LIFETIME_MS = 10 * 60_000;
/** Until a failed read is tried again, ms: doubled by each failure in a row, up to the lifetime. */
const FIRST_RETRY_MS = 1_000;
/** So many templates may be read at once after a pause. */
const BURST = 20;
const HOUR_MS = 3_600_000;

/** `unread`: not tried, or no answer. `refused`: HookPulse answered, and not with a template. */
export type TemplateState =
  | { type: 'read'; template: Template }
  | { type: 'unread' }
  | { type: 'refused'; status: number };

const UNREAD: TemplateState = { type: 'unread' };

/** `reason`, `retryAfterMs`: of a read that failed without an answer. */
export type TemplateRead =
  | Exclude<TemplateState, { type: 'unread' }>
  | { type: 'failed'; reason: string; retryAfterMs: number | null };

interface Entry {
  state: TemplateState;
  failures: number;
  /** When it is read again, ms since 1970. */
  dueAt: number;
}

export class Templates {
  readonly #read: (workflow: unknown, signal: AbortSignal) => Promise<TemplateRead>;
  readonly #allowance: Allowance;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** Another one where a state may have changed. */
  version = {};

  constructor(options: {
    read: (workflow: unknown, signal: AbortSignal) => Promise<TemplateRead>;
    /** Of the hourly requests, from 0 to 1. */
    share: number;
    budget: Pick<RateBudget, 'perHour' | 'remaining'>;
    clock: Clock;
  }) {
    this.#read = options.read;
    this.#clock = options.clock;
    this.#allowance = new Allowance(options.share, options.budget);
  }

  stateOf(workflow: string): TemplateState {
    return this.#entries.get(workflow)?.state ?? UNREAD;
  }

  /**
   * Reads those that are due, as far as the hourly budget and `signal` allow: first those that were never read.
   * @param workflows the IDs, as texts, and as they came
   */
  async refresh(workflows: ReadonlyMap<string, unknown>, signal: AbortSignal): Promise<void> {
    const due = [...workflows].filter(([id]) => (this.#entries.get(id)?.dueAt ?? 0) <= this.#clock.now());
    const isNew = (id: string) => Number(this.stateOf(id).type === 'unread');
    for (const [id, workflow] of due.sort(([one], [other]) => isNew(other) - isNew(one))) {
      if (signal.aborted || !this.#allowance.take(this.#clock.now())) return;
      await this.readNow(id, workflow, signal);
    }
  }

  /** Reads one right before a decision: that is paid from what polling leaves. */
  async readNow(id: string, workflow: unknown, signal: AbortSignal): Promise<TemplateRead> {
    const read = await this.#read(workflow, signal);
    const known = this.#entries.get(id);
    const failures = read.type === 'read' ? 0 : (known?.failures ?? 0) + 1;
    const wait = failures === 0 ? TEMPLATE_LIFETIME_MS : FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20);
    const dueAt = this.#clock.now() + Math.min(wait, TEMPLATE_LIFETIME_MS);
    // Without an answer, what was known stays.
    const state = read.type === 'failed' || isSameRefusal(read, known?.state) ? (known?.state ?? UNREAD) : read;
    this.#entries.set(id, { state, failures, dueAt });
    if (state !== known?.state) this.version = {};
    return read;
  }

  /** Forgets all others. */
  keep(workflows: ReadonlyMap<string, unknown>): void {
    for (const id of this.#entries.keys()) if (!workflows.has(id)) this.#entries.delete(id);
  }
}

function isSameRefusal(read: TemplateState, known: TemplateState | undefined): boolean {
  return read.type === 'refused' && known?.type === 'refused' && read.status === known.status;
}

/** A share of the hourly requests, that may be saved up to a burst. */
class Allowance {
  readonly #share: number;
  readonly #budget: Pick<RateBudget, 'perHour' | 'remaining'>;
  #saved = BURST;
  #at: number | null = null;

  constructor(share: number, budget: Pick<RateBudget, 'perHour' | 'remaining'>) {
    this.#share = share;
    this.#budget = budget;
  }

  take(now: number): boolean {
    const { perHour, remaining } = this.#budget;
    const earned = ((now - (this.#at ?? now)) * perHour * this.#share) / HOUR_MS;
    this.#at = now;
    this.#saved = Math.min(BURST, this.#saved + Math.max(0, earned), perHour * this.#share);
    // Of what is left of this hour, the rest is for polling and decisions.
    if (this.#saved < 1 || (remaining !== null && remaining * this.#share < 1)) return false;
    this.#saved -= 1;
    return true;
  }
}
