/** The doctor without a bot: the adapters are made, and none is started. Tested in test/doctor/planted-faults.test.ts. */
import type { BackendDeps, ScheduleDeps } from '../adapters.ts';
import type { Config } from '../config/config.ts';
import { BufferBudget } from '../core/ports/buffer-budget.ts';
import { openGuard } from '../core/ports/http.ts';
import { noMetrics } from '../core/ports/metrics.ts';
import type { Clock, Intake, Log, Store } from '../core/ports/ports.ts';
import { createFleetOfOne } from '../core/ports/store/fleet.ts';
import { createPlatforms } from '../start/platforms.ts';
import { policyOf } from '../start/policy-of.ts';
import type { Adapters } from './adapters.ts';

export interface AloneDeps {
  clock: Clock;
  log: Log;
  /** For tests: how long calls to the backends may take, and whether calendars may be on this machine. */
  timeouts?: BackendDeps['timeouts'];
  allowLoopback?: boolean;
}

/** @returns the adapters, and what ends them */
export async function adaptersAlone(
  config: Readonly<Config>,
  { clock, log, timeouts = {}, allowLoopback = false }: AloneDeps,
): Promise<Adapters & { stop(): Promise<void> }> {
  const inForce = { document: policyOf(config) };
  const buffers = new BufferBudget();
  const guard = openGuard;
  const platforms = await createPlatforms(config, {
    ...{ inForce, buffers, guard, clock, log },
    fleet: createFleetOfOne(),
    metrics: noMetrics,
    failPoint: undefined,
  });
  const { proxy } = config;
  const backendDeps: BackendDeps = {
    intake: never<Intake>('deliver'),
    store: never<Store>('read the store'),
    fleet: createFleetOfOne(),
    questionTools: () => inForce.document.questions.tools,
    onPress: () => Promise.reject(new Error('No bot runs.')),
    guard,
    secret: '',
    proxy,
    buffers,
    clock,
    log,
    metrics: noMetrics,
    traced: false,
    timeouts,
    allowLoopback,
  };
  const scheduleDeps: ScheduleDeps = { proxy, clock, allowLoopback };
  const backends = (await Promise.all(config.backends.map(({ load }) => load()))).map((make) => make(backendDeps));
  const schedules = (await Promise.all(config.schedules.map(({ load }) => load()))).map((make) => make(scheduleDeps));
  return {
    platforms,
    backends,
    schedules,
    async stop() {
      for (const source of schedules) source.stop();
      await Promise.all([
        ...[...platforms.values()].map((platform) => platform.stop()),
        ...backends.map((backend) => backend.stop()),
      ]);
    },
  };
}

/** What a look never uses: an adapter that does is wrong, and says so. */
function never<T extends object>(what: string): T {
  // Safe: every use throws.
  return new Proxy({} as T, {
    get(_, name) {
      throw new Error(`A look may not ${what} (${String(name)}).`);
    },
  });
}
