import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeButtonId } from '../../../../src/core/view/button-id.ts';
import type { Card, Line, Span } from '../../../../src/core/view/card.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { renderResult } from '../../../../src/core/view/cards/thread-notes.ts';
import type { Form } from '../../../../src/core/view/forms/decision-form.ts';
import { renderForm, renderNotice } from '../../../../src/platforms/slack/render/form.ts';
import { escapeMrkdwn, renderMessage } from '../../../../src/platforms/slack/render/message.ts';
import { checkBlocks } from '../../../../src/sandbox/emulators/slack/checks/blocks.ts';
import { checkView } from '../../../../src/sandbox/emulators/slack/checks/view.ts';
import { LIMITS } from '../../../../src/sandbox/emulators/slack/web-api/limits.ts';
import { formOf } from '../../../support/data/forms.ts';
import { after, announced, pauseOf, pressed } from '../../../support/data/pauses.ts';
import { anyCodePoint } from '../../../support/property.ts';
import { buttonId, cardOf } from '../support.ts';

const RUNS = { numRuns: 300 };
const asked = Date.UTC(2026, 10, 22, 14, 5);

/** Up to `max` units of anything: lone surrogates, emoji, controls, mrkdwn. */
const word = (max: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: anyCodePoint, maxLength: 60 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', ' ', '\n', '<!channel>', '*b* `c` _i_ ~s~', ':smile:', '\ud800', 'a&b<c>'),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('x', '"', '\n', '字', '😀', '&', '\u0001'), fc.nat(max))
        .map(([c, n]) => c.repeat(n)),
    },
  );
const at = fc.oneof(fc.date({ noInvalidDate: true }).map(Number), fc.double(), fc.constant(asked));
const span: fc.Arbitrary<Span> = fc.oneof(
  word(2_000),
  word(500).map((strong) => ({ strong })),
  word(500).map((code) => ({ code })),
  fc.record({ at, style: fc.constantFrom('relative' as const, 'time' as const, 'exact' as const) }),
);
const line: fc.Arbitrary<Line> = fc.array(span, { maxLength: 30 });
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const labelled = fc.record({ label: word(200), text: word(9_000) });
const quoted = fc.record({ author: word(200), text: word(3_000) });
const anyCard: fc.Arbitrary<Card> = fc.record({
  tone: fc.constantFrom('open', 'pending', 'good', 'bad', 'neutral', 'warning'),
  title: word(400),
  summary: word(6_000),
  status: line,
  asker: orNull(line),
  quotes: fc.array(quoted, { maxLength: 3 }),
  body: orNull(labelled),
  cautions: fc.array(word(400), { maxLength: 20 }),
  remark: orNull(labelled),
  consequences: fc.array(line, { maxLength: 5 }),
  footer: fc.array(line, { maxLength: 8 }),
  buttons: fc.array(
    fc.record({
      id: fc.constant(encodeButtonId(buttonId)),
      action: fc.constantFrom('approve', 'reject', 'take_over', 'retry'),
      label: word(200),
      style: fc.constantFrom('primary', 'danger', 'plain'),
    }),
    { maxLength: 8 },
  ),
});

