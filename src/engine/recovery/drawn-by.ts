/**
 * By which version, policy and settings the open cards were drawn last. Only where a start finds another answer than its own
 * may it draw something else. Tested in test/engine/recovery/recovery.test.ts.
 */
import type { Absence } from '../../core/policy/absences/absence.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Log, Platform, Store } from '../../core/ports/ports.ts';

/** Under which the store keeps it. */
const NAME = 'cards_drawn_by';
const UNKNOWN = 'unknown';

export class DrawnBy {
  readonly #store: Pick<Store, 'setMeta'>;
  readonly #current: () => string | null;
  readonly #log: Log;
  /** Reviews of all that is open that are under way: until the last of them has ended, the cards are a mixture. */
  #changing = 0;
  #isForgotten = false;

  /** @param current null: not known, so everything is drawn again */
  constructor(store: Pick<Store, 'setMeta'>, current: () => string | null, log: Log) {
    this.#log = log;
    this.#store = store;
    this.#current = current;
  }

  /** Everything may be drawn again from here on. @returns whether the cards are drawn as they would be now already */
  async begin(): Promise<boolean> {
    this.#changing += 1;
    const before = await this.#store.setMeta(NAME, UNKNOWN);
    const isSame = before !== null && before.value === this.#current();
    if (isSame) await this.#store.setMeta(NAME, before.value);
    return isSame;
  }

  /** All of it is recorded, and the cards follow. */
  async end(): Promise<void> {
    if (this.#changing === 1) await this.#store.setMeta(NAME, this.#word());
    this.#changing -= 1;
  }

  /** The cards say something else than these alone make of them: who is on duty, or away. The next start draws them again. */
  forget(): void {
    if (this.#isForgotten) return;
    this.#isForgotten = true;
    this.#store.setMeta(NAME, UNKNOWN).catch((thrown: unknown) => {
      this.#isForgotten = false;
      this.#log.warn({ err: coerceError(thrown) }, 'it is not recorded that the cards have changed');
    });
  }

  #word(): string {
    return (this.#isForgotten ? null : this.#current()) ?? UNKNOWN;
  }
}

export function createDrawnBy(
  deps: {
    store: Pick<Store, 'setMeta'>;
    release: string | null;
    setup?: string | null;
    platforms: ReadonlyMap<string, Platform>;
    clock: Clock;
    log: Log;
  },
  policy: Pick<Policy, 'document'>,
  absent: () => readonly Absence[],
): DrawnBy {
  const { store, release, setup = null, platforms, clock, log } = deps;
  const current = () => {
    const { version, schedules } = policy.document;
    // Who is on duty may have changed since, with nothing else.
    if (release === null || setup === null || schedules.size > 0) return null;
    return clock.hash(JSON.stringify([release, setup, version, absent(), ...platforms.keys()]));
  };
  return new DrawnBy(store, current, log);
}
