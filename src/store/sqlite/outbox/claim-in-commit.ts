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
  const takeLater = (claimed: readonly Job[], inMs = dueInMs) => {
    if (claimed.length > 0 || inMs !== null) afterNextCommit(() => take(claimed, inMs));
  };
  const request = kinds.size === 0 ? null : ask([...kinds]);
  if (request === null) {
    takeLater([]);
    return null;
  }
  return {
    work: () => jobs.claim(request, steadyNow()),
    resolve(found: unknown) {
      const claimed = found as readonly Job[];
      // What is due in a lane that rests is claimed when the rest ends, and the worker may sleep for longer.
      takeLater(claimed, claimed.length === 0 && jobs.someLaneRests(steadyNow()) ? 0 : dueInMs);
    },
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
