/** The page for operators, from the parts of a started bot. Tested in test/browser/operator.test.ts. */
import type { Config } from '../config/config.ts';
import type { CallGuard } from '../core/ports/http.ts';
import type { Clock, Store } from '../core/ports/ports.ts';
import type { Engine } from '../engine/contract.ts';
import type { OperatorPageDeps } from '../operator/index.ts';

/** Null: it is off, and none of its code is loaded. */
export async function operatorPage(
  { operatorPage: settings, retentionMs }: Readonly<Config>,
  { policy, desk, health, stopSwitch }: Pick<Engine, 'policy' | 'desk' | 'health' | 'stopSwitch'>,
  parts: Pick<OperatorPageDeps, 'started' | 'release' | 'log' | 'doctor'> & {
    store: Store;
    guard: CallGuard;
    policy: OperatorPageDeps['policyFile'];
    clock: Clock;
  },
) {
  if (settings === null) return null;
  const { createOperatorPage } = await import('../operator/index.ts');
  // As TZ says, or the machine.
  const { timeZone: zone } = new Intl.DateTimeFormat().resolvedOptions();
  const { policy: file, ...rest } = parts;
  return createOperatorPage({
    ...rest,
    settings,
    policy,
    policyFile: file,
    desk,
    health,
    stopped: stopSwitch.current,
    retentionMs,
    zone,
  });
}
