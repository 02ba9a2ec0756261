/** What home tabs that are kept current cost a press. */
import type { Bench, Case, Figures } from '../../contract.ts';
import { seededDatabase } from '../../world/templates.ts';
import { createWorld, reviewers, settledDown, until } from '../../world/world.ts';
import { measurePresses } from './pressing.ts';

const TABS = 4;
const against = `10 open, ${TABS} home tabs`;

export const homeTabs: Case = {
  name: 'home-tabs',
  title: 'A press while four home tabs are kept current: from the request to the acknowledgement',
  maxRounds: 3,
  metrics: [
    { name: 'p50', unit: 'ms', better: 'less', goals: [{ against, limit: 1.5 }] },
    { name: 'longest', unit: 'ms', better: 'less' },
    { name: 'cpu', unit: 'ms a press', better: 'less', goals: [{ against, limit: 1.5 }] },
  ],
  subjects: (
    [
      [10_000, TABS],
      [10_000, 0],
      [10, TABS],
      [10, 0],
    ] as const
  ).map(([count, tabs]) => ({
    name: `${count.toLocaleString('en')} open, ${tabs} home tabs`,
    kind: 'product',
    ...(tabs === 0 && { quick: false }),
    measure: (bench) => measure(bench, count, tabs),
  })),
};

async function measure(bench: Bench, count: number, tabs: number): Promise<Figures> {
  const world = await createWorld(bench, { messages: count });
  const product = await world.start(await seededDatabase(bench, 'open', count));
  await settledDown(product);
  return measurePresses(bench, world, product, async () => {
    const { slack } = world;
    for (const { id } of reviewers.slice(0, tabs)) {
      await slack.openHome(id);
      await until('a home tab', () => slack.state().homes.find(({ userId }) => userId === id));
    }
  });
}
