/** What approvals cost that were settled long ago and are not archived yet. */
import { join } from 'node:path';
import type { Bench, Case, Figures } from '../../contract.ts';
import { seededDatabase } from '../../world/templates.ts';
import { createWorld, settledDown } from '../../world/world.ts';
import { measurePresses } from './pressing.ts';

const against = 'none';

export const settled: Case = {
  name: 'settled',
  title: 'A start and a press beside many settled approvals',
  // To make so many takes longer than all the rest of a quick run.
  quick: false,
  metrics: [
    { name: 'p50', unit: 'ms from a press to its acknowledgement', better: 'less', goals: [{ against, limit: 1.2 }] },
    { name: 'cpu', unit: 'ms a press', better: 'less', goals: [{ against, limit: 1.2 }] },
    { name: 'ready, CPU', unit: 'ms', better: 'less', goals: [{ against, limit: 1.2 }] },
  ],
  subjects: [100_000, 0].map((count) => ({
    name: count === 0 ? against : `${count.toLocaleString('en')} settled`,
    kind: 'product',
    measure: (bench) => measure(bench, count),
  })),
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
