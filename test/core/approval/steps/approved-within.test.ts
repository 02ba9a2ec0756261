/** An answer in words or in JSON that says yes is an approval, however it is spelled. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import { approvedWithin, needsConfirmation } from '../../../../src/core/approval/steps/approved-within.ts';

const yes = [
  ...[
    'true',
    'TRUE',
    ' True. ',
    '"true"',
    '`true`',
    'yes',
    'Yes!',
    'YES, delete them',
    'ｙｅｓ',
    'y\u200bes',
    'ok',
    'OK.',
  ],
  ...[
    'Okay, do it',
    'sure',
    'Approved',
    'approve',
    'Approved by Dana Reyes',
    'confirm',
    'Confirmed.',
    'go ahead',
    'y',
    '1',
  ],
  ...['I approve this.', 'this is fine', '👍', '👍🏽', '✅ done', '+1', 'oui', 'Ja, bitte', 'sí', 'да', 'はい'],
  ...[
    'approved: true',
    'approved=1',
    "{'approved': True}",
    'status: approved',
    'My decision is approved',
    '{"approved": true',
  ],
  ...['{"approved": true}', '{"approved": "yes"}', '{"approved": 1}', '{"approved": null}', '{"approved": {}}'],
  ...['{"approve": true}', '{"confirmed": true}', '{"confirm":"Y"}', '{"Approved":"by Dana"}', '{"isApproved": 1}'],
  ...['{"user_confirmed": 1}', '{"ok": 1}', '{"decision":"approve"}', '{"action":"accept","content":{}}', '[true]'],
  ...['["yes"]', '{"result":{"approval":{"approved":true}}}', '{"Delete all customers?":"Yes, all of them"}'],
  ...['{"note":"no","approved":true}', '{"\\u0061pproved": true}', '{"denied": false, "go_ahead": "by Sam"}'],
];
const no = [
  ...[
    'no',
    'No.',
    'NO!',
    'false',
    '"false"',
    '0',
    'denied',
    'Rejected',
    'decline',
    'do not',
    "don't do it",
    'not approved',
  ],
  ...[
    '{"approved": false}',
    '{"approved": false, "note": "yes, I looked"}',
    '{"confirmed": false}',
    'false',
    '[false]',
  ],
  ...['{"action":"decline"}', '{"decision":"rejected","by":"Dana"}', '{"approve":"no"}'],
];
const neither = [
  ...[
    '10:30',
    'yesterday',
    'Called her, sent a new shade.',

    'okra',
    '{"email":"mara@amsel.example"}',
    '{}',
    '[]',
  ],
  ...['{"status":"shipped","eta":"10:30"}', 'Nothing to report', '{"approval_id":null}', '12', 'The yes is missing'],
];

const reads = (text: string) => approvedWithin('take_over', text);
const needs = (text: string | null, kind: Pause['kind'], confirm = true) =>
  needsConfirmation({ confirm, pause: { kind } }, 'take_over', text);

describe('an answer', () => {
  for (const text of yes) {
    test(`approves: ${text}`, () => {
      assert.deepEqual(reads(text), ['approve']);
      for (const kind of ['await', 'item', 'approval'] as const) assert.equal(needs(text, kind), true);
    });
  }

  test('that is a plain no needs no confirmation', () => {
    for (const text of no) {
      assert.notDeepEqual(reads(text), ['approve'], text);
      assert.equal(needs(text, 'await'), false, text);
    }
  });

  test('that is neither needs one where the agent gets it as the output of its call', () => {
    for (const text of [...neither, 'no problem, go on', 'Klar, mach das', '{"approval":"later"} or so']) {
      assert.equal(needs(text, 'await'), true, text);
    }
    for (const text of neither) {
      assert.deepEqual(reads(text), [], text);
      assert.equal(needs(text, 'item'), false, text);
    }
  });

  test('with a yes anywhere in its JSON approves, whatever is around it', () => {
    const around = fc.letrec((tie) => ({
      branch: fc.oneof(
        fc.constantFrom<unknown>({ approved: true }, { confirm: 'yes' }, [true], { x: 'Approved' }),
        fc.tuple(fc.string(), tie('branch')).map(([key, value]) => ({ ...{ note: 'no' }, [key]: value })),
        tie('branch').map((value) => ['no', value, false, 7]),
      ),
    })).branch;
    fc.assert(
      fc.property(around, (answer) => {
        const text = JSON.stringify(answer);
        fc.pre(!/"approved":\s*false/.test(text));
        assert.ok(reads(text).includes('approve'), text);
      }),
    );
  });

  test('of any text is read at once', () => {
    const long = [
      '('.repeat(4_000),
      `${'"\' *'.repeat(1_000)}x`,
      '['.repeat(2_000) + ']'.repeat(2_000),
      'approved '.repeat(440),
    ];
    const startedAt = performance.now();
    for (const text of long) needs(text, 'await');
    assert.ok(performance.now() - startedAt < 500);
  });
});

test('nothing else than the danger asks for a confirmation', () => {
  assert.equal(needs('yes', 'await', false), false);
  assert.equal(needs(null, 'await'), false);
  const state = { confirm: true, pause: { kind: 'await' as const } };
  assert.equal(needsConfirmation(state, 'reject', 'yes'), false);
  assert.equal(needsConfirmation(state, 'approve', null), true);
  assert.deepEqual(approvedWithin('reject', 'yes'), []);
});
