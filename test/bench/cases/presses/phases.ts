/** The phases of every case about presses: one at a time in an idle process, one after another, and 50 in flight. */
import type { Bench, Figures, Goal, Metric, Server } from '../../contract.ts';

const IN_FLIGHT = 50;

interface Counts {
  warmUp: number;
  idle: number;
  inTurn: number;
  opening: number;
  inFlight: number;
}
const full: Counts = { warmUp: 200, idle: 100, inTurn: 100, opening: 100, inFlight: 1_500 };
const quick: Counts = { warmUp: 60, idle: 25, inTurn: 25, opening: 60, inFlight: 360 };

const countsOf = ({ quick: isQuick }: Pick<Bench, 'quick'>) => (isQuick ? quick : full);
export const pressesOf = (bench: Pick<Bench, 'quick'>): number =>
  Object.values(countsOf(bench)).reduce((sum, count) => sum + count, 0);

export interface Pressing {
  bench: Bench;
  server: Server;
  /** Makes the press of this number. @returns ms until it was acknowledged. @throws Error if it was not */
  press(index: number): Promise<number>;
  /** Resolves once the server does nothing more for the presses so far. */
  idle(server: Server): Promise<void>;
}

/** Makes each press once, in the order of their numbers. */
export async function measurePresses({ bench, server, press, idle }: Pressing): Promise<Figures> {
  const counts = countsOf(bench);
  let made = 0;
  const inFlight = async (count: number, workers: number) => {
    const end = made + count;
    const times: number[] = [];
    const work = async () => {
      while (made < end) {
        made += 1;
        times.push(await press(made - 1));
      }
    };
    await Promise.all(Array.from({ length: workers }, work));
    return times;
  };
  await inFlight(counts.warmUp, IN_FLIGHT);
  await idle(server);

  const cpu = server.cpuMs();
  const alone: number[] = [];
  for (let count = 0; count < counts.idle; count += 1) {
    alone.push(...(await inFlight(1, 1)));
    await idle(server);
  }
  const cpuMs = (server.cpuMs() - cpu) / counts.idle;
  const inTurn = await inFlight(counts.inTurn, 1);
  await idle(server);
  // Opens every connection: those that were idle are closed by now, and Node accepts one in each turn of its event loop.
  await inFlight(counts.opening, IN_FLIGHT);
  const cpuBefore = server.cpuMs();
  const startedAt = performance.now();
  const together = await inFlight(counts.inFlight, IN_FLIGHT);
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuOf50 = (server.cpuMs() - cpuBefore) / counts.inFlight;
  return {
    p50: quantile(alone, 0.5),
    'p50 in turn': quantile(inTurn, 0.5),
    'presses a second': counts.inFlight / seconds,
    'p99 of 50': quantile(together, 0.99),
    CPU: cpuMs,
    'CPU of 50': cpuOf50,
  };
}

export function pressMetrics(p50: readonly Goal[], throughput: readonly Goal[]): Metric[] {
  return [
    { name: 'p50', unit: 'ms to the acknowledgement, in an idle process', better: 'less', goals: p50 },
    { name: 'p50 in turn', unit: 'ms, the next one at once', better: 'less' },
    { name: 'presses a second', unit: `${IN_FLIGHT} in flight`, better: 'more', goals: throughput },
    { name: 'p99 of 50', unit: `ms, ${IN_FLIGHT} in flight`, better: 'less' },
    { name: 'CPU', unit: 'ms a press, with all that follows from it', better: 'less' },
    { name: 'CPU of 50', unit: `ms a press, ${IN_FLIGHT} in flight`, better: 'less' },
  ];
}

function quantile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
