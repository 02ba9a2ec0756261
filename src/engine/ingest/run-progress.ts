/** How a run goes on after its pauses. Tested in test/engine/ingest/run-progress.test.ts and test/stories/runs/run.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import { progressOf } from '../../core/approval/steps/run.ts';
import { isOnlyIngested } from '../../core/approval/steps/transitions.ts';
import type { Delivery, Log, RunReading, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/** Two rooms may report at the same moment, the one with older news last: so each looks again after it has written. */
const MAX_LOOKS = 3;

interface Deps {
  store: Store;
  apply: Apply;
  log: Log;
}

/** The approvals of a run, without the notes about it. */
async function askedIn(store: Store, backend: string, runId: string): Promise<Approval[]> {
  const members = await store.list({ backend, runId });
  return members.filter(({ pause }) => pause.kind !== 'note');
}

/** An approval of the run that our own stream has seen, among all of the run. */
export function ownIn(run: readonly Approval[]): Approval | undefined {
  return run.find(({ pause, via }) => pause.kind !== 'note' && via !== 'ingest');
}

const NOT_SEEN = 'Only signed ingest announced this. Countersign reads the run itself, and the run does not ask it';

/** Closes what only ingest has announced: it may be made up, and its answer could reach what the run does ask. */
export async function closeOnlyIngested(
  { backend, runId }: Extract<Delivery, { type: 'run_seen' }>,
  { store, apply }: Deps,
): Promise<void> {
  for (const approval of await askedIn(store, backend, runId)) {
    if (isOnlyIngested(approval)) await apply(approval.id, { type: 'cancelled', reason: NOT_SEEN });
  }
}

/** The run that was started from chat, among the approvals of one run. */
function startedRun(approvals: readonly Approval[]): Approval | undefined {
  return approvals.find(({ pause }) => pause.kind === 'run');
}

/** Whether a card of the run says how the run ended; what only signed ingest has announced proves nothing. */
export async function isEndSeen(store: Store, { backend, runId }: Approval['pause']): Promise<boolean> {
  return saysEnd(await askedIn(store, backend, runId));
}

function saysEnd(approvals: readonly Approval[]): boolean {
  return approvals.some((one) => {
    const state = one.continuation?.state;
    return !isOnlyIngested(one) && (state === 'completed' || state === 'failed');
  });
}

/**
 * Shows on the card of a run that was started from chat what the run asks now. Writes nothing where nothing changed.
 * @returns whether the run has several approvals
 */
export async function reportProgress(
  store: Store,
  apply: Apply,
  { backend, runId }: Approval['pause'],
): Promise<boolean> {
  for (let look = 1; look <= MAX_LOOKS; look += 1) {
    const approvals = await askedIn(store, backend, runId);
    const root = startedRun(approvals);
    if (root === undefined) return approvals.length > 1;
    const progress = progressOf(approvals.filter((one) => one.id !== root.id && !isOnlyIngested(one)));
    const known = root.continuation;
    if (progress === null || known?.state === 'completed' || known?.state === 'failed') break;
    if (known?.state === progress.continuation.state && known.text === progress.continuation.text) break;
    await apply(root.id, { type: 'continued', ...progress });
  }
  return true;
}

/**
 * Signed ingest ends what only ingest has announced, and no more. We end both: our own stream knows better.
 * @param closed recorded with the end, where an approval says it
 * @returns how many approvals of those the run has that say how it went on
 */
export async function endRun(
  { backend, runId, state, text, via }: Extract<Delivery, { type: 'run_ended' }>,
  closed: RunReading | undefined,
  { store, apply, log }: Deps,
): Promise<number> {
  const members = await askedIn(store, backend, runId);
  const approvals = via === undefined ? members : members.filter(isOnlyIngested);
  const following = approvals.filter(({ continuation }) => continuation?.state === 'following');
  if (state === 'lost' && saysEnd(members)) {
    await stopFollowing(following, apply);
    return approvals.length;
  }
  const fields = { backend, run: runId, outcome: state, approvals: approvals.length };
  if (state === 'lost') log.warn({ backend, run: runId }, 'rest of the run not seen');
  else log.info(fields, 'run ended');
  if (state !== 'lost') {
    for (const { id, phase } of approvals) {
      if (phase === 'open' || phase === 'decided')
        await apply(id, { type: 'cancelled', reason: { code: 'run_ended' }, via });
    }
  }
  const reporting = via === undefined ? approvals.filter((one) => !isOnlyIngested(one)) : approvals;
  // A run from chat reports on its own card and in the thread below; any other run on its latest approval.
  const reporter = startedRun(approvals) ?? following.at(-1) ?? reporting.at(-1);
  const end = { type: 'continued', continuation: { state, text }, via } as const;
  if (reporter !== undefined) await apply(reporter.id, end, null, null, null, { run: closed });
  await stopFollowing(
    following.filter(({ id }) => id !== reporter?.id),
    apply,
  );
  return reporter === undefined ? 0 : approvals.length;
}

export async function pauseRun(
  { backend, runId }: Extract<Delivery, { type: 'run_paused' }>,
  { store, apply }: Deps,
): Promise<void> {
  const approvals = await askedIn(store, backend, runId);
  const root = startedRun(approvals);
  const following = approvals.filter(({ continuation }) => continuation?.state === 'following');
  await stopFollowing(
    following.filter(({ id }) => id !== root?.id),
    apply,
  );
  if (root?.continuation?.state !== 'following') return;
  await reportProgress(store, apply, root.pause);
  // Where no approval shows what the run waits for, nothing can be decided here.
  const after = await store.get(root.id);
  if (after?.continuation?.state === 'following') await stopFollowing([root], apply);
}

/** What comes next in their run is shown elsewhere. */
async function stopFollowing(approvals: readonly Approval[], apply: Apply): Promise<void> {
  for (const { id } of approvals) await apply(id, { type: 'continued', continuation: { state: 'paused', text: null } });
}
