/** Enough for the visitors of a busy website; the one that was used longest ago is forgotten first. */
const SESSIONS_MAX = 10_000;

/**
 * The sessions that began with a named client token, by their hashes: later calls don't name the token. In memory, so a
 * session that began before the last start is known by its website's origin only.
 */
export class ChatSessions {
  readonly #hashes = new Set<string>();

  add(hash: string): void {
    this.#hashes.delete(hash);
    this.#hashes.add(hash);
    if (this.#hashes.size <= SESSIONS_MAX) return;
    for (const oldest of this.#hashes) {
      this.#hashes.delete(oldest);
      return;
    }
  }

  has(hash: string): boolean {
    if (!this.#hashes.has(hash)) return false;
    this.add(hash);
    return true;
  }
}
