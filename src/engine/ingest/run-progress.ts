import type { Approval } from '../../core/approval/approval.ts';
import { progressOf } from '../../core/approval/steps/run.ts';
import type { Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/** Two rooms may tell at the same moment, the one with older news last; whoever told looks once more. */
const LOOKS = 3;

/** The run that somebody started from chat, among the approvals of one run. */
export function startedRun(approvals: readonly Approval[]): Approval | undefined {
  return approvals.find(({ pause }) => pause.kind === 'run');
}

/** Tells a run that was started from chat how it stands, by what it has asked. Nothing is written where that is no news. */
export async function tellRun(store: Store, apply: Apply, { backend, runId }: Approval['pause']): Promise<void> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const approvals = await store.list({ backend, runId });
    const root = startedRun(approvals);
    if (root === undefined) return;
    const progress = progressOf(approvals.filter(({ id }) => id !== root.id));
    const known = root.continuation;
    if (progress === null || known?.state === 'completed' || known?.state === 'failed') return;
    if (known?.state === progress.continuation.state && known.text === progress.continuation.text) return;
    await apply(root.id, { type: 'continued', ...progress });
  }
}
