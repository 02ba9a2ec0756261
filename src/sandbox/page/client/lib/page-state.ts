import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Change, Collections, Singles } from './protocol.ts';

/** The page's state as last received. An unchanged value keeps its object identity. */
export class State {
  readonly #entries: ReadonlyMap<string, unknown>;
  /** Whether the event stream is connected. */
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

/** Subscribes to the server's events; the browser reconnects automatically. */
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

/** Display names of people and channels; an unknown id is returned unchanged. */
export interface Names {
  user(id: string): string;
  channel(id: string): string;
}

export const NamesContext = createContext<Names>({ user: (id) => id, channel: (id) => id });

export function useNames(): Names {
  return useContext(NamesContext);
}
