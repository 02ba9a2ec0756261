import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { isSkipped } from '../../../../src/backends/runtype/wire/event-types.ts';
import { normalise, type RunEvent } from '../../../../src/backends/runtype/wire/events.ts';
import { eventsOf } from '../../../../src/backends/runtype/wire/json-body.ts';
import { isTextEvent } from '../../../../src/backends/runtype/wire/output-text.ts';
import { parseExact, repeatedKeys } from '../../../../src/core/text/exact/parse.ts';

interface Json {
  type: string;
  [field: string]: unknown;
}

function fixtures(name: string): Json[] {
  const text = readFileSync(new URL(`../../../fixtures/runtype/${name}.ndjson`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Json);
}

function outcomes(events: Json[]): Record<string, string> {
  const found = new Map<string, Set<string>>();
  for (const event of events) {
    const kinds = found.get(event.type) ?? new Set();
    found.set(event.type, kinds.add(normalise(event).type));
  }
  return Object.fromEntries([...found].map(([type, kinds]) => [type, [...kinds].join(' ')]));
}

function only<T extends RunEvent['type']>(type: T, event: unknown): Extract<RunEvent, { type: T }> {
  const read = normalise(event);
  assert.equal(read.type, type);
  return read as Extract<RunEvent, { type: T }>;
}

/** What each event that is more than noise becomes. */
const expected: Record<string, Record<string, string>> = {
  unified: {
    execution_start: 'started',
    step_complete: 'step',
    tool_start: 'hidden',
    tool_input_complete: 'hidden',
    tool_complete: 'completed',
    approval_start: 'approval',
    approval_complete: 'resolved',
    await: 'await server_wait',
    error: 'ignored ended',
    execution_complete: 'ended',
    execution_error: 'ended',
  },
  legacy: {
    agent_start: 'started',
    agent_tool_start: 'hidden',
    agent_tool_input_complete: 'hidden',
    agent_approval_start: 'approval',
    agent_approval_complete: 'resolved',
    agent_tool_complete: 'completed',
    tool_complete: 'completed',
    tool_error: 'completed',
    agent_await: 'await',
    agent_error: 'ignored ended',
    agent_complete: 'ended',
    flow_start: 'started',
    flow_await: 'await approval server_wait',
    step_await: 'await approval',
    flow_error: 'ended',
    flow_complete: 'ended',
    step_complete: 'step',
    step_error: 'step',
    tool_start: 'hidden',
    tool_input_complete: 'hidden',
    dispatch_error: 'ended',
  },
};

for (const [vocabulary, becomes] of Object.entries(expected)) {
  describe(`the ${vocabulary} vocabulary`, () => {
    const events = fixtures(vocabulary);

    test('every event is read, and none is malformed', () => {
      const all = outcomes(events);
      const others = Object.keys(all).filter((type) => !(type in becomes));
      assert.deepEqual(all, { ...becomes, ...Object.fromEntries(others.map((type) => [type, 'ignored'])) });
    });

    test('what is never parsed is only what is ignored', () => {
      const skipped = events.filter(({ type }) => isSkipped(type) || isTextEvent(type));
      assert.ok(skipped.length > 10);
      for (const event of skipped) assert.equal(normalise(event).type, 'ignored', event.type);
      for (const type of Object.keys(becomes)) assert.ok(!isSkipped(type) && !isTextEvent(type), type);
    });
  });
}

describe('approvals', () => {
  const [full, bare, sub] = fixtures('unified').filter(({ type }) => type === 'approval_start');

  test('all that can be known', () => {
    assert.deepEqual(normalise(full), {
      type: 'approval',
      executionId: 'exec_7a10c0de',
      approvalId: 'appr_5c21',
      approver: null,
      toolCallId: 'toolu_01',
      tool: 'refund_order',
      seq: '27',
      labels: ['external'],
      parameters: { orderId: 'A-1009', amount: 42.5, tenantId: 'tenant_4471' },
      repeated: [],
      description: 'Refund an order by id.',
      reason: 'The customer asked for their money back.',
      subagent: null,
      timeoutMs: 300_000,
      askedAt: Date.parse('2026-09-01T10:00:03.000Z'),
    });
  });

  test('numbers keep their spelling, and keys that are given twice are named', () => {
    const { parameters, repeated, timeoutMs } = only(
      'approval',
      parseExact(
        '{"type":"approval_start","approvalId":"a","timeout":3e5,"toolName":"x","toolName":"y",' +
          '"parameters":{"amount":120.00,"to":{"iban":1,"iban":2}},"subagent":{"toolName":"z"}}',
      ),
    );
    assert.equal(JSON.stringify(parameters), '{"amount":120.00,"to":{"iban":2}}');
    assert.deepEqual([repeated, timeoutMs], [['toolName', 'to.iban'], 300_000]);
    const inOnePiece = eventsOf(
      parseExact('{"status":"paused","pausedReason":{"approvals":[{"approvalId":"a","toolName":"x","toolName":"y"}]}}'),
    );
    assert.deepEqual(inOnePiece.map(repeatedKeys), [['toolName']]);
  });

  test('the least', () => {
    const { parameters, timeoutMs, askedAt, description, toolCallId } = only('approval', bare);
    assert.deepEqual(
      { parameters, timeoutMs, askedAt, description, toolCallId },
      {
        parameters: {},
        timeoutMs: null,
        askedAt: null,
        description: null,
        toolCallId: null,
      },
    );
  });

  test('epoch numbers and sub-agents', () => {
    const { askedAt, subagent } = only('approval', sub);
    assert.deepEqual({ askedAt, subagent }, { askedAt: 1_788_256_803_000, subagent: 'Mail agent' });
    const named = { ...sub, toolType: 'mcp', subagent: { toolName: 'ask_mail', agentName: 'Mail agent' } };
    assert.deepEqual(only('approval', named).labels, ['mcp', 'ask_mail']);
    assert.equal(only('approval', { ...sub, startedAt: 1_788_256_803 }).askedAt, 1_788_256_803_000, 'in seconds');
  });

  test('an optional field of another type costs that field, not the pause', () => {
    const odd = {
      ...full,
      description: 7,
      reason: {},
      timeout: 'soon',
      startedAt: [],
      subagent: 'x',
      toolCallId: null,
    };
    const { reason, description, timeoutMs, askedAt, subagent, toolCallId, approvalId } = only('approval', odd);
    assert.deepEqual(
      [reason, description, timeoutMs, askedAt, subagent, toolCallId],
      [null, null, null, null, null, null],
    );
    assert.equal(approvalId, 'appr_5c21');
  });

  test('parameters that are not an object are still shown', () => {
    assert.deepEqual(only('approval', { ...full, parameters: ['a', 1] }).parameters, { value: ['a', 1] });
    assert.deepEqual(only('approval', { ...full, parameters: null }).parameters, {});
  });

  test('an id or a name that is a number is one; any other value counts as missing', () => {
    const read = (json: string) => only('approval', parseExact(`{"type":"approval_start",${json}}`));
    const numbers = read('"approvalId":7,"toolName":12345678901234567890,"toolCallId":1.0,"executionId":9');
    assert.deepEqual(
      [numbers.approvalId, numbers.tool, numbers.toolCallId, numbers.executionId],
      ['7', '12345678901234567890', '1.0', '9'],
    );
    for (const other of ['""', 'null', 'true', '{}', '["a"]']) {
      const { approvalId, tool, executionId } = read(
        `"approvalId":${other},"toolName":${other},"executionId":${other}`,
      );
      assert.deepEqual([approvalId, tool, executionId], [null, null, null], other);
    }
  });

  test('a verdict in other letters is the same; any other is passed on as it is; without an id it settles nothing', () => {
    const read = (decision: unknown) => {
      const { decision: verdict, said } = only('resolved', { type: 'approval_complete', approvalId: 'a', decision });
      return [verdict, said];
    };
    assert.deepEqual(read(' Approved'), ['approved', null]);
    assert.deepEqual(read('cancelled'), [null, 'cancelled']);
    assert.deepEqual(read(7), [null, '7']);
    assert.deepEqual(read(undefined), [null, null]);
    assert.equal(
      only('malformed', { type: 'approval_complete', decision: 'denied' }).what,
      'approval_complete: approvalId',
    );
  });

  test('a flow’s, as it was announced before', () => {
    const [, flow] = fixtures('legacy').filter(({ type }) => type === 'flow_await');
    const { approvalId, timeoutMs, askedAt } = only('approval', flow);
    assert.deepEqual([approvalId, timeoutMs, askedAt], ['appr_f1', 600_000, Date.parse('2026-07-10T10:01:00.000Z')]);
    const step = fixtures('legacy').find(({ type, approvalId: id }) => type === 'step_await' && id !== undefined);
    assert.equal(only('approval', step).reason, 'The list was checked.');
  });
});

describe('awaits', () => {
  const awaits = fixtures('unified').filter(({ type }) => type === 'await');

  test('a tool’s output', () => {
    const { tool, toolCallId, toolId, webmcp, parameters } = only('await', awaits[0]);
    assert.deepEqual(
      { tool, toolCallId, toolId, webmcp, parameters },
      {
        tool: 'pick_slot',
        toolCallId: 'toolu_03',
        toolId: 'runtime_pick_slot_1788256860000',
        webmcp: false,
        parameters: { day: '2026-09-02' },
      },
    );
  });

  test('of a page tool, recognised by its origin or by its name', () => {
    assert.equal(only('await', awaits[1]).webmcp, true);
    assert.equal(only('await', { ...awaits[1], origin: undefined }).webmcp, true);
  });

  test('what is passed on for others says whose it is', () => {
    const passedOn = awaits
      .map((event) => normalise(event))
      .flatMap((event) => {
        if (event.type !== 'await' || (event.elicitation === null && event.externalAgent === null)) return [];
        return [[event.tool, event.named, event.elicitation !== null, event.externalAgent !== null]];
      });
    assert.deepEqual(passedOn, [
      ['elicitation', false, true, false],
      ['external_agent', false, false, true],
    ]);
  });
});

describe('which event it is', () => {
  const pause = { executionId: 'e', approvalId: 'a', toolName: 't' };

  test('a pause wins, whether the event says so or its frame', () => {
    for (const [type, name] of [
      ['approval_start', 'ping'],
      ['approval_start', 'execution_complete'],
      ['approval_start', 'brand_new'],
      ['ping', 'approval_start'],
      ['execution_complete', 'approval_start'],
      ['brand_new', 'agent_approval_start'],
      [undefined, 'approval_start'],
      [7, 'approval_start'],
      [null, 'approval_start'],
      ['', 'approval_start'],
    ]) {
      const read = normalise({ ...pause, type }, name as string);
      assert.deepEqual([read.type, read.executionId], ['approval', 'e'], `${type} in ${name}`);
    }
  });

  test('without any type it is what its fields say', () => {
    assert.equal(normalise(pause).type, 'approval');
    assert.equal(normalise({ toolName: 't', toolCallId: 'c', awaitedAt: 'x' }).type, 'await');
    assert.equal(normalise({ approvalId: 'a', decision: 'approved' }).type, 'malformed');
  });

  test('an unknown one may be a pause, by its name or its fields; not the end of one', () => {
    const maybe = (event: object) => normalise(event).type === 'may_pause';
    assert.ok(maybe({ ...pause, type: 'gate_opened' }));
    for (const type of ['approval_request', 'human_input', 'await_output', 'run_paused'])
      assert.ok(maybe({ type }), type);
    assert.ok(maybe({ type: 'x', elicitation: {} }));
    assert.ok(maybe({ type: 'await', awaitReason: 'something_new' }));
    for (const type of ['approval_cancelled', 'await_resolved', 'brand_new']) assert.ok(!maybe({ type }), type);
    assert.ok(!maybe({ ...pause, type: 'gate_opened', decision: 'denied' }));
    assert.ok(!maybe({ type: 'await', awaitReason: 'durable_poll' }));
  });
});

describe('ends', () => {
  const cases: [string, Json, { ok: boolean; text: string | null }][] = [
    ['complete', { type: 'execution_complete', success: true, finalOutput: 'Done.' }, { ok: true, text: 'Done.' }],
    ['without output', { type: 'flow_complete' }, { ok: true, text: null }],
    ['an output that is no text', { type: 'flow_complete', finalOutput: { a: 1 } }, { ok: true, text: '{"a":1}' }],
    ['not successful', { type: 'execution_complete', success: false, finalOutput: '' }, { ok: false, text: null }],
    ['stopped by an error', { type: 'agent_complete', stopReason: 'error', error: 'No.' }, { ok: false, text: 'No.' }],
    [
      'an error with a code',
      { type: 'execution_error', error: { code: 'X', message: 'No.' } },
      { ok: false, text: 'No.' },
    ],
    ['an error that ends it', { type: 'error', recoverable: false, error: 'Gone.' }, { ok: false, text: 'Gone.' }],
    ['an older error', { type: 'agent_error', error: { code: 'X', message: 'No.' } }, { ok: false, text: 'No.' }],
  ];
  for (const [name, event, { ok, text }] of cases) {
    test(name, () => assert.deepEqual(normalise(event), { executionId: null, type: 'ended', ok, text }));
  }

  test('of a flow that runs as a tool, or that continues: none', () => {
    const toolContext = { toolId: 'toolu_9' };
    assert.equal(normalise({ type: 'flow_complete', toolContext }).type, 'ignored');
    assert.equal(normalise({ type: 'error', error: 'x' }).type, 'ignored');
    assert.equal(normalise({ type: 'agent_error', recoverable: true }).type, 'ignored');
  });
});

test('a value that is not an event, or of an unknown type, is ignored', () => {
  for (const raw of [null, 7, 'x', [], {}, { type: '' }, { type: 9 }]) assert.equal(normalise(raw).type, 'malformed');
  for (const type of ['brand_new', 'constructor', '__proto__']) assert.equal(normalise({ type }).type, 'ignored');
});

test('a time-out is a number of milliseconds above zero, also as a text; anything else is none', () => {
  const timeoutOf = (timeout: string) =>
    only(
      'approval',
      parseExact(`{"type":"approval_start","executionId":"e","approvalId":"a","toolName":"t","timeout":${timeout}}`),
    ).timeoutMs;
  for (const some of ['60000', '6e4', '60000.0', '"60000"', '" 60000 "']) assert.equal(timeoutOf(some), 60_000, some);
  for (const none of [
    '0',
    '-1',
    '-0.5',
    'null',
    '"0"',
    '"-5"',
    '""',
    '"soon"',
    '"NaN"',
    '1e999',
    '{}',
    '[60000]',
    'true',
  ]) {
    assert.equal(timeoutOf(none), null, none);
  }
});
