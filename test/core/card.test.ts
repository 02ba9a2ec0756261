import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeAim, parseAim } from '../../src/core/action.ts';
import { spanText } from '../../src/core/card.ts';
import type { Input } from '../../src/core/machine.ts';
import { isSecretKey, MASK, maskText, maskValue } from '../../src/core/mask.ts';
import { canonical, parametersText } from '../../src/core/parameters.ts';
import { renderCard, renderResult } from '../../src/core/render.ts';
import { clipMiddle, humanise, reveal } from '../../src/core/text.ts';
import { after, announced, pauseOf, pressed, sentAs } from '../rig/pauses.ts';

const sending: Input = { type: 'sending', resendable: true };

describe('what a card says', () => {
  const says = (...inputs: Input[]) => renderCard(after(announced(), ...inputs), 'Runtype');
  const status = (...inputs: Input[]) =>
    says(...inputs)
      .status.map(spanText)
      .join('')
      .trim();

  test('while it is open', () => {
    const card = says();
    assert.equal(card.title, 'Refund order');
    assert.equal(card.asker?.map(spanText).join(''), 'Order desk wants to run refund_order');
    assert.equal(card.body?.text, 'orderId: A-1009\namount:  42.5');
    assert.deepEqual(
      card.buttons.map(({ label }) => label),
      ['Approve', 'Reject', 'Take over'],
    );
  });

  test('never “approved” before the backend said so', () => {
    assert.equal(status(pressed()), 'Dana Reyes approved. Sending it to Runtype …');
    assert.equal(status(pressed(), sending), 'Dana Reyes approved. Sending it to Runtype …');
    const refused = sentAs({ type: 'unsent', words: 'connection refused' });
    assert.match(
      status(pressed(), sending, refused),
      /It has not reached Runtype yet: connection refused\. Trying again/,
    );
    assert.match(
      status(pressed(), sending, sentAs({ type: 'recorded', following: false })),
      /^Approved by Dana Reyes\./,
    );
  });

  test('a settled card keeps its parameters, has no buttons, and shows the reason', () => {
    const reject = pressed({ action: 'reject', text: 'Not without a receipt' });
    const card = says(reject, sending, sentAs({ type: 'recorded', following: false }));
    assert.deepEqual(card.remark, { label: 'Reason', text: 'Not without a receipt' });
    assert.deepEqual(card.buttons, []);
    assert.ok(card.body);
  });

  test('what was not delivered offers the same decision again', () => {
    const card = says(pressed(), sending, sentAs({ type: 'refused', words: 'Invalid API key' }));
    assert.deepEqual(
      card.buttons.map(({ label }) => label),
      ['Try again'],
    );
    assert.match(card.summary, /Not delivered\. Dana Reyes approved, and Runtype did not take it\. Invalid API key\./);
  });

  test('silence is never a rejection', () => {
    assert.match(status({ type: 'resolved', verdict: 'timeout', words: null }), /^Expired\. Nobody decided/);
  });

  test('a run that was cut says so', () => {
    const state = after(announced(), { type: 'continued', continuation: { state: 'lost', text: null } });
    assert.equal(renderResult(state, 'Runtype')?.title, 'Rest of the run not seen');
  });

  test('the dangerous end of a long payload is shown, and how much is not', () => {
    const parameters = { note: 'x'.repeat(9_000), scope: 'ALL TENANTS' };
    const card = renderCard(after(announced({ pause: pauseOf({ parameters }) })), 'Runtype');
    assert.match(card.body?.text ?? '', /scope: ALL TENANTS$/);
    assert.match(card.cautions[0] ?? '', /^6,\d\d\d characters of the parameters are not shown$/);
  });
});

