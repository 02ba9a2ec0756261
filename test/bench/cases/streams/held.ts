/** The memory that a response takes while it is held at a pause. */
import { join } from 'node:path';
import type { Bench, Case, Figures } from '../../contract.ts';
import { collectedMb, collecting } from '../../world/memory.ts';
import { createWorld, until } from '../../world/world.ts';
import { createSource, delta, dispatch, pauseOf, runStart } from './source.ts';

const HELD = 400;
const QUICK_HELD = 100;
/** The memory of the first ones is that of code and caches. */
const WARM_UP = 100;
/** Before the pause: about 20 kB. */
const EVENTS = 100;

export const heldStream: Case = {
  name: 'held',
  title: 'A response that is held at a pause: memory with its approval',
  maxRounds: 3,
  metrics: [
    { name: 'memory', unit: 'kB each', better: 'less', goals: [{ limit: 60 }] },
    { name: 'cpu', unit: 'ms each', better: 'less' },
  ],
  subjects: [
    { name: 'gateway', kind: 'product', measure: (bench) => measure(bench, 'on') },
    { name: 'not held', kind: 'product', quick: false, measure: (bench) => measure(bench, 'off') },
  ],
};

async function measure(bench: Bench, hold: 'on' | 'off'): Promise<Figures> {
  const source = await createSource((response, number) => {
    const events = Array.from({ length: EVENTS }, (_, at) =>
      delta(number, 1 + at, `the lamp arrived ${at} days ago; `),
    );
    response.end([runStart(number), ...events, pauseOf(number, markOf(number))].join(''));
  });
  const world = await createWorld(bench, { env: { RUNTYPE_API_URL: source.url, HOLD: hold } });
  const product = await world.start(join(bench.folder, 'bench.db'), { flags: collecting });
  let ended = 0;
  let opened = 0;
  const held = () => product.output().split('"msg":"holding a response"').length - 1;
  const open = async (count: number) => {
    for (let at = 0; at < count; at += 1) {
      const answer = await dispatch(product.port, world.runtype.applicationKey);
      answer.on('end', () => {
        ended += 1;
      });
      answer.resume();
    }
    opened += count;
    await until('all pauses', () => (hold === 'on' ? held() : ended) === opened || undefined, 20);
  };
  await open(WARM_UP);
  const count = bench.quick ? QUICK_HELD : HELD;
  const before = await collectedMb(product, 1);
  const cpu = product.cpuMs();
  await open(count);
  const used = product.cpuMs() - cpu;
  const after = await collectedMb(product, 2);
  if (hold === 'on' && ended > 0) throw new Error(`${ended} responses were not held`);
  return { memory: ((after - before) * 1024) / count, cpu: used / count };
}

const markOf = (number: number): string => `Refund number ${number}`;
