/** Payloads of 1 to 6 MB of every shape: how long they hold the event loop, and what their cards cost to draw. */
import type { Case, Figures, Subject } from '../../contract.ts';
import { costOfDrawing } from './drawing.ts';
import { listItem, pauseEvent, resultEvent, wrapped } from './events.ts';
import { createPaths } from './paths.ts';
import { shapes } from './shapes.ts';
import { cpuOf, type Longest, longestTurn } from './turns.ts';

const MB = 1024 * 1024;
/** A longer turn delays every press that comes meanwhile, ms. */
const LONGEST_MS = 100;
/** The last ones are just below limits. */
const SIZES = [1 * MB, 3.9 * MB, 6 * MB, 250_000, 10_000, 40_000, 310_000];
/** A longer answer in one piece is not read, bytes. */
const MAX_ANSWER = 4 * MB;

type Paths = Awaited<ReturnType<typeof createPaths>>;

/** The longest turn of each way in, over all sizes. */
class Turns {
  readonly figures: Figures = {};
  /** @param json what no way can be faster than reading */
  async add(way: string, json: string, turn: Promise<Longest>): Promise<void> {
    const { cpuMs } = await turn;
    const floorMs = Math.max(
      1,
      cpuOf(() => JSON.parse(json)),
    );
    this.#atLeast(way, cpuMs);
    this.#atLeast('longest turn', cpuMs);
    this.#atLeast('longest turn to JSON.parse', cpuMs / floorMs);
  }
  #atLeast(metric: string, value: number): void {
    this.figures[metric] = Math.max(this.figures[metric] ?? 0, value);
  }
}

const streamed = (paths: Paths, type: string, event: string) =>
  longestTurn(() => paths.stream(Buffer.from(`event: ${type}\ndata: ${event}\n\n`), type !== 'execution_complete'));

async function measureShape(paths: Paths, turns: Turns, json: string): Promise<void> {
  await turns.add('stream', json, streamed(paths, 'approval_start', pauseEvent(json)));
  await paths.serve(listItem(json));
  await turns.add('list', json, longestTurn(paths.listed));
  const answer = `{"executionId":"exec_1","status":"paused","pausedReason":${pauseEvent(json)}}`;
  const bytes = Buffer.from(answer);
  if (bytes.length < MAX_ANSWER) {
    await turns.add(
      'answer',
      json,
      longestTurn(() => paths.answered(bytes)),
    );
  }
  const event = Buffer.from(pauseEvent(json));
  if (event.length < MB)
    await turns.add(
      'ingest',
      json,
      longestTurn(() => paths.ingested(event)),
    );
  await turns.add('result', json, streamed(paths, 'execution_complete', resultEvent(json)));
}

const shapeNames = shapes(10).map(([name]) => name);
const shapeSubjects = shapeNames.map(
  (name, index): Subject => ({
    name,
    kind: 'product',
    inProcess: true,
    async measure() {
      const paths = await createPaths();
      const turns = new Turns();
      const jsonOf = (size: number) => shapes(size)[index]?.[1] ?? '{}';
      for (const size of SIZES) await measureShape(paths, turns, jsonOf(size));
      await paths.stop();
      return {
        ...turns.figures,
        'drawing 10 KB': costOfDrawing(jsonOf(10_000)),
        'drawing 240 KB': costOfDrawing(jsonOf(240_000)),
        'drawing 4 MB': costOfDrawing(jsonOf(4 * MB)),
      };
    },
  }),
);

const wrappedSubjects = wrapped(64).map(
  ([name], index): Subject => ({
    name,
    kind: 'product',
    inProcess: true,
    async measure() {
      const paths = await createPaths();
      const turns = new Turns();
      for (const size of [1 * MB, 3.9 * MB, 6 * MB]) {
        const event = wrapped(size)[index]?.[1] ?? '{}';
        const type = event.startsWith('{"type":"await"') ? 'await' : 'approval_start';
        await turns.add('stream', event, streamed(paths, type, event));
      }
      await paths.stop();
      return turns.figures;
    },
  }),
);

const subjects = [...shapeSubjects, ...wrappedSubjects];

export const payloads: Case = {
  name: 'payloads',
  title: 'Payloads of 1 to 6 MB of every shape, and their cards',
  quick: false,
  maxRounds: 1,
  metrics: [
    {
      name: 'longest turn',
      unit: 'CPU ms',
      better: 'less',
      goals: subjects.map(({ name }) => ({ of: name, limit: LONGEST_MS })),
    },
    { name: 'longest turn to JSON.parse', unit: '×', better: 'less' },
    ...['stream', 'list', 'answer', 'ingest', 'result'].map((name) => ({
      name,
      unit: 'CPU ms of the longest turn',
      better: 'less' as const,
    })),
    ...['drawing 10 KB', 'drawing 240 KB', 'drawing 4 MB'].map((name) => ({
      name,
      unit: 'CPU ms a card',
      better: 'less' as const,
    })),
  ],
  subjects,
};
