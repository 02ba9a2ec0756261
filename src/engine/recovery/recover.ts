/** Takes over what the last process left. Tested in test/engine/engine.test.ts and test/faults/process/start-up.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import { byApplication } from '../../core/approval/steps/transitions.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Backend, Intake, Log, OpenRun, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/** What the last process left unfinished. */
export interface Recovered {
  /** Approvals that are not settled. */
  unfinished: number;
  /** Decisions in flight: their call may have arrived. */
  inDoubt: number;
  /** Runs that were being followed, and could not be reconnected. */
  runsLost: number;
}

/** Without backends, runs that were being read are lost. */
export interface Reconciliation {
  backends: ReadonlyMap<string, Backend>;
  intake: Intake;
  /** The present settings decide what is dangerous. */
  policy: Pick<Policy, 'confirms'>;
}

/**
 * Call it before anything is started: unlocks jobs, and reconnects runs where that is possible. Jobs that were running
 * run again, and know that their first call may have arrived. Every open card is checked, and sent if it has changed.
 */
export async function recover(
  store: Store,
  apply: Apply,
  log: Log,
  { backends, intake, policy }: Partial<Reconciliation> = {},
): Promise<Recovered> {
  await store.unlockJobs(null);
  // The cause of a dead letter may have been fixed meanwhile.
  await store.retryDeadLetters(null);
  const unfinished = await store.list({ unfinished: true });
  const runs = await store.openRuns();
  const reconnected = backends === undefined ? new Set<string>() : reconnect(unfinished, runs, backends);
  const lost = new Set<string>();
  for (const approval of unfinished) {
    const isReconnected = reconnected.has(runName(approval.pause));
    if (approval.streamOpen) await apply(approval.id, { type: 'stream_ended' });
    if (!isReconnected && approval.continuation?.state === 'following') await reportLost(approval);
    // If its answer was the one that was lost, the run is followed all the same.
    if (isReconnected && approval.continuation === null && (approval.phase === 'sending' || approval.mayHaveArrived)) {
      await apply(approval.id, { type: 'continued', continuation: { state: 'following', text: null } });
    }
    const confirm = policy?.confirms(approval);
    await apply(approval.id, { type: 'recovered', ...(confirm !== undefined && { confirm }) });
    if (approval.phase === 'sending' && byApplication(approval)) {
      // The call was the application's own: only the application can have seen the answer.
      const result = { type: 'ambiguous', reason: { code: 'application_interrupted' } } as const;
      await apply(approval.id, { type: 'sent', result, resendable: false, last: true });
    }
  }
  for (const run of runs) if (!reconnected.has(runName(run))) await runLost(run);
  const recovered = {
    unfinished: unfinished.filter(({ phase }) => phase !== 'settled').length,
    inDoubt: unfinished.filter(({ phase }) => phase === 'sending').length,
    runsLost: lost.size,
  };
  log.info({ ...recovered, runsReconnected: reconnected.size }, 'state restored');
  return recovered;

  async function reportLost({ id, pause: { backend, runId } }: Approval): Promise<void> {
    if (intake !== undefined) return runLost({ backend, runId });
    lost.add(runName({ backend, runId }));
    log.warn({ approval: id, run: runId }, 'rest of the run not seen');
    // A run from chat shows this on its own card, once.
    const root = unfinished.find(({ pause }) => pause.kind === 'run' && pause.runId === runId);
    const reporter = root?.id ?? id;
    await apply(reporter, { type: 'continued', continuation: { state: 'lost', text: null } });
    if (reporter !== id) await apply(id, { type: 'continued', continuation: { state: 'paused', text: null } });
  }

  /** Once for each run, through the intake, which counts it. */
  async function runLost({ backend, runId }: Pick<OpenRun, 'backend' | 'runId'>): Promise<void> {
    const name = runName({ backend, runId });
    if (lost.has(name)) return;
    lost.add(name);
    await intake?.deliver({ type: 'run_ended', backend, runId, state: 'lost', text: null });
  }
}

function reconnect(
  unfinished: readonly Approval[],
  runs: readonly OpenRun[],
  backends: ReadonlyMap<string, Backend>,
): Set<string> {
  const reconnected = new Set<string>();
  for (const { name, reconcile } of backends.values()) {
    const mine = unfinished.filter(({ pause }) => pause.backend === name);
    const open = runs.filter(({ backend }) => backend === name);
    for (const runId of reconcile?.(mine, open) ?? []) reconnected.add(runName({ backend: name, runId }));
  }
  return reconnected;
}

function runName({ backend, runId }: Pick<OpenRun, 'backend' | 'runId'>): string {
  return `${backend}\n${runId}`;
}
