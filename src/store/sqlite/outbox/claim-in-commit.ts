import type { Claimer, Job, Log } from '../../../core/ports/ports.ts';
import type { JobNews, Jobs } from './jobs.ts';

/** The claim that a commit makes last; null: it made no job due. */
export function claimWith(
  { ask, take }: Claimer,
  { kinds, dueInMs }: JobNews,
  jobs: Jobs,
  steadyNow: () => number,
  log: Log,
) {
  const takeLater = (claimed: readonly Job[]) => {
    if (claimed.length > 0 || dueInMs !== null) afterNextCommit(() => take(claimed, dueInMs));
  };
  const request = kinds.size === 0 ? null : ask([...kinds]);
  if (request === null) {
    takeLater([]);
    return null;
  }
  return {
    work: () => jobs.claim(request, steadyNow()),
    resolve: (claimed: unknown) => takeLater(claimed as readonly Job[]),
    reject(error: Error) {
      log.error({ err: error }, 'jobs could not be claimed with a commit');
      // They are due: the worker looks for them itself.
      afterNextCommit(() => take([], 0));
    },
  };
}

/** What is waiting for the commit goes first, and a burst that comes one by one has brought its second by then. */
function afterNextCommit(work: () => void): void {
  setImmediate(() => setImmediate(work));
}
