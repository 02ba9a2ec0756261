import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Change, Collections, Singles } from './protocol.ts';

/** The state of the page as last heard of. A value that did not change stays the same object. */
export class State {
  readonly #entries: ReadonlyMap<string, unknown>;
  /** Whether the sandbox is there. */
  readonly connected: boolean;

  constructor(entries: ReadonlyMap<string, unknown> = new Map(), connected = false) {
    this.#entries = entries;
    this.connected = connected;
  }

  one<K extends keyof Singles>(key: K): Singles[K] | undefined {
    return this.#entries.get(key) as Singles[K] | undefined;
  }

  all<K extends keyof Collections>(collection: K): Collections[K][] {
    const found: Collections[K][] = [];
    for (const [key, value] of this.#entries) {
      if (key.startsWith(`${collection}/`)) found.push(value as Collections[K]);
    }
    return found;
  }

  apply(change: Change): State {
    const entries = new Map(change.reset ? [] : this.#entries);
    for (const key of change.drop) entries.delete(key);
    for (const [key, value] of Object.entries(change.set)) entries.set(key, value);
    return new State(entries, true);
  }

  disconnected(): State {
    return new State(this.#entries, false);
  }
}

let state = new State();
const listeners = new Set<() => void>();

function enter(next: State): void {
  state = next;
  for (const listener of listeners) listener();
}

/** Follows the server; the browser connects again by itself when the connection is lost. */
export function followEvents(): void {
  const source = new EventSource('/events');
  source.onmessage = (event: MessageEvent<string>) => enter(state.apply(JSON.parse(event.data) as Change));
  source.onerror = () => enter(state.disconnected());
}

export function usePageState(): State {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
    () => state,
  );
}

/** How people, rooms and groups are called; ids that nobody knows are shown as they are. */
export interface Names {
  user(id: string): string;
  channel(id: string): string;
}

export const NamesContext = createContext<Names>({ user: (id) => id, channel: (id) => id });

export function useNames(): Names {
  return useContext(NamesContext);
}
