/** What is known of approvals without asking. Tested in test/store/postgres/index.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import type { Clock } from '../../../core/ports/ports.ts';
import { BoundedCache } from '../../shared/bounded-cache.ts';

const STATES_MAX = 5_000;
/** Characters of JSON, of all that are kept. One approval may have millions. */
const KEPT_CHARS = 16_000_000;
/** Ids of inputs: those that platforms deliver again come within minutes. */
const INPUTS_MAX = 20_000;
const INPUT_CHARS = 2_000_000;
/**
 * A state that is older than the last change by another replica is noticed by the number of its audit log. That ends when the
 * archive takes the log, days after the approval was settled: long before, the state is read again.
 */
const KEPT_MS = 10 * 60_000;

/** An approval as it was last seen, and the last number of its audit log then. */
export interface Seen {
  state: Approval | null;
  seq: number;
  /** Of its JSON. */
  size: number;
}

/** What this replica knows of the database without asking. It decides nothing: a commit that was built on it may collide. */
export class Memory {
  readonly #states = new BoundedCache<Seen & { at: number }>(STATES_MAX, KEPT_CHARS);
  readonly #inputs = new BoundedCache<number>(INPUTS_MAX, INPUT_CHARS);
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(id: string): Seen | undefined {
    const seen = this.#states.get(id);
    if (seen === undefined || this.#clock.monotonic() - seen.at <= KEPT_MS) return seen;
    this.forget(id);
    return undefined;
  }

  keep(id: string, seen: Seen): void {
    this.#states.set(id, { ...seen, at: this.#clock.monotonic() }, seen.size + id.length);
  }

  forget(id: string): void {
    this.#states.delete(id);
  }

  clear(): void {
    this.#states.clear();
    this.#inputs.clear();
  }

  /** For as long as no archive takes it away. */
  hasInput(id: string): boolean {
    const at = this.#inputs.get(id);
    return at !== undefined && this.#clock.monotonic() - at <= KEPT_MS;
  }

  addInput(id: string): void {
    this.#inputs.set(id, this.#clock.monotonic(), id.length);
  }
}
