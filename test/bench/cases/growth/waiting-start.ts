/** A start that finds cards which are still to be posted: which one comes first, and when. */
import type { Bench, Case, Figures } from '../../contract.ts';
import { markOf, mostUrgent, seededDatabase } from '../../world/templates.ts';
import { createWorld, until } from '../../world/world.ts';

const against = 'none waiting';

export const waitingStart: Case = {
  name: 'start-waiting',
  title: 'A start that finds similar cards to be posted, grouped into digests as by default',
  maxRounds: 3,
  metrics: [
    { name: 'ready', unit: 'ms', better: 'less', goals: [{ against, limit: 1.2 }] },
    { name: 'ready, CPU', unit: 'ms', better: 'less' },
    { name: 'first card', unit: 'ms after ready', better: 'less', goals: [{ limit: 1_000 }] },
    { name: 'most urgent first', unit: '1 is yes', better: 'more', goals: [{ limit: 1 }] },
    { name: 'first card, CPU', unit: 'ms after ready', better: 'less' },
  ],
  subjects: [20_000, 5_000, 1_000, 0].map((count) => ({
    name: count === 0 ? against : `${count.toLocaleString('en')} waiting`,
    kind: 'product',
    ...((count === 5_000 || count === 1_000) && { quick: false }),
    measure: (bench) => measure(bench, count),
  })),
};

async function measure(bench: Bench, count: number): Promise<Figures> {
  const world = await createWorld(bench, { env: { DIGEST_FROM: '5' } });
  const { slack } = world;
  // As Slack has it: a card a second in one room.
  slack.limit({ posts: { everyMs: 1_000, burst: 1 }, updatesPerMinute: 50, lookUpsPerMinute: 100 });
  let posted: { at: number; text: string } | undefined;
  slack.journal.onEntry(() => {
    const last = slack.journal.entries.at(-1);
    if (posted !== undefined || last?.kind !== 'call' || last.method !== 'chat.postMessage' || !last.ok) return;
    posted = { at: performance.now(), text: JSON.stringify(last.args) };
  });
  const product = await world.start(await seededDatabase(bench, 'waiting', count));
  const readyAt = performance.now();
  const ready = { ready: product.readyMs, 'ready, CPU': product.cpuMs() };
  if (count === 0) return ready;
  const first = await until('a card', () => posted);
  return {
    ...ready,
    'first card': Math.max(0, first.at - readyAt),
    'first card, CPU': product.cpuMs() - ready['ready, CPU'],
    'most urgent first': first.text.includes(markOf(mostUrgent(count))) ? 1 : 0,
  };
}
