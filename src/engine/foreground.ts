/** Calls that somebody waits for. Tested in test/engine/outbox/foreground.test.ts. */
import type { Clock, Delivery, Intake } from '../core/ports/ports.ts';

/** More calls at once are a rush. So few are answered soon, whatever runs beside them. */
const FEW = 4;
/** A rush has ended when there was none for this time, ms: longer than callers nearby take from an answer to their next call. */
const RUSH_ENDS_AFTER_MS = 50;

/**
 * Presses and deliveries whose answer somebody waits for go before the work that follows from them: Slack and Discord allow
 * three seconds for an answer, and a decision or a card may leave a moment later. Both use the same core.
 */
export class Foreground {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #inHand = 0;
  #rushUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'monotonic'>) {
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
