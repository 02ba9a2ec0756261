/** Who is signed in. Only hashes are kept, only in memory: a restart signs everyone out, and so does another token. Tested in test/operator/sessions.test.ts. */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../core/ports/ports.ts';

/** A page that no one uses is closed to the next user of the machine … */
export const IDLE_MS = 30 * 60_000;
/** … and one shift is the longest that a stolen cookie is of use. */
export const LONGEST_MS = 12 * 60 * 60_000;
/** More than any team of operators has browsers. Beyond them, the one that was used the longest ago ends. */
const SESSIONS_MAX = 100;
/** 256 bits: it can't be guessed. */
const ID_BYTES = 32;

interface Session {
  since: number;
  usedAt: number;
}

export class Sessions {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** By the hash of the id; used longest ago first. */
  readonly #open = new Map<string, Session>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** @returns its id, for the browser only */
  begin(): string {
    const id = randomBytes(ID_BYTES).toString('base64url');
    const now = this.#clock.monotonic();
    this.#open.set(hashOf(id), { since: now, usedAt: now });
    const [oldest] = this.#open.keys();
    if (this.#open.size > SESSIONS_MAX && oldest !== undefined) this.#open.delete(oldest);
    return id;
  }

  /** @returns what names the session here; null: there is none, or it has ended */
  use(id: string): string | null {
    const hash = hashOf(id);
    const session = this.#open.get(hash);
    if (session === undefined) return null;
    const now = this.#clock.monotonic();
    this.#open.delete(hash);
    if (now - session.usedAt >= IDLE_MS || now - session.since >= LONGEST_MS) return null;
    this.#open.set(hash, { ...session, usedAt: now });
    return hash;
  }

  end(id: string): void {
    this.#open.delete(hashOf(id));
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
