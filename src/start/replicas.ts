/** Who else works on the database, and by which rules. Tested in test/start/replicas.test.ts and test/engine/observe/replicas.test.ts. */
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Clock, Log } from '../core/ports/ports.ts';
import type { Fleet } from '../core/ports/store/fleet.ts';
import type { Alerts } from '../engine/observe/alerts.ts';
import { createReplicasWatch, fingerprintOf, type ReplicasView } from '../engine/observe/replicas.ts';

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

/**
 * Keyed by a secret of the database: a reader of its table of replicas learns nothing about the settings.
 * @param compared the settings that all replicas have in common, as text
 */
export function createFingerprint(
  secret: string,
  compared: string,
  inForce: { readonly document: Pick<PolicyDocument, 'version'> },
  { hash: hashOf }: Pick<Clock, 'hash'>,
): () => string {
  const hash = (text: string) => hashOf(`${secret} ${text}`);
  const settings = hash(`settings ${compared}`);
  return () => fingerprintOf(settings, hash(`policy ${inForce.document.version}`));
}
