import { fileURLToPath } from 'node:url';
import type { Server } from '../contract.ts';

/** The flags of a process whose memory is measured after a collection. */
export const collecting: readonly string[] = [
  '--expose-gc',
  '--import',
  fileURLToPath(new URL('./collect.ts', import.meta.url)),
];

/** Resident memory after a collection, MB. @param time of this process, from 1 */
export async function collectedMb(server: Server, time: number): Promise<number> {
  process.kill(server.pid, 'SIGUSR2');
  await server.printed(new RegExp(`^collected ${time}$`, 'm'));
  return server.rssMb();
}
