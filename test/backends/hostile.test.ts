/** Input that once broke a backend, each in its smallest form. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPage } from '../../src/backends/hookpulse/wire.ts';
import { readResolution } from '../../src/backends/inbox/http/body.ts';
import { JsonWriter, withSeq } from '../../src/backends/runtype/gateway/hold/continuation-writer.ts';
import { questionsIn } from '../../src/backends/runtype/pause/ask-user-question.ts';
import { approvalPause } from '../../src/backends/runtype/pause/from-event.ts';
import { emptyFacts } from '../../src/backends/runtype/pause/run-facts.ts';
import { normalise } from '../../src/backends/runtype/wire/events.ts';
import { Frame, frameOf } from '../../src/backends/runtype/wire/frames/frame.ts';
import { interpret } from '../../src/backends/runtype/wire/interpret-answer.ts';
import { eventsOf } from '../../src/backends/runtype/wire/json-body.ts';
import { createPolling } from '../../src/backends/shared/polling.ts';
import { pauseOf, readList } from '../../src/backends/sonzai/wire.ts';
import type { Pause } from '../../src/core/approval/pause/pause.ts';
import { renderMessage } from '../../src/platforms/discord/render/message.ts';
import { cardOf } from '../platforms/discord/support.ts';
import { captureLog } from '../support/log.ts';
import { decided, RecordingIntake } from './runtype/support/backend.ts';
import { createPacedClock } from './shared/support.ts';
import { never, withSonzai } from './sonzai/support.ts';

const deep = (levels = 50_000): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('what is nested deeper than the stack reaches', () => {
  test('in a polled item ends neither the polling nor the process', async () => {
    const intake = new RecordingIntake();
    const clock = createPacedClock();
    const stop = new AbortController();
    const pause = { backend: 'sonzai', key: 'a', parameters: { payload: deep() }, wire: {} } as never as Pause;
    const look = async () => ({ type: 'read', found: [{ pause }], complete: true }) as const;
    const log = captureLog();
    const watch = createPolling({ backend: 'sonzai', look, intervalMs: () => 1_000, intake, clock, log: log.log });
    const watching = watch(stop.signal);
    await Promise.race([clock.asleep(1), watching]);
    assert.equal(intake.pauses.length, 1);
    stop.abort();
    await watching;
  });

  test('as a run’s result is delivered in part', () => {
    const event = normalise({ type: 'execution_complete', success: true, finalOutput: deep() });
    assert.ok(event.type === 'ended' && event.ok);
    assert.match(event.text ?? '', /nested too deep/);
  });

  test('in a held JSON answer does not keep that answer from ending', () => {
    const writer = new JsonWriter('{}');
    assert.doesNotThrow(() => writer.whole({ result: deep() }));
    assert.match(writer.close(), /nested too deep/);
    assert.doesNotThrow(() => frameOf({ type: 'execution_complete', finalOutput: deep() }));
  });
});

describe('the number of a frame', () => {
  const frame = (data: string) => new Frame(`id: 1\nevent: x\ndata: ${data}\n\n`);

  test('is found after any number of others, without reading the frame again for each', () => {
    const result = Array.from({ length: 100_000 }, (_, seq) => ({ seq }));
    const began = process.cpuUsage();
    const renumbered = withSeq(frame(JSON.stringify({ result, seq: 3 })), 77);
    // Read anew for each, it takes a quarter of an hour.
    assert.ok(process.cpuUsage(began).user < 10_000_000);
    assert.equal((new Frame(renumbered).json() as { seq: number }).seq, 77);
    assert.ok(renumbered.includes('{"seq":99999}],"seq":77}'));
  });

  test('is changed where it counts, and nothing else is', () => {
    const rows: [string, string][] = [
      ['{"seq":1,"a":{"seq":2}}', '{"seq":9,"a":{"seq":2}}'],
      [
        '{"a":"\\"seq\\":1","b":["seq"],"seq" : -4 ,"c":12345678901234567890}',
        '{"a":"\\"seq\\":1","b":["seq"],"seq" : 9 ,"c":12345678901234567890}',
      ],
      ['{"seq":1,"seq":2}', '{"seq":1,"seq":9}'],
      ['{"\\u0073eq":1}', '{"\\u0073eq":9}'],
      ['{"\\u0073\\u0065\\u0071":1,"a":"\\u00e9"}', '{"\\u0073\\u0065\\u0071":9,"a":"\\u00e9"}'],
      ['{"seq":1e0,"a":1.0}', '{"seq":9,"a":1.0}'],
      ['{"seq":1.5,"a":1}', '{"seq":9,"a":1}'],
    ];
    for (const [before, expected] of rows) assert.ok(withSeq(frame(before), 9).includes(`data: ${expected}\n`), before);
  });

  test('is changed in place in a frame of several data lines, with any line ends', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const lines = [
        'event: x',
        'data: {"a":"\\u00e9","n":',
        'data:1.0,',
        ': "seq":3',
        'data: "seq"',
        'data: :',
        'data: 3}',
      ];
      const raw = [...lines, '', ''].join(end);
      assert.equal(withSeq(new Frame(raw), 12), raw.replace('data: 3}', 'data: 12}'));
    }
    const marked = '\xef\xbb\xbfdata: {"seq":3,\ndata: "b":1e2}\n\n';
    assert.equal(withSeq(new Frame(marked, 3), 4), marked.replace(':3,', ':4,'));
  });
});

test('an item whose type is the name of an object’s method does not hide others', () => {
  const list = readList({
    pending_count: 2,
    items: ['constructor', '__proto__'].map((type) => ({ approval_id: type, type })),
  });
  assert.deepEqual(list?.pending.map((item) => pauseOf(item).tool).sort(), ['__proto__', 'constructor']);
});

test('an item whose id can’t be in a path is refused, and the decision ends', () =>
  withSonzai({}, {}, async ({ backend, calls }) => {
    const pause = { backend: 'sonzai', key: 'a\ud800', kind: 'item', hidden: [], wire: { approvalId: 'a\ud800' } };
    const answer = await backend.decide([decided(pause as never, 'approve')], never);
    assert.equal(answer.result.type, 'refused');
    assert.deepEqual(calls('POST'), []);
  }));

test('a deadline beyond all dates is ignored, and a time beyond them is not shown as code', () => {
  const asked = normalise({ type: 'approval_start', executionId: 'e', approvalId: 'a', toolName: 't', timeout: 1e300 });
  assert.ok(asked.type === 'approval');
  assert.equal(approvalPause(asked, { runId: 'e', executionId: 'e', facts: emptyFacts(), now: 0 }).deadline, null);
  const message = JSON.stringify(renderMessage(cardOf({ footer: [[{ at: 1e300, style: 'relative' }]] })));
  assert.match(message, /an unknown time/);
});

describe('an object that can’t be made into a text', () => {
  const evil = { toString: 1, valueOf: 1, length: { toString: 1, valueOf: 1 } };

  test('is not a valid id, and does not throw', () => {
    assert.deepEqual(readList({ pending_count: 1, items: [{ approval_id: evil }] })?.pending, []);
    assert.deepEqual(
      readPage({ success: true, data: [{ step_identifier: evil, workflow_index: 1 }] })?.unreadable.length,
      1,
    );
    const asked = normalise({ type: 'approval_start', approvalId: evil, toolName: evil, executionId: evil });
    assert.ok(asked.type === 'approval' && asked.approvalId === null && asked.tool === null);
    assert.equal(questionsIn({ questions: evil }), null);
    assert.equal(questionsIn({ questions: [{ question: evil, options: [evil] }] }), null);
    assert.ok(readResolution(JSON.stringify({ action: 'approve', reason: evil })) instanceof Response);
  });

  test('in an answer of Runtype leaves the rest of it readable', () => {
    const headers = { 'content-type': 'application/json' };
    assert.equal(
      interpret({ status: 409, headers }, { code: evil, error: 'Approval already approved' }, false).type,
      'already',
    );
    assert.equal(eventsOf({ approvals: [{ type: evil, approvalId: 'a' }] }).length, 1);
  });
});
