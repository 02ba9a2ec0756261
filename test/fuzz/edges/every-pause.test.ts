/** Every pause on a live stream ends as a card, or as a note in the room: whatever is missing, wrong or unknown in it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { RunFactsCache } from '../../../src/backends/runtype/pause/run-facts.ts';
import { RunReader } from '../../../src/backends/runtype/stream/reader/reader.ts';
import { normalise } from '../../../src/backends/runtype/wire/events.ts';
import { FrameSplitter } from '../../../src/backends/runtype/wire/frames/frame-splitter.ts';
import { runs } from '../../support/property.ts';
import { createTestEngine } from '../../support/worlds/engine.ts';
import { cut, cuts, quiet } from '../arbitrary.ts';

type Json = Record<string, unknown>;

/** Both vocabularies' pauses that ask people. */
const pauses = ['unified', 'legacy'].flatMap((name) =>
  readFileSync(new URL(`../../fixtures/runtype/${name}.ndjson`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json & { type: string })
    .filter((event) => {
      const read = normalise(event);
      return read.type === 'approval' || (read.type === 'await' && !read.webmcp);
    }),
);

const odd = fc.constantFrom<unknown>(
  null,
  '',
  0,
  -1,
  1e21,
  true,
  false,
  [],
  ['a'],
  {},
  { a: 1 },
  'zzz',
  ' ',
  '\u202e',
  2099,
);
/** Far from every clock, and in every form. */
const moment = fc.constantFrom<unknown>(
  '1970-01-01T00:00:00Z',
  '2099-01-01T00:00:00Z',
  '2026-09-01T10:00:00',
  1_788_256_800,
  '1788256800000000',
  1.78e18,
  'never',
);
const change = fc.oneof(
  fc.record({ how: fc.constant('drop' as const) }),
  fc.record({ how: fc.constant('set' as const), value: fc.oneof(odd, moment) }),
);

/** A pause with some of its fields missing or of another type. */
const spoilt = (fields: (event: Json) => string[]) =>
  fc.constantFrom(...pauses).chain((event) =>
    fc.array(fc.tuple(fc.constantFrom(...fields(event)), change), { minLength: 1, maxLength: 3 }).map((changes) => {
      const changed: Json = { ...event };
      for (const [field, one] of changes) {
        if (one.how === 'drop') delete changed[field];
        else changed[field] = one.value;
      }
      return { name: event.type, event: changed };
    }),
  );

const frameOf = (name: string | null, data: string) => `${name === null ? '' : `event: ${name}\n`}data: ${data}\n\n`;
const start = frameOf(
  'execution_start',
  JSON.stringify({ type: 'execution_start', executionId: 'exec_1', kind: 'agent' }),
);

/** What a stream of this text leaves: how many cards and notes are to be posted in each room. */
async function shownBy(text: string, sizes: readonly number[], how: 'ended' | 'cut'): Promise<number> {
  const engine = createTestEngine();
  try {
    const reader = new RunReader({ runFacts: new RunFactsCache(), clock: engine.clock, log: quiet, via: 'stream' });
    const splitter = new FrameSplitter();
    const frames = cut(Buffer.from(text), [...sizes]).flatMap((piece) => splitter.push(piece));
    const deliveries = [...frames, ...splitter.end()].flatMap((frame) => reader.read(frame));
    for (const delivery of [...deliveries, ...reader.end(how)]) await engine.intake.deliver(delivery);
    const { jobs } = await engine.store.stats(0);
    const draws = jobs.find(({ kind }) => kind === 'draw');
    return ((draws?.due ?? 0) + (draws?.waiting ?? 0)) / 2;
  } finally {
    await engine.stop();
  }
}

describe('a pause on a live stream', () => {
  const how = fc.constantFrom('ended' as const, 'cut' as const);
  const after = fc.constantFrom('', frameOf('ping', '{"type":"ping"}'), 'data: [DONE]\n\n', ': hi\n\n', 'id: 9\n\n');
  const anyName = fc.constantFrom<string | null>(null, 'message', 'ping', 'text_delta', 'tool_complete', 'brand_new');

  test('with any field missing, of another type or unknown, is a card or a note', async () => {
    const any = spoilt((event) => [...Object.keys(event), 'type', 'approvalId', 'executionId', 'toolName', 'timeout']);
    await fc.assert(
      fc.asyncProperty(
        any,
        fc.option(anyName),
        fc.boolean(),
        after,
        cuts,
        how,
        async ({ name, event }, other, known, end, sizes, ended) => {
          const text = `${known ? start : ''}${frameOf(other === null ? name : other, JSON.stringify(event))}${end}`;
          assert.ok((await shownBy(text, sizes, ended)) >= 1, text);
        },
      ),
      { numRuns: runs(60) },
    );
  });

  test('beside another pause it has a card or a note of its own', async () => {
    const good = {
      type: 'approval_start',
      executionId: 'exec_1',
      approvalId: 'good',
      toolCallId: 'good',
      toolName: 'good',
    };
    const any = spoilt((event) => Object.keys(event).filter((field) => field !== 'type'));
    await fc.assert(
      fc.asyncProperty(any, fc.boolean(), how, async ({ name, event }, first, ended) => {
        const [one, other] = [frameOf('approval_start', JSON.stringify(good)), frameOf(name, JSON.stringify(event))];
        assert.ok((await shownBy(start + (first ? one + other : other + one), [], ended)) >= 2, JSON.stringify(event));
      }),
      { numRuns: runs(60) },
    );
  });

  test('that is not JSON, has no data or is a list, is a card or a note', async () => {
    const broken = fc
      .tuple(fc.constantFrom(...pauses), fc.nat(200), fc.constantFrom('cut', 'none', 'empty', 'list', 'text', 'number'))
      .map(([event, at, kind]) => {
        const json = JSON.stringify(event);
        const data = {
          cut: json.slice(0, Math.min(at, json.length - 1)),
          empty: '',
          list: `[${json}]`,
          text: '"x"',
          number: '7',
        };
        return kind === 'none' ? `event: ${event.type}\n\n` : frameOf(event.type, data[kind as keyof typeof data]);
      });
    await fc.assert(
      fc.asyncProperty(broken, fc.boolean(), how, async (frame, beside, ended) => {
        const other = { type: 'approval_start', executionId: 'exec_1', approvalId: 'good', toolName: 'good' };
        const text = start + (beside ? frameOf('approval_start', JSON.stringify(other)) : '') + frame;
        assert.ok((await shownBy(text, [], ended)) >= (beside ? 2 : 1), frame);
      }),
      { numRuns: runs(60) },
    );
  });

  test('is no note where a closing frame says that the run is over, nor where its application answers it', async () => {
    const over = frameOf('execution_complete', '{"type":"execution_complete","executionId":"exec_1","success":true}');
    assert.equal(await shownBy(`${start}${over}`, [], 'ended'), 0);
    const unknown = frameOf('approval_request', '{"type":"approval_request","approvalId":"a","executionId":"exec_1"}');
    assert.equal(await shownBy(`${start}${unknown}${over}`, [], 'ended'), 0);
    assert.equal(await shownBy(`${start}${unknown}`, [], 'ended'), 1);
    const page = { type: 'await', executionId: 'exec_1', toolName: 'webmcp:add', toolCallId: 't', origin: 'webmcp' };
    assert.equal(await shownBy(`${start}${frameOf('await', JSON.stringify(page))}`, [], 'ended'), 0);
    const same = { type: 'approval_start', executionId: 'exec_1', approvalId: 'a', toolName: 't' };
    assert.equal(await shownBy(`${start}${unknown}${frameOf('approval_start', JSON.stringify(same))}`, [], 'ended'), 1);
  });
});
