/** One life of the process: what it awaits when it dies never comes back, and what it asked for last may or may not have happened. */

const never = new Promise<never>(() => {});

export class Life {
  #dead = false;
  #steps = 0;
  #dieAt = Number.POSITIVE_INFINITY;
  readonly #onDeath = new Set<() => void>();

  get dead(): boolean {
    return this.#dead;
  }

  /** Every call and every answer of a port is a step. @param count 0: now */
  dieAfter(count: number): void {
    this.#dieAt = this.#steps + count;
    if (count === 0) this.#die();
  }

  onDeath(listener: () => void): void {
    this.#onDeath.add(listener);
  }

  #step(): void {
    this.#steps += 1;
    if (this.#steps > this.#dieAt) this.#die();
  }

  #die(): void {
    if (this.#dead) return;
    this.#dead = true;
    for (const listener of this.#onDeath) listener();
  }

  /** The work, with a chance to die before it begins and after its effect. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#step();
    if (this.#dead) return never;
    try {
      return await work();
    } finally {
      this.#step();
      // biome-ignore lint/correctness/noUnsafeFinally: a dead process hears of no answer and of no fault
      if (this.#dead) return never;
    }
  }

  /** The same port, for as long as this life lasts. What is not a function, or is named in `asIs`, stays. */
  lend<T extends object>(port: T, asIs: readonly string[] = []): T {
    const lent = Object.entries(port).map(([name, member]) => [
      name,
      typeof member !== 'function' || asIs.includes(name)
        ? member
        : (...args: unknown[]) => this.run(() => Promise.resolve(member(...args))),
    ]);
    return Object.fromEntries(lent);
  }
}

/** Counts what is under way, so that a test knows when nothing is. */
export class Traffic {
  #underWay = 0;
  #events = 0;

  async count<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    this.#events += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
      this.#events += 1;
    }
  }

  watch<T extends object>(port: T, asIs: readonly string[] = []): T {
    const watched = Object.entries(port).map(([name, member]) => [
      name,
      typeof member !== 'function' || asIs.includes(name)
        ? member
        : (...args: unknown[]) => this.count(() => Promise.resolve(member(...args))),
    ]);
    return Object.fromEntries(watched);
  }

  /** Resolves once nothing moves any more but time. */
  async quiet(): Promise<void> {
    for (let still = 0; still < 3; ) {
      const before = this.#events;
      await turn();
      still = this.#underWay === 0 && this.#events === before ? still + 1 : 0;
    }
  }
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
