/** A start that finds open approvals whose cards are posted: until it is ready, and until the next card is posted. */
import type { Bench, Case, Figures } from '../../contract.ts';
import { seededDatabase } from '../../world/templates.ts';
import { ask, cardWith, createWorld } from '../../world/world.ts';

const MARK = 'The first question after the start';
const against = 'empty';

export const openStart: Case = {
  name: 'start-open',
  title: 'A start that finds open approvals',
  maxRounds: 3,
  metrics: [
    {
      name: 'ready',
      unit: 'ms',
      better: 'less',
      goals: [
        { against, limit: 1.2 },
        { of: '1,000 open', against, limit: 1.2 },
      ],
    },
    { name: 'ready, CPU', unit: 'ms', better: 'less' },
    { name: 'first card', unit: 'ms after ready', better: 'less', goals: [{ limit: 1_000 }] },
  ],
  subjects: [10_000, 1_000, 0].map((count) => ({
    name: count === 0 ? against : `${count.toLocaleString('en')} open`,
    kind: 'product',
    ...(count === 1_000 && { quick: false }),
    measure: (bench) => measure(bench, count),
  })),
};

async function measure(bench: Bench, count: number): Promise<Figures> {
  const world = await createWorld(bench, { messages: count });
  const product = await world.start(await seededDatabase(bench, 'open', count));
  const readyAt = performance.now();
  const cpu = product.cpuMs();
  await ask(product.port, 1, { context: MARK, agent_id: 'late', agent_name: 'Late' });
  await cardWith(world.slack, MARK);
  return { ready: product.readyMs, 'ready, CPU': cpu, 'first card': performance.now() - readyAt };
}
