import type { Change } from '../protocol.ts';

/** Bursts of changes within this time travel as one event. */
const GATHER_MS = 20;

export type Snapshot = ReadonlyMap<string, unknown>;

/** Remembers what one page has been sent; each call names what is different now, or null. */
export function createDiff(): (now: Snapshot) => Change | null {
  const sent = new Map<string, string>();
  let reset = true;
  return (now) => {
    const change: Change = { reset, set: {}, drop: [] };
    for (const [key, value] of now) {
      const text = JSON.stringify(value);
      if (sent.get(key) === text) continue;
      sent.set(key, text);
      change.set[key] = value;
    }
    for (const key of sent.keys()) {
      if (now.has(key)) continue;
      sent.delete(key);
      change.drop.push(key);
    }
    if (!reset && change.drop.length === 0 && Object.keys(change.set).length === 0) return null;
    reset = false;
    return change;
  };
}

interface Follower {
  send: () => void;
  end: () => void;
}

/** Tells every open page what changed, a moment after `touch`. */
export class Feed {
  readonly #collect: () => Snapshot;
  readonly #followers = new Set<Follower>();
  #timer: NodeJS.Timeout | null = null;

  constructor(collect: () => Snapshot) {
    this.#collect = collect;
  }

  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      for (const follower of this.#followers) follower.send();
    }, GATHER_MS);
  }

  /** Sends everything at once and changes from then on, until the returned function or `close` ends it. */
  follow(send: (change: Change) => void, end: () => void): () => void {
    const diff = createDiff();
    const follower: Follower = {
      send: () => {
        const change = diff(this.#collect());
        if (change) send(change);
      },
      end,
    };
    this.#followers.add(follower);
    follower.send();
    return () => this.#followers.delete(follower);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const follower of this.#followers) follower.end();
    this.#followers.clear();
  }
}
