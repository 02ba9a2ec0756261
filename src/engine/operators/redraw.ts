/**
 * Draws every card again that still waits, because what all of them say has changed. Small slices, so that no press waits
 * for them; the outbox sends only what differs. Tested in test/engine/operators/redraw.test.ts.
 */
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Log, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';
import { inSlices } from '../slices.ts';

/** After an error of the store, ms. */
const RETRY_MS = 5_000;

export interface Redraw {
  /** Asks for it: at once, or again after the one under way. */
  ask(): void;
  /** Resolves once nothing is asked for any more. */
  done(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param options.onBegin called before the first of them
 * @param options.onDone called when all of them are asked for, and none was asked for again meanwhile
 */
export function createRedraw(options: {
  store: Pick<Store, 'unsent'>;
  apply: Apply;
  backends: () => Iterable<string>;
  onBegin?: () => Promise<unknown>;
  onDone?: () => Promise<unknown>;
  clock: Clock;
  log: Log;
}): Redraw {
  const { store, apply, backends, onBegin, onDone, clock, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let isAsked = false;
  let working: Promise<void> | null = null;

  async function work(): Promise<void> {
    while (isAsked && !signal.aborted) {
      isAsked = false;
      try {
        await onBegin?.();
        for (const backend of backends()) await drawAll(backend);
        if (!isAsked && !signal.aborted) await onDone?.();
      } catch (thrown) {
        log.warn({ err: coerceError(thrown) }, 'the cards could not be drawn again; trying again');
        isAsked = true;
        await clock.sleep(RETRY_MS, signal).catch(() => {});
      }
    }
    working = null;
  }

  const drawAll = (backend: string) =>
    inSlices<{ id: string; position: number }>(
      (last, limit) => store.unsent(backend, last?.position ?? 0, limit),
      ({ id }) => apply(id, { type: 'redrawn' }),
      () => !isAsked && !signal.aborted,
    );

  return {
    ask() {
      isAsked = true;
      working ??= Promise.resolve().then(work);
    },
    done: async () => {
      await working;
    },
    async stop() {
      stopping.abort();
      await working;
    },
  };
}
