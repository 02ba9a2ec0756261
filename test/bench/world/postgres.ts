/** A PostgreSQL for one subject, on the disk and on the core of the load, as on a machine beside the bot's. */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { migrate } from '../../../src/store/postgres/schema/migrate.ts';
import { guardedFolder } from '../../support/postgres/guard.ts';
import { createCluster, startServer } from '../../support/postgres/server.ts';
import { CORES, isPinned } from '../run/cores.ts';

/** Ends with this process. @returns the address of a database with the schema and without rows */
export async function startPostgres(): Promise<string> {
  const folder = guardedFolder(tmpdir());
  const server = await startServer(folder, createCluster(folder));
  // Before it has sessions: they inherit it.
  if (isPinned) spawnSync('taskset', ['-a', '-p', '-c', CORES.load, String(server.process.pid)]);
  await server.ready();
  const url = server.urlOf('postgres');
  await migrate(url);
  return url;
}