describe('a card as Block Kit', () => {
  test('is exactly this JSON', () => {
    assert.deepEqual(renderMessage(cardOf()), {
      text: 'Refund order: Needs a decision.',
      blocks: [
        { type: 'header', text: plain('⏳ Refund order') },
        rich({ type: 'rich_text_section', elements: [bold('Needs a decision.')] }),
        rich({
          type: 'rich_text_section',
          elements: [
            bold('Order desk'),
            { type: 'text', text: ' wants to run ' },
            { type: 'text', text: 'refund_order', style: { code: true } },
          ],
        }),
        rich(
          { type: 'rich_text_section', elements: [bold('The agent “Order desk” writes (unverified):')] },
          {
            type: 'rich_text_quote',
            elements: [{ type: 'text', text: 'The customer asked for *their* money <!channel> back.' }],
          },
        ),
        rich(
          { type: 'rich_text_section', elements: [bold('The tool’s author writes:')] },
          { type: 'rich_text_quote', elements: [{ type: 'text', text: 'Refund an order by id' }] },
        ),
        rich(
          { type: 'rich_text_section', elements: [bold('Parameters')] },
          {
            type: 'rich_text_preformatted',
            elements: [{ type: 'text', text: 'orderId: A-1009\namount:  42.5' }],
          },
        ),
        { type: 'context', elements: [plain('⚠️ 1 secret value is masked')] },
        {
          type: 'context',
          elements: [
            plain('Runtype · asked'),
            {
              type: 'mrkdwn',
              text: `<!date^${asked / 1000}^{date_short_pretty} at {time}|2026-11-22 14:05 UTC>`,
              verbatim: true,
            },
          ],
        },
        {
          type: 'actions',
          elements: [
            {
              type: 'button',
              action_id: 'countersign.approve',
              value: encodeButtonId(buttonId),
              text: plain('Approve'),
              accessibility_label: 'Approve: Refund order',
              style: 'primary',
            },
            {
              type: 'button',
              action_id: 'countersign.reject',
              value: encodeButtonId({ ...buttonId, action: 'reject' }),
              text: plain('Reject'),
              accessibility_label: 'Reject: Refund order',
              style: 'danger',
            },
          ],
        },
      ],
    });
  });

  test('fits Slack whatever the card holds, and keeps every button', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        const { text, blocks } = renderMessage(card);
        assert.deepEqual(checkBlocks(blocks), []);
        const size = JSON.stringify(blocks).length;
        assert.ok(size <= LIMITS.messageBlocksJson, `${size} characters of JSON`);
        assert.ok(text !== '' && Buffer.byteLength(text) <= LIMITS.updateTextBytes);
        assert.ok(text.isWellFormed());
        const kept = JSON.stringify(blocks).split('"action_id"').length - 1;
        assert.equal(kept, new Set(card.buttons.map(({ action }) => action)).size);
      }),
      RUNS,
    );
  });

  test('has no untrusted text where Slack parses it', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        const { text, blocks } = renderMessage(card);
        for (const parsed of mrkdwnOf(blocks))
          assert.match(parsed, /^<!date\^\d+\^(?:\{date_short(?:_pretty)?} at )?\{time}\|[^<>]*>$/);
        assert.doesNotMatch(text, /[<>]|&(?!amp;|lt;|gt;)/);
        assert.doesNotMatch(
          JSON.stringify(blocks),
          /"emoji":true|"type":"(?:link|user|usergroup|channel|broadcast|emoji)"/,
        );
      }),
      RUNS,
    );
  });

  test('shows the longest parameters of the core in full', () => {
    const text = `${'"\n'.repeat(1_000)}字${'\t'.repeat(300)}end`;
    const long = (more: object) => renderMessage(cardOf({ body: { label: 'Parameters', text }, ...more }));
    const shown = JSON.stringify(long({}).blocks);
    assert.ok(shown.includes(JSON.stringify(text).slice(1, -1)));
    const crowded = cardOf({
      body: { label: 'Parameters', text: '字'.repeat(2_400) },
      quotes: [
        { author: '字'.repeat(120), text: '字'.repeat(500) },
        { author: '字'.repeat(120), text: '字'.repeat(300) },
      ],
      remark: { label: 'Reason', text: '字'.repeat(800) },
    });
    assert.ok(JSON.stringify(renderMessage(crowded).blocks).includes('字'.repeat(2_400)));
  });

  test('real cards fit: open, decided and finished', () => {
    const open = announced({ pause: pauseOf({ deadline: asked + 600_000 }) });
    const decided = after(open, pressed({ action: 'reject', text: 'Wrong order' }));
    const result = renderResult({ ...decided, continuation: { state: 'completed', text: 'Refunded 42.5' } }, 'Runtype');
    const cards = [
      renderCard(after(open), { backend: 'Runtype' }),
      renderCard(decided, { backend: 'Runtype' }),
      result,
    ].filter((card) => card !== null);
    assert.equal(cards.length, 3);
    for (const card of cards) assert.deepEqual(checkBlocks(renderMessage(card).blocks), []);
    assert.match(JSON.stringify(renderMessage(renderCard(after(open), { backend: 'Runtype' })).blocks), / Expires /);
  });
});

describe('a form as a modal', () => {
  const anyForm: fc.Arbitrary<Form> = fc
    .record({
      title: word(200),
      about: word(6_000),
      label: word(4_000),
      hint: word(4_000),
      submit: word(200),
      required: fc.boolean(),
    })
    .map((parts) => formOf(buttonId, parts));

  test('fits Slack for any form', () => {
    fc.assert(
      fc.property(anyForm, (form) => {
        const view = renderForm(form, { channel: 'C0000000001', thread: '1700000000.000100' });
        assert.deepEqual(checkView(view), []);
        assert.equal(JSON.parse(view.private_metadata ?? '').aim, encodeButtonId(buttonId));
      }),
      RUNS,
    );
  });

  test('a notice fits, too', () => {
    fc.assert(
      fc.property(word(6_000), (text) => assert.deepEqual(checkView(renderNotice(text)), [])),
      RUNS,
    );
  });
});

function plain(text: string) {
  return { type: 'plain_text', text, emoji: false };
}

function bold(text: string) {
  return { type: 'text', text, style: { bold: true } };
}

function rich(...elements: object[]) {
  return { type: 'rich_text', elements };
}

/** Every text that Slack parses. */
function mrkdwnOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'type' in value && value.type === 'mrkdwn' && 'text' in value ? [String(value.text)] : [];
  return [...own, ...Object.values(value).flatMap(mrkdwnOf)];
}

test('a line of many short texts is shown to its end', () => {
  const parts = Array.from({ length: 24 }, (_, at) => (at % 8 === 0 ? { strong: `name ${at}` } : ` word ${at}`));
  const shown = JSON.stringify(renderMessage(cardOf({ status: parts })).blocks);
  assert.match(shown, /word 23/);
});

test('a notification has no emoji that a text names', () => {
  assert.equal(escapeMrkdwn(':white_check_mark: at 12:30:45, a: b'), '∶white_check_mark: at 12:30:45, a: b');
  assert.equal(escapeMrkdwn('<!channel> & :+1:'), '&lt;!channel&gt; &amp; ∶+1:');
});
