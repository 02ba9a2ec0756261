import type { Change } from '../protocol.ts';

/** Changes within this time are sent as one event. */
const GATHER_MS = 20;

export type Snapshot = ReadonlyMap<string, unknown>;

/** Tracks what was sent to one page; each call returns the difference, or null if there is none. */
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

/** Sends changes to every open page, shortly after `touch`. */
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

  /** Sends the whole state now and later changes, until the returned function or `close` is called. */
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
