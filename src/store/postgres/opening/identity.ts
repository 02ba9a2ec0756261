import { DiskError } from '../../../core/ports/errors.ts';
import type { Log } from '../../../core/ports/ports.ts';
import type { Rows } from '../rows.ts';
import { begin, commit } from '../sql/commit.ts';
import { readIdentity } from '../sql/meta.ts';
import { checkIdentity } from './copy-mark.ts';

const TAKEN_OVER =
  'Another database answers than the one that this process has worked with: a standby has taken over, or a backup was restored. What the other one had confirmed last may be missing. This process ends; the next start settles what was outstanding.';

/**
 * A look on each new connection, before anything else is done there. Where the database is not the one of before, what is
 * outstanding may have been done already: only a start, which settles that, may go on. Tested in
 * test/store/postgres/opening/failover.test.ts.
 * @param onFatal the process must end
 */
export function watchIdentity(log: Log, onFatal: (error: Error) => void): (rows: Rows) => Promise<void> {
  let known: string | null = null;
  let hasEnded = false;
  return async (rows) => {
    await rows(begin);
    const isMarked = await checkIdentity(rows);
    const [found] = await rows<{ identity: string }>(readIdentity);
    await rows(commit);
    if (isMarked) log.warn({}, 'this database is a copy of another, or a standby that has taken over');
    known ??= found?.identity ?? null;
    if (found?.identity === known) return;
    if (!hasEnded) onFatal(new DiskError(TAKEN_OVER));
    hasEnded = true;
    throw new Error(TAKEN_OVER);
  };
}
