/** *Start here*: a step is done when it has really happened, in any order. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  advance,
  currentStep,
  type Facts,
  instruction,
  NOTHING_DECIDED,
  type Progress,
  START,
  steps,
  waitsOf,
} from '../../../../../src/sandbox/page/client/start/progress.ts';
import type { SlackMessage } from '../../../../../src/sandbox/page/protocol.ts';

const nothing = { approval: false, question: false };
const card = { approval: true, question: false };
const question = { approval: false, question: true };
const facts = (more: Partial<Facts> & { counts?: Partial<Facts['tally']> }): Facts => ({
  bot: 'running',
  waits: nothing,
  ...more,
  tally: { ...NOTHING_DECIDED, ...more.counts },
});
const after = (...happened: Facts[]): Progress => happened.reduce(advance, START);
const said = (progress: Progress, now: Facts) => instruction(progress, now).text;

describe('the steps', () => {
  test('each is done by what it names, and the next one follows', () => {
    const approved = facts({ counts: { approved: 1, decided: 1 } });
    const rejected = facts({ counts: { approved: 1, rejectedWithReason: 1, decided: 2 } });
    const answered = facts({ counts: { approved: 1, rejectedWithReason: 1, answered: 1, decided: 3 } });
    assert.equal(currentStep(START), 'approve');
    assert.equal(currentStep(after(approved)), 'reject');
    assert.equal(currentStep(after(approved, rejected)), 'answer');
    assert.equal(currentStep(after(approved, rejected, answered)), 'restart');
  });

  test('a rejection without a reason is not the second step, and the order is free', () => {
    assert.deepEqual(after(facts({ counts: { decided: 1 } })).done, []);
    assert.deepEqual(after(facts({ counts: { answered: 1, decided: 1 } })).done, ['answer']);
  });

  test('the last step needs a card that waited while the bot was stopped, and a decision after its start', () => {
    const counts = { approved: 1, decided: 1 };
    const stopped = facts({ bot: 'stopped', waits: card, counts });
    const back = facts({ waits: card, counts });
    const pressed = facts({ counts: { approved: 2, decided: 2 } });
    assert.ok(!after(stopped).done.includes('restart'));
    assert.ok(!after(stopped, back).done.includes('restart'));
    assert.ok(after(stopped, back, pressed).done.includes('restart'));
    const empty = facts({ bot: 'stopped', counts });
    assert.ok(!after(empty, pressed).done.includes('restart'), 'no card waited');
  });

  test('after *Start over*, and in another sandbox, only what comes later counts', () => {
    const over = { ...START, from: { ...NOTHING_DECIDED, approved: 4, decided: 5 } };
    assert.deepEqual(advance(over, facts({ counts: { approved: 4, decided: 5 } })).done, []);
    assert.deepEqual(advance(over, facts({ counts: { approved: 5, decided: 6 } })).done, ['approve']);
    assert.deepEqual(advance(over, facts({ counts: { approved: 1, decided: 1 } })).done, ['approve']);
  });

  test('what is done stays done, and the same facts change nothing', () => {
    const count = fc.nat(3);
    const happened = fc.record({
      bot: fc.constantFrom('starting', 'running', 'stopping', 'stopped'),
      waits: fc.record({ approval: fc.boolean(), question: fc.boolean() }),
      tally: fc.record({ approved: count, rejectedWithReason: count, answered: count, decided: count }),
    });
    fc.assert(
      fc.property(fc.array(happened), happened, (before, now) => {
        const progress = before.reduce(advance, START);
        const next = advance(progress, now);
        for (const step of progress.done) assert.ok(next.done.includes(step));
        assert.equal(advance(next, now), next);
        assert.notEqual(instruction(next, now).text, '');
      }),
    );
  });
});

describe('what it says to do now', () => {
  const done = (count: number): Progress => ({ ...START, done: steps.slice(0, count) });
  const table: [string, Progress, Facts, RegExp, string | null][] = [
    ['at first', START, facts({}), /Press \*1 Refund an order\*/, 'refund-agent'],
    ['a card waits', START, facts({ waits: card }), /\*Approve\* on its card/, 'card'],
    ['approved', done(1), facts({}), /Press \*1\* again, this time to refuse/, 'refund-agent'],
    ['a second card waits', done(1), facts({ waits: card }), /Press \*Reject\*.*write why/, 'card'],
    ['rejected', done(2), facts({ waits: card }), /Press \*2 Pick a slot\*/, 'slot-flow'],
    ['a question waits', done(2), facts({ waits: question }), /Press \*Answer\*/, 'card'],
    ['answered', done(3), facts({}), /What if the bot stops\? Press \*1\*/, 'refund-agent'],
    ['a last card waits', done(3), facts({ waits: card }), /Press \*Stop bot\*/, 'bot'],
    ['it stops', done(3), facts({ waits: card, bot: 'stopping' }), /stopping …/, null],
    ['stopped', done(3), facts({ waits: card, bot: 'stopped' }), /room says that it failed.*\*Start bot\*/, 'bot'],
    ['started', { ...done(3), stoppedAt: 0 }, facts({ waits: card }), /\*Approve\* again/, 'card'],
    ['all done', done(4), facts({}), /That is all of it/, null],
  ];
  for (const [name, progress, now, text, target] of table) {
    test(name, () => {
      assert.match(said(progress, now), text);
      assert.equal(instruction(progress, now).target, target);
    });
  }
});

test('a card waits as long as it has its buttons, also while the bot is stopped', () => {
  const message = (labels: string[], onlyFor: string | null = null): SlackMessage => ({
    channel: 'C1',
    ts: '1.0',
    threadTs: null,
    user: 'UBOT',
    text: '',
    blocks: [
      { type: 'actions', elements: labels.map((text) => ({ type: 'button', text: { type: 'plain_text', text } })) },
    ],
    attachments: [],
    metadata: null,
    edited: false,
    onlyFor,
  });
  assert.deepEqual(waitsOf([message(['Details'])]), nothing);
  assert.deepEqual(waitsOf([message(['Approve', 'Reject', 'Take over'])]), card);
  assert.deepEqual(waitsOf([message(['Answer', 'Decline'])]), question);
  assert.deepEqual(waitsOf([message(['Approve'], 'U1')]), nothing, 'a private list is not a card');
});
