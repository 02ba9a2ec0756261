import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { RunFactsCache } from '../../../../../src/backends/runtype/pause/run-facts.ts';
import { type ReaderOptions, RunReader } from '../../../../../src/backends/runtype/stream/reader/reader.ts';
import { FrameSplitter } from '../../../../../src/backends/runtype/wire/frames/frame-splitter.ts';
import { type Pause, pauseSchema } from '../../../../../src/core/approval/pause/pause.ts';
import type { Delivery } from '../../../../../src/core/ports/ports.ts';
import { createTestClock } from '../../../../support/clock.ts';
import { captureLog } from '../../../../support/log.ts';
import { isLong } from '../../../../support/property.ts';
import { frame } from '../../support/backend.ts';

type Event = { type: string; [field: string]: unknown };

function recording(name: string): Buffer {
  return readFileSync(new URL(`../../../../fixtures/runtype/${name}.sse`, import.meta.url));
}

/** Everything that a stream in these pieces says, and what it logs. */
function readPieces(
  pieces: Iterable<Uint8Array>,
  more: Partial<ReaderOptions> = {},
  how: 'ended' | 'cut' = 'ended',
  log = captureLog(),
) {
  const reader = new RunReader({
    runFacts: new RunFactsCache(),
    clock: createTestClock(),
    log: log.log,
    via: 'stream',
    ...more,
  });
  const deliveries: Delivery[] = [];
  const splitter = new FrameSplitter();
  for (const piece of pieces) deliveries.push(...splitter.push(piece).flatMap((frame) => reader.read(frame)));
  deliveries.push(...splitter.end().flatMap((frame) => reader.read(frame)));
  deliveries.push(...reader.end(how));
  return { deliveries, log };
}

function readEvents(events: Event[], more: Partial<ReaderOptions> = {}, how: 'ended' | 'cut' = 'ended') {
  const text = events.map((event) => frame({ executionId: 'exec_1', ...event })).join('');
  const { deliveries, log } = readPieces([Buffer.from(text)], more, how);
  return { deliveries, log, pauses: pausesIn(deliveries) };
}

function pausesIn(deliveries: Delivery[]): Pause[] {
  return deliveries.flatMap((delivery) => (delivery.type === 'announced' ? [delivery.pause] : []));
}

const streams = ['refund-to-pause', 'refund-continuation', 'awaits', 'legacy-flow-approval', 'legacy-refund-to-pause'];

/** Byte by byte, every place is cut as well; a long run cuts in two at each. A prime, so that no field is always spared. */
const CUT_EVERY = isLong ? 1 : 7;

describe('a stream gives the same deliveries, however it is cut', () => {
  for (const name of streams) {
    test(name, () => {
      const bytes = recording(name);
      const whole = readPieces([bytes]).deliveries;
      assert.ok(whole.length >= 2);
      const log = captureLog();
      for (let at = 1; at < bytes.length; at += CUT_EVERY) {
        const { deliveries } = readPieces([bytes.subarray(0, at), bytes.subarray(at)], {}, 'ended', log);
        assert.deepEqual(deliveries, whole, `cut at byte ${at}`);
      }
      const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
      assert.deepEqual(readPieces(single).deliveries, whole, 'byte by byte');
    });
  }

  test('with other line ends, a byte order mark, comments, and no event names', () => {
    const text = recording('refund-to-pause').toString();
    const whole = readPieces([Buffer.from(text)]).deliveries;
    const forms = {
      CRLF: text.replaceAll('\n', '\r\n'),
      CR: text.replaceAll('\n', '\r'),
      'byte order mark': `\ufeff${text}`,
      comments: text.replaceAll('event: ', ': still here\nevent: '),
      'bare data': text.replaceAll(/^event: .*\n/gm, ''),
      'type last': text.replaceAll(/^event: .*\ndata: \{("type":"\w+"),(.*)\}$/gm, 'data: {$2,$1}'),
      'named message': text.replaceAll(/^event: .*$/gm, 'event: message'),
      'ids and a sentinel': `${text.replaceAll('event: ', 'id: 7\nevent: ')}data: [DONE]\n\n`,
      'data in two lines': text.replaceAll(',"executionId"', ',\ndata: "executionId"'),
    };
    for (const [form, changed] of Object.entries(forms)) {
      assert.notEqual(changed, text);
      assert.deepEqual(readPieces([Buffer.from(changed)]).deliveries, whole, form);
    }
  });

  test('cut off at any byte: a pause in a whole frame is delivered, else the rest of the run was not seen', () => {
    const bytes = recording('refund-to-pause');
    const log = captureLog();
    const frameEnd = bytes.toString().trimEnd().length;
    for (let at = 0; at <= bytes.length; at += 1) {
      const { deliveries } = readPieces([bytes.subarray(0, at)], {}, 'cut', log);
      const types = deliveries.map(({ type }) => type);
      if (at >= frameEnd) assert.deepEqual(types, ['announced', 'run_paused'], `cut after ${at} bytes`);
      else assert.ok(['run_ended', 'unfollowed'].includes(types.join()), `cut after ${at} bytes: ${types}`);
    }
  });
});

