/** What the page remembers in this browser. A browser that keeps nothing (private windows) starts anew. */

const PREFIX = 'countersign-sandbox-';

/** @returns undefined if nothing was stored, or nothing readable */
export function remembered<Value>(name: string): Value | undefined {
  try {
    return (JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null') as Value | null) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Then it is forgotten.
  }
}
