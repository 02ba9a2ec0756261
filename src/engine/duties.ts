/**
 * What one replica does for all of them. Where there can be only one, a duty is always its own, at no cost. Tested in
 * test/engine/duties.test.ts.
 */
import { coerceError } from '../core/ports/errors.ts';
import type { Clock, Log } from '../core/ports/ports.ts';
import type { Duty, Fleet } from '../core/ports/store/fleet.ts';

/** How long a duty stays with a replica that says nothing any more, ms: as long as it takes for it to count as dead. */
const DUTY_MS = 12_000;
/** Between two looks whether it is still ours, or free, ms: two of them may fail. */
const RENEW_MS = 4_000;

type Epoch = { epoch: number };

export class Duties {
  readonly #fleet: Pick<Fleet, 'hold' | 'beatEveryMs'>;
  readonly #clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly #log: Log;
  /** What this replica does now, as far as it knows; by the monotonic clock, until when that is certain. */
  readonly #held = new Map<Duty, { until: number; epoch: number }>();

  constructor(fleet: Pick<Fleet, 'hold' | 'beatEveryMs'>, clock: Pick<Clock, 'monotonic' | 'sleep'>, log: Log) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#log = log;
  }

  /** Others may have it. */
  get areShared(): boolean {
    return this.#fleet.beatEveryMs !== null;
  }

  /** Whether this replica has the duty now. */
  isOurs(duty: Duty): boolean {
    return !this.areShared || (this.#held.get(duty)?.until ?? Number.NEGATIVE_INFINITY) > this.#clock.monotonic();
  }

  /** Takes or renews it. @returns null: another replica has it, or that is not known. Never rejects */
  async take(duty: Duty, forMs = DUTY_MS): Promise<Epoch | null> {
    const askedAt = this.#clock.monotonic();
    try {
      const held = await this.#fleet.hold(duty, forMs);
      if (held === null) this.#held.delete(duty);
      // A process that was frozen while it asked finds that it is over.
      else this.#held.set(duty, { until: askedAt + forMs, epoch: held.epoch });
      return held !== null && this.isOurs(duty) ? held : null;
    } catch (thrown) {
      this.#log.warn({ duty, err: coerceError(thrown) }, 'it is not known which replica has this duty');
      const held = this.#held.get(duty);
      return held !== undefined && this.isOurs(duty) ? { epoch: held.epoch } : null;
    }
  }

  /**
   * Works whenever this replica has the duty, until the signal ends it.
   * @param work starts as after a restart each time; its signal ends it once another replica may have the duty
   */
  async whileHeld(duty: Duty, work: (signal: AbortSignal) => Promise<unknown>, signal: AbortSignal): Promise<void> {
    if (!this.areShared) {
      await work(signal);
      return;
    }
    while (!signal.aborted) {
      const held = await this.take(duty);
      if (held === null) await this.#rest(signal);
      else await this.#work(duty, held, work, signal);
    }
  }

  async #work(
    duty: Duty,
    { epoch }: Epoch,
    work: (signal: AbortSignal) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const over = new AbortController();
    this.#log.info({ duty, epoch }, 'this replica has the duty');
    const working = work(AbortSignal.any([signal, over.signal]));
    let isDone = false;
    const done = working.then(
      () => {
        isDone = true;
      },
      (thrown: unknown) => {
        isDone = true;
        this.#log.error({ duty, err: coerceError(thrown) }, 'the work of a duty failed');
      },
    );
    const either = AbortSignal.any([signal, over.signal]);
    void done.then(() => over.abort('done'));
    do await this.#rest(either);
    while (!either.aborted && (await this.take(duty))?.epoch === epoch);
    over.abort('lost');
    await done;
    if (!signal.aborted && !isDone) this.#log.warn({ duty, epoch }, 'another replica has the duty now');
  }

  async #rest(signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(RENEW_MS, signal).catch(() => {});
  }
}
