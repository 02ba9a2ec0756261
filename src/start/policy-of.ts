/** The policy that applies at the start, and how a changed file takes its place. */
import type { Config } from '../config/config.ts';
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import { documentOfSettings } from '../core/policy/rules/document-of-settings.ts';
import { coerceError } from '../core/ports/errors.ts';
import type { Clock, Log } from '../core/ports/ports.ts';
import type { Engine } from '../engine/contract.ts';
import { createReload, type ReloadedPolicy } from '../policy/file/reload.ts';

/** That of the file, or one rule made of the settings. */
export function policyOf({ policy, policySettings }: Readonly<Config>): PolicyDocument {
  // What people are asked to write is a setting of the forms.
  const { forms: _, ...settings } = policySettings;
  return policy?.document ?? documentOfSettings(settings);
}

/** Null: there is no policy file. */
export function reloadOf(
  { policy }: Readonly<Config>,
  engine: Pick<Engine, 'setPolicy' | 'alerts'>,
  { clock, log }: { clock: Clock; log: Log },
): ReloadedPolicy | null {
  if (policy === null) return null;
  let document = policy.document;
  const apply = (next: PolicyDocument) => {
    const parts = partsOfStart(document, next);
    if (parts.length > 0) log.warn({ parts }, 'these parts of the policy file take effect at the next start');
    document = next;
    engine.setPolicy(next).catch((thrown: unknown) => {
      log.error({ err: coerceError(thrown) }, 'open requests were not drawn again after a change of the policy');
    });
  };
  return createReload({ ...policy, apply, alerts: engine.alerts, clock, log });
}

/** What is read at the start only, of what differs. */
function partsOfStart(before: PolicyDocument, next: PolicyDocument): string[] {
  const fixed = {
    mask: ({ mask }: PolicyDocument) => mask,
    runs: ({ runs }: PolicyDocument) => runs.map(({ target }) => target),
    'defaults.digest': ({ digestFrom }: PolicyDocument) => digestFrom,
    'defaults.claim': ({ claimMs }: PolicyDocument) => claimMs,
    'questions.tools': ({ questions }: PolicyDocument) => questions.tools,
  };
  return Object.entries(fixed).flatMap(([part, of]) =>
    JSON.stringify(of(before)) === JSON.stringify(of(next)) ? [] : [part],
  );
}