describe('an approval', () => {
  const [announced, ...rest] = readPieces([recording('refund-to-pause')]).deliveries;

  test('is delivered with the facts of its run', () => {
    assert.ok(announced?.type === 'announced');
    const { pause, ...way } = announced;
    assert.deepEqual(way, { type: 'announced', via: 'stream', streamOpen: false, inputId: null, call: 'toolu_0002' });
    const { wire, ...shown } = pauseSchema.parse(pause);
    assert.deepEqual(shown, {
      backend: 'runtype',
      key: 'approval:appr_0001',
      kind: 'approval',
      groupId: 'approval:appr_0001',
      runId: 'exec_0001',
      tool: 'refund_order',
      labels: ['external'],
      description: 'Refund an order, in full or in part, to the original payment method.',
      asker: 'Order desk',
      askerId: 'refund-agent',
      reason: 'The customer asked for their money back: the lamp arrived with a broken shade.',
      parameters: {
        orderId: 'A-1009',
        amount: 42.5,
        currency: 'EUR',
        customer: 'Mara Lindqvist',
        note: 'Broken shade, photo in ticket 5521. The customer does not want a replacement.',
        tenantId: 'tenant_4471',
      },
      hidden: ['tenantId'],
      actions: ['approve', 'reject', 'take_over'],
      askedAt: Date.parse('2026-09-01T10:00:00.000Z'),
      deadline: Date.parse('2026-09-01T10:00:00.000Z') + 300_000,
    });
    assert.deepEqual(
      {
        executionId: wire['executionId'],
        approvalId: wire['approvalId'],
        toolName: wire['toolName'],
        kind: wire['kind'],
      },
      { executionId: 'exec_0001', approvalId: 'appr_0001', toolName: 'refund_order', kind: 'approval' },
    );
  });

  test('and its stream’s end is a pause, not a loss', () => {
    assert.deepEqual(rest, [{ type: 'run_paused', backend: 'runtype', runId: 'exec_0001' }]);
  });

  test('reads the same in the older vocabulary', () => {
    const [old] = pausesIn(readPieces([recording('legacy-refund-to-pause')]).deliveries);
    const [now] = pausesIn(readPieces([recording('refund-to-pause')]).deliveries);
    assert.deepEqual(old, now);
  });

  test('of a flow in the older vocabulary', () => {
    const [pause] = pausesIn(readPieces([recording('legacy-flow-approval')]).deliveries);
    assert.equal(pause?.kind, 'approval');
    assert.equal(pause?.asker, 'Publish a price list');
    assert.match(pause?.key ?? '', /^approval:appr_/);
  });

  test('has no deadline where the backend named none', () => {
    const asked = { type: 'approval_start', approvalId: 'a', toolName: 't' };
    assert.equal(readEvents([asked]).pauses[0]?.deadline, null);
    const now = createTestClock().now();
    assert.equal(readEvents([{ ...asked, timeout: 60_000 }]).pauses[0]?.deadline, now + 60_000);
  });

  test('of a sub-agent names both', () => {
    const asked = {
      type: 'approval_start',
      approvalId: 'a',
      toolName: 't',
      subagent: { toolName: 'x', agentName: 'Sub' },
    };
    assert.equal(readEvents([{ type: 'agent_start', agentName: 'Top' }, asked]).pauses[0]?.asker, 'Top › Sub');
    assert.equal(readEvents([asked]).pauses[0]?.asker, 'Sub');
  });

  test('decided anywhere: the verdict is delivered', () => {
    const decided = (decision: string) =>
      readEvents([{ type: 'approval_complete', approvalId: 'a', decision, resolvedBy: 'system' }]).deliveries[0];
    const about = { type: 'resolved', backend: 'runtype', key: 'approval:a' };
    assert.deepEqual(decided('approved'), {
      ...about,
      verdict: 'approve',
      reason: 'Runtype says it was approved by the system.',
    });
    assert.deepEqual(decided('denied'), {
      ...about,
      verdict: 'reject',
      reason: 'Runtype says it was denied by the system.',
    });
    assert.deepEqual(decided('timeout'), { ...about, verdict: 'timeout', reason: null });
  });
});

