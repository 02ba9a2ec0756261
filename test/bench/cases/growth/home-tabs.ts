/** What home tabs that are kept current cost a press. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SlackMessage } from '../../../../src/sandbox/emulators/slack/types.ts';
import type { Bench, Case, Figures } from '../../contract.ts';
import { seededDatabase } from '../../world/templates.ts';
import { approve, ask, cardWith, createWorld, median, quantile, reviewers, until } from '../../world/world.ts';

const TABS = 4;
/** Between two presses, ms: the tabs are drawn meanwhile. */
const GAP_MS = 150;

const against = '10 open, 4 home tabs';

export const homeTabs: Case = {
  name: 'home-tabs',
  title: 'A press while four home tabs are kept current: from the request to the acknowledgement',
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
    measure: (bench) => measure(bench, count, tabs),
  })),
};

async function measure(bench: Bench, count: number, tabs: number): Promise<Figures> {
  const world = await createWorld(bench, { messages: count });
  const { slack } = world;
  const product = await world.start(await seededDatabase(bench, 'open', count));
  const presses = bench.quick ? 8 : 20;
  const marks = Array.from({ length: presses + 2 }, (_, at) => `To press ${String(at).padStart(4, '0')}`);
  for (const [at, context] of marks.entries()) await ask(product.port, 1 + at, { context, agent_id: `asks-${at}` });
  const cards: SlackMessage[] = [];
  for (const mark of marks) cards.push(await cardWith(slack, mark));
  for (const { id } of reviewers.slice(0, tabs)) {
    await slack.openHome(id);
    await until('a home tab', () => slack.state().homes.find(({ userId }) => userId === id));
  }
  const times: number[] = [];
  let cpu = product.cpuMs();
  for (const [at, card] of cards.entries()) {
    // The first ones are slower.
    if (at === 2) cpu = product.cpuMs();
    const { afterMs } = await approve(slack, card);
    if (at >= 2) times.push(afterMs ?? Number.NaN);
    await sleep(GAP_MS);
  }
  const used = product.cpuMs() - cpu;
  const isSettled = () => {
    const shown = JSON.stringify(slack.state().messages.filter(({ ts }) => cards.some((card) => card.ts === ts)));
    return shown.split('pproved').length > presses || undefined;
  };
  await until('settled cards', isSettled, 20);
  return { p50: median(times), longest: quantile(times, 1), cpu: used / presses };
}
