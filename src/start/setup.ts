/** Names the settings of a start. Tested in test/engine/recovery/recovery.test.ts and test/faults/process/start-up.test.ts. */
import type { Config } from '../config/config.ts';

/** Another text for other settings. Secrets change nothing that a card shows, and are not part of it; nor are the policy and the page for operators. */
export function setupOf({ policy: _, operatorPage: __, secrets, ...config }: Readonly<Config>): string {
  const hidden = new Set(secrets);
  return JSON.stringify(config, (_key, value: unknown) => {
    if (typeof value === 'string' && hidden.has(value)) return '';
    if (value instanceof Map || value instanceof Set) return [...value];
    return value instanceof RegExp ? String(value) : value;
  });
}
