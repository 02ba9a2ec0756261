/** Which approval the key of a backend means. Tested in test/engine/ingest/polled.test.ts. */
import type { Pause } from '../../core/approval/pause/pause.ts';
import type { Clock, Store } from '../../core/ports/ports.ts';

/** Separates a key from its generation. */
const GENERATION_MARK = '\u241e';
const generationEnd = new RegExp(`${GENERATION_MARK}\\d+$`);

export function approvalIdOf(clock: Clock, backend: string, key: string): string {
  return clock.hash(`${backend}\n${key}`);
}

/** A listed key, whichever generation of it was stored. */
export function keyWithoutGeneration(key: string): string {
  return key.replace(generationEnd, '');
}

export function withId(pause: Pause, clock: Clock) {
  return { id: approvalIdOf(clock, pause.backend, pause.key), pause };
}

/** A key that comes back is a new question once the last one was settled and was then absent from a list. */
export async function latestGeneration(first: Pause, { store, clock }: { store: Store; clock: Clock }) {
  for (let generation = 1; ; generation += 1) {
    const key = generation === 1 ? first.key : `${first.key}${GENERATION_MARK}${generation}`;
    const { id, pause } = withId({ ...first, key, groupId: key }, clock);
    const known = await store.get(id);
    if (known === null || known.phase !== 'settled' || !known.absent) return { id, pause };
  }
}
