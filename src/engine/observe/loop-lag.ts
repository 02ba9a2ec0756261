import type { Clock } from '../../core/ports/ports.ts';

const TICK_MS = 250;
/** How long a delay is remembered: a probe every few seconds must still see it. */
const WINDOW_MS = 10_000;

/** How late the event loop is. When it is late, everything in this process is. */
export interface LoopLag {
  start(): void;
  stop(): void;
  /** The longest recent delay, including the present one, ms. */
  worst(): number;
}

export function createLoopLag(clock: Clock): LoopLag {
  const stopped = new AbortController();
  const late: { at: number; ms: number }[] = [];
  let lastTick = clock.monotonic();

  const overdue = () => Math.max(0, clock.monotonic() - lastTick - TICK_MS);

  async function measure() {
    while (!stopped.signal.aborted) {
      lastTick = clock.monotonic();
      await clock.sleep(TICK_MS, stopped.signal).catch(() => {});
      const now = clock.monotonic();
      late.push({ at: now, ms: overdue() });
      while (late[0] !== undefined && now - late[0].at > WINDOW_MS) late.shift();
    }
  }

  return {
    start() {
      lastTick = clock.monotonic();
      void measure();
    },
    stop: () => stopped.abort(),
    worst: () => Math.max(overdue(), ...late.map(({ ms }) => ms)),
  };
}
