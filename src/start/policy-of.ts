/** The policy that applies at the start: that of the file, or one rule made of the settings. */
import type { Config } from '../config/config.ts';
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import { documentOfSettings } from '../core/policy/rules/document-of-settings.ts';

export function policyOf({ policy, policySettings }: Readonly<Config>): PolicyDocument {
  return policy?.document ?? documentOfSettings(policySettings);
}
