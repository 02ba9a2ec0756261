import type { ReachFailPoint } from '../core/ports/fail-points.ts';
import type { Clock, Log } from '../core/ports/ports.ts';
import { createFleetOfOne, type Fleet } from '../core/ports/store/fleet.ts';
import type { Store } from '../core/ports/store.ts';

/** Where the database is. */
export interface Database {
  /** Path of the SQLite file, or `:memory:`. */
  databaseFile: string;
  /** Of PostgreSQL, which several replicas share; null: the SQLite file. */
  databaseUrl: string | null;
  databaseListenUrl: string | null;
  allowLoss: boolean;
  /** The name of this replica; null: the host's. */
  replica: string | null;
}

export interface OpenOptions {
  clock: Clock;
  log: Log;
  /** The version of this program. Null: not known. */
  release: string | null;
  /** The process must end: what it was to record may or may not be there, or another process has taken its place. */
  onFatal: (error: Error) => void;
  failPoint?: ReachFailPoint | undefined;
}

export interface OpenedStore {
  store: Store;
  /** This process among those that work on the store. */
  fleet: Fleet;
  /** Its time is what the processes compare. */
  clock: Clock;
}

/**
 * Opens the store that is configured; only the library of that one is loaded. Tested in test/store/open.test.ts.
 * @throws SetupError when it can't be used
 */
export async function openStore(config: Database, options: OpenOptions): Promise<OpenedStore> {
  const { databaseFile: file, databaseUrl: url } = config;
  const { clock, log, onFatal, failPoint } = options;
  if (url === null) {
    const { createSqliteStore } = await import('./sqlite/index.ts');
    return { store: createSqliteStore({ file, clock, log, onFatal, failPoint }), fleet: createFleetOfOne(), clock };
  }
  const { openPostgres } = await import('./postgres/opening/open.ts');
  const { databaseListenUrl: listenUrl, allowLoss, replica } = config;
  return openPostgres({ url, listenUrl, allowLoss, replica }, { ...options, version: options.release ?? '' });
}
