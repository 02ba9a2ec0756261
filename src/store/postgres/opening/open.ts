import { hostname } from 'node:os';
import { SetupError } from '../../../core/ports/errors.ts';
import type { ReachFailPoint } from '../../../core/ports/fail-points.ts';
import type { Clock, Log, Store } from '../../../core/ports/ports.ts';
import type { Fleet } from '../../../core/ports/store/fleet.ts';
import { DatabaseClock } from '../fleet/clock.ts';
import { createPostgresStore } from '../index.ts';

/**
 * Opens the configured database, with its own clock. Tested in test/store/open.test.ts.
 * @throws SetupError when it can't be used
 */
export async function openPostgres(
  config: { url: string; listenUrl: string | null; allowLoss: boolean; replica: string | null },
  deps: {
    clock: Clock;
    log: Log;
    version: string;
    onFatal: (error: Error) => void;
    failPoint?: ReachFailPoint | undefined;
  },
): Promise<{ store: Store; fleet: Fleet; clock: Clock }> {
  const { log, version, onFatal, failPoint } = deps;
  const { url, listenUrl, allowLoss, replica } = config;
  const clock = new DatabaseClock(deps.clock, log);
  try {
    const opened = await createPostgresStore({
      connectionString: url,
      listenString: listenUrl ?? undefined,
      name: replica ?? hostname(),
      ...{ version, clock, log, allowLoss, onFatal, failPoint },
      onTime: (...reading) => clock.note(...reading),
    });
    // Nothing is recorded before the time of the database is known.
    await opened.fleet.beat('');
    return { ...opened, clock };
  } catch (thrown) {
    if (thrown instanceof SetupError) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new SetupError(
      `The database that DATABASE_URL names can’t be used (${reason}). Check the address, and that it runs.`,
      {
        cause: thrown,
      },
    );
  }
}
