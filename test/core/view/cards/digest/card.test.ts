/** What a digest says of its members. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../../src/core/approval/approval.ts';
import { type Digest, digestOf, MEMBERS_MAX } from '../../../../../src/core/approval/digest.ts';
import type { Input } from '../../../../../src/core/approval/inputs.ts';
import type { Novelty } from '../../../../../src/core/approval/parts/novelty.ts';
import { slotKey } from '../../../../../src/core/approval/parts/slot.ts';
import { digestJoined, digestLeft } from '../../../../../src/core/approval/steps/messages.ts';
import { reasonOf } from '../../../../../src/core/approval/steps/transitions.ts';
import type { Consequences } from '../../../../../src/core/view/card.ts';
import { renderCard } from '../../../../../src/core/view/cards/approval-card.ts';
import { renderDigest } from '../../../../../src/core/view/cards/digest/card.ts';
import { stateOf } from '../../../../../src/core/view/cards/digest/states.ts';
import { digestDetails } from '../../../../../src/core/view/details/of-digest.ts';
import { bulkForm } from '../../../../../src/core/view/forms/bulk-form.ts';
import { defaultForms } from '../../../../../src/core/view/forms/form-rule.ts';
import { spanText } from '../../../../../src/core/view/line-text.ts';
import { renderMessage as onDiscord } from '../../../../../src/platforms/discord/render/message.ts';
import { renderMessage as onSlack } from '../../../../../src/platforms/slack/render/message.ts';
import { systemClock } from '../../../../../src/system/clock.ts';
import {
  after,
  announced,
  application,
  dana,
  pauseOf,
  pressed,
  sam,
  sentAs,
  slackRoom,
} from '../../../../support/data/pauses.ts';
import { requirementOf, verbRule } from '../../../../support/data/requirements.ts';

const { hash } = systemClock;

const slot = slotKey('card', slackRoom);
const mark = { id: 'b1', at: 0, runId: null };
const join = { type: 'gathered', slot, digest: mark, receipt: null, deletions: 0 } as const;
const leave = { type: 'released', slot, actor: dana } as const;
const sending: Input = { type: 'sending', resendable: true };
const receipt = (message: string) => ({ platform: 'slack', room: slackRoom.room, message });

function member(number: number, ...inputs: Input[]): Approval {
  const pause = pauseOf({ key: `k${number}`, reason: null, parameters: { orderId: `A-${number}` } });
  return { ...after(announced({ pause }), join, ...inputs), id: `ap${number}` };
}

function digest(...members: Approval[]): Digest {
  const made = digestOf('b1', members);
  assert.ok(made !== null);
  return made;
}

describe('a digest', () => {
  const recorded = sentAs({ type: 'recorded', following: false });
  const members = [
    member(1),
    member(2, pressed(), sending, recorded),
    member(3, pressed({ action: 'reject', actor: sam, text: 'no' }), sending, recorded),
    member(4, pressed()),
    member(5, pressed(), sending, sentAs({ type: 'refused', reason: 'no' })),
    member(6, { type: 'resolved', verdict: 'timeout', reason: null }),
    member(7, { type: 'held', actor: sam, fingerprint: 'd1', until: 9e15, right: 'allowed' }),
    member(8, leave),
  ];

  test('says first how much it is about and how long it can be decided', () => {
    const priced = [42.5, 1_197.9].map((amount, index) => {
      const pause = pauseOf({ key: `k${index}`, parameters: { amount, currency: 'EUR' }, deadline: 9e11 - index });
      return { ...after(announced({ pause }), join), id: `ap${index}` };
    });
    const card = renderDigest(digest(...priced), { backend: 'Runtype' });
    assert.equal(card.title, '2 × Refund order · 1240.4 EUR in total');
    const at = { at: 9e11 - 1, style: 'relative', afterAsked: 9e11 - 1_001 };
    assert.deepEqual(card.status.slice(0, 5), [{ strong: '2 need a decision.' }, '', ' First expires ', at, '.']);
    assert.match(
      card.summary,
      /^2 × Refund order · 1240\.4 EUR in total: 2 need a decision\. First expires 10,417 days after/,
    );
  });

  test('says what follows a decision and none, where the same follows for each', () => {
    const consequences: Consequences = { approve: ['it runs'], reject: ['it does not'], silence: ['it ends'] };
    const timed = (key: string, deadline: number | null) => ({
      ...after(announced({ pause: pauseOf({ key, deadline }) }), join),
      id: key,
    });
    const followsOf = (...all: Approval[]) =>
      renderDigest(digest(...all), { backend: 'Runtype', consequences })
        .consequences?.map((line) => line.map(spanText).join(''))
        .join(' ');
    const decided = 'If approved, it runs. If rejected, it does not.';
    assert.equal(followsOf(timed('a', 9e11), timed('b', 8e11)), `${decided} If nobody decides in time, it ends.`);
    assert.equal(followsOf(timed('a', null), timed('b', null)), `${decided} If nobody decides, it ends.`);
    assert.equal(followsOf(timed('a', 9e11), timed('b', null)), decided);
  });

  test('has a line for each, with its sign and its words, and counts them', () => {
    const card = renderDigest(digest(...members), { backend: 'Runtype' });
    assert.equal(card.title, '8 × Refund order');
    assert.deepEqual(card.body?.text.split('\n'), [
      '      orderId',
      '⏳ 1. A-1',
      '✅ 2. A-2 · approved by Dana Reyes',
      '⛔ 3. A-3 · rejected by Sam Okafor',
      '📤 4. A-4 · Dana Reyes pressed Approve, sending',
      '⚠️ 5. A-5 · Dana Reyes pressed Approve, not delivered',
      '⚪ 6. A-6 · expired',
      '🔒 7. A-7 · claimed by Sam Okafor',
      '⚪ 8. A-8 · moved to its own message',
    ]);
    assert.equal(
      card.status.map(spanText).join(''),
      '1 needs a decision. 1 claimed · 1 sending · 1 not delivered · 1 approved · 1 rejected · 1 expired · 1 moved to its own message. No deadline.',
    );
    assert.equal(card.tone, 'open');
  });

  test('says of which requests the run failed, or was lost, after the decision', () => {
    const ran = (state: 'completed' | 'failed' | 'lost'): Input => ({
      type: 'continued',
      continuation: { state, text: 'Done' },
    });
    const approved = (number: number, ...more: Input[]) => member(number, pressed(), sending, recorded, ...more);
    const refused = member(4, pressed({ action: 'reject', text: 'no' }), sending, recorded, ran('failed'));
    const ends = [approved(1), approved(2, ran('completed')), approved(3, ran('failed')), refused];
    const card = renderDigest(digest(...ends, approved(5, ran('lost'))), { backend: 'Runtype' });
    const lines = (card.body?.text ?? '').split('\n').filter((line) => line.includes('A-'));
    assert.deepEqual(
      lines.map((line) => line.split(' · ').at(-1)),
      [
        'approved by Dana Reyes',
        'approved by Dana Reyes',
        'approved by Dana Reyes, run failed',
        'rejected by Dana Reyes, run failed',
        'approved by Dana Reyes, lost track of its run',
      ],
    );
    assert.equal(card.status.map(spanText).join(''), '4 approved · 1 rejected. 2 runs failed. Lost track of 1 run.');
    const all = renderDigest(digest(approved(1, ran('failed')), approved(2, ran('failed'))), { backend: 'Runtype' });
    assert.equal(all.status.map(spanText).join(''), '2 approved by Dana Reyes, run failed.');
  });

  test('says nothing truer than what the backend has said', () => {
    for (const [one, reason] of [
      [member(1, pressed(), sending), 'Dana Reyes pressed Approve, sending'],
      [
        member(1, pressed(), sending, sentAs({ type: 'ambiguous', reason: 'reset' }, { resendable: false })),
        'Dana Reyes pressed Approve, unconfirmed',
      ],
      [member(1, pressed(), sending, sentAs({ type: 'gone', reason: 'gone' })), 'decided elsewhere'],
    ] as const) {
      assert.equal(stateOf(one, 'b1'), reason);
    }
  });

  test('fits both rooms with all of its lines, however long everything in it is', () => {
    const long = (letter: string) => `${letter.repeat(7)}* `.repeat(60);
    const pause = pauseOf({
      tool: long('t'),
      asker: long('a'),
      description: long('d'),
      hidden: ['hidden'],
      parameters: { orderId: long('p'), password: 'x', hidden: 1, [`k${'e'.repeat(400)}`]: long('s') },
      deadline: 1_788_256_800_000,
    });
    const name = { ...dana, name: long('n') };
    const one = { ...after(announced({ pause }), join), unreachable: reasonOf(long('u')) };
    const other = after(announced({ pause }), join, pressed({ actor: name }));
    const many = Array.from({ length: MEMBERS_MAX }, (_, index) => {
      const state = index % 2 ? one : other;
      const own = { ...state.pause, parameters: { ...pause.parameters, orderId: `${long('p')}${index}` } };
      return { ...state, id: `ap${index}`, pause: own };
    });
    const card = renderDigest(digest(...many), { backend: 'A backend of a long name' });
    const slack = JSON.stringify(onSlack(card));
    const discord = JSON.stringify(onDiscord(card));
    for (const text of [slack, discord]) {
      assert.doesNotMatch(text, /don’t fit/);
      for (const number of many.keys()) assert.match(text, new RegExp(` ${number + 1}\\. \\W*p{7}`));
    }
    assert.match(slack, /21 lines are shortened: open Details/);
  });
});

test('what is not as it was when its line was read says so, on the card, in the form and in its details', () => {
  const asking = pauseOf({ key: 'k1', reason: null, parameters: { orderId: 'A-9' } });
  const changed = member(1, announced({ pause: asking, fingerprint: 'd2' }));
  const dangerous = member(2, { type: 'recovered', confirm: true });
  const reason = 'Read back from a copy.';
  const doubtful = member(3, { type: 'restored', resendable: true, listed: false, waits: false, reason });
  const of = digest(changed, dangerous, doubtful, member(4));
  const lines = renderDigest(of, { backend: 'Runtype' }).body?.text.split('\n') ?? [];
  assert.deepEqual(lines, [
    '      orderId',
    '⏳ 1. A-9 · changed',
    '🛑 2. A-2 · dangerous',
    '⏳ 3. A-3 · see Details',
    '⏳ 4. A-4',
  ]);
  const [field] = bulkForm('reject_several', of, of.members, defaultForms, null, hash).fields;
  assert.deepEqual(field?.kind === 'choice' && field.options.map(({ note }) => note), [
    '',
    'changed',
    'dangerous',
    'see Details',
    '',
  ]);
  const told = JSON.stringify(digestDetails(of, 'Runtype'));
  assert.match(told, /Changed since it was first shown: orderId was .{1,3}A-1/);
  assert.match(told, /Read back from a copy/);
});

test('what an application’s call in doubt has left to people has its way out of a digest', () => {
  const claimed: Input = { type: 'claimed', action: 'approve', actor: application, text: null };
  const doubtful = sentAs({ type: 'ambiguous', reason: 'reset' }, { resendable: false });
  const left = member(1, claimed, sending, doubtful);
  const labels = renderDigest(digest(left), { backend: 'Runtype' }).buttons.map(({ label }) => label);
  assert.deepEqual(labels, ['Split up', 'Details']);
  const { slots } = digestLeft(left, leave).state ?? left;
  assert.equal(slots[slot]?.digest?.left?.receipt, null);
  const alone = { ...left, slots };
  assert.ok(renderCard(alone, { backend: 'Runtype' }).buttons.some(({ action }) => action === 'approve'));
});

describe('what differs between them', () => {
  const lines = (...parameters: Record<string, unknown>[]) => {
    const members = parameters.map((one, index) => ({
      ...after(announced({ pause: pauseOf({ parameters: one }) }), join),
      id: `ap${index}`,
    }));
    const body = renderDigest(digest(...members), { backend: 'Runtype' }).body?.text ?? '';
    return body.split('\n').map((line) => line.replace(/^⏳ /g, ''));
  };

  test('is beside each other, and what does not is said once', () => {
    assert.deepEqual(lines({ id: 'A', amount: 1, currency: 'EUR' }, { id: 'B', amount: 2, currency: 'EUR' }), [
      'Same for all: currency EUR',
      '      id · amount',
      '1. A  ·      1',
      '2. B  ·      2',
    ]);
  });

  test('is never mistaken for a value of its neighbour, nor a text for a number', () => {
    assert.deepEqual(lines({ id: 'A · 5', amount: '1' }, { id: 'B', amount: 2 }), [
      '      id      · amount',
      '1. "A · 5" · "1"',
      '2. B       · 2',
    ]);
  });

  test('keeps its names where they are not of one shape, or differ in nothing that is shown', () => {
    assert.deepEqual(lines({ id: 'A' }, { id: 'B', amount: 2 }), ['1. id: A', '2. id: B · amount: 2']);
    assert.deepEqual(lines({ id: 'A' }, { id: 'A' }), ['1. id: A', '2. id: A']);
    const a = 'what is too long to stand on the line of its name, and so no row of a table';
    assert.deepEqual(lines({ id: { a } }, { id: 'B' })[1], '2. id: B');
    assert.deepEqual(lines({ id: { a: 1 } }, { id: 'B' }), ['      id', '1. { "a": 1 }', '2. B']);
  });

  test('is masked before it is compared', () => {
    const shown = lines({ id: 'A', password: 'one' }, { id: 'B', password: 'two' });
    assert.deepEqual(shown, ['Same for all: password •••••• 3 characters', '      id', '1. A', '2. B']);
  });
});

test('questions that were decided alike are named once more below, each in one pair of quotes', () => {
  const ended = ['Deploy 1.4?', 'Deploy “1.5”?'].map((description, index) => {
    const pause = pauseOf({ kind: 'item', description, parameters: {} });
    const sent = sentAs({ type: 'recorded', following: false });
    return { ...after(announced({ pause }), join, pressed(), sending, sent), id: `ap${index}` };
  });
  const [line] = renderDigest(digest(...ended), { backend: 'Sonzai' }).footer;
  assert.equal(line?.map(spanText).join(''), '“Deploy 1.4?” | “Deploy "1.5"?”');
});

describe('joining and leaving', () => {
  const open = after(announced());

  test('only an open card that no one has seen joins', () => {
    const posted = after(announced(), { type: 'posted', slot, receipt: receipt('1') });
    const held: Input = { type: 'held', actor: dana, fingerprint: 'd1', until: 9e15, right: 'allowed' };
    const asked = pauseOf({ prompt: { title: 'Q', text: 'Q', form: null } });
    for (const state of [
      posted,
      after(announced(), pressed()),
      after(announced(), held),
      after(announced({ pause: asked })),
      member(1),
      member(1, leave),
    ]) {
      assert.deepEqual(digestJoined(state, join), { state, effects: [], ignored: digestJoined(state, join).ignored });
      assert.ok(digestJoined(state, join).ignored !== undefined);
    }
    assert.deepEqual(digestJoined(open, join).effects, [{ type: 'draw', slot }]);
  });

  test('who leaves has nothing of the message it leaves, and both are drawn', () => {
    const state = after(announced(), join, { type: 'posted', slot, receipt: receipt('7'), digest: 'b1' });
    const step = digestLeft(state, leave);
    assert.equal(step.state?.slots[slot]?.receipt, null);
    assert.deepEqual(step.effects, [
      { type: 'draw', slot },
      { type: 'draw', slot, digest: 'b1' },
    ]);
    assert.ok(digestLeft(after(announced(), join, pressed(), sending), leave).ignored);
  });

  test('a post of the message that ends after somebody left it is not theirs', () => {
    const late = after(announced(), join, leave, { type: 'posted', slot, receipt: receipt('7'), digest: 'b1' });
    assert.equal(late.slots[slot]?.receipt, null);
    assert.equal(digest(late).slot.receipt?.message, '7');
    const own = after(announced(), join, leave, { type: 'posted', slot, receipt: receipt('8') });
    assert.equal(own.slots[slot]?.receipt?.message, '8');
  });

  test('what a crash has left half recorded is read as what was posted last', () => {
    const at = (message: string | null, deletions: number): Approval => {
      const one = after(announced(), join);
      const known = one.slots[slot];
      assert.ok(known);
      const now = { ...known, deletions, receipt: message === null ? null : receipt(message) };
      return { ...one, slots: { ...one.slots, [slot]: now } };
    };
    assert.equal(digest(at(null, 0), at('1', 0)).slot.receipt?.message, '1');
    assert.equal(digest(at('1', 0), at(null, 1)).slot.receipt, null);
    assert.equal(digest(at('1', 0), at(null, 1), at('2', 1)).slot.receipt?.message, '2');
  });
});

describe('a digest under a policy', () => {
  const under = (number: number, rule: string, more: Partial<Parameters<typeof announced>[0]> = {}) => {
    const verbs = { approve: verbRule(), reject: verbRule({ note: rule === 'strict' ? 'required' : 'off' }) };
    const pause = pauseOf({ key: `k${number}`, reason: null, parameters: { orderId: `A-${number}` } });
    const asked = announced({ pause, requirement: requirementOf({ rule, verbs }), ...more });
    return { ...after(asked, join), id: `ap${number}` };
  };
  const deciders = { all: [], platform: 'slack', setting: 'countersign.yml' };
  const known: Novelty = {
    ...{ seen: 3, more: false, parties: [], hosts: [], amount: null, same: null, changed: null, incomparable: false },
  };

  test('says one rule where it is the same, and that rules differ where they do', () => {
    const alike = renderDigest(digest(under(1, 'a'), under(2, 'a')), { backend: 'Runtype', deciders });
    assert.match(alike.deciders?.text ?? '', /^Rule “a”: /);
    const mixed = renderDigest(digest(under(1, 'a'), under(2, 'b')), { backend: 'Runtype', deciders });
    assert.equal(
      mixed.deciders?.text,
      'These requests are under different rules (“a” and “b”). Split up shows who may decide each.',
    );
  });

  test('asks for a reason where one of its rules does', () => {
    const required = (...members: Approval[]) => {
      const form = bulkForm('reject_several', digest(...members), members, defaultForms, null, hash);
      return form.fields.at(-1)?.required;
    };
    assert.equal(required(under(1, 'strict'), under(2, 'b')), true);
    assert.equal(required(under(1, 'b'), under(2, 'strict')), true);
  });

  test('says on its lines what is new about one of them, and once what is new about all', () => {
    const some = digest(
      under(1, 'a', { novelty: { ...known, parties: [['orderId']] } }),
      under(2, 'a', { novelty: known }),
    );
    const card = renderDigest(some, { backend: 'Runtype' });
    assert.match(card.body?.text ?? '', /A-1 · new party/);
    assert.deepEqual(card.news, [['Compared with what was approved before: new party 1. Details says it of each.']]);
    const about = JSON.stringify(digestDetails(some, 'Runtype').sections);
    assert.match(about, /Not in any of the 3 approved before: orderId A-1/);
    assert.match(about, /Rule “a”: /);
    const first = under(1, 'a', { novelty: { ...known, seen: 0 } });
    const all = renderDigest(digest(first, { ...first, id: 'ap2' }), { backend: 'Runtype' });
    assert.doesNotMatch(all.body?.text ?? '', /first time/i);
    assert.match(JSON.stringify(all.news), /First time: nothing was approved before/);
  });
});