test('a button’s id reads back, fits Discord, and nothing else does', () => {
  const aim = fc.record({
    approvalId: fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
    action: fc.constantFrom('approve' as const, 'reject' as const, 'take_over' as const, 'retry' as const),
    shown: fc.stringMatching(/^[A-Za-z0-9_-]{1,24}$/),
  });
  fc.assert(
    fc.property(aim, (given) => {
      assert.ok(encodeAim(given).length <= 100);
      assert.deepEqual(parseAim(encodeAim(given)), { ...given });
    }),
  );
  assert.equal(encodeAim({ approvalId: 'ap1', action: 'take_over', shown: 'd1' }), 'cs1.ap1.t.d1');
  for (const other of ['', 'cs1', 'cs0.ap1.a.d1', 'cs1.ap1.x.d1', 'cs1.a p.a.d', `cs1.${'a'.repeat(41)}.a.d`]) {
    assert.equal(parseAim(other), null);
  }
});

describe('secrets', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl';
  const shown: [string, string][] = [
    [`token is ${jwt}!`, `token is ${MASK}!`],
    ['key AKIAIOSFODNN7EXAMPLE.', `key ${MASK}.`],
    ['Authorization: Bearer abcdef0123456789', `Authorization: Bearer ${MASK}`],
    ['call it with api_key=s3cr3tvalue&x=1', `call it with api_key=${MASK}&x=1`],
    ['postgres://app:hunter22@db/main', `postgres://app:${MASK}@db/main`],
    ['card 4111 1111 1111 1111 ok', `card ${MASK} ok`],
    ['order 4111 1111 1111 1112 ok', 'order 4111 1111 1111 1112 ok'],
  ];
  for (const [text, masked] of shown) test(text.slice(0, 24), () => assert.equal(maskText(text).value, masked));

  test('sit under keys in any case and depth', () => {
    for (const key of [
      'clientSecret',
      'API-KEY',
      'api_key',
      'x-api-key',
      'Authorization',
      'dbPassword',
      'githubToken',
    ]) {
      assert.ok(isSecretKey(key), key);
    }
    for (const key of ['tokenCount', 'author', 'secretary', 'passenger', 'keyboard']) assert.ok(!isSecretKey(key), key);
    const { value, masked, omitted } = maskValue({ a: [{ apiKey: 'x', n: 1 }], tenantId: 't' }, ['tenantId']);
    assert.deepEqual([value, masked, omitted], [{ a: [{ apiKey: MASK, n: 1 }] }, 1, 1]);
  });
});

describe('text', () => {
  test('what can’t be seen is marked', () => {
    assert.equal(reveal('a\u202eb\u200bc\u0000'), 'a⟨U+202E⟩b⟨U+200B⟩c⟨U+0000⟩');
    assert.equal(reveal('two\r\nlines\t❤️ 👩‍💻'), 'two\nlines\t❤️ 👩‍💻');
  });

  test('is cut between characters, within its limit, and says how much is gone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.integer({ min: 60, max: 200 }), (text, max) => {
        const clean = reveal(text);
        const clipped = clipMiddle(clean, max);
        assert.ok(clipped.text.length <= max);
        assert.ok(clipped.text.isWellFormed());
        if (clean.length <= max) assert.equal(clipped.text, clean);
        else assert.ok(clipped.text.includes(`${clipped.hidden} characters hidden`));
      }),
    );
  });

  test('names of tools read like words', () => {
    assert.equal(humanise('refund_order'), 'Refund order');
    assert.equal(humanise('deleteAllRecords'), 'Delete all records');
    assert.equal(humanise('webmcp:pick_slot'), 'Pick slot');
    assert.equal(humanise(''), 'Unnamed tool');
  });

  test('flat parameters are lines, others JSON; a digest doesn’t depend on the order of keys', () => {
    assert.equal(parametersText({ a: 'x', longer: '1' }), 'a:      x\nlonger: "1"');
    assert.equal(parametersText({ a: { b: 1 } }), '{\n  "a": {\n    "b": 1\n  }\n}');
    assert.equal(canonical({ b: [1, { d: 1, c: 2 }], a: null }), canonical({ a: null, b: [1, { c: 2, d: 1 }] }));
  });
});
