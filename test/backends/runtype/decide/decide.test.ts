import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { nameOf } from '../../../../src/backends/runtype/decide/tool-outputs.ts';
import type { RuntypeOptions } from '../../../../src/backends/runtype/index.ts';
import { asApproval } from '../../../support/data/pauses.ts';
import { approval, awaiting, never, withAnswers } from '../support/answering.ts';
import { API_KEY, type Bench, dana, decided, readText, sendStream, withBackend } from '../support/backend.ts';

/** What is sent for these decisions. */
async function callFor(group: Parameters<Bench['backend']['decide']>[0], more: Partial<RuntypeOptions> = {}) {
  const calls: { route: string; headers: NodeJS.Dict<string | string[]>; body: unknown }[] = [];
  const runtype: RequestListener = async (request, response) => {
    const { method, url, headers } = request;
    calls.push({ route: `${method} ${url}`, headers, body: JSON.parse(await readText(request)) });
    response.end();
  };
  const answer = await withAnswers(runtype, more, ({ backend }) => backend.decide(group, never));
  return { calls, answer };
}

describe('what is sent', () => {
  const bodies: [string, ReturnType<typeof decided>, object][] = [
    ['approve', decided(approval(), 'approve'), { decision: 'approved' }],
    ['approve with a note', decided(approval(), 'approve', 'Fine.'), { decision: 'approved', reason: 'Fine.' }],
    ['reject', decided(approval(), 'reject', 'Too much.'), { decision: 'denied', reason: 'Too much.' }],
    [
      'take over',
      decided(approval(), 'take_over', 'I paid it by hand.'),
      { decision: 'denied', reason: 'Taken over by Dana Reyes (U0DANA): I paid it by hand.' },
    ],
    [
      'take over, wordless',
      decided(approval(), 'take_over'),
      { decision: 'denied', reason: 'Taken over by Dana Reyes (U0DANA)' },
    ],
  ];
  for (const [name, state, verdict] of bodies) {
    test(`for an approval: ${name}`, async () => {
      const { calls, answer } = await callFor([state]);
      assert.deepEqual(answer.result, { type: 'recorded', following: false });
      assert.equal(calls.length, 1);
      assert.equal(calls[0]?.route, 'POST /v1/dispatch/approve');
      const body = { executionId: 'exec_1', approvalId: 'appr_1', ...verdict, streamResponse: true };
      assert.deepEqual(calls[0]?.body, body);
      const { authorization, accept, connection } = calls[0]?.headers ?? {};
      assert.deepEqual([authorization, connection], [`Bearer ${API_KEY}`, 'close']);
      assert.match(String(accept), /^text\/event-stream/);
    });
  }

  const by = 'Dana Reyes (U0DANA)';
  const outputs: [string, Parameters<typeof decided>[1], string | null, unknown][] = [
    ['approve', 'approve', null, { approved: true, by }],
    ['approve with a note', 'approve', 'Fine.', { approved: true, by, note: 'Fine.' }],
    ['reject', 'reject', 'No.', { approved: false, by, reason: 'No.' }],
    ['an answer in words', 'take_over', 'Monday, 9:00', 'Monday, 9:00'],
    ['an answer as an object', 'take_over', ' {"slot": 3} ', { slot: 3 }],
    ['an answer as a list', 'take_over', '["a"]', ['a']],
    ['a number is what was written', 'take_over', '42', '42'],
    ['broken JSON is what was written', 'take_over', '{"slot":', '{"slot":'],
  ];
  for (const [name, action, text, output] of outputs) {
    test(`for an await: ${name}`, async () => {
      const { calls } = await callFor([decided(awaiting('t1'), action, text)]);
      assert.equal(calls[0]?.route, 'POST /v1/dispatch/resume');
      assert.deepEqual(calls[0]?.body, { executionId: 'exec_1', toolOutputs: { t1: output }, streamResponse: true });
    });
  }

  test('awaits are sent together, each under its own name', async () => {
    const group = [
      decided(awaiting('t1'), 'approve'),
      decided(awaiting('t2'), 'take_over', 'x'),
      decided(awaiting(null, 'webmcp:old_tool'), 'reject'),
    ];
    const { calls } = await callFor(group);
    assert.equal(calls.length, 1);
    const toolOutputs = { t1: { approved: true, by }, t2: 'x', 'webmcp:old_tool': { approved: false, by } };
    assert.deepEqual(calls[0]?.body, { executionId: 'exec_1', toolOutputs, streamResponse: true });
  });

  test('a note as a message, where that is wanted', async () => {
    const group = [
      decided(awaiting('t1'), 'approve', 'Be quick.'),
      decided(awaiting('t2'), 'reject', 'Not today.'),
      decided(awaiting('t3'), 'take_over', 'an answer, no note'),
    ];
    const { calls } = await callFor(group, { noteAsMessage: true });
    const messages = [
      { role: 'user', content: 'Be quick.' },
      { role: 'user', content: 'Not today.' },
    ];
    const body = calls[0]?.body as { messages: unknown } | undefined;
    assert.deepEqual(body?.messages, messages);
  });

  test('a person is named by a name that can’t mislead, and by id', () => {
    assert.equal(nameOf(dana), 'Dana Reyes (U0DANA)');
    assert.equal(nameOf({ ...dana, name: '' }), 'U0DANA');
    assert.equal(nameOf({ ...dana, name: 'a\nb\u202ec' }), 'a b⟨U+202E⟩c (U0DANA)');
    const long = nameOf({ platform: 'discord', id: '998877665544332211', name: 'x'.repeat(200) });
    assert.equal(long.length, 80);
    assert.match(long, /^x+… \(998877665544332211\)$/);
  });

  test('without a key nothing is sent, and the reason says what to do', async () => {
    const { calls, answer } = await callFor([decided(approval(), 'approve')], { apiKey: null });
    assert.deepEqual(calls, []);
    assert.ok(answer.result.type === 'refused');
    assert.match(answer.result.reason, /Set RUNTYPE_API_KEY/);
  });

  test('what is no decided pause of ours is refused, never guessed', async () => {
    const undecided = asApproval({ ...decided(approval(), 'approve'), decision: null });
    const foreign = decided(approval({ wire: {} }), 'approve');
    const mixed = [decided(approval(), 'approve'), decided(awaiting('t1'), 'approve')];
    const other = awaiting('t2');
    const twoRuns = [
      decided(awaiting('t1'), 'approve'),
      decided({ ...other, wire: { ...other.wire, executionId: 'x' } }, 'approve'),
    ];
    for (const group of [[], [undecided], [foreign], mixed, mixed.toReversed(), twoRuns]) {
      const { calls, answer } = await callFor(group);
      assert.deepEqual([calls, answer.result.type], [[], 'refused']);
    }
  });

  test('only approvals may be sent twice', async () => {
    await withBackend('http://127.0.0.1:1', {}, async ({ backend }) => {
      assert.equal(backend.resendable([decided(approval(), 'approve')]), true);
      assert.equal(backend.resendable([decided(awaiting('t1'), 'approve')]), false);
    });
  });
});

test('the log names what happened, and holds no secret and no value', async () => {
  await withAnswers(
    (_, response) => sendStream(response, ''),
    {},
    async ({ backend, log }) => {
      const pause = approval({ parameters: { iban: 'DE99-parameter-value' } });
      const { follow } = await backend.decide([decided(pause, 'reject', 'my private words')], never);
      await follow?.();
      assert.match(log.text(), /decision sent/);
      assert.doesNotMatch(log.text(), /rt_test|parameter-value|private words/);
    },
  );
});
