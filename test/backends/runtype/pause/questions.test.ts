import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { outputOf } from '../../../../src/backends/runtype/decide/tool-outputs.ts';
import { decidedIn } from '../../../../src/backends/runtype/gateway/decisions/decision-body.ts';
import { questionsIn } from '../../../../src/backends/runtype/pause/ask-user-question.ts';
import { wireSchema } from '../../../../src/backends/runtype/pause/pause.ts';
import { RunFactsCache } from '../../../../src/backends/runtype/pause/run-facts.ts';
import { RunReader } from '../../../../src/backends/runtype/stream/reader/reader.ts';
import { type Action, type Pause, pauseSchema } from '../../../../src/core/approval/pause/pause.ts';
import { checkForm } from '../../../../src/core/form/check.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { createTestClock } from '../../../support/clock.ts';
import { anySchema, anyText } from '../../../support/data/forms.ts';
import { after, announced, dana } from '../../../support/data/pauses.ts';
import { captureLog } from '../../../support/log.ts';
import { runs } from '../../../support/property.ts';

const by = 'Dana Reyes (U0DANA)';

function read(...events: object[]) {
  const runFacts = new RunFactsCache();
  const { log } = captureLog();
  const reader = new RunReader({ runFacts, clock: createTestClock(), log, via: 'stream' });
  const deliveries = events.flatMap((event) => reader.event({ type: 'await', executionId: 'exec_1', ...event }));
  const pauses = deliveries.flatMap((delivery) =>
    delivery.type === 'announced' ? [pauseSchema.parse(delivery.pause)] : [],
  );
  return { reader, runFacts, pauses, deliveries };
}

function only(event: object): Pause {
  const [pause] = read({ toolCallId: 't1', toolName: 'crm', ...event }).pauses;
  assert.ok(pause);
  return pause;
}

/** What goes to the backend for this decision. */
function sent(pause: Pause, action: Action, text: string | null = null): unknown {
  const wire = wireSchema.parse(pause.wire);
  assert.ok(wire.kind === 'await');
  return outputOf(wire, { action, actor: dana, text, at: 1 });
}

/** The same, for a form that was filled in. */
function answered(pause: Pause, filled: Record<string, string | string[]>): unknown {
  assert.ok(pause.prompt?.form);
  const checked = checkForm(pause.prompt.form, filled);
  assert.ok(checked.ok, JSON.stringify(checked));
  return sent(pause, 'take_over', checked.text);
}

const day = {
  question: 'Which day suits you?',
  header: 'Day',
  options: [{ label: 'Wednesday' }, { label: 'Thursday' }],
};
const extras = { question: 'And what else?', multiSelect: true, options: ['Lunch', 'Parking'] };
const ask = (...questions: object[]) => only({ toolName: 'ask_user_question', parameters: { questions } });

describe('a question with choices', () => {
  test('is one string for one question, as the widget sends it', () => {
    assert.equal(answered(ask(day), { q0: ['1'] }), 'Thursday');
    assert.equal(answered(ask(day), { q0: '', q0o: 'Never' }), 'Never');
    assert.equal(answered(ask({ question: 'Why?' }), { q0: 'Because' }), 'Because');
  });

  test('is every answer by its question where there are several, or several answers', () => {
    assert.deepEqual(answered(ask(extras), { q0: ['0', '1'] }), { 'And what else?': ['Lunch', 'Parking'] });
    assert.deepEqual(answered(ask(day, extras), { q0: ['0'], q1: [], q1o: 'A map' }), {
      'Which day suits you?': 'Wednesday',
      'And what else?': ['A map'],
    });
  });

  test('is declined as any call is rejected', () => {
    assert.deepEqual(sent(ask(day), 'reject', 'No time'), { approved: false, by, reason: 'No time' });
    assert.deepEqual(ask(day).actions, ['take_over', 'reject']);
  });

  test('is chosen or written, not both, and not neither', () => {
    const form = ask(day).prompt?.form;
    assert.ok(form);
    for (const filled of [{ q0: ['0'], q0o: 'Never' }, { q0: [], q0o: ' ' }, { q0: ['0', '1'] }]) {
      assert.deepEqual(checkForm(form, filled).ok, false, JSON.stringify(filled));
    }
  });

  const unreadable: [string, unknown][] = [
    ['no questions', { questions: [] }],
    ['nine questions', { questions: Array.from({ length: 9 }, (_, index) => ({ question: `${index}?` })) }],
    ['the same question twice', { questions: [day, day] }],
    ['a question without text', { questions: [{ question: '' }] }],
    ['something else', { question: 'Which day?' }],
  ];
  for (const [name, parameters] of unreadable) {
    test(`that can’t be read as one (${name}) is answered in free text, as before`, () => {
      const pause = only({ toolName: 'ask_user_question', parameters });
      assert.equal(pause.prompt, undefined);
      assert.deepEqual(pause.actions, ['approve', 'reject', 'take_over']);
      assert.equal(sent(pause, 'take_over', 'Thursday'), 'Thursday');
    });
  }

  test('of an application’s own tool is its own', () => {
    const options = {
      runFacts: new RunFactsCache(),
      clock: createTestClock(),
      log: captureLog().log,
      via: 'stream',
    } as const;
    const reader = new RunReader({ ...options, clientTools: ['ask_user_question'] });
    const event = {
      type: 'await',
      executionId: 'e',
      toolCallId: 't',
      toolName: 'ask_user_question',
      parameters: { questions: [day] },
    };
    assert.deepEqual(reader.event(event), []);
  });

  test('of any kind never throws, and its prompt fits the card', () => {
    const question = fc.record({
      question: anyText,
      header: anyText,
      options: fc.array(fc.oneof(anyText, fc.record({ label: anyText, description: anyText }))),
      multiSelect: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.record({ questions: fc.array(question, { maxLength: 9 }) })),
        (parameters) => {
          const asked = questionsIn(parameters);
          if (asked === null) return;
          pauseSchema.shape.prompt.parse(asked.prompt);
        },
      ),
      { numRuns: runs(200) },
    );
  });
});

