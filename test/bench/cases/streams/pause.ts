/** From the moment at which a backend writes a pause on its stream to the moment at which its card arrives at Slack. */
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SlackEmulator } from '../../../../src/sandbox/emulators/slack/types.ts';
import type { Bench, Case, Figures, Server } from '../../contract.ts';
import { createWorld, median, quantile } from '../../world/world.ts';
import { createSource, dispatch, pauseOf, runStart } from './source.ts';

const PAUSES = 200;
const QUICK_PAUSES = 40;
const WARM_UP = 100;
/** So that none takes more cards at once than the bot posts there without a wait. */
const ROOMS = 8;
/** Between two pauses, ms: the work of the one before is over. */
const GAP_MS = 15;
const floor = 'zod, SQLite and node:http by hand';

export const pause: Case = {
  name: 'pause',
  title: 'A pause on a stream: from its event to the request with its card',
  metrics: [
    { name: 'p50', unit: 'ms', better: 'less', goals: [{ against: floor, limit: 1.5 }] },
    { name: 'p99', unit: 'ms', better: 'less' },
    { name: 'cpu', unit: 'ms a pause', better: 'less' },
  ],
  subjects: [
    { name: 'gateway', kind: 'product', measure: throughGateway },
    { name: floor, kind: 'floor', measure: throughFloor },
  ],
};

async function throughGateway(bench: Bench): Promise<Figures> {
  const runs = await createRuns();
  const world = await createWorld(bench, { rooms: ROOMS, env: { RUNTYPE_API_URL: runs.url } });
  const product = await world.start(join(bench.folder, 'bench.db'));
  return measure(bench, runs, world.slack, product, world.runtype.applicationKey);
}

async function throughFloor(bench: Bench): Promise<Figures> {
  const runs = await createRuns();
  const { slack } = await createWorld(bench, { rooms: ROOMS });
  const env = { UPSTREAM: runs.url, SLACK: slack.url, TOKEN: slack.botToken, CHANNEL: slack.channel };
  const args = [join(bench.folder, 'floor.db')];
  const script = 'test/bench/cases/streams/servers/post-pauses.ts';
  return measure(bench, runs, slack, await bench.startServer(script, { args, env }), 'rt_test_any');
}

async function createRuns() {
  const open: ServerResponse[] = [];
  const { url } = await createSource((response, number) => {
    response.write(runStart(number));
    open[number] = response;
  });
  return { url, open };
}

type Runs = Awaited<ReturnType<typeof createRuns>>;

async function measure(bench: Bench, runs: Runs, slack: SlackEmulator, server: Server, key: string): Promise<Figures> {
  const pauses = bench.quick ? QUICK_PAUSES : PAUSES;
  const times: number[] = [];
  let cpu = 0;
  for (let number = 0; number < WARM_UP + pauses; number += 1) {
    if (number === WARM_UP) cpu = server.cpuMs();
    const answer = await dispatch(server.port, key);
    answer.resume();
    await sleep(GAP_MS);
    const mark = `Refund number ${String(number).padStart(6, '0')}`;
    const posted = slack.journal.until(`a card of ${mark}`, (entries) => {
      const last = entries.at(-1);
      if (last?.kind !== 'call' || last.method !== 'chat.postMessage') return undefined;
      return last.ok && JSON.stringify(last.args).includes(mark) ? performance.now() : undefined;
    });
    const event = pauseOf(number, mark, `refund_${number % ROOMS}`);
    const since = performance.now();
    // The run waits, so its stream ends.
    runs.open[number]?.end(event);
    const ms = (await posted) - since;
    if (number >= WARM_UP) times.push(ms);
  }
  await sleep(GAP_MS * 10);
  return { p50: median(times), p99: quantile(times, 0.99), cpu: (server.cpuMs() - cpu) / pauses };
}
