/** The memory of a bot that has worked for long, after a collection. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import type { Bench, Case, Figures, Server } from '../../contract.ts';
import { collectedMb, collecting } from '../../world/memory.ts';
import { countOf } from '../../world/templates.ts';
import { ASKERS, askerToken, createWorld, reviewers, until } from '../../world/world.ts';
import { createSource, delta, dispatch, runEnd, runStart } from '../streams/source.ts';

const DECIDED = 10_000;
const QUICK_DECIDED = 300;
const EVENTS = 1_000_000;
const QUICK_EVENTS = 100_000;
const EVENTS_A_STREAM = 50_000;
const WARM_UP = 200;

export const memory: Case = {
  name: 'memory',
  title: '10,000 approvals decided and a million stream events: memory before and after, each after a collection',
  maxRounds: 1,
  metrics: [
    { name: 'growth', unit: '%', better: 'less', goals: [{ limit: 10 }] },
    { name: 'before', unit: 'MB', better: 'less' },
    { name: 'after', unit: 'MB', better: 'less' },
    { name: 'uncollected', unit: 'MB, after the load', better: 'less' },
  ],
  subjects: [{ name: 'product', kind: 'product', measure }],
};

const resolveToken = (at: number) => `bench-resolver-token-of-many-letters-${at}`;

async function measure(bench: Bench): Promise<Figures> {
  const source = await createSource((response, number) => response.end(streamOf(number)));
  const tokens = reviewers.map(({ id }, at) => `${resolveToken(at)}=slack:${id}`).join();
  const world = await createWorld(bench, { env: { RUNTYPE_API_URL: source.url, RESOLVE_TOKENS: tokens } });
  const file = join(bench.folder, 'bench.db');
  const product = await world.start(file, { flags: collecting });
  const key = world.runtype.applicationKey;
  await decide(product, 0, WARM_UP);
  await stream(product, key, EVENTS_A_STREAM);
  const before = await collectedMb(product, 1);
  const count = bench.quick ? QUICK_DECIDED : DECIDED;
  await decide(product, WARM_UP, count);
  await stream(product, key, bench.quick ? QUICK_EVENTS : EVENTS);
  const isDecided = () => countOf(file, "approvals WHERE phase = 'settled'") === WARM_UP + count || undefined;
  await until('all decided', isDecided, 100);
  const most = product.rssMb();
  const after = await collectedMb(product, 2);
  return { growth: (after / before - 1) * 100, before, after, uncollected: most };
}

/** Asks so many questions, and decides each. */
async function decide({ port }: Server, from: number, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: ASKERS });
  let made = from;
  const work = async () => {
    for (let number = made; number < from + count; number = made) {
      made += 1;
      const asker = number % ASKERS;
      // An agent may ask half of what its asker may.
      const agent_id = `agent-${Math.floor(number / ASKERS) % 2}`;
      const question = { context: `Refund order A-${number}`, agent_id };
      const { approval_id: id } = await call(agent, port, '', askerToken(asker), question);
      await call(agent, port, `/${id}/resolve`, resolveToken(number % reviewers.length), { action: 'approve' });
    }
  };
  await Promise.all(Array.from({ length: ASKERS / 2 }, work));
  agent.destroy();
}

async function call(
  agent: Agent,
  port: number,
  path: string,
  token: string,
  json: object,
): Promise<{ approval_id: string }> {
  const body = JSON.stringify(json);
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const to = { agent, host: '127.0.0.1', port, path: `/api/v1/approvals${path}`, method: 'POST', headers };
  const sent = request(to);
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  answer.on('data', (part: Buffer) => parts.push(part));
  await once(answer, 'end');
  const text = Buffer.concat(parts).toString();
  // 202: recorded, and still to be settled.
  if (answer.statusCode !== 200 && answer.statusCode !== 202)
    throw new Error(`${path} was answered ${answer.statusCode}: ${text}`);
  return JSON.parse(text) as { approval_id: string };
}

async function stream({ port }: Server, key: string, events: number): Promise<void> {
  for (let read = 0; read < events; read += EVENTS_A_STREAM) {
    const answer = await dispatch(port, key);
    answer.resume();
    await once(answer, 'end');
  }
}

function streamOf(number: number): string {
  const parts = [runStart(number)];
  for (let seq = 1; seq < EVENTS_A_STREAM; seq += 1) parts.push(delta(number, seq, 'the lamp arrived broken; '));
  parts.push(runEnd(number, EVENTS_A_STREAM));
  return parts.join('');
}
