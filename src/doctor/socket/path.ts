/** Where a bot that runs can be asked: a socket beside its database. Tested in test/doctor/socket/socket.test.ts. */
import { closeSync, constants, existsSync, openSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { platform } from 'node:process';

/** What the system has for a path, with the zero at its end. */
const PATH_MAX_BYTES = platform === 'darwin' ? 104 : 108;

/** What is asked for there. */
export const PATH = '/doctor';
/** The same, without a call that leaves the machine. */
export const LOCAL_PATH = '/doctor/local';

export interface SocketPath {
  /** Where it is in the file system. */
  file: string;
  /** The same, short enough for the system. */
  address: string;
  /** The address is not used any more. */
  release(): void;
}

/** @returns null where there can be none: the database is in memory, or the system has no such sockets, or the path is too long */
export function socketPathOf(databaseFile: string): SocketPath | null {
  if (databaseFile === ':memory:' || platform === 'win32') return null;
  const database = existsSync(databaseFile) ? realpathSync(databaseFile) : databaseFile;
  const file = `${database}.sock`;
  if (Buffer.byteLength(file) < PATH_MAX_BYTES) return { file, address: file, release() {} };
  if (platform !== 'linux' || !existsSync(dirname(file))) return null;
  // Linux names an open folder: the rest of the path is short.
  const folder = openSync(dirname(file), constants.O_RDONLY | constants.O_DIRECTORY);
  const address = join('/proc/self/fd', String(folder), basename(file));
  if (Buffer.byteLength(address) < PATH_MAX_BYTES) return { file, address, release: () => closeSync(folder) };
  closeSync(folder);
  return null;
}
