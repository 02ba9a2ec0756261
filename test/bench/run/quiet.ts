/** Rounds start only while nothing else uses the machine: what others do there is not a property of any subject. */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of all cores together. */
const MAX_BUSY = 0.12;
const WINDOW_MS = 1_000;

/** How busy the machine was in the last window before a round. */
export interface Quiet {
  busy: number;
  isQuiet: boolean;
}

/** Waits until the machine is quiet, for so long at most. @param limitMs 0: looks once */
export async function untilQuiet(limitMs: number): Promise<Quiet> {
  const until = performance.now() + limitMs;
  for (;;) {
    const busy = await busyPart();
    const isQuiet = busy < MAX_BUSY;
    if (isQuiet || performance.now() >= until) return { busy, isQuiet };
  }
}

async function busyPart(): Promise<number> {
  const before = times();
  await sleep(WINDOW_MS);
  const after = times();
  const all = after.all - before.all;
  return all === 0 ? 0 : 1 - (after.idle - before.idle) / all;
}

function times(): { idle: number; all: number } {
  const each = cpus().map((cpu) => cpu.times);
  const idle = each.reduce((sum, time) => sum + time.idle, 0);
  const all = each.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { idle, all };
}
