/** Who else works on the database, from the start to the stop. Tested in test/engine/observe/replicas.test.ts. */
import type { Metrics } from '../core/ports/metrics.ts';
import type { Clock, Log } from '../core/ports/ports.ts';
import type { Fleet } from '../core/ports/store/fleet.ts';
import type { Alerts } from '../engine/observe/alerts.ts';
import { createReplicasWatch, type ReplicasView } from '../engine/observe/replicas.ts';

/** @returns as it was at the last look; undefined: there can be no other replica */
export function watchReplicas(
  deps: { fleet: Fleet; alerts: Alerts; metrics: Metrics; clock: Clock; log: Log },
  undo: (() => unknown)[],
): (() => ReplicasView & { me: string }) | undefined {
  const watch = createReplicasWatch(deps);
  undo.push(() => watch.stop());
  watch.start();
  const { fleet } = deps;
  return fleet.report === undefined ? undefined : () => ({ me: fleet.me, ...watch.view() });
}
