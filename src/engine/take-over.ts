/**
 * What a start takes over from the process before it, wired. Tested in test/engine/recovery/recovery.test.ts and
 * test/stories/operator/backup.test.ts.
 */
import type { Approval } from '../core/approval/approval.ts';
import type { ReachFailPoint } from '../core/ports/fail-points.ts';
import type { Asked, Backend, Clock, Fleet, Intake, Log, Store } from '../core/ports/ports.ts';
import type { Apply } from './apply.ts';
import type { Records } from './background/records.ts';
import type { EngineSettings, Shared } from './contract.ts';
import type { IntakeDeps } from './ingest/ingest.ts';
import type { Namesakes } from './ingest/namesakes.ts';
import { reviewChanged } from './ingest/policy-review.ts';
import type { Alerts } from './observe/alerts.ts';
import type { DrawnBy } from './recovery/drawn-by.ts';
import { createPresence, type Presence } from './recovery/presence.ts';
import type { Recovered } from './recovery/recover.ts';
import { createRecovery, type Recovery } from './recovery/recovery.ts';
import { settleCopy } from './recovery/restored-copy.ts';
import type { Unrecovered } from './recovery/unrecovered.ts';

/**
 * @param untouched what the recovery itself reads and changes by
 * @param shared what everyone else does, so that each approval is recovered there
 */
export function createTakeOver(
  untouched: {
    store: Store;
    apply: Apply;
    unrecovered: Unrecovered;
    drawnBy: DrawnBy;
    fleet: Fleet;
    settings?: Pick<Partial<EngineSettings>, 'recoveredFirst'>;
    failPoint?: ReachFailPoint | undefined;
    alerts: Pick<Alerts, 'raise'>;
    fingerprint?: (() => string) | undefined;
    clock: Clock;
    log: Log;
  },
  shared: Pick<Shared, 'store' | 'apply' | 'policy' | 'standing' | 'log'> & {
    byName: ReadonlyMap<string, Backend>;
    ingest: IntakeDeps;
    intake: Intake;
    namesakes: Namesakes;
    records: Records;
  },
): { recovery: Recovery; presence: Presence; recover: () => Promise<Recovered> } {
  const { byName: backends, ingest, intake, namesakes, records, standing, store, apply, policy, log } = shared;
  const onUnchanged = (approval: Asked) => namesakes.note(approval);
  const review = (approval: Approval) =>
    reviewChanged(approval, { ...ingest, store: untouched.store, apply: untouched.apply });
  const recovery = createRecovery({
    ...untouched,
    few: untouched.settings?.recoveredFirst,
    parts: { backends, intake, policy, onUnchanged, review },
    async onComplete() {
      await namesakes.record(apply);
      untouched.failPoint?.('recovery.done');
    },
  });
  const { fleet, alerts, clock, fingerprint = () => '' } = untouched;
  const presence = createPresence({ fleet, fingerprint, adopt: recovery.adopt, alerts, clock, log });
  return {
    recovery,
    presence,
    async recover() {
      // A stop is in force from the first input on.
      await records.load();
      // Before a backend announces anything: the original of a copy may use its standing answers, too.
      if ((await store.copyMark()) !== null) await standing.grants.endAll('copy');
      const recovered = await recovery.begin();
      presence.recovered(recovery.ended(), recovered);
      await settleCopy({ store, apply, backends, log });
      await standing.grants.review();
      return recovered;
    },
  };
}
