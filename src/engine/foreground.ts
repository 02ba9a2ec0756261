/** Calls that somebody waits for. Tested in test/engine/outbox/foreground.test.ts. */
import type { Clock, Delivery, Intake } from '../core/ports/ports.ts';

/** More calls at once are a rush. So few are answered soon, whatever runs beside them. */
const FEW = 4;
/** A rush has ended when there was none for this time, ms: longer than callers nearby take from an answer to their next call. */
const RUSH_ENDS_AFTER_MS = 50;
/**
 * A press has so long for its answer before jobs leave without it, ms: one that asks a platform something in between must not
 * delay the cards and decisions of others. It counts from the press: one that hangs delays each job once, and not every job.
 */
const ANSWERS_WAIT_MS = 250;

/**
 * Presses and deliveries whose answer somebody waits for go before the work that follows from them: Slack and Discord allow
 * three seconds for an answer, and a decision or a card may leave a moment later. Both use the same core.
 */
export class Foreground {
  readonly #clock: Pick<Clock, 'monotonic' | 'sleep'>;
  /** Presses that are not answered, and when each began. */
  readonly #presses = new Map<Promise<unknown>, number>();
  #inHand = 0;
  #rushUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'monotonic' | 'sleep'>) {
    this.#clock = clock;
  }

  async answer<T>(work: () => Promise<T>): Promise<T> {
    this.#inHand += 1;
    this.#note();
    try {
      return await work();
    } finally {
      this.#note();
      this.#inHand -= 1;
    }
  }

  /** The same for a press: what follows from it leaves after its answer. */
  press<T>(work: () => Promise<T>): Promise<T> {
    const answer = this.answer(work);
    const over: Promise<unknown> = answer.then(
      () => this.#presses.delete(over),
      () => this.#presses.delete(over),
    );
    this.#presses.set(over, this.#clock.monotonic());
    return answer;
  }

  /**
   * Once every press that is in hand now is answered, or has had its time: a job that one of them made due is the next
   * call of this process, and not an earlier one, also where a database is slow to say that the press is recorded. Null:
   * there is none.
   */
  answered(): Promise<void> | null {
    if (this.#presses.size === 0) return null;
    const now = this.#clock.monotonic();
    const patient = [...this.#presses].filter(([, begunAt]) => now - begunAt < ANSWERS_WAIT_MS);
    if (patient.length === 0) return null;
    const latest = Math.max(...patient.map(([, begunAt]) => begunAt));
    const ended = new AbortController();
    const patience = this.#clock.sleep(latest + ANSWERS_WAIT_MS - now, ended.signal).catch(() => {});
    return Promise.race([Promise.all(patient.map(([over]) => over)), patience]).then(() => ended.abort('answered'));
  }

  /** In ms, until a rush may have ended; 0: there is none. */
  rushMs(): number {
    this.#note();
    return Math.max(0, this.#rushUntil - this.#clock.monotonic());
  }

  #note(): void {
    if (this.#inHand > FEW) this.#rushUntil = this.#clock.monotonic() + RUSH_ENDS_AFTER_MS;
  }
}

/** For backends: a source waits for the answer to what it sends. For what is read of a stream or a list, no one does. */
export function answeredFirst(intake: Intake, foreground: Foreground): Intake {
  return {
    ...intake,
    deliver: (delivery) =>
      isAwaited(delivery) ? foreground.answer(() => intake.deliver(delivery)) : intake.deliver(delivery),
  };
}

function isAwaited(delivery: Delivery): boolean {
  return delivery.type === 'announced' && delivery.via === 'ingest';
}