const schema = { type: 'object', properties: { email: { type: 'string', format: 'email' } }, required: ['email'] };
const elicit = (elicitation: object, more: object = {}) => only({ elicitation, ...more });

describe('an elicitation', () => {
  test('is MCP’s result: accepted with its content, or declined with the reason beside it', () => {
    const pause = elicit({ mode: 'form', message: 'Whose?', requestedSchema: schema });
    assert.deepEqual(answered(pause, { f0: 'm@example.com' }), {
      action: 'accept',
      content: { email: 'm@example.com' },
    });
    assert.deepEqual(sent(pause, 'reject', 'No'), { action: 'decline', _meta: { by, reason: 'No' } });
    assert.deepEqual(sent(pause, 'reject'), { action: 'decline', _meta: { by } });
  });

  test('without fields is accepted or declined by a press', () => {
    const pause = elicit({ mode: 'form', message: 'Go on?', requestedSchema: { type: 'object', properties: {} } });
    assert.deepEqual(pause.actions, ['approve', 'reject']);
    assert.deepEqual(sent(pause, 'approve'), { action: 'accept', content: {} });
  });

  test('of several requests is one result by the name of each', () => {
    const requests = [
      { name: 'crm', mode: 'form', message: 'Whose?', requestedSchema: schema },
      { name: 'visit', mode: 'url', message: 'Sign in', url: 'https://example.com' },
    ];
    const pause = elicit({ mode: 'form', message: 'Two things', requests });
    assert.deepEqual(answered(pause, { p0f0: 'm@example.com' }), {
      crm: { action: 'accept', content: { email: 'm@example.com' } },
      visit: { action: 'accept' },
    });
    assert.deepEqual(sent(pause, 'reject'), {
      crm: { action: 'decline', _meta: { by } },
      visit: { action: 'decline', _meta: { by } },
    });
    assert.match(pause.prompt?.text ?? '', /https:\/\/example\.com/);
  });

  test('that fits no form is answered in JSON, and the card shows the schema', () => {
    const nested = { type: 'object', properties: { a: { type: 'object', properties: { b: { type: 'string' } } } } };
    const pause = elicit({ mode: 'form', message: 'Whose?', requestedSchema: nested });
    assert.deepEqual(answered(pause, { json: '{"a":{"b":"c"}}' }), { action: 'accept', content: { a: { b: 'c' } } });
    assert.match(pause.prompt?.text ?? '', /"properties"/);
  });

  test('that names no call has no buttons, its own group, and is not held; any answer to its run answers it', () => {
    const { reader, pauses, runFacts } = read(
      { elicitation: { mode: 'form', message: 'Whose?', requestedSchema: schema }, awaitedAt: 'x' },
      { toolCallId: 't2', toolName: 'pick_slot' },
    );
    const [elicitation, slot] = pauses;
    assert.deepEqual(elicitation?.actions, []);
    assert.equal(elicitation?.groupId, elicitation?.key);
    assert.notEqual(slot?.groupId, elicitation?.key);
    assert.equal(reader.state, 'unanswerable');
    const decided = decidedIn({ executionId: 'exec_1', toolOutputs: { t2: 'x' } }, runFacts);
    const keys = decided.map(({ key }) => key);
    assert.deepEqual(keys.sort(), [elicitation?.key, slot?.key].sort());
  });

  test('of any kind never throws, and its card can be drawn', () => {
    const part = {
      message: anyText,
      mode: fc.constantFrom('form', 'url', 'other'),
      url: anyText,
      requestedSchema: anySchema,
    };
    const any = fc.record(
      { ...part, serverName: anyText, requests: fc.array(fc.record({ ...part, name: anyText }), { maxLength: 4 }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(any, fc.dictionary(anyText, fc.anything())), (elicitation) => {
        const wire = JSON.stringify(elicitation);
        const pause = elicit(JSON.parse(wire === undefined || wire === '{}' ? '{"message":"x"}' : wire));
        renderCard(after(announced({ pause })), { backend: 'Runtype' });
        assert.ok(pause.actions.length === 0 || sent(pause, 'reject') !== undefined);
      }),
      { numRuns: runs(200) },
    );
  });
});
