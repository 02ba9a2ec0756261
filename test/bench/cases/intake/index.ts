/** Pauses that come in by calls of others: signed events, and questions of scripts. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import type { Bench, Case, Figures, Server } from '../../contract.ts';
import { countOf } from '../../world/templates.ts';
import { ASKERS, askerToken, createWorld, INGEST_SECRET } from '../../world/world.ts';

const ALONE = 300;
const QUICK_ALONE = 60;
/** Fewer than an asker's token may ask at once, for each of them. */
const TOGETHER = 40 * ASKERS;
const QUICK_TOGETHER = 10 * ASKERS;
const WARM_UP = 2 * ASKERS;
const floor = 'HMAC, zod and group commit by hand';

const intake: Case = {
  name: 'intake',
  title: `Pauses that are announced by calls: answered once they are committed`,
  metrics: [
    {
      name: '1 source',
      unit: 'a second, one after the other',
      better: 'more',
      goals: [{ against: floor, limit: 0.7 }],
    },
    {
      name: `${ASKERS} sources`,
      unit: 'a second',
      better: 'more',
      goals: [
        { against: floor, limit: 0.5 },
        { of: 'inbox', against: 'ingest', limit: 0.5 },
      ],
    },
    {
      name: 'flat',
      unit: '× the rate at the beginning, at the end',
      better: 'more',
      goals: [{ limit: 0.9 }, { of: 'inbox', limit: 0.9 }],
    },
    { name: 'cpu', unit: `ms each, of ${ASKERS} sources`, better: 'less' },
  ],
  subjects: [
    { name: 'ingest', kind: 'product', measure: (bench) => measureProduct(bench, eventCall) },
    { name: 'inbox', kind: 'product', measure: (bench) => measureProduct(bench, questionCall) },
    { name: floor, kind: 'floor', measure: measureFloor },
  ],
};

export const intakes: readonly Case[] = [intake];

interface Call {
  path: string;
  headers: Record<string, string>;
  body: string;
}

function eventCall(number: number): Call {
  const body = JSON.stringify({
    ...{ type: 'approval_start', executionId: `exec_${number}`, seq: 3, approvalId: `appr_${number}` },
    ...{
      toolCallId: `toolu_${number}`,
      toolName: 'refund_order',
      toolType: 'external',
      description: 'Refund an order',
    },
    ...{ parameters: { orderId: `A-${number}`, amount: 42.5, reason: 'broken shade' }, timeout: 3_600_000 },
    startedAt: new Date().toISOString(),
  });
  const id = `msg_${number}`;
  const stamp = String(Math.floor(Date.now() / 1_000));
  const key = Buffer.from(INGEST_SECRET.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${stamp}.${body}`).digest('base64');
  return {
    path: '/ingest/runtype',
    headers: { 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': `v1,${signature}` },
    body,
  };
}

function questionCall(number: number): Call {
  return {
    path: '/api/v1/approvals',
    headers: { authorization: `Bearer ${askerToken(number % ASKERS)}` },
    body: JSON.stringify({ context: `Refund order A-${number}: broken shade`, agent_id: 'refund-agent' }),
  };
}

async function measureProduct(bench: Bench, callOf: (number: number) => Call): Promise<Figures> {
  const world = await createWorld(bench);
  const file = join(bench.folder, 'bench.db');
  return measure(bench, await world.start(file), file, callOf);
}

async function measureFloor(bench: Bench): Promise<Figures> {
  const file = join(bench.folder, 'floor.db');
  const args = [file, INGEST_SECRET];
  const server = await bench.startServer('test/bench/cases/intake/servers/record-events.ts', { args });
  return measure(bench, server, file, eventCall);
}

async function measure(bench: Bench, server: Server, file: string, callOf: (number: number) => Call): Promise<Figures> {
  const { port } = server;
  const [alone, together] = bench.quick ? [QUICK_ALONE, QUICK_TOGETHER] : [ALONE, TOGETHER];
  const calls = Array.from({ length: WARM_UP + alone + together }, (_, number) => callOf(number));
  let made = 0;
  /** Calls until so many were made. @returns a second */
  const rateOf = async (count: number, sources: number) => {
    // Connections that were idle for a while may be closed by the server.
    const agent = new Agent({ keepAlive: true, maxSockets: ASKERS });
    const since = performance.now();
    const end = made + count;
    const work = async () => {
      for (let call = calls[made]; call !== undefined && made < end; call = calls[made]) {
        made += 1;
        await send(port, agent, call);
      }
    };
    await Promise.all(Array.from({ length: sources }, work));
    agent.destroy();
    return count / ((performance.now() - since) / 1_000);
  };
  await rateOf(WARM_UP, ASKERS);
  const one = await rateOf(alone, 1);
  const cpu = server.cpuMs();
  const quarters = [];
  for (let quarter = 0; quarter < 4; quarter += 1) quarters.push(await rateOf(together / 4, ASKERS));
  const used = server.cpuMs() - cpu;
  const recorded = countOf(file, 'approvals');
  if (recorded !== calls.length) throw new Error(`${recorded} of ${calls.length} were recorded`);
  const rate = 4 / quarters.reduce((sum, each) => sum + 1 / each, 0);
  const flat = (quarters.at(-1) ?? Number.NaN) / (quarters[0] ?? Number.NaN);
  return { '1 source': one, [`${ASKERS} sources`]: rate, flat, cpu: used / together };
}

/** @throws Error where it was not accepted */
async function send(port: number, agent: Agent, { path, headers, body }: Call): Promise<void> {
  const length = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  const call = request({ agent, host: '127.0.0.1', port, path, method: 'POST', headers: { ...headers, ...length } });
  call.end(body);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  answer.on('data', (part: Buffer) => parts.push(part));
  await once(answer, 'end');
  if (answer.statusCode !== 200 && answer.statusCode !== 202)
    throw new Error(`a call was answered ${answer.statusCode}: ${Buffer.concat(parts)}`);
}
