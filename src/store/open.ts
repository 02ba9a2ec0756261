import type { ReachFailPoint } from '../core/ports/fail-points.ts';
import type { Clock, Log, Store } from '../core/ports/ports.ts';
import { createFleetOfOne, type Fleet } from '../core/ports/store/fleet.ts';

/**
 * The store that `DATABASE_URL` names: one SQLite file, or a PostgreSQL that several replicas share. Only the library of that
 * one is loaded.
 * @throws SetupError when it can't be used
 */
export async function openStore(
  { databaseFile: file, databaseUrl: connectionString }: { databaseFile: string; databaseUrl: string | null },
  deps: { clock: Clock; log: Log; onFatal: (error: Error) => void; failPoint?: ReachFailPoint | undefined },
): Promise<{ store: Store; fleet: Fleet }> {
  if (connectionString === null) {
    const { createSqliteStore } = await import('./sqlite/index.ts');
    return { store: createSqliteStore({ file, ...deps }), fleet: createFleetOfOne() };
  }
  const { createPostgresStore } = await import('./postgres/index.ts');
  return { store: await createPostgresStore({ connectionString, ...deps }), fleet: createFleetOfOne() };
}
