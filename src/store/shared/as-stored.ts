/** Tested in test/store/shared/as-stored.test.ts. */

/**
 * A value as JSON would give it back: without keys that are undefined, and with no number that JSON can't write. Returns
 * the value itself where there is no difference.
 * @param known already as stored: what the value has in common with it is not looked at again
 */
export function asStored<T>(value: T, known: unknown): T {
  return stored(value, known) as T;
}

/** The same as a value of its own: it shares no object with the one that it is made of. */
export function copyAsStored<T>(value: T): T {
  return copied(value) as T;
}

function copied(value: unknown): unknown {
  if (typeof value === 'number') return numberAsStored(value);
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value;
  if (Array.isArray(value)) return Array.from(value, (item) => (item === undefined ? null : copied(item)));
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    // To assign it would set the prototype.
    if (key === '__proto__') Object.defineProperty(copy, key, { ...PLAIN, value: copied(inner) });
    else copy[key] = copied(inner);
  }
  return copy;
}

const PLAIN = { enumerable: true, configurable: true, writable: true };

function stored(value: unknown, known: unknown): unknown {
  if (typeof value === 'number') return numberAsStored(value);
  if (value === known || typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value;
  return Array.isArray(value) ? listAsStored(value, known) : objectAsStored(value, known);
}

function numberAsStored(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return value === 0 ? 0 : value;
}

function listAsStored(list: readonly unknown[], known: unknown): readonly unknown[] {
  const before: readonly unknown[] = Array.isArray(known) ? known : [];
  const items = Array.from(list, (item, index) => (item === undefined ? null : stored(item, before[index])));
  return items.every((item, index) => Object.is(item, list[index])) ? list : items;
}

function objectAsStored(object: object, known: unknown): object {
  const before = (typeof known === 'object' && known !== null ? known : {}) as Record<string, unknown>;
  let isSame = true;
  const entries: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(object)) {
    const kept = inner === undefined ? undefined : stored(inner, before[key]);
    isSame &&= Object.is(kept, inner) && inner !== undefined;
    if (inner !== undefined) entries.push([key, kept]);
  }
  return isSame ? object : Object.fromEntries(entries);
}
