/** What people and scripts read, with few and with many open approvals. */
import type { Bench, Case, Figures, Metric } from '../../contract.ts';
import { OWN, seededDatabase } from '../../world/templates.ts';
import { askerToken, createWorld, median, reviewers, settledDown, until, type World } from '../../world/world.ts';

const goals = [{ against: '10 open', limit: 1.5 }];
const less = { unit: 'ms', better: 'less', goals } as const satisfies Partial<Metric>;

export const lists: Case = {
  name: 'lists',
  title: 'A list with many open approvals: p50 from the request to the answer',
  maxRounds: 3,
  metrics: [
    { name: 'approvals', ...less },
    { name: 'home', ...less },
    { name: 'inbox', ...less },
  ],
  subjects: [10_000, 1_000, 10].map((count) => ({
    name: `${count.toLocaleString('en')} open`,
    kind: 'product',
    ...(count === 1_000 && { quick: false }),
    measure: (bench) => measure(bench, count),
  })),
};

async function measure(bench: Bench, count: number): Promise<Figures> {
  const world = await createWorld(bench, { messages: count });
  const product = await world.start(await seededDatabase(bench, 'open', count));
  await settledDown(product);
  const times = bench.quick ? 5 : 15;
  const people = reviewers.slice(0, times);
  // Who can read the room is looked up once for each person.
  for (const { id } of people) await listed(world, id, count);
  const approvals: number[] = [];
  const home: number[] = [];
  const inbox: number[] = [];
  for (const { id } of people) {
    approvals.push(await listed(world, id, count));
    home.push(await opened(world, id, count));
    inbox.push(await read(product.port));
  }
  return { approvals: median(approvals), home: median(home), inbox: median(inbox) };
}

/** ms from the command to its list. */
async function listed({ slack }: World, userId: string, count: number): Promise<number> {
  const seen = slack.journal.entries.length;
  const since = performance.now();
  const arrived = slack.journal.until('a list', () => {
    return slack.journal.entries.slice(seen).find((one) => one.kind === 'call' && one.method === 'response_url');
  });
  const [call] = await Promise.all([arrived, slack.command(userId, '/approvals', '')]);
  const ms = performance.now() - since;
  if (call.kind !== 'call' || !call.ok || !JSON.stringify(call.args).includes(String(count)))
    throw new Error(`not a list of ${count}: ${JSON.stringify(call)}`);
  return ms;
}

/** ms from the opening of a home tab to its list. */
async function opened({ slack }: World, userId: string, count: number): Promise<number> {
  const since = performance.now();
  await slack.openHome(userId);
  const home = await until('a home tab', () => slack.state().homes.find((one) => one.userId === userId), 1);
  const ms = performance.now() - since;
  if (!JSON.stringify(home.view).includes(String(count))) throw new Error(`not a tab of ${count}`);
  return ms;
}

/** ms of an asker's list of its own. */
async function read(port: number): Promise<number> {
  const since = performance.now();
  const headers = { authorization: `Bearer ${askerToken(0)}` };
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/approvals`, { headers });
  const { pending_count: pending } = (await response.json()) as { pending_count: number };
  const ms = performance.now() - since;
  if (pending !== OWN) throw new Error(`${pending} are pending in place of ${OWN}`);
  return ms;
}
