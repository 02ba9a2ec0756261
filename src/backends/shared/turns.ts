import { setImmediate } from 'node:timers/promises';

/** Divides long work among turns of the event loop, so that other work comes in between. */
export class Turns {
  readonly #max: number;
  /** Characters in this turn. */
  #taken = 0;

  /** @param max characters for one turn */
  constructor(max: number) {
    this.#max = max;
  }

  /** Counts characters that are worked on, and waits for the next turn where this one would exceed its limit. */
  async take(characters: number): Promise<void> {
    this.#taken += characters;
    if (this.#taken <= this.#max) return;
    this.#taken = characters;
    await setImmediate();
  }
}
