/**
 * What is signed is what was shown: a change in any field that a backend sends gives another fingerprint, or the field
 * is in a list of exceptions, each with its reason.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readTemplate } from '../../src/backends/hookpulse/template.ts';
import { pauseOf as hookpulsePause, readPage } from '../../src/backends/hookpulse/wire.ts';
import { inboxPause } from '../../src/backends/inbox/item.ts';
import { RunFactsCache } from '../../src/backends/runtype/pause/run-facts.ts';
import { RunReader } from '../../src/backends/runtype/stream/reader/reader.ts';
import { FrameSplitter } from '../../src/backends/runtype/wire/frames/frame-splitter.ts';
import { readList, pauseOf as sonzaiPause } from '../../src/backends/sonzai/wire.ts';
import type { Pause } from '../../src/core/approval/pause/pause.ts';
import { boundFields, subjectText, unboundFields } from '../../src/core/approval/subject.ts';
import { aBrand, unread } from '../backends/hookpulse/support.ts';
import { frame } from '../backends/runtype/support/backend.ts';
import { createTestClock } from '../support/clock.ts';
import { pauseOf } from '../support/data/pauses.ts';
import { captureLog } from '../support/log.ts';

type Json = Record<string, unknown>;

/** Everything that a backend says about one pause, and the pause that we make of it; null: no longer one. */
interface Source {
  sent: Json;
  pauseFrom: (sent: Json) => Pause | null;
  /** Fields that do not change what is decided, by their path, each with the reason. */
  exceptions: Record<string, string>;
}

function runtypePause(events: readonly Json[]): Pause | null {
  const reader = new RunReader({
    runFacts: new RunFactsCache(),
    clock: createTestClock(),
    log: captureLog().log,
    via: 'stream',
  });
  const bytes = Buffer.from(events.map((event) => frame(event as { type: string })).join(''));
  const deliveries = new FrameSplitter().push(bytes).flatMap((one) => reader.read(one));
  const found = deliveries.find(({ type }) => type === 'announced');
  return found?.type === 'announced' ? found.pause : null;
}

const LABEL_ONLY = 'The name under which it runs; only ids and types are read.';
const TIME = 'A time does not change what is decided.';
const ORDER = 'The place of a frame in its stream.';

const start = {
  type: 'execution_start',
  kind: 'agent',
  executionId: 'exec_1',
  seq: 0,
  startedAt: '2026-09-01T10:00:00Z',
  agentId: 'agent_1',
  agentName: 'Refund desk',
  source: 'api',
  maxTurns: 5,
};
const startExceptions = {
  'start.kind': LABEL_ONLY,
  'start.executionId': 'The pause has the id to which the answer goes.',
  'start.seq': ORDER,
  'start.startedAt': TIME,
  'start.source': LABEL_ONLY,
  'start.maxTurns': 'A limit of the run, which no card shows.',
};
/** Where a change makes it another event or none, there is no card, or another one. */
const runtype = (events: Record<string, Json>, exceptions: Record<string, string>): Source => ({
  sent: { start, ...events },
  pauseFrom: (sent) => runtypePause(Object.values(sent) as Json[]),
  exceptions: { ...startExceptions, ...exceptions },
});

