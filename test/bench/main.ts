/** `npm run bench`: see `usage`. */
import { limitPause } from '../../src/core/approval/pause/limit-pause.ts';
import { renderCard } from '../../src/core/view/cards/approval-card.ts';
import { renderMessage as renderDiscord } from '../../src/platforms/discord/render/message.ts';
import { renderMessage as renderSlack } from '../../src/platforms/slack/render/message.ts';
import { systemClock } from '../../src/system/clock.ts';
import { commandLineOrExit } from '../support/command-line.ts';
import { after, announced, pauseOf } from '../support/data/pauses.ts';
import { createPaths } from './paths.ts';
import { shapes } from './shapes.ts';
import { cpuOf, longestTurn } from './turns.ts';

const MB = 1024 * 1024;
/** A longer turn delays every press that comes meanwhile, ms. */
const LONGEST_MS = 100;

const usage = `Usage: npm run bench -- [SHAPE]

Prints the longest turn of the event loop while a payload of 1 to 6 MB of every shape comes in, is stored and drawn, and
what the first drawing of a card costs at 10 KB, 250 KB and 4 MB. Times are CPU times of this thread; ratios are to the time
that JSON.parse takes for the same text in the same run. A turn of more than 100 ms is marked as too long.

  SHAPE     only the shapes whose name contains this (default: all)
  --help    prints this

Example: npm run bench -- brackets`;

const { positionals } = commandLineOrExit(usage, {}, { positionals: true });
const [wanted = ''] = positionals;

const paths = await createPaths();
let keys = 0;
async function streamed(type: string, event: string) {
  const bytes = Buffer.from(`event: ${type}\ndata: ${event}\n\n`);
  return longestTurn(() => paths.stream(bytes, type !== 'execution_complete'));
}
async function ingested(event: string) {
  const bytes = Buffer.from(event);
  return longestTurn(() => paths.ingested(bytes));
}
async function answered(pause: string) {
  const bytes = Buffer.from(`{"executionId":"${key()}","status":"paused","pausedReason":${pause}}`);
  return longestTurn(() => paths.answered(bytes));
}
async function listed(item: string) {
  await paths.serve(item);
  return longestTurn(paths.listed);
}

const key = () => {
  keys += 1;
  return `k${keys}`;
};

const pause = (parameters: string) =>
  `{"type":"approval_start","executionId":"${key()}","approvalId":"${key()}","toolName":"pay","parameters":${parameters}}`;
const itemOf = (payload: string) => `{"approval_id":"${key()}","context":"c","payload":${payload}}`;
const wrapped = (size: number) => {
  const text = JSON.stringify('a "quoted" text\n'.repeat(size / 16));
  const options = Array.from({ length: size / 40 }, (_, at) => ({ label: `Option ${at}`, description: 'one' }));
  const properties = Object.fromEntries(options.map(({ label }) => [label, { type: 'string', title: label }]));
  const asked = (tool: string, parameters: unknown, more: object = {}) =>
    JSON.stringify({ type: 'await', executionId: key(), toolCallId: key(), toolName: tool, parameters, ...more });
  const base = `{"type":"approval_start","executionId":"e","approvalId":"`;
  return [
    ['a description', `${base}${key()}","toolName":"pay","description":${text}}`],
    ['a reason', `${base}${key()}","toolName":"pay","reason":${text}}`],
    ['a tool’s name', `${base}${key()}","toolName":${text}}`],
    ['the name of an agent', `${base}${key()}","toolName":"pay","subagent":{"agentName":${text}}}`],
    ['a label', `${base}${key()}","toolName":"pay","toolType":${text}}`],
    ['a question with many options', asked('ask_user_question', { questions: [{ question: 'Which?', options }] })],
    [
      'the schema of an elicitation',
      asked('mcp', {}, { elicitation: { message: 'Fill in', requestedSchema: { type: 'object', properties } } }),
    ],
  ] as const;
};

/** What no path can be faster than, ms. */
const floorOf = (json: string) =>
  Math.max(
    1,
    cpuOf(() => JSON.parse(json)),
  );

