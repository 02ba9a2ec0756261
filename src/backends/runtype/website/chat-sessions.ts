/** Far more than the visitors of a busy website; the one that was used longest ago is forgotten first. */
const SESSIONS_MAX = 10_000;
/** Of those that Runtype did not begin here: callers choose their names. */
const NAMED_MAX = 1_000;

/**
 * The sessions that began with a named client token, by their hashes: later calls don't name the token. In memory, so a
 * session that began before the last start is known by its website's origin only, or while an approval of it is open.
 */
export class ChatSessions {
  /** By the hash: the website's name; null where an earlier version stored none. */
  readonly #begun = new Map<string, string | null>();
  readonly #named = new Map<string, string | null>();

  /** Runtype has begun this session. */
  begun(hash: string, site: string | null): void {
    this.#named.delete(hash);
    touch(this.#begun, hash, site, SESSIONS_MAX);
  }

  /** Runtype accepted a call that names this session. However many there are, they displace none that Runtype began. */
  named(hash: string, site: string | null): void {
    if (!this.#begun.has(hash)) touch(this.#named, hash, site, NAMED_MAX);
  }

  /** Null: it is not known here. */
  find(hash: string): { site: string | null } | null {
    const site = this.#begun.get(hash);
    if (site !== undefined) {
      this.begun(hash, site);
      return { site };
    }
    const named = this.#named.get(hash);
    if (named === undefined) return null;
    this.named(hash, named);
    return { site: named };
  }
}

/** Makes it the newest, and drops the oldest of too many. */
function touch(sites: Map<string, string | null>, hash: string, site: string | null, max: number): void {
  sites.delete(hash);
  sites.set(hash, site);
  for (const oldest of sites.keys()) {
    if (sites.size <= max) return;
    sites.delete(oldest);
  }
}