const sources: Record<string, Source> = {
  'a Runtype approval': runtype(
    {
      tool: {
        type: 'tool_start',
        executionId: 'exec_1',
        seq: 1,
        toolCallId: 'call_1',
        toolName: 'refund_order',
        toolType: 'external',
        hiddenParameterNames: ['tenantId'],
      },
      approval: {
        type: 'approval_start',
        executionId: 'exec_1',
        seq: 2,
        approvalId: 'appr_1',
        toolCallId: 'call_1',
        toolName: 'refund_order',
        toolType: 'external',
        description: 'Refund an order.',
        reason: 'The customer asked for it.',
        parameters: {
          order: 'A-1',
          amount: 12,
          nested: { to: ['a', { iban: 'x' }] },
          ok: true,
          none: null,
          tenantId: 't',
        },
        subagent: { toolName: 'helper', agentName: 'Helper', parentToolCallId: 'call_0' },
        timeout: 300_000,
        startedAt: '2026-09-01T10:00:05Z',
      },
    },
    {
      'tool.executionId': 'The pause has the id to which the answer goes.',
      'tool.seq': ORDER,
      'tool.toolName': 'Of the earlier frame only the hidden names are read.',
      'tool.toolType': 'Of the earlier frame only the hidden names are read.',
      'approval.seq': ORDER,
      'approval.timeout': TIME,
      'approval.startedAt': TIME,
      'approval.subagent.parentToolCallId': 'The call of the parent agent, which no card shows and no answer names.',
    },
  ),
  'a Runtype await': runtype(
    {
      await: {
        type: 'await',
        executionId: 'exec_1',
        seq: 2,
        toolCallId: 'call_1',
        toolName: 'pick_supplier',
        parameters: { options: ['a', 'b'], budget: 10.5 },
        awaitedAt: '2026-09-01T10:00:05Z',
        timeout: 300_000,
      },
    },
    { 'await.seq': ORDER, 'await.awaitedAt': TIME, 'await.timeout': TIME },
  ),
  'a Runtype question': runtype(
    {
      await: {
        type: 'await',
        executionId: 'exec_1',
        seq: 2,
        toolCallId: 'call_1',
        toolName: 'ask_user_question',
        parameters: {
          questions: [
            {
              question: 'Which plan?',
              header: 'Plan',
              multiSelect: false,
              options: [
                { label: 'Basic', description: '5 EUR' },
                { label: 'Pro', description: '50 EUR' },
              ],
            },
          ],
        },
        awaitedAt: '2026-09-01T10:00:05Z',
      },
    },
    { 'await.seq': ORDER, 'await.awaitedAt': TIME },
  ),
  'a Runtype elicitation': runtype(
    {
      await: {
        type: 'await',
        executionId: 'exec_1',
        seq: 2,
        toolCallId: 'call_1',
        toolName: 'crm',
        elicitation: {
          serverName: 'CRM',
          message: 'Which account?',
          mode: 'form',
          requestedSchema: {
            type: 'object',
            properties: { account: { type: 'string', title: 'Account', description: 'By its number', maxLength: 20 } },
            required: ['account'],
          },
        },
        awaitedAt: '2026-09-01T10:00:05Z',
      },
    },
    { 'await.seq': ORDER, 'await.awaitedAt': TIME },
  ),
  'a Sonzai item': {
    sent: {
      approval_id: 'apr_1',
      agent_id: 'agt_1',
      agent_name: 'Rana',
      contact_name: 'Bo Li',
      user_id: 'usr_1',
      channel: 'email',
      type: 'message',
      context: 'Refund 5 EUR to Bo',
      payload: { amount: 5, lines: [{ to: 'Bo' }] },
      tags: ['billing', 'eu'],
      confidence: 0.5,
      status: 'pending',
      created_at: '2026-09-01T10:00:00Z',
    },
    pauseFrom: (sent) => {
      const [item] = readList({ items: [sent], pending_count: 1 })?.pending ?? [];
      return item === undefined ? null : sonzaiPause(item);
    },
    exceptions: { created_at: TIME },
  },
  'a HookPulse step': {
    sent: {
      execution_plan_uuid: 'plan_1',
      workflow_uuid: 'wf_1',
      workflow_name: 'Vendor payout',
      step_identifier: 'release_funds',
      workflow_index: 1,
      delay_to_next_step: 30,
      inserted_at: '2026-09-01T10:00:00+05:30',
    },
    pauseFrom: (sent) => {
      const page = readPage({ success: true, data: [sent], meta: { total_count: 1, has_next: false } });
      return page?.steps[0] === undefined ? null : hookpulsePause(page.steps[0], aBrand, unread);
    },
    exceptions: {},
  },
  'a HookPulse template': {
    sent: {
      workflow_description: 'Pays vendors',
      workflow_steps: [
        {
          step_identifier: 'release_funds',
          index: 1,
          webhook: {
            webhook_name: 'Pay',
            method: 'POST',
            path: '/v1/payouts',
            domain: { protocol: 'https', domain: 'bank.example' },
            headers_json: { Authorization: 'Bearer x', 'X-Account': '7' },
            query_params_json: { dry: false },
            request_body_json: { amount: 120.5, to: ['IBAN', { note: '{{ initial.note }}' }] },
          },
          execution_conditions: [{ field: 'amount', operator: 'greater_than', value: '100' }],
        },
      ],
    },
    pauseFrom: (sent) => {
      const template = readTemplate({ success: true, data: sent });
      const item = {
        execution_plan_uuid: 'p',
        step_identifier: 'release_funds',
        workflow_index: 1,
        workflow_uuid: 'w',
      };
      const [step] = readPage({ success: true, data: [item] })?.steps ?? [];
      if (template === null || step === undefined) return null;
      return hookpulsePause(step, aBrand, { type: 'read', template });
    },
    exceptions: {
      workflow_steps: 'Another step is another request.',
      'workflow_steps.0.index': 'Which of several steps of one name is meant; here there is one.',
    },
  },
  'an item of our own inbox': {
    sent: {
      approvalId: 'ap_1',
      callbackUrl: 'https://example.com/answers',
      draft: {
        agent_id: 'script_1',
        agent_name: 'Deploy script',
        user_id: 'usr_1',
        contact_name: 'Bo Li',
        channel: 'ci',
        type: 'deploy',
        context: 'Restart the staging cache?',
        payload: { host: 'cache-1' },
        tags: ['ops'],
        confidence: 0.25,
      },
      asker: 'token_1',
    },
    pauseFrom: (sent) => inboxPause(sent as Parameters<typeof inboxPause>[0]),
    exceptions: { asker: 'Which token may read the item: it is ours, and the asker does not choose it.' },
  },
};

