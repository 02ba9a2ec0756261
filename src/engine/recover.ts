import type { Log, Store } from '../core/ports.ts';
import { byApplication } from '../core/transitions.ts';
import type { Apply } from './apply.ts';

/** What the last process left in the middle of things. */
export interface Recovered {
  /** Approvals that are not over. */
  unfinished: number;
  /** Decisions that were on their way: their call may have arrived. */
  inDoubt: number;
  /** Runs that were being followed, and whose rest was not seen. */
  runsLost: number;
}

/**
 * Before anything new happens: what the last process held is taken back, and what it was listening to is over.
 * Jobs that were under way run again by themselves, and know that their first call may have arrived.
 */
export async function recover(store: Store, apply: Apply, log: Log): Promise<Recovered> {
  await store.release(null);
  const unfinished = await store.list({ unfinished: true });
  const runs = new Map(unfinished.filter(({ pause }) => pause.kind === 'run').map((run) => [run.pause.runId, run.id]));
  for (const approval of unfinished) {
    if (approval.streamOpen) await apply(approval.id, { type: 'stream_ended' });
    if (approval.continuation?.state === 'following') {
      log.warn({ approval: approval.id, run: approval.pause.runId }, 'rest of the run not seen');
      // Of a run that was started from chat its own card tells, once.
      const teller = runs.get(approval.pause.runId) ?? approval.id;
      await apply(teller, { type: 'continued', continuation: { state: 'lost', text: null } });
      if (teller !== approval.id)
        await apply(approval.id, { type: 'continued', continuation: { state: 'paused', text: null } });
    }
    await apply(approval.id, { type: 'recovered' });
    if (approval.phase === 'sending' && byApplication(approval)) {
      // The call was the application's own: only it can have seen the answer.
      const words = 'Countersign stopped while the application’s own decision was passing through.';
      const result = { type: 'ambiguous', words } as const;
      await apply(approval.id, { type: 'sent', result, resendable: false, last: true });
    }
  }
  const recovered = {
    unfinished: unfinished.filter(({ phase }) => phase !== 'settled').length,
    inDoubt: unfinished.filter(({ phase }) => phase === 'sending').length,
    runsLost: unfinished.filter(({ continuation }) => continuation?.state === 'following').length,
  };
  log.info(recovered, 'state read back');
  return recovered;
}
