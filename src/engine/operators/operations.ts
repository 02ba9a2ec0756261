/**
 * Everything that operators do in chat, and the links of accounts, wired. Tested in test/engine/operators/commands.test.ts and
 * test/engine/operators/stop.test.ts.
 */
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Backend, Clock, Log, Store } from '../../core/ports/ports.ts';
import type { Fleet } from '../../core/ports/store/fleet.ts';
import type { OperatorStatus } from '../../core/view/operators/status-text.ts';
import type { Apply } from '../apply.ts';
import type { Alerts } from '../observe/alerts.ts';
import type { Health } from '../observe/health.ts';
import { createOperatorCommands, type OperatorCommands } from './commands.ts';
import { createDeadLetters, type DeadLetters } from './dead-letters.ts';
import { createLinkCommands } from './link-commands.ts';
import type { Links } from './links.ts';
import { createStatus } from './status.ts';
import type { StopSwitch } from './stop.ts';
import { createStopEffects, type StopEffects } from './stop-effects.ts';

export interface Operations {
  operate: OperatorCommands;
  status: () => Promise<OperatorStatus>;
  deadLetters: DeadLetters;
  stopEffects: StopEffects;
  /** Another policy applies from now on. */
  policyLoaded(): void;
}

export function createOperations(deps: {
  stopSwitch: StopSwitch;
  links: Links;
  fleet: Fleet;
  store: Store;
  apply: Apply;
  policy: Policy;
  health: Pick<Health, 'report'>;
  alerts: Alerts;
  metrics: Metrics;
  nudge: () => void;
  byName: ReadonlyMap<string, Pick<Backend, 'resendable'>>;
  backendTitle: (backend: string) => string;
  release: string | null;
  clock: Clock;
  log: Log;
}): Operations {
  const { stopSwitch, policy, clock } = deps;
  const backends = () => deps.byName.keys();
  let loadedAt = clock.now();
  const status = createStatus({
    ...deps,
    backends,
    stopped: stopSwitch.current,
    policy: () => ({
      source: policy.document.source,
      version: policy.document.version,
      loadedAt,
    }),
  });
  const links = createLinkCommands({
    ...deps,
    document: () => ({
      people: policy.document.people,
      links: policy.document.links,
      source: policy.operators.source,
    }),
  });
  return {
    operate: createOperatorCommands({ ...deps, operators: () => policy.operators, status, links }),
    status,
    deadLetters: createDeadLetters({ ...deps, backends: deps.byName, stopped: stopSwitch.current }),
    stopEffects: createStopEffects({ ...deps, backends }),
    policyLoaded() {
      loadedAt = clock.now();
    },
  };
}