describe('awaits', () => {
  test('of one stream share a group, and are held until it ends', () => {
    const { deliveries } = readPieces([recording('awaits')]);
    const [first, second, ...rest] = deliveries;
    assert.ok(first?.type === 'announced' && second?.type === 'announced');
    assert.ok(first.streamOpen && second.streamOpen);
    assert.equal(first.pause.groupId, 'stream:id-1');
    assert.equal(second.pause.groupId, 'stream:id-1');
    assert.deepEqual([first.pause.tool, second.pause.tool], ['confirm_address', 'confirm_phone']);
    const { executionId, toolCallId } = first.pause.wire as { executionId: string; toolCallId: string };
    assert.equal(first.pause.key, `await:${executionId}:${toolCallId}`);
    assert.deepEqual(rest, [
      { type: 'stream_ended', groupId: 'stream:id-1' },
      { type: 'run_paused', backend: 'runtype', runId: executionId },
    ]);
  });

  test('from old servers are named by what there is', () => {
    const keyOf = (more: object) =>
      readEvents([{ type: 'flow_await', toolName: 'pick', awaitedAt: '2026-06-10T10:01:00Z', ...more }]).pauses[0]?.key;
    assert.equal(keyOf({ toolId: 'runtime_pick_1' }), 'await:exec_1:tool:runtime_pick_1');
    assert.equal(keyOf({}), 'await:exec_1:tool:pick@2026-06-10T10:01:00Z');
  });

  test('carry the id under which they were announced, whatever the run was called before', () => {
    const { pauses, deliveries } = readEvents([
      { type: 'agent_start', agentName: 'A', executionId: 'exec_1' },
      { type: 'agent_tool_start', toolCallId: 't1', toolName: 'x', hiddenParameterNames: ['k'], executionId: 'exec_1' },
      { type: 'agent_await', toolName: 'x', toolCallId: 't1', executionId: 'virtual_9' },
    ]);
    assert.deepEqual([pauses[0]?.runId, pauses[0]?.asker, pauses[0]?.hidden], ['virtual_9', 'A', ['k']]);
    const paused = deliveries.flatMap((delivery) => (delivery.type === 'run_paused' ? [delivery.runId] : []));
    assert.deepEqual(paused, ['exec_1', 'virtual_9']);
  });

  test('of the application’s own tools get no card', () => {
    const clientTools = ['pick_slot'];
    const own = { type: 'await', toolName: 'pick_slot', toolCallId: 't1' };
    const page = { type: 'await', toolName: 'webmcp:add', toolCallId: 't2' };
    const mine = { type: 'await', toolName: 'confirm', toolCallId: 't3' };
    const { deliveries, pauses } = readEvents([own, page, mine], { clientTools });
    assert.deepEqual(
      pauses.map(({ tool }) => tool),
      ['confirm'],
    );
    assert.deepEqual(deliveries.at(-1)?.type, 'run_paused');
    assert.deepEqual(readEvents([own], { clientTools }).deliveries, [
      { type: 'run_paused', backend: 'runtype', runId: 'exec_1' },
    ]);
  });

  test('on the server are silent', () => {
    const silent = readEvents([
      { type: 'await', awaitReason: 'crawl_pending', crawlId: 'c' },
      { type: 'execution_complete' },
    ]);
    assert.deepEqual(
      silent.deliveries.map(({ type }) => type),
      ['run_ended'],
    );
    assert.equal(silent.log.text(), '');
  });

  test('without an executionId have a card that can’t be answered', () => {
    const { deliveries } = readPieces([Buffer.from(frame({ type: 'flow_await', toolName: 'x', toolCallId: 't' }))]);
    const [pause] = pausesIn(deliveries);
    assert.deepEqual([pause?.missing, pause?.actions, pause?.runId], ['run', [], 'stream:id-1']);
    assert.equal(deliveries.at(-1)?.type, 'run_paused');
  });
});

