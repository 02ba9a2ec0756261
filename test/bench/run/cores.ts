/** Which core a process may use: the server has one, load and emulators have the other. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

export const CORES = { server: '0', load: '1' } as const;
export type Core = keyof typeof CORES;

/** Without `taskset` or a second core, the system decides. */
export const isPinned =
  process.platform === 'linux' &&
  availableParallelism() > 1 &&
  spawnSync('taskset', ['-c', `${CORES.server},${CORES.load}`, 'true']).status === 0;

/** The command that runs another one on this core. */
export function onCore(core: Core, command: readonly string[]): [file: string, args: string[]] {
  const [file = '', ...args] = isPinned ? ['taskset', '-c', CORES[core], ...command] : command;
  return [file, args];
}
