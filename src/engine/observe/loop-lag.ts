import type { Clock } from '../../core/ports/ports.ts';

const TICK_MS = 250;
/** How long a hold-up is remembered: a probe that comes every few seconds must still meet it. */
const WINDOW_MS = 10_000;

/** How late the event loop is: nothing else in this process can be on time when it is not. */
export interface LoopLag {
  start(): void;
  stop(): void;
  /** The longest hold-up of late, the one going on included, ms. */
  worst(): number;
}

export function createLoopLag(clock: Clock): LoopLag {
  const stopped = new AbortController();
  const late: { at: number; ms: number }[] = [];
  let lastTick = clock.monotonic();

  const overdue = () => Math.max(0, clock.monotonic() - lastTick - TICK_MS);

  async function keepTime() {
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
      void keepTime();
    },
    stop: () => stopped.abort(),
    worst: () => Math.max(overdue(), ...late.map(({ ms }) => ms)),
  };
}