describe('the end of a call', () => {
  const gated = { type: 'approval_start', approvalId: 'a', toolCallId: 't1', toolName: 'pay' };
  const awaited = { type: 'await', toolCallId: 't2', toolName: 'pick' };
  const over = (toolCallId: string, type = 'tool_complete') => ({ type, toolCallId, toolName: 'pay', success: true });
  const resolved = (deliveries: Delivery[]) =>
    deliveries.flatMap((delivery) => (delivery.type === 'resolved' ? [[delivery.key, delivery.completed]] : []));

  test('that waits closes its card, in every vocabulary', () => {
    for (const type of ['tool_complete', 'agent_tool_complete', 'tool_error']) {
      const { deliveries } = readEvents([gated, awaited, over('t1', type), over('t2', type)]);
      assert.deepEqual(
        resolved(deliveries),
        [
          ['approval:a', true],
          ['await:exec_1:t2', true],
        ],
        type,
      );
    }
    const legacyFlow = { type: 'tool_error', toolId: 't1', error: 'No.' };
    assert.equal(resolved(readEvents([gated, legacyFlow]).deliveries).length, 1);
  });

  test('also on a later stream of its run', () => {
    const runFacts = new RunFactsCache();
    readEvents([gated], { runFacts });
    assert.deepEqual(resolved(readEvents([over('t1')], { runFacts }).deliveries), [['approval:a', true]]);
    assert.deepEqual(resolved(readEvents([over('t1')], { runFacts }).deliveries), [], 'once');
  });

  test('that is another one, of another run, or of a pause that was answered closes nothing', () => {
    const complete = { type: 'approval_complete', approvalId: 'a', decision: 'approved' };
    assert.deepEqual(resolved(readEvents([gated, over('t9')]).deliveries), []);
    assert.equal(resolved(readEvents([gated, complete, over('t1')]).deliveries).length, 1);
    const runFacts = new RunFactsCache();
    readEvents([gated], { runFacts });
    const another = { ...over('t1'), executionId: 'exec_2' };
    assert.deepEqual(resolved(readEvents([another], { runFacts }).deliveries), []);
    runFacts.answered(['approval:a']);
    assert.deepEqual(resolved(readEvents([over('t1')], { runFacts }).deliveries), [], 'our own call let it run');
  });

  test('is parsed only where a pause waits for it', () => {
    const broken = 'event: tool_complete\ndata: {"toolCallId":"t9",\n\n';
    const { log } = readPieces([Buffer.from(frame({ ...gated, executionId: 'exec_1' }) + broken)]);
    assert.equal(log.text(), '');
  });
});

describe('how a run ends', () => {
  const end = (events: Event[], how: 'ended' | 'cut' = 'ended') => {
    const { deliveries } = readEvents([{ type: 'execution_start', kind: 'agent' }, ...events], {}, how);
    const last = deliveries.at(-1);
    return last?.type === 'run_ended' ? { state: last.state, text: last.text } : undefined;
  };
  const said = [
    { type: 'text_start', id: 't' },
    { type: 'text_delta', id: 't', delta: 'All ' },
    { type: 'text_delta', id: 't', delta: 'booked.' },
  ];

  test('the recorded continuation', () => {
    const { deliveries } = readPieces([recording('refund-continuation')]);
    assert.deepEqual(
      deliveries.map(({ type }) => type),
      ['resolved', 'run_ended'],
    );
    const last = deliveries.at(-1);
    assert.ok(last?.type === 'run_ended' && last.state === 'completed');
    assert.match(last.text ?? '', /^Refunded 42\.50 EUR/);
  });

  test('its own output wins; else its last text, whole or in pieces; else its last step', () => {
    assert.deepEqual(end([...said, { type: 'execution_complete', finalOutput: 'Done.' }])?.text, 'Done.');
    assert.deepEqual(end([...said, { type: 'execution_complete' }])?.text, 'All booked.');
    const whole = { type: 'text_complete', id: 't', text: 'All of it booked.' };
    assert.deepEqual(end([...said, whole, { type: 'execution_complete' }])?.text, 'All of it booked.');
    assert.deepEqual(
      end([...said, { type: 'text_complete', id: 't' }, { type: 'execution_complete' }])?.text,
      'All booked.',
    );
    const step = { type: 'step_complete', id: 's', result: { day: 'Monday' } };
    assert.deepEqual(end([...said, step, { type: 'flow_complete' }])?.text, '{"day":"Monday"}');
    assert.deepEqual(end([step, ...said, { type: 'flow_complete' }])?.text, 'All booked.');
    assert.deepEqual(end([{ type: 'execution_complete' }]), { state: 'completed', text: null });
  });

  test('older pieces, without thoughts and without what a flow within says', () => {
    const pieces = [
      { type: 'agent_turn_delta', contentType: 'thinking', delta: 'hm' },
      { type: 'agent_turn_delta', contentType: 'text', delta: 'Two ' },
      { type: 'step_delta', text: 'days' },
      { type: 'step_delta', text: ' nested', toolContext: { toolId: 't' } },
      { type: 'chunk', text: '.' },
    ];
    assert.deepEqual(end([...pieces, { type: 'agent_complete', success: true }])?.text, 'Two days.');
  });

  test('a long result keeps its head and its tail', () => {
    const { text } = end([{ type: 'execution_complete', finalOutput: `first ${'x'.repeat(50_000)} last` }]) ?? {};
    assert.ok(text && text.length <= 16 * 1024);
    assert.match(text, /^first x+\n… [\d,]+ characters hidden …\nx+ last$/);
    const pieces = Array.from({ length: 30_000 }, (_, index) => ({ type: 'text_delta', delta: `${index} ` }));
    const long = end([...pieces, { type: 'execution_complete' }])?.text ?? '';
    assert.ok(long.length <= 16 * 1024);
    assert.match(long, /^0 1 2 [\s\S]* 29998 29999 $/);
  });

  test('failed, with the error, or with what a step said about it', () => {
    const failed = { type: 'execution_error', error: { code: 'X', message: 'No such mailbox.' } };
    assert.deepEqual(end([...said, failed]), { state: 'failed', text: 'No such mailbox.' });
    const step = { type: 'step_error', id: 's', error: 'No map.' };
    assert.deepEqual(end([step, { type: 'execution_complete', success: false }]), { state: 'failed', text: 'No map.' });
    assert.deepEqual(end([failed], 'cut')?.state, 'failed', 'cut after its end');
  });

  test('lost when nothing says how', () => {
    assert.deepEqual(end(said), { state: 'lost', text: 'All booked.' });
    assert.deepEqual(end([], 'cut'), { state: 'lost', text: null });
    const paused = { type: 'approval_start', approvalId: 'a', toolName: 't' };
    const gone = { type: 'approval_complete', approvalId: 'a', decision: 'timeout' };
    assert.equal(end([paused, gone])?.state, 'lost', 'the pause was over before the stream');
  });

  test('an unreadable event is skipped and logged once, without effect on others', () => {
    const text = `event: await\ndata: {broken\n\nevent: await\ndata: {"type"\n\n${frame({ type: 'await', executionId: 'e', toolName: 't', toolCallId: 'c' })}`;
    const { deliveries, log } = readPieces([Buffer.from(text)]);
    assert.equal(pausesIn(deliveries).length, 1);
    assert.equal(log.lines().length, 1);
    assert.doesNotMatch(log.text(), /broken/);
  });
});

