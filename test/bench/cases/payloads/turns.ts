/** How long one turn of the event loop takes at most. */

export interface Longest {
  /** CPU time of this thread, ms: it does not include what else the machine does. */
  cpuMs: number;
  wallMs: number;
}

/** Runs the work, and measures the longest turn until it has ended. */
export async function longestTurn(work: () => Promise<unknown>): Promise<Longest> {
  const longest: Longest = { cpuMs: 0, wallMs: 0 };
  let cpu = cpuNow();
  let wall = performance.now();
  const tick = () => {
    const [nextCpu, nextWall] = [cpuNow(), performance.now()];
    longest.cpuMs = Math.max(longest.cpuMs, nextCpu - cpu);
    longest.wallMs = Math.max(longest.wallMs, nextWall - wall);
    [cpu, wall] = [nextCpu, nextWall];
  };
  let timer = setImmediate(function again() {
    tick();
    timer = setImmediate(again);
  });
  try {
    await work();
    await new Promise(setImmediate);
  } finally {
    tick();
    clearImmediate(timer);
  }
  return longest;
}

/** The CPU time of one piece of work, ms. */
export function cpuOf(work: () => unknown): number {
  const before = cpuNow();
  work();
  return cpuNow() - before;
}

function cpuNow(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
