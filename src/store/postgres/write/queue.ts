/** What waits to be recorded. Tested in test/store/postgres/index.test.ts. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreDoubt, StoreError } from '../../../core/ports/errors.ts';
import type { Clock } from '../../../core/ports/ports.ts';
import type { BatchCall, Call, Request } from './call.ts';

/**
 * How long a call waits for an answer, ms: long enough for a database that is started anew, short enough for a press to be
 * answered within the three seconds that Slack and Discord allow.
 */
export const WAIT_MS = 2_000;
/** Between two looks at what has waited too long, ms. */
const LOOK_MS = 100;

const NOT_SENT = 'the database did not answer in time, and nothing was recorded';
/** Its answer is late, and may still come. */
const UNANSWERED = 'the database has not answered in time, and it is not known yet whether this was recorded';
const LOST = 'the connection to the database was lost, and it is not known yet whether this was recorded';
const FAILED = 'recording failed, and it is not known whether this was recorded';

/** What commits the calls; it resolves when each has an answer. */
export interface Committer {
  batch(calls: readonly BatchCall[]): Promise<void>;
  work(call: Call): Promise<void>;
}

/**
 * Calls in the order in which they came. What waits while a batch is under way is the next batch; the calls of one turn of the
 * event loop are never in two.
 */
export class Queue {
  readonly #clock: Clock;
  readonly #committer: Committer;
  #waiting: Call[] = [];
  #underWay: readonly Call[] = [];
  #running: Promise<void> | null = null;
  #isWatching = false;

  constructor(clock: Clock, committer: Committer) {
    this.#clock = clock;
    this.#committer = committer;
  }

  add<T>(request: Request): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const since = this.#clock.monotonic();
      const answers = { resolve: resolve as (value: unknown) => void, reject };
      const call: Call = { request, since, isAnswered: false, isSent: false, isInDoubt: false, ...answers };
      this.#waiting.push(call);
      this.#running ??= this.#run();
      void this.#watch();
    });
  }

  async drained(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await nextTurn();
      const calls = this.#waiting;
      this.#waiting = [];
      this.#underWay = calls;
      const batch = calls.filter((call): call is BatchCall => call.request.type !== 'work');
      try {
        if (batch.length > 0) await this.#committer.batch(batch);
        for (const call of calls) if (call.request.type === 'work') await this.#committer.work(call);
      } catch (thrown) {
        // A bug: what waits behind it must not wait for ever.
        for (const call of calls) rejectCall(call, new StoreDoubt(FAILED, { cause: thrown }));
      }
      this.#underWay = [];
    }
    this.#running = null;
  }

  async #watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    while (this.#waiting.length + this.#underWay.length > 0) {
      await this.#clock.sleep(LOOK_MS);
      const now = this.#clock.monotonic();
      for (const call of [...this.#underWay, ...this.#waiting]) {
        if (now - call.since >= WAIT_MS) giveUp(call);
      }
      this.#waiting = this.#waiting.filter(({ isAnswered }) => !isAnswered);
    }
    this.#isWatching = false;
  }
}

function giveUp(call: Call): void {
  if (call.isAnswered) return;
  if (!call.isSent) rejectCall(call, new StoreError(NOT_SENT));
  else rejectCall(call, new StoreDoubt(call.isInDoubt ? LOST : UNANSWERED));
}

export function resolveCall(call: Call, value: unknown): void {
  if (call.isAnswered) return;
  call.isAnswered = true;
  call.resolve(value);
}

export function rejectCall(call: Call, error: Error): void {
  if (call.isAnswered) return;
  call.isAnswered = true;
  call.reject(error);
}
