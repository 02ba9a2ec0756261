/** What replicas compare: their settings and the policy that applies. Tested in test/start/fingerprint.test.ts. */
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import type { Clock } from '../core/ports/ports.ts';
import { fingerprintOf } from '../engine/observe/replicas.ts';

/**
 * Keyed by a secret of the database: whoever reads its table of replicas learns nothing about the settings.
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
