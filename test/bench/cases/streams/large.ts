/** One large stream through the gateway. */
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Bench, Case, Figures } from '../../contract.ts';
import { createWorld } from '../../world/world.ts';
import { createSource, delta, dispatch, runEnd, runStart } from './source.ts';

const MB = 1024 * 1024;
/** As a socket yields them. */
const CHUNK = 64 * 1024;
const SIZE = 48 * MB;
const QUICK_SIZE = 12 * MB;
const floor = 'pipe by hand';

export const largeStream: Case = {
  name: 'stream',
  title: 'One stream of 48 MB of small events through the gateway',
  metrics: [
    {
      name: 'throughput',
      unit: 'MB/s',
      better: 'more',
      goals: [
        { against: floor, limit: 0.8 },
        { of: 'gateway, hold off', against: floor, limit: 0.8 },
        { of: 'gateway, not read', against: floor, limit: 0.8 },
      ],
    },
    { name: 'cpu', unit: 'ms/MB', better: 'less' },
  ],
  subjects: [
    { name: 'gateway, hold on', kind: 'product', measure: (bench) => throughGateway(bench, 'known', 'on') },
    { name: 'gateway, hold off', kind: 'product', measure: (bench) => throughGateway(bench, 'known', 'off') },
    { name: 'gateway, not read', kind: 'product', measure: (bench) => throughGateway(bench, 'other', 'on') },
    { name: floor, kind: 'floor', measure: throughPipe },
  ],
};

async function throughGateway(bench: Bench, key: 'known' | 'other', hold: 'on' | 'off'): Promise<Figures> {
  const stream = textOf(bench);
  const source = await createSource((response) => void play(response, stream));
  const world = await createWorld(bench, { env: { RUNTYPE_API_URL: source.url, HOLD: hold } });
  const product = await world.start(join(bench.folder, 'bench.db'));
  // Streams of other keys are passed on, and never read.
  return measure(product, key === 'known' ? world.runtype.applicationKey : 'rt_test_another', stream.length);
}

async function throughPipe(bench: Bench): Promise<Figures> {
  const stream = textOf(bench);
  const source = await createSource((response) => void play(response, stream));
  const env = { UPSTREAM: source.url };
  const pipe = await bench.startServer('test/bench/cases/streams/servers/pipe.ts', { env });
  return measure(pipe, 'rt_test_any', stream.length);
}

function textOf({ quick }: Bench): Buffer {
  const wanted = quick ? QUICK_SIZE : SIZE;
  const parts = [runStart(1)];
  for (let size = 0; size < wanted; size += parts.at(-1)?.length ?? 0) {
    parts.push(delta(1, parts.length, `the lamp arrived ${parts.length} days ago, with a broken shade; `));
  }
  parts.push(runEnd(1, parts.length));
  return Buffer.from(parts.join(''));
}

async function play(response: ServerResponse, stream: Buffer): Promise<void> {
  for (let at = 0; at < stream.length; at += CHUNK) {
    if (!response.write(stream.subarray(at, at + CHUNK))) {
      await new Promise((resolve) => response.once('drain', resolve));
    }
  }
  response.end();
}

async function measure(server: { port: number; cpuMs(): number }, key: string, size: number): Promise<Figures> {
  // The first one warms it up.
  await read(server.port, key, size);
  const cpu = server.cpuMs();
  const since = performance.now();
  await read(server.port, key, size);
  const ms = performance.now() - since;
  return { throughput: size / MB / (ms / 1_000), cpu: (server.cpuMs() - cpu) / (size / MB) };
}

async function read(port: number, key: string, size: number): Promise<void> {
  const answer = await dispatch(port, key);
  let received = 0;
  for await (const chunk of answer) received += (chunk as Buffer).length;
  if (received !== size) throw new Error(`${received} bytes of ${size} arrived`);
}