/** Every place in a value, as a path of keys, with what makes another value of it. */
function* placesIn(
  value: unknown,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; other: unknown }> {
  if (Array.isArray(value)) {
    yield { path, other: [...value, 'one more'] };
    if (value.length > 0) yield { path, other: value.slice(1) };
    for (const [index, item] of value.entries()) yield* placesIn(item, [...path, String(index)]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* placesIn(item, [...path, key]);
    if (path.length > 0) yield { path, other: { ...value, added: 'one more' } };
  } else if (typeof value === 'string') {
    yield { path, other: `${value}x` };
    yield { path, other: value.replace(/\w/, 'q') };
  } else if (typeof value === 'number') yield { path, other: value + 1 };
  else yield { path, other: value !== true };
}

function withValue(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(whole)) return whole.map((item, at) => (String(at) === key ? withValue(item, rest, value) : item));
  const object = whole as Json;
  return { ...object, [key]: withValue(object[key], rest, value) };
}

describe('a change in anything that a backend sends is another question', () => {
  for (const [name, { sent, pauseFrom, exceptions }] of Object.entries(sources)) {
    test(name, () => {
      const pause = pauseFrom(sent);
      assert.ok(pause !== null);
      const before = subjectText(pause);
      const unused = new Set(Object.keys(exceptions));
      const missing: string[] = [];
      let count = 0;
      for (const { path, other } of placesIn(sent)) {
        const changed = pauseFrom(withValue(sent, path, other) as Json);
        const where = path.join('.');
        count += 1;
        if (changed === null || subjectText(changed) !== before) continue;
        // Fields that we do not read at all may be added anywhere.
        if (typeof other === 'object' && other !== null && 'added' in other) continue;
        if (!(where in exceptions)) missing.push(`${where} → ${JSON.stringify(other)}`);
        unused.delete(where);
      }
      assert.ok(count > 10);
      assert.deepEqual(missing, [], 'the fingerprint is the same');
      assert.deepEqual([...unused], [], 'an exception that none needs');
    });
  }
});

test('every field of a pause is bound, or there is a reason why it is not', () => {
  const whole: Required<Pause> = {
    ...pauseOf(),
    askerId: 'agent_1',
    requester: 'mara',
    room: 'slack:C0123',
    trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    contact: { name: 'Bo Li', id: 'usr_1' },
    cautions: ['It is dark'],
    labels: ['external'],
    repeated: ['amount'],
    prompt: { title: 'A question', text: 'Which?', form: null, hint: 'one', buttons: {}, caution: 'careful' },
    address: { callback: 'https://example.com/a' },
    askedAt: 4,
    deadline: 5,
    expiry: 'sent',
    missing: 'run',
    unknownCall: true,
    hiddenLater: [{ call: 'call_2', names: ['tenantId'] }],
    unshowable: { why: 'depth', bytes: 6, hash: 'x' },
  };
  assert.deepEqual(new Set(Object.keys(whole)), new Set([...boundFields, ...Object.keys(unboundFields)]));
  for (const { path, other } of placesIn(whole)) {
    const changed = withValue(whole, path, other) as Pause;
    const isBound = (boundFields as readonly string[]).includes(path[0] ?? '');
    assert.equal(subjectText(changed) !== subjectText(whole), isBound, path.join('.'));
  }
  for (const field of boundFields) {
    const { [field]: _, ...without } = whole;
    if (field === 'hidden' || field === 'actions') continue;
    assert.notEqual(subjectText(without as Pause), subjectText(whole), field);
  }
});
