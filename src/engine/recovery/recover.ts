import type { Approval } from '../../core/approval/approval.ts';
import { byApplication } from '../../core/approval/steps/transitions.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Backend, Intake, Log, OpenRun, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/** What the last process left in the middle of things. */
export interface Recovered {
  /** Approvals that are not over. */
  unfinished: number;
  /** Decisions that were on their way: their call may have arrived. */
  inDoubt: number;
  /** Runs that were being followed, and whose rest was not seen. */
  runsLost: number;
}

/** How what an earlier process left is gone on with. Without it, what that was reading is lost. */
export interface Reconciliation {
  backends: ReadonlyMap<string, Backend>;
  intake: Intake;
  /** As the settings have it now: what is dangerous may be so since this start. */
  policy: Pick<Policy, 'confirms'>;
}

/**
 * Before anything new happens: what the last process held is taken back, and what it was listening to is joined again
 * where that is possible, and over where it isn't. Jobs that were under way run again by themselves, and know that
 * their first call may have arrived. Every card that is still open is drawn again, each room at its own pace.
 */
export async function recover(
  store: Store,
  apply: Apply,
  log: Log,
  { backends, intake, policy }: Partial<Reconciliation> = {},
): Promise<Recovered> {
  await store.unlockJobs(null);
  // What kept a card from being shown may have been mended meanwhile.
  await store.retryDeadLetters(null);
  const unfinished = await store.list({ unfinished: true });
  const runs = await store.openRuns();
  const joined = backends === undefined ? new Set<string>() : joinAgain(unfinished, runs, backends);
  const lost = new Set<string>();
  for (const approval of unfinished) {
    const isJoined = joined.has(runName(approval.pause));
    if (approval.streamOpen) await apply(approval.id, { type: 'stream_ended' });
    if (!isJoined && approval.continuation?.state === 'following') await tellLost(approval);
    // Its answer may be the one that was lost, and then the run is heard of all the same.
    if (isJoined && approval.continuation === null && (approval.phase === 'sending' || approval.mayHaveArrived)) {
      await apply(approval.id, { type: 'continued', continuation: { state: 'following', text: null } });
    }
    const confirm = policy?.confirms?.(approval.pause);
    await apply(approval.id, { type: 'recovered', ...(confirm !== undefined && { confirm }) });
    if (approval.phase === 'sending' && byApplication(approval)) {
      // The call was the application's own: only it can have seen the answer.
      const result = { type: 'ambiguous', reason: { code: 'application_interrupted' } } as const;
      await apply(approval.id, { type: 'sent', result, resendable: false, last: true });
    }
  }
  for (const run of runs) if (!joined.has(runName(run))) await runLost(run);
  const recovered = {
    unfinished: unfinished.filter(({ phase }) => phase !== 'settled').length,
    inDoubt: unfinished.filter(({ phase }) => phase === 'sending').length,
    runsLost: lost.size,
  };
  log.info({ ...recovered, runsJoined: joined.size }, 'state read back');
  return recovered;

  async function tellLost({ id, pause: { backend, runId } }: Approval): Promise<void> {
    if (intake !== undefined) return runLost({ backend, runId });
    lost.add(runName({ backend, runId }));
    log.warn({ approval: id, run: runId }, 'rest of the run not seen');
    // Of a run that was started from chat its own card tells, once.
    const root = unfinished.find(({ pause }) => pause.kind === 'run' && pause.runId === runId);
    const teller = root?.id ?? id;
    await apply(teller, { type: 'continued', continuation: { state: 'lost', text: null } });
    if (teller !== id) await apply(id, { type: 'continued', continuation: { state: 'paused', text: null } });
  }

  /** Told once for each run, in the one place that counts it. */
  async function runLost({ backend, runId }: Pick<OpenRun, 'backend' | 'runId'>): Promise<void> {
    const name = runName({ backend, runId });
    if (lost.has(name)) return;
    lost.add(name);
    await intake?.deliver({ type: 'run_ended', backend, runId, state: 'lost', text: null });
  }
}

function joinAgain(
  unfinished: readonly Approval[],
  runs: readonly OpenRun[],
  backends: ReadonlyMap<string, Backend>,
): Set<string> {
  const joined = new Set<string>();
  for (const { name, reconcile } of backends.values()) {
    const mine = unfinished.filter(({ pause }) => pause.backend === name);
    const open = runs.filter(({ backend }) => backend === name);
    for (const runId of reconcile?.(mine, open) ?? []) joined.add(runName({ backend: name, runId }));
  }
  return joined;
}

function runName({ backend, runId }: Pick<OpenRun, 'backend' | 'runId'>): string {
  return `${backend}\n${runId}`;
}
