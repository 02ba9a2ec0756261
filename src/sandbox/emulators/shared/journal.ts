/** Default timeout of `until`: far longer than any step takes, and short enough to report a stuck test. */
const DEFAULT_WAIT_MS = 10_000;

/**
 * What an emulator received and did, in order. Tests check this record, not the bot's own reports,
 * and wait for entries instead of sleeping.
 */
export class Journal<Entry> {
  readonly entries: Entry[] = [];
  readonly #listeners = new Set<() => void>();

  record(entry: Entry): Entry {
    this.entries.push(entry);
    for (const listener of this.#listeners) listener();
    return entry;
  }

  /** Calls the listener after each new entry. @returns a function that removes it */
  onEntry(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Resolves with the first defined value that `find` returns, now or after a later entry.
   * @throws Error naming `what` and the last entries, when nothing was found within `timeoutMs` milliseconds.
   */
  until<T>(
    what: string,
    find: (entries: readonly Entry[]) => T | undefined,
    timeoutMs: number = DEFAULT_WAIT_MS,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find(this.entries);
        if (found === undefined) return;
        stop();
        clearTimeout(timer);
        resolve(found);
      };
      const stop = this.onEntry(look);
      const timer = setTimeout(() => {
        stop();
        const last = this.entries.slice(-5).map((entry) => JSON.stringify(entry));
        reject(new Error(`Waited ${timeoutMs} ms for ${what}. The last entries:\n${last.join('\n')}`));
      }, timeoutMs);
      look();
    });
  }
}
