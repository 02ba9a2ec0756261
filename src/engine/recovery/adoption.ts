/** Takes over, beside the work, what replicas left that have ended. Tested in test/engine/recovery/adoption.test.ts. */
import type { EndedReplica } from '../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import { Left } from './left.ts';
import { type Recovered, RunRecovery, runsOf } from './recover.ts';
import type { RecoveryDeps } from './recovery.ts';
import { turn } from './unrecovered.ts';

/**
 * The replica that is given them does it to the end: what the store refuses is tried again.
 * @throws what the store refused last, where it is stopped before
 */
export async function adopt(
  ended: readonly EndedReplica[],
  deps: RecoveryDeps,
  signal: AbortSignal,
): Promise<Recovered> {
  const { store, fleet, unrecovered, clock, log } = deps;
  const recorded = <T>(part: () => Promise<T>) => retryUntilRecorded(clock, log, part, signal);
  await recorded(() => release(ended, deps));
  const left = new Left(ended, false, await recorded(() => store.openRuns()));
  const unfinished = (await recorded(() => store.unfinished())).filter((one) => left.mayConcern(one));
  const parts = { ...deps.parts, redraw: false };
  const begun = new RunRecovery({ ...deps, me: fleet.me }, { unfinished, left }, parts);
  unrecovered.begin(runsOf(unfinished), (some) => begun.recover(some));
  while (unrecovered.size > 0) {
    signal.throwIfAborted();
    await recorded(() => unrecovered.recoverNext());
    await recorded(() => begun.reportLost());
    await turn();
  }
  await recorded(() => begun.recoverOthers());
  for (const replica of begun.replicas) await recorded(() => fleet.adopted(replica));
  deps.failPoint?.('recovery.done');
  return begun.recovered;
}

/** The jobs that they were running are free for others, as calls that may have arrived. */
export async function release(
  ended: readonly EndedReplica[],
  { store, failPoint }: Pick<RecoveryDeps, 'store' | 'failPoint'>,
): Promise<void> {
  for (const { replica } of ended) await store.release(replica);
  failPoint?.('recovery.begun');
}
