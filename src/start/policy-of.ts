/** The policy that applies at the start, and how a changed file takes its place. */
import type { Config } from '../config/config.ts';
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import { documentOfSettings } from '../core/policy/rules/document-of-settings.ts';
import { coerceError } from '../core/ports/errors.ts';
import type { Clock, Log } from '../core/ports/ports.ts';
import type { Engine } from '../engine/contract.ts';
import { unusedFile } from '../policy/file/read.ts';
import { createReload, type ReloadedPolicy } from '../policy/file/reload.ts';
import { linearPattern } from '../policy/linear-pattern.ts';

/** The newest document that was loaded: what holds it reads it each time. */
export interface PolicyInForce {
  document: PolicyDocument;
}

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
  { inForce, clock, log }: { inForce: PolicyInForce; clock: Clock; log: Log },
): ReloadedPolicy | null {
  if (policy === null) return null;
  const apply = (next: PolicyDocument) => {
    inForce.document = next;
    const masked = { keys: next.mask.keys, patterns: next.mask.patterns.map(linearPattern) };
    engine.setPolicy(next, masked).catch((thrown: unknown) => {
      log.error({ err: coerceError(thrown) }, 'open requests were not drawn again after a change of the policy');
    });
  };
  return createReload({ ...policy, apply, alerts: engine.alerts, clock, log });
}

/** A bot without a policy file was told to read its files again. */
export function sayNothingToReload(log: Pick<Log, 'warn'>): void {
  const file = unusedFile();
  if (file === null) {
    log.warn({}, 'there is no policy file to read again; .env is read at the start: restart to apply a change of it');
  } else {
    const remedy = 'remove from .env what countersign doctor names, then restart';
    log.warn({ file }, `this bot started without a policy file, so ${file} does not apply: ${remedy}`);
  }
}
