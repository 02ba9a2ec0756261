import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Server } from '../contract.ts';

/** The flags of a process whose memory is measured after a collection. */
export const collecting: readonly string[] = [
  '--expose-gc',
  '--import',
  fileURLToPath(new URL('./collect.ts', import.meta.url)),
];

/** Longer than the collections of `collect.ts`, also on a busy machine, ms. */
const SETTLE_MS = 1_500;

/** Resident memory after a collection, MB. */
export async function collectedMb(server: Server): Promise<number> {
  process.kill(server.pid, 'SIGUSR2');
  await sleep(SETTLE_MS);
  return server.rssMb();
}
