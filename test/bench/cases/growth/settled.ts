/** What approvals cost that were settled long ago and are not archived yet. */
import { join } from 'node:path';
import type { Bench, Case, Figures } from '../../contract.ts';
import { seededDatabase } from '../../world/templates.ts';
import { createWorld, settledDown } from '../../world/world.ts';
import { measurePresses } from './pressing.ts';

/** To make so many takes 30 s. */
const SETTLED = 100_000;
const QUICK_SETTLED = 10_000;
const against = 'none';

export const settled: Case = {
  name: 'settled',
  title: `A start and a press beside ${SETTLED.toLocaleString('en')} settled approvals (--quick: ${QUICK_SETTLED.toLocaleString('en')})`,
  maxRounds: 3,
  metrics: [
    { name: 'p50', unit: 'ms from a press to its acknowledgement', better: 'less', goals: [{ against, limit: 1.2 }] },
    { name: 'cpu', unit: 'ms a press', better: 'less', goals: [{ against, limit: 1.2 }] },
    { name: 'ready, CPU', unit: 'ms', better: 'less', goals: [{ against, limit: 1.2 }] },
  ],
  subjects: [
    {
      name: 'many settled',
      kind: 'product',
      measure: (bench) => measure(bench, bench.quick ? QUICK_SETTLED : SETTLED),
    },
    { name: against, kind: 'product', measure: (bench) => measure(bench, 0) },
  ],
};

async function measure(bench: Bench, count: number): Promise<Figures> {
  const world = await createWorld(bench, { messages: count });
  const file = count === 0 ? join(bench.folder, 'bench.db') : await seededDatabase(bench, 'settled', count);
  const product = await world.start(file);
  const ready = product.cpuMs();
  await settledDown(product);
  const { p50, cpu } = await measurePresses(bench, world, product);
  return { p50: p50 ?? Number.NaN, cpu: cpu ?? Number.NaN, 'ready, CPU': ready };
}