test('a pause says what is hidden of the other calls of its run that are not over', () => {
  const named = (toolCallId: string) => ({
    ...{ type: 'tool_start', toolCallId, toolName: 'pay', hiddenParameterNames: ['tenantId'] },
  });
  const { pauses, deliveries } = readEvents([
    ...['t1', 't2', 't3'].map(named),
    // A tool's result is text of others: what it quotes ends no call.
    { type: 'tool_complete', result: { toolCallId: 't2' }, toolCallId: 't3', success: true },
    { type: 'tool_complete', toolCallId: 't1', success: true },
    { type: 'await', toolName: 'pick', toolCallId: 't4' },
    { type: 'await', toolName: 'pay', toolCallId: 't2', parameters: { tenantId: 'x' } },
  ]);
  const [first, second] = pauses;
  assert.deepEqual(first?.hiddenLater, [{ call: 't2', names: ['tenantId'] }]);
  assert.deepEqual([second?.hidden, second?.hiddenLater], [['tenantId'], undefined]);
  const announcements = deliveries.filter((one) => one.type === 'announced');
  assert.deepEqual(
    announcements.map(({ call }) => call),
    ['t4', 't2'],
  );
});

test('the facts of a run are shared between its streams', () => {
  const runFacts = new RunFactsCache();
  const first = [
    { type: 'execution_start', agentName: 'Order desk' },
    { type: 'tool_start', toolCallId: 't1', toolName: 'pay', hiddenParameterNames: ['tenantId'] },
  ];
  readEvents(first, { runFacts, clientTools: ['pick'] });
  const again = [
    { type: 'await', toolName: 'pay', toolCallId: 't1', parameters: { tenantId: 'x' } },
    { type: 'await', toolName: 'pick', toolCallId: 't2' },
  ];
  const [pause, ...others] = readEvents(again, { runFacts }).pauses;
  assert.deepEqual(others, [], 'the application’s tool');
  assert.deepEqual([pause?.asker, pause?.hidden, pause?.key], ['Order desk', ['tenantId'], 'await:exec_1:t1']);

  const facts = {
    name: 'Order desk',
    id: null,
    clientTools: new Set(['pick']),
    hidden: new Map([['t1', ['tenantId']]]),
  };
  const restarted = readEvents(again, { run: { id: 'exec_1', facts } }).pauses;
  assert.deepEqual(restarted, [pause], 'and so it is where the pause itself carried it over a restart');
});
