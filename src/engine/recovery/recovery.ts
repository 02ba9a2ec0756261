/**
 * The order of a recovery: where little is unfinished, before anything starts; else beside the work. Tested in
 * test/engine/recovery/recovery.test.ts and test/engine/recovery/adoption.test.ts.
 */
import type { ReachFailPoint } from '../../core/ports/fail-points.ts';
import type { Clock, EndedReplica, Fleet, Log, Store, Unfinished } from '../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import type { Apply } from '../apply.ts';
import { adopt, release } from './adoption.ts';
import type { DrawnBy } from './drawn-by.ts';
import { Left } from './left.ts';
import { type Reconciliation, type Recovered, RunRecovery, runsOf } from './recover.ts';
import { turn, type Unrecovered } from './unrecovered.ts';

/**
 * Where no more approvals are unfinished, they are recovered before anything is started, and every card is drawn again, which
 * finds those that somebody has deleted. With more, a start would take as long as they are many.
 */
const FEW = 200;

/** Who asks is read of so many in one turn of the event loop, in a few ms. */
const ASKED_AT_ONCE = 200;

export interface Recovery {
  /** Call it before anything is started. @throws StoreError */
  begin(): Promise<Recovered>;
  /** Whose work `begin` has taken over. */
  ended(): readonly EndedReplica[];
  /** Recovers what `begin` has left, in slices, and retries what the store refuses. Resolves with what `complete` does. */
  rest(): Promise<boolean>;
  /** Takes over, beside the work, what these have left. Retries what the store refuses. Rejects where it was stopped before. */
  adopt(ended: readonly EndedReplica[]): Promise<Recovered>;
  /** Null: all is recovered, or nothing has begun. Resolves to false where it was stopped before. */
  complete(): Promise<boolean> | null;
  /** Resolves once it is known who asks for what is open, so that a namesake is noticed. Null: it is. */
  asked(): Promise<void> | null;
  /** Resolves once nothing of it is under way. */
  stop(): Promise<void>;
}

export interface RecoveryDeps {
  /** As it is: what is read and changed here is not recovered yet. */
  store: Store;
  apply: Apply;
  unrecovered: Unrecovered;
  drawnBy: DrawnBy;
  fleet: Pick<Fleet, 'me' | 'size' | 'adopt' | 'adopted'>;
  parts: Omit<Reconciliation, 'redraw'>;
  /** With how many unfinished approvals they are recovered before anything starts. */
  few?: number | undefined;
  /** Once all is recovered. */
  onComplete: () => Promise<void>;
  failPoint?: ReachFailPoint | undefined;
  clock: Clock;
  log: Log;
}

export function createRecovery(deps: RecoveryDeps): Recovery {
  const { store, fleet, unrecovered, drawnBy, few = FEW, clock, log } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  let runs: RunRecovery | null = null;
  let ended: readonly EndedReplica[] = [];
  let completing: PromiseWithResolvers<boolean> | null = null;
  let asking: PromiseWithResolvers<void> | null = null;
  let working: Promise<boolean> | null = null;
  async function work(begun: RunRecovery): Promise<boolean> {
    const recorded = (part: () => Promise<void>) => retryUntilRecorded(clock, log, part, signal);
    await recorded(() => readAsked(deps, unrecovered.ids(), signal));
    asking?.resolve();
    asking = null;
    while (unrecovered.size > 0) {
      if (signal.aborted) return false;
      await recorded(() => unrecovered.recoverNext());
      await recorded(() => begun.reportLost());
      await turn();
    }
    await recorded(() => finish(begun, deps));
    return true;
  }

  return {
    async begin() {
      ended = await fleet.adopt();
      await release(ended, deps);
      // The cause of a dead letter may have been fixed meanwhile.
      await store.retryDeadLetters(null);
      const unfinished = await store.unfinished();
      const areFew = unfinished.length <= few;
      const left = new Left(ended, fleet.size() === 1, await store.openRuns());
      const redraw = !(await drawnBy.begin()) || (areFew && left.isAll);
      const begun = beginOf(unfinished, left, redraw, deps);
      runs = begun;
      const beside = unfinished.filter(({ id }) => !unrecovered.has([id])).map(({ id }) => id);
      await readAsked(deps, beside, signal);
      // On a copy, what the original may have done is settled before anything else.
      const isFirst = areFew || (await store.copyMark()) !== null;
      while (isFirst && unrecovered.size > 0) await unrecovered.recoverNext();
      await begun.reportLost();
      if (unrecovered.size === 0) await finish(begun, deps);
      else {
        completing = Promise.withResolvers();
        asking = Promise.withResolvers();
        log.info({ left: unrecovered.size }, 'what is open is recovered beside the work');
      }
      return begun.recovered;
    },
    async rest() {
      if (runs === null || completing === null) return true;
      const { promise, resolve } = completing;
      working = work(runs).catch((thrown: unknown) => {
        if (signal.aborted) return false;
        throw thrown;
      });
      const isComplete = await working;
      if (isComplete) completing = null;
      resolve(isComplete);
      return promise;
    },
    adopt: async (ended) => {
      await completing?.promise;
      return adopt(ended, deps, signal);
    },
    ended: () => ended,
    complete: () => completing?.promise ?? null,
    asked: () => asking?.promise ?? null,
    async stop() {
      stopping.abort();
      completing?.resolve(false);
      asking?.resolve();
      await working;
    },
  };
}

async function finish(begun: RunRecovery, { fleet, drawnBy, onComplete, log }: RecoveryDeps): Promise<void> {
  await begun.recoverOthers();
  for (const replica of begun.replicas) await fleet.adopted(replica);
  await onComplete();
  await drawnBy.end();
  const { recovered, runsReconnected } = begun;
  log.info({ ...recovered, runsReconnected }, 'state restored');
}

/** From now on, a call that touches what may be left waits for its recovery. */
function beginOf(unfinished: readonly Unfinished[], left: Left, redraw: boolean, deps: RecoveryDeps): RunRecovery {
  const touched = redraw ? unfinished : unfinished.filter((one) => left.mayConcern(one));
  const { unrecovered, parts, fleet } = deps;
  const begun = new RunRecovery({ ...deps, me: fleet.me }, { unfinished: touched, left }, { ...parts, redraw });
  unrecovered.begin(runsOf(touched), (some) => begun.recover(some));
  return begun;
}

async function readAsked({ store, parts }: RecoveryDeps, ids: readonly string[], signal: AbortSignal): Promise<void> {
  for (let at = 0; at < ids.length && !signal.aborted; at += ASKED_AT_ONCE) {
    for (const one of await store.asked(ids.slice(at, at + ASKED_AT_ONCE))) parts.onUnchanged(one);
    await turn();
  }
}
