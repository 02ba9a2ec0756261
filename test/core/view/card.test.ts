import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Input } from '../../../src/core/approval/inputs.ts';
import { toolTitle } from '../../../src/core/approval/names.ts';
import { canonical } from '../../../src/core/text/canonical.ts';
import { clipMiddle } from '../../../src/core/text/clip.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';
import { humanise } from '../../../src/core/text/humanise.ts';
import { shallow } from '../../../src/core/text/json.ts';
import { parametersLine, parametersText } from '../../../src/core/text/parameters.ts';
import { reveal } from '../../../src/core/text/visible/reveal.ts';
import { encodeButtonId, parseButtonId } from '../../../src/core/view/button-id.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { renderResult } from '../../../src/core/view/cards/thread-notes.ts';
import { spanText } from '../../../src/core/view/line-text.ts';
import { after, announced, pauseOf, pressed, sentAs } from '../../support/data/pauses.ts';
import { anyCodePoint } from '../../support/property.ts';

const sending: Input = { type: 'sending', resendable: true };

describe('who asks, about whom, and where the answer goes', () => {
  const ids = { askerId: 'agt_9', contact: { name: 'Bo Li', id: 'usr_77' } };
  const cardOf = (more: Parameters<typeof pauseOf>[0], sharedNames: ('asker' | 'contact')[] = []) =>
    renderCard(after(announced({ pause: pauseOf({ kind: 'item', ...more }), sharedNames })), { backend: 'Sonzai' });
  const asker = (card: ReturnType<typeof cardOf>) => card.asker?.map(spanText).join('');
  const footer = (more: Parameters<typeof pauseOf>[0]) => cardOf(more).footer.flat().map(spanText).join('');

  test('has an ID only beside a name that is shared', () => {
    assert.equal(asker(cardOf(ids)), '“Order desk” requests: Refund order');
    assert.equal(asker(cardOf(ids, ['asker'])), '“Order desk” (ID agt_9) requests: Refund order');
    assert.equal(
      asker(cardOf(ids, ['asker', 'contact'])),
      '“Order desk” (ID agt_9) about “Bo Li” (ID usr_77) requests: Refund order',
    );
    assert.equal(asker(cardOf({ askerId: null }, ['asker'])), '“Order desk” (no ID) requests: Refund order');
  });

  test('quotes an ID that could be read as one of our texts, and shows both its ends', () => {
    const shown = (askerId: string) => asker(cardOf({ askerId }, ['asker'])) ?? '';
    assert.match(shown('x) approved by Dana ('), /^“Order desk” \(ID “x\) approved by Dana \(”\) requests/);
    assert.match(shown('a”b'), /\(ID “a"b”\)/);
    const long = shown(`head${'x'.repeat(200)}tail`);
    assert.match(long, /head.*…?.*tail/);
    assert.ok(long.length < 200);
  });

  test('names the host and the path of a callback, with the end of a long one', () => {
    assert.match(
      footer({ address: { callback: 'https://host.example:8443/a?token=x' } }),
      / · answer goes to host\.example:8443\/a\?token=x /,
    );
    const far = `https://${'bank.example.'.repeat(15)}evil.example/`;
    assert.match(footer({ address: { callback: far } }), /answer goes to bank\.example.*evil\.example /);
    assert.match(
      footer({ address: { callback: 'https://b\u0430nk.example/' } }),
      /answer goes to xn--[a-z0-9-]+\.example /,
    );
    assert.match(footer({ address: { callback: 'nonsense' } }), /answer goes to an unreadable address/);
    for (const address of [{}, { tool: 'x' }]) assert.doesNotMatch(footer({ address }), /answer goes/);
  });
});

describe('what a card says', () => {
  const says = (...inputs: Input[]) => renderCard(after(announced(), ...inputs), { backend: 'Runtype' });
  const status = (...inputs: Input[]) =>
    says(...inputs)
      .status.map(spanText)
      .join('')
      .trim();

  test('while it is open', () => {
    const card = says();
    assert.equal(card.title, 'Refund order A-1009 · amount 42.5');
    assert.equal(card.asker?.map(spanText).join(''), '“Order desk” wants to run refund_order');
    assert.equal(card.body?.text, 'orderId: A-1009\namount:  42.5');
    assert.deepEqual(
      card.buttons.map(({ label }) => label),
      ['Approve', 'Reject', 'Take over', 'Details'],
    );
  });

  test('never “approved” before the backend said so', () => {
    assert.equal(status(pressed()), 'Dana Reyes pressed Approve. Sending to Runtype…');
    assert.equal(status(pressed(), sending), 'Dana Reyes pressed Approve. Sending to Runtype…');
    const refused = sentAs({ type: 'unsent', reason: 'connection refused' });
    assert.match(
      status(pressed(), sending, refused),
      /Not delivered yet \(connection refused\)\. Retrying automatically\./,
    );
    assert.match(
      status(pressed(), sending, sentAs({ type: 'recorded', following: false })),
      /^Approved by Dana Reyes\./,
    );
  });

  test('a settled card shrinks to who, when, why, how long it took, and what it was', () => {
    const reject = pressed({ action: 'reject', text: 'Not without a receipt' });
    const card = says(reject, sending, sentAs({ type: 'recorded', following: false }));
    assert.deepEqual(card.remark, { label: 'Reason', text: 'Not without a receipt' });
    assert.deepEqual(
      card.buttons.map(({ label }) => label),
      ['Details'],
    );
    assert.deepEqual([card.body, card.quotes, card.asker], [null, [], null]);
    const footer = card.footer.map((line) => line.filter((span) => typeof span === 'string').join(''));
    assert.deepEqual(footer, [
      '“orderId: A-1009 · amount: 42.5”',
      '“Order desk” · Runtype · asked  · decided in Slack after less than a second',
    ]);
  });

  test('what was not delivered offers the same decision again', () => {
    const card = says(pressed(), sending, sentAs({ type: 'refused', reason: 'Invalid API key' }));
    assert.deepEqual(
      card.buttons.map(({ label }) => label),
      ['Try again', 'Details'],
    );
    assert.ok(card.body, 'who is to press again reads what');
    assert.match(
      card.summary,
      /Not delivered\. Dana Reyes pressed Approve, but Runtype did not accept it\. Invalid API key\./,
    );
  });

  test('silence is never a rejection', () => {
    assert.match(status({ type: 'resolved', verdict: 'timeout', reason: null }), /^Expired without a decision\./);
  });

  test('a run that was cut says so', () => {
    const state = after(announced(), { type: 'continued', continuation: { state: 'lost', text: null } });
    assert.equal(renderResult(state, 'Runtype')?.title, 'Lost track of this run');
  });

  test('what changed since it was first shown is told, and nothing that is hidden or secret', () => {
    const first = pauseOf({ parameters: { orderId: 'A-1009', amount: 42.5, password: 'old', cost: 1, note: 'x' } });
    const second = pauseOf({
      hidden: ['cost'],
      parameters: { orderId: 'A-1009', amount: 420, password: 'new', cost: 2, currency: 'EUR' },
    });
    const state = after(announced({ pause: first }), announced({ pause: second, fingerprint: 'd2' }));
    assert.equal(
      renderCard(state, { backend: 'Runtype' }).cautions[0],
      'Changed since it was first shown: amount was 42.5; password changed: it is a masked value; note was removed (was "x"); currency is new; cost is hidden now',
    );
    const again = after(
      announced({ pause: first }),
      announced({ pause: second, fingerprint: 'd2' }),
      announced({ pause: second, fingerprint: 'd2' }),
    );
    assert.match(renderCard(again, { backend: 'Runtype' }).cautions[0] ?? '', /^Changed since/);
  });

  test('the dangerous end of a long payload is shown, and how much is not', () => {
    const parameters = { note: 'x'.repeat(9_000), scope: 'ALL TENANTS' };
    const card = renderCard(after(announced({ pause: pauseOf({ parameters }) })), { backend: 'Runtype' });
    assert.match(card.body?.text ?? '', /^scope: ALL TENANTS$/m);
    assert.match(card.cautions[0] ?? '', /^Not shown: 7,\d\d\d characters. Approve opens Details first$/);
  });
});

test('a button’s id reads back, fits Discord, and nothing else does', () => {
  const buttonId = fc.record({
    approvalId: fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
    action: fc.constantFrom('approve' as const, 'reject' as const, 'take_over' as const, 'retry' as const),
    fingerprint: fc.stringMatching(/^[A-Za-z0-9_-]{1,24}$/),
  });
  fc.assert(
    fc.property(buttonId, (given) => {
      assert.ok(encodeButtonId(given).length <= 100);
      assert.deepEqual(parseButtonId(encodeButtonId(given)), { ...given });
    }),
  );
  assert.equal(encodeButtonId({ approvalId: 'ap1', action: 'take_over', fingerprint: 'd1' }), 'cs2.ap1.t.d1');
  for (const other of ['', 'cs1', 'cs0.ap1.a.d1', 'cs1.ap1.x.d1', 'cs1.a p.a.d', `cs1.${'a'.repeat(41)}.a.d`]) {
    assert.equal(parseButtonId(other), null);
  }
});

describe('text', () => {
  test('what can’t be seen is marked', () => {
    assert.equal(reveal('a\u202eb\u200bc\u0000'), 'a⟨U+202E⟩b⟨U+200B⟩c⟨U+0000⟩');
    assert.equal(reveal('two\r\nlines\t❤️ 👩‍💻'), 'two\nlines\t❤️ 👩‍💻');
  });

  test('is cut between characters, within its limit, and says how much is gone', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCodePoint, maxLength: 400 }), fc.integer({ min: 60, max: 200 }), (text, max) => {
        const clean = reveal(text);
        const clipped = clipMiddle(clean, max);
        assert.ok(clipped.text.length <= max);
        assert.ok(clipped.text.isWellFormed());
        if (clean.length <= max) assert.equal(clipped.text, clean);
        else assert.ok(clipped.text.includes(`${clipped.hidden} characters hidden`));
      }),
    );
  });

  test('text of several lines is shown line by line, and none of them passes for another parameter', () => {
    const value = { table: 'orders', sql: 'DELETE FROM orders\n WHERE paid = false\nlimit: 1', limit: 100 };
    assert.equal(
      parametersText(value),
      'table: orders\nsql:\n  │ DELETE FROM orders\n  │  WHERE paid = false\n  │ limit: 1\nlimit: 100',
    );
    assert.equal(
      parametersLine(value),
      'table: orders · sql: "DELETE FROM orders\\n WHERE paid = false\\nlimit: 1" · limit: 100',
    );
    assert.ok(
      parametersText({ sql: 'a\r\nb\rc' })
        .split('\n')
        .slice(1)
        .every((line) => line.startsWith('  │ ')),
    );
  });

  test('what is taller than a screen shows its first and its last lines', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index + 1}`);
    const { text, hidden } = clipMiddle(lines.join('\n'), 5_000, 10);
    const shown = text.split('\n');
    assert.deepEqual(shown.slice(0, 6), lines.slice(0, 6));
    assert.deepEqual(shown.slice(7), lines.slice(96));
    assert.equal(shown[6], `… ${hidden} characters hidden …`);
    assert.equal(hidden, lines.join('\n').length - shown.filter((_, at) => at !== 6).join('\n').length + 1);
    assert.equal(clipMiddle(lines.slice(0, 10).join('\n'), 5_000, 10).hidden, 0);
  });

  test('names of tools read like words', () => {
    assert.equal(humanise('refund_order'), 'Refund order');
    assert.equal(humanise('deleteAllRecords'), 'Delete all records');
    assert.equal(humanise('delete:customers'), 'Delete customers');
    assert.equal(humanise(''), 'Unnamed tool');
  });

  test('a name that is not plain is quoted, masked and kept as it is', () => {
    const title = (tool: string, kind: 'item' | 'approval') => toolTitle(pauseOf({ tool, kind }), 100);
    assert.equal(
      title('Message to dana.reyes-smith@acme.test', 'item'),
      'Request “Message to dana.reyes-smith@acme.test”',
    );
    assert.equal(title('legal_review', 'item'), 'Legal review');
    assert.equal(title('refund_order', 'approval'), 'Refund order');
    assert.equal(title('use AKIAIOSFODNN7EXAMPLE now', 'approval'), 'Tool “use •••••• 20 characters now”');
  });

  test('numbers are shown in the digits that were sent', () => {
    const text = '{"channel":1234567890123456789,"amount":42.50,"far":1e999,"seq":7,"fine":0.1}';
    assert.equal(
      parametersText(parseExact(text)),
      'channel: 1234567890123456789\namount:  42.50\nfar:     1e999\nseq:     7\nfine:    0.1',
    );
    const nested = parseExact(`{"of":[1.0,{"to":-0}],"text":"1.0"}`);
    assert.equal(parametersText(nested), 'of:   [1.0, { "to": -0 }]\ntext: "1.0"');
    assert.notEqual(canonical(parseExact('[1.0]')), canonical(parseExact('[1]')));
  });

  test('what is nested without end is cut, and says so', () => {
    const deep = JSON.parse(`${'['.repeat(5_000)}1${']'.repeat(5_000)}`);
    assert.match(canonical(shallow({ deep })), /nested too deep/);
  });

  test('flat parameters are lines, others JSON; a digest doesn’t depend on the order of keys', () => {
    assert.equal(parametersText({ a: 'x', longer: '1' }), 'a:      x\nlonger: "1"');
    assert.equal(parametersText({ a: { b: 1 }, c: ['x', 2] }), 'a: { "b": 1 }\nc: ["x", 2]');
    const long = 'more than the line of a name has room for, however short the name';
    assert.equal(parametersText({ a: { long } }), `{\n  "a": {\n    "long": "${long}"\n  }\n}`);
    assert.equal(canonical({ b: [1, { d: 1, c: 2 }], a: null }), canonical({ a: null, b: [1, { c: 2, d: 1 }] }));
  });
});