let slow = 0;
function report(name: string, { cpuMs, wallMs }: { cpuMs: number; wallMs: number }, floorMs: number): void {
  const isSlow = cpuMs > LONGEST_MS;
  if (isSlow) slow += 1;
  const columns = [cpuMs.toFixed(0), wallMs.toFixed(0), (cpuMs / floorMs).toFixed(2)].map((text) => text.padStart(7));
  console.log(`  ${name.padEnd(44)}${columns.join('')}${isSlow ? '  too long' : ''}`);
}

const heading = `  ${''.padEnd(44)}${['CPU ms', 'wall ms', 'ratio'].map((text) => text.padStart(8)).join('')}`;
const chosen = <T extends readonly [string, ...unknown[]]>(all: readonly T[]) =>
  all.filter(([name]) => name.includes(wanted));

for (const size of [1 * MB, 3.9 * MB, 6 * MB]) {
  console.log(`\n${(size / MB).toFixed(1)} MB: the longest turn\n${heading}`);
  for (const [name, json] of chosen(shapes(size))) {
    const floor = floorOf(json);
    report(`${name}: stream`, await streamed('approval_start', pause(json)), floor);
    report(`${name}: list`, await listed(itemOf(json)), floor);
    // A longer answer in one piece is not read.
    if (size < 4 * MB) report(`${name}: answer`, await answered(pause(json)), floor);
    if (size <= MB) {
      const event = pause(json);
      if (event.length < MB) report(`${name}: ingest`, await ingested(event), floor);
    }
    const result = `{"type":"execution_complete","executionId":"exec_1","success":true,"finalOutput":${json}}`;
    report(`${name}: result`, await streamed('execution_complete', result), floor);
  }
  for (const [name, event] of chosen(wrapped(size))) {
    const floor = floorOf(event);
    report(
      `${name}: stream`,
      await streamed(event.startsWith('{"type":"await"') ? 'await' : 'approval_start', event),
      floor,
    );
  }
}

console.log(`\nJust below the limit: the longest turn\n${heading}`);
for (const [name, json] of chosen([
  ...shapes(250_000),
  ...[10_000, 40_000, 310_000].flatMap((size) =>
    shapes(size).map(([name, json]) => [`${name}, ${size / 1_000} KB`, json] as const),
  ),
])) {
  const floor = floorOf(json);
  report(`${name}: stream`, await streamed('approval_start', pause(json)), floor);
  report(`${name}: list`, await listed(itemOf(json)), floor);
}
await paths.stop();

/** Draws that are timed together: the clock of CPU time ticks every 4 ms. */
const DRAWS = 20;

/** ms of one draw as if it was the first: each has a fingerprint of its own, and parameters that were not masked yet. */
function costOfDrawing(approval: ReturnType<typeof after>): number {
  const draw = (index: number) => {
    const parameters = { ...approval.pause.parameters };
    const one = { ...approval, fingerprint: key().padEnd(22, `-${index}`), pause: { ...approval.pause, parameters } };
    JSON.stringify([
      renderSlack(renderCard(one, { backend: 'Runtype' })),
      renderDiscord(renderCard(one, { backend: 'Runtype' })),
    ]);
  };
  const drawAll = () => Array.from({ length: DRAWS }, (_, index) => draw(index));
  drawAll();
  return cpuOf(drawAll) / DRAWS;
}

console.log(
  `\nDrawing a card for both platforms: ms at 10 KB, at 250 KB and at 4 MB, and the ratio of the last to the first`,
);
for (const [index, [name]] of chosen(shapes(10)).entries()) {
  const [small, middle, large] = [10_000, 240_000, 4 * MB].map((size) => {
    const [, json = '{}'] = chosen(shapes(size))[index] ?? [];
    const drawn = limitPause(pauseOf({ parameters: JSON.parse(json) }), systemClock.hash);
    return costOfDrawing(after(announced({ pause: drawn })));
  }) as [number, number, number];
  const columns = [small, middle, large, large / Math.max(0.1, small)].map((ms) => ms.toFixed(1).padStart(8));
  console.log(`  ${name.padEnd(44)}${columns.join('')}`);
}
console.log(
  slow === 0 ? `\nNo turn took more than ${LONGEST_MS} ms.` : `\n${slow} turns took more than ${LONGEST_MS} ms.`,
);
