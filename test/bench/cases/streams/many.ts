/** Many streams with small events that concern nobody. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Bench, Case, Figures } from '../../contract.ts';
import { createWorld, median, quantile, until } from '../../world/world.ts';
import { createSource, delta, dispatch, runStart } from './source.ts';

const STREAMS = 500;
const EVENTS_A_SECOND = 10_000;
const TICK_MS = 5;
const SECONDS = 8;
const QUICK_SECONDS = 2;
/** Times that are measured, of all events: reading them must not be most of the load. */
const SAMPLED = 1 / 50;
const floor = 'pipe by hand';

export const manyStreams: Case = {
  name: 'streams',
  title: `${STREAMS} streams through the gateway, together ${EVENTS_A_SECOND.toLocaleString('en')} events a second`,
  metrics: [
    { name: 'cpu', unit: 'µs an event', better: 'less', goals: [{ against: floor, limit: 1.3 }] },
    { name: 'delay p50', unit: 'ms', better: 'less' },
    { name: 'delay p99', unit: 'ms', better: 'less', goals: [{ against: floor, limit: 1.5 }] },
  ],
  subjects: [
    { name: 'gateway', kind: 'product', measure: throughGateway },
    { name: floor, kind: 'floor', measure: throughPipe },
  ],
};

async function throughGateway(bench: Bench): Promise<Figures> {
  const load = await createLoad();
  const world = await createWorld(bench, { env: { RUNTYPE_API_URL: load.url } });
  const product = await world.start(join(bench.folder, 'bench.db'));
  return load.run(bench, product, world.runtype.applicationKey);
}

async function throughPipe(bench: Bench): Promise<Figures> {
  const load = await createLoad();
  const env = { UPSTREAM: load.url };
  const pipe = await bench.startServer('test/bench/cases/streams/servers/pipe.ts', { env });
  return load.run(bench, pipe, 'rt_test_any');
}

async function createLoad() {
  const writers: ServerResponse[] = [];
  const source = await createSource((response, number) => {
    response.write(runStart(number));
    writers.push(response);
  });
  let received = 0;
  const delays: number[] = [];

  function count(chunk: Buffer): void {
    const text = chunk.toString('latin1');
    received += text.split('\n\n').length - 1;
    for (const [, at] of text.matchAll(/sent at ([\d.]+)/g)) delays.push(performance.now() - Number(at));
  }

  return {
    url: source.url,
    async run(bench: Bench, server: { port: number; cpuMs(): number }, key: string): Promise<Figures> {
      const answers: IncomingMessage[] = [];
      for (let opened = 0; opened < STREAMS; opened += 50) {
        answers.push(...(await Promise.all(Array.from({ length: 50 }, () => dispatch(server.port, key)))));
      }
      for (const answer of answers) answer.on('data', count);
      const before = (await play(1, writers)) + STREAMS;
      await until('the first events', () => received >= before || undefined);
      received = 0;
      delays.length = 0;
      const cpu = server.cpuMs();
      const sent = await play(bench.quick ? QUICK_SECONDS : SECONDS, writers);
      const used = server.cpuMs() - cpu;
      await until('all events', () => received >= sent || undefined);
      return { cpu: (used * 1_000) / sent, 'delay p50': median(delays), 'delay p99': quantile(delays, 0.99) };
    },
  };
}

/** Writes to the streams in turn, at a constant pace. @returns how many events */
async function play(seconds: number, writers: readonly ServerResponse[]): Promise<number> {
  const total = seconds * EVENTS_A_SECOND;
  const startedAt = performance.now();
  let sent = 0;
  while (sent < total) {
    const wanted = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * EVENTS_A_SECOND));
    for (; sent < wanted; sent += 1) {
      const at = sent % writers.length;
      const isSampled = sent % (1 / SAMPLED) === 0;
      const text = isSampled ? `sent at ${performance.now()} ` : 'the lamp arrived with a broken shade; ';
      writers[at]?.write(delta(at, sent, text));
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  return sent;
}
