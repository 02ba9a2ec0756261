/**
 * Approvals that are open with their cards posted, as they are when people press: announced through the real ingest,
 * recorded in the real store, and posted by the real platforms, but without the pace of a room's posts.
 */

import { ids } from '../../../../src/adapters.ts';
import { createIngest } from '../../../../src/backends/runtype/ingest.ts';
import { RunFactsCache } from '../../../../src/backends/runtype/pause/run-facts.ts';
import type { Config } from '../../../../src/config/config.ts';
import { BufferBudget } from '../../../../src/core/ports/buffer-budget.ts';
import { noMetrics } from '../../../../src/core/ports/metrics.ts';
import type { Intake, Platform } from '../../../../src/core/ports/ports.ts';
import { createEngine } from '../../../../src/engine/index.ts';
import type { RuntypeEmulator, Script } from '../../../../src/sandbox/emulators/runtype/types.ts';
import { createPlatforms } from '../../../../src/start/platforms.ts';
import { policyOf } from '../../../../src/start/policy-of.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { createLog } from '../../../../src/system/log.ts';
import { noGuard } from '../../../support/http.ts';

/** Announced at once; their commits are shared. */
const AT_ONCE = 32;

const refunds: Script = {
  name: 'bench-agent',
  kind: 'agent',
  title: 'Order desk',
  steps: [
    {
      do: 'approval',
      toolName: 'refund_order',
      description: 'Refund an order, in full or in part, to the original payment method.',
      reason: 'The customer asked for their money back: the lamp arrived with a broken shade.',
      parameters: {
        orderId: 'A-1009',
        amount: 42.5,
        currency: 'EUR',
        customer: 'Mara Lindqvist',
        note: 'Ticket 5521.',
      },
      timeoutMs: 3_600_000,
    },
    { do: 'complete', finalOutput: 'Refunded 42.50 EUR for order A-1009.' },
  ],
};

/** Resolves when so many runs are paused, and each has its card in every room. */
export async function seedApprovals(config: Readonly<Config>, runtype: RuntypeEmulator, count: number): Promise<void> {
  const [clock, log] = [systemClock, createLog('error')];
  const onFatal = (error: Error): never => {
    throw error;
  };
  const store = createSqliteStore({ file: config.databaseFile, clock, log, onFatal });
  const document = policyOf(config);
  const deps = { inForce: { document }, buffers: new BufferBudget(), guard: noGuard, clock, log, failPoint: undefined };
  const counter = createCounter();
  const platforms = new Map(
    [...(await createPlatforms(config, deps))].map(([name, platform]) => [name, counter.counted(platform)]),
  );
  let ingest: ReturnType<typeof createIngest> | null = null;
  const engine = createEngine({
    store,
    platforms,
    backends(intake, onPress) {
      ingest = ingestOf(intake);
      const backendDeps = { intake, onPress, store, secret: '', metrics: noMetrics, questionTools: () => [] };
      const surroundings = { ...deps, ...backendDeps, proxy: null, timeouts: {}, allowLoopback: false };
      return config.backends.map(({ create }) => create(surroundings));
    },
    release: null,
    policy: document,
    ids,
    clock,
    log,
    settings: config,
  });
  // What cards say of people is known before the first one is posted, as it is in a bot that runs.
  await Promise.all([engine.members.start(), engine.names.start()]);
  engine.outbox.start();
  runtype.scripts.set(refunds.name, refunds);
  for (let done = 0; done < count; done += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - done) }, async () => {
      const { stream } = await runtype.runToPause(refunds.name);
      const answer = await ingest?.({ 'content-type': 'text/event-stream' }, Buffer.from(stream));
      if (answer?.status !== 202) throw new Error(`a run was not announced: ${answer?.status} ${answer?.body}`);
    });
    await Promise.all(some);
    await counter.until((done + some.length) * platforms.size);
  }
  engine.names.stop();
  await Promise.all([engine.outbox.stop(), engine.members.stop(), ...engine.backends.map((one) => one.stop())]);
  await store.close();
}

function ingestOf(intake: Intake): ReturnType<typeof createIngest> {
  const facts = () => new RunFactsCache();
  let deliveries = 0;
  const verify = () => {
    deliveries += 1;
    return { ok: true, id: `seed-${deliveries}` } as const;
  };
  const log = createLog('error');
  const from = { runFacts: facts(), ingestedFacts: facts(), forPeople: () => true, guard: noGuard };
  return createIngest({ verify, intake, ...from, clock: systemClock, log });
}

function createCounter() {
  let posts = 0;
  let look = () => {};
  return {
    counted(platform: Platform): Platform {
      const { postRate: _, ...rest } = platform;
      return {
        ...rest,
        async post(...given) {
          const receipt = await platform.post(...given);
          posts += 1;
          look();
          return receipt;
        },
      };
    },
    until: (expected: number) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (posts >= expected) resolve();
        };
        look();
      }),
  };
}
