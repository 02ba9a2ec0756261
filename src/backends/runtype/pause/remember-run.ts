import { stillWaits } from '../../../core/approval/steps/transitions.ts';
import type { Store } from '../../../core/ports/ports.ts';
import { BACKEND, rememberPause } from './pause.ts';
import type { RunFactsCache } from './run-facts.ts';

/** What another replica has read of a run, as far as it decides whose an answer is. Only what is stored is remembered. */
export async function rememberRun(
  runId: string,
  store: Pick<Store, 'list' | 'openRuns'>,
  facts: { runFacts: RunFactsCache; ingestedFacts: RunFactsCache },
): Promise<void> {
  const [approvals, readings] = await Promise.all([
    store.list({ backend: BACKEND, runId }),
    store.openRuns({ backend: BACKEND, runId }),
  ]);
  for (const approval of approvals) if (stillWaits(approval)) rememberPause(approval, facts);
  const opener = readings.find((reading) => reading.opener !== null)?.opener;
  if (opener != null) facts.runFacts.of(runId).opener ??= opener;
}
