/** Far more than the visitors of a busy website; the one that was used longest ago is forgotten first. */
const SESSIONS_MAX = 10_000;
/** Of those that Runtype did not begin here: callers choose their names. */
const NAMED_MAX = 1_000;

/**
 * The sessions that began with a named client token, by their hashes: later calls don't name the token. In memory, so a
 * session that began before the last start is known by its website's origin only, or while an approval of it is open.
 */
export class ChatSessions {
  readonly #begun = new Set<string>();
  readonly #named = new Set<string>();

  /** Runtype has begun this session. */
  begun(hash: string): void {
    this.#named.delete(hash);
    touch(this.#begun, hash, SESSIONS_MAX);
  }

  /** Runtype accepted a call that names this session. However many there are, they displace none that Runtype began. */
  named(hash: string): void {
    if (!this.#begun.has(hash)) touch(this.#named, hash, NAMED_MAX);
  }

  has(hash: string): boolean {
    if (this.#begun.has(hash)) {
      this.begun(hash);
      return true;
    }
    if (!this.#named.has(hash)) return false;
    this.named(hash);
    return true;
  }
}

/** Makes it the newest, and drops the oldest of too many. */
function touch(hashes: Set<string>, hash: string, max: number): void {
  hashes.delete(hash);
  hashes.add(hash);
  for (const oldest of hashes) {
    if (hashes.size <= max) return;
    hashes.delete(oldest);
  }
}
