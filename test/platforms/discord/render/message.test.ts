import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { actions } from '../../../../src/core/approval/pause/pause.ts';
import { encodeButtonId } from '../../../../src/core/view/button-id.ts';
import type { Button, Card, Line } from '../../../../src/core/view/card.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import type { Form } from '../../../../src/core/view/forms/decision-form.ts';
import { codeBlock, escapeMarkdown } from '../../../../src/platforms/discord/render/markdown.ts';
import { renderMessage } from '../../../../src/platforms/discord/render/message.ts';
import { renderAnswer } from '../../../../src/platforms/discord/render/reply.ts';
import { loadBodyChecks } from '../../../../src/sandbox/emulators/discord/checks/body.ts';
import { formOf } from '../../../support/data/forms.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';
import { anyCodePoint } from '../../../support/property.ts';
import { cardOf } from '../support.ts';

const checks = await loadBodyChecks();

/** Letters, markup characters, and characters that are hard to cut. */
const nasty = fc.constantFrom(
  ...[
    'a',
    'B',
    '7',
    '.',
    ' ',
    '\n',
    '*',
    '_',
    '~',
    '`',
    '```',
    '|',
    '>',
    '#',
    '-',
    '+',
    '[',
    ']',
    '(',
    ')',
    ':',
    '<',
    '@',
  ],
  ...[
    '\\',
    'https://evil.example',
    '<@1>',
    '<t:1:R>',
    '@everyone',
    '<:x:1>',
    '1. ',
    '-# ',
    '👩‍👩‍👧',
    '𝒳',
    'é',
    '⟨U+202E⟩',
  ],
);
const text = (maxLength: number) =>
  fc.oneof(
    fc.string({ unit: nasty, maxLength }),
    fc.string({ unit: anyCodePoint, maxLength: 40 }),
    fc.constantFrom('*', 'word ', '`', '\n').map((unit) => unit.repeat(maxLength)),
  );
const span = fc.oneof(
  text(300),
  text(300).map((strong) => ({ strong })),
  text(100).map((code) => ({ code })),
  fc.record({ at: fc.integer({ min: 0, max: 4e12 }), style: fc.constantFrom('relative' as const, 'time' as const) }),
);
const line: fc.Arbitrary<Line> = fc.array(span, { maxLength: 5 });
const button: fc.Arbitrary<Button> = fc.record({
  id: fc
    .uuid()
    .chain((approvalId) =>
      fc.constantFrom(...actions).map((action) => encodeButtonId({ approvalId, action, fingerprint: 'digest_123' })),
    ),
  action: fc.constantFrom(...actions),
  label: text(120).filter((label) => label.trim() !== ''),
  style: fc.constantFrom('primary', 'danger', 'plain'),
});
const labelled = (max: number) => fc.option(fc.record({ label: text(80), text: text(max) }));
const quoted = (max: number) => fc.record({ author: text(80), text: text(max) });
const anyCard: fc.Arbitrary<Card> = fc.record({
  tone: fc.constantFrom('open', 'pending', 'good', 'bad', 'neutral', 'warning'),
  title: text(300),
  summary: text(600),
  status: line,
  asker: fc.option(line),
  quotes: fc.array(quoted(1_000), { maxLength: 3 }),
  body: labelled(5_000),
  cautions: fc.array(text(200), { maxLength: 6 }),
  remark: labelled(1_500),
  consequences: fc.array(line, { maxLength: 5 }),
  footer: fc.array(line, { maxLength: 3 }),
  buttons: fc.uniqueArray(button, { maxLength: 30, selector: ({ id }) => id }),
});

type Embed = { title: string; description?: string };

function embedOf(card: Card): Embed {
  return (renderMessage(card)['embeds'] as Embed[])[0] ?? { title: '' };
}

/** Escaped text as a reader sees it. */
function asSeen(escaped: string): string {
  return escaped.replace(/\\([^0-9A-Za-z\s])/g, '$1');
}

test('Discord accepts any card', () => {
  fc.assert(
    fc.property(anyCard, (card) => {
      const body = renderMessage(card);
      checks.newMessage({ ...body, nonce: 'n', enforce_nonce: true });
      checks.messageEdit(body, 0);
    }),
    { numRuns: 300 },
  );
});

test('a card contains no markup but our own', () => {
  const words = fc.record({ ...cardTexts(), status: fc.tuple(text(300), text(50)), asker: fc.tuple(text(100)) });
  fc.assert(
    fc.property(words, (texts) => {
      const { title, description = '' } = embedOf(cardOf({ ...texts, summary: texts.title }));
      const parts = description.split('```');
      assert.ok(parts.length === 1 || parts.length === 3, 'at most one code block');
      for (const shown of [title, parts[0] ?? '', parts[2] ?? '']) {
        const bare = shown
          .replace(/\\[^0-9A-Za-z\s]/g, 'x')
          .replace(/^(> |-# )/gm, '')
          .replace(/^\*\*(Parameters|Reason)\*\*$|:$/gm, '$1');
        assert.doesNotMatch(bare, /[\\*_~`|>#+\-[\]():<@]/);
        assert.doesNotMatch(bare, /^[ \t]*\d+\./m);
      }
    }),
    { numRuns: 300 },
  );
});

function cardTexts() {
  return {
    title: text(120),
    description: quoted(300),
    reason: quoted(500),
    body: fc.option(fc.record({ label: fc.constant('Parameters'), text: text(2_400) })),
    cautions: fc.array(text(60), { maxLength: 3 }),
    remark: fc.option(fc.record({ label: fc.constant('Reason'), text: text(800) })),
    footer: fc.tuple(fc.tuple(text(80))),
  };
}

test('a reader sees escaped text unchanged', () => {
  fc.assert(fc.property(fc.string({ unit: nasty }), (given) => asSeen(escapeMarkdown(given)) === given));
});

test('code stays in its block, unchanged except for backticks', () => {
  fc.assert(
    fc.property(fc.string({ unit: nasty }), (given) => {
      const inside = codeBlock(given).slice(4, -4);
      assert.ok(!inside.includes('```'));
      assert.equal(inside.length, given.length);
      assert.equal(inside.replaceAll('ˋ', '`'), given.replaceAll('ˋ', '`'));
    }),
  );
  const { description = '' } = embedOf(cardOf({ body: { label: 'Parameters', text: 'sql: ```\n# Approved' } }));
  assert.match(description, /sql: ˋˋˋ\n# Approved\n```\n⚠️ Backticks are shown as ˋ/);
});

test('parameters keep their length next to texts of punctuation, and a cut is shown', () => {
  const stuffed = {
    status: ['~'.repeat(500)],
    quotes: [
      { author: ']'.repeat(110), text: '_'.repeat(500) },
      { author: '['.repeat(110), text: '*'.repeat(300) },
    ],
    asker: ['|'.repeat(160)],
    cautions: ['#'.repeat(200)],
    footer: [['>'.repeat(200)]],
  };
  const { description = '' } = embedOf(cardOf({ ...stuffed, body: { label: 'Parameters', text: 'p'.repeat(2_400) } }));
  const shown = (description.match(/p{4,}/g) ?? []).join('').length;
  assert.ok(shown >= 1_500, `${shown}`);
  const hidden = Number(/⚠️ ([\d,]+) more characters/.exec(description)?.[1]?.replace(',', ''));
  assert.equal(shown + hidden, 2_400);
  const ordinary = cardOf({
    quotes: [{ author: 'It writes', text: 'Because. '.repeat(55) }],
    body: { label: 'Parameters', text: 'p'.repeat(2_400) },
  });
  assert.ok(embedOf(ordinary).description?.includes('p'.repeat(2_400)));
});

test('a card as JSON', () => {
  const approval = after(
    announced({
      pause: pauseOf({
        reason: 'They asked.\nSee https://evil.example and **hurry**, @everyone',
        parameters: { orderId: 'A-1009', api_key: 'sk_live_123456' },
        deadline: 1_790_000_000_000,
      }),
    }),
  );
  assert.deepEqual(renderMessage(renderCard(approval, { backend: 'Runtype' })), {
    content: 'Refund order A\\-1009\\: Needs a decision. Expires 20,718 days after it was asked.',
    embeds: [
      {
        title: '⏳ Refund order A\\-1009',
        color: 0x5865f2,
        description: [
          '**Needs a decision.** Expires <t:1790000000:R>\\.',
          '**“Order desk”** wants to run `refund_order`',
          '',
          'The agent “Order desk” writes \\(unverified\\):',
          '> They asked.',
          '> See https\\://evil.example and \\*\\*hurry\\*\\*, \\@everyone',
          '',
          'The tool’s author writes:',
          '> Refund an order by id',
          '',
          '**Parameters**',
          '```',
          ...renderedParameters(approval),
          '```',
          '⚠️ 1 secret value is masked',
          '',
          '-# Runtype · asked <t:1:R> · in Slack and Discord',
        ].join('\n'),
      },
    ],
    components: [
      {
        type: 1,
        components: [
          { type: 2, style: 3, label: 'Approve', custom_id: 'cs2.ap1.a.d1' },
          { type: 2, style: 4, label: 'Reject', custom_id: 'cs2.ap1.r.d1' },
          { type: 2, style: 2, label: 'Take over', custom_id: 'cs2.ap1.t.d1' },
          { type: 2, style: 2, label: 'Details', custom_id: 'cs2.ap1.d.0' },
        ],
      },
    ],
    allowed_mentions: { parse: [] },
  });
});

/** The core formats the parameters. */
function renderedParameters(approval: Parameters<typeof renderCard>[0]): string[] {
  return renderCard(approval, { backend: 'Runtype' }).body?.text.split('\n') ?? [];
}

test('Discord accepts any form and any refusal', () => {
  const anyForm: fc.Arbitrary<Form> = fc
    .record({
      title: fc.string({ unit: nasty, minLength: 1, maxLength: 90 }),
      about: text(6_000),
      label: fc.string({ unit: nasty, minLength: 1, maxLength: 90 }),
      hint: text(200),
      submit: fc.constant('Send'),
      required: fc.boolean(),
    })
    .map((parts) => formOf({ approvalId: 'ap1', action: 'reject', fingerprint: 'd1' }, parts));
  fc.assert(
    fc.property(anyForm, text(3_000), text(2_500), (form, written, reason) => {
      const button = { written: null, fromMessage: true, fromPrivate: false, page: 0 };
      checks.modal(renderAnswer({ type: 'form', form }, button).body['data'] as Record<string, unknown>);
      for (const answer of [{ type: 'refused', text: `No. ${reason}` } as const, { type: 'form', form } as const]) {
        const { body: callback } = renderAnswer(answer, { ...button, written });
        assert.equal(callback['type'], 4);
        checks.reply(callback['data'] as Record<string, unknown>);
      }
    }),
    { numRuns: 200 },
  );
  const written = { written: 'x', fromMessage: true, fromPrivate: false, page: 0 };
  assert.deepEqual(renderAnswer({ type: 'accepted' }, written).body, { type: 6 });
  assert.equal(renderAnswer({ type: 'accepted' }, { ...written, fromMessage: false }).body['type'], 4);
});

test('an invitation is text, with and without https', () => {
  for (const text of ['discord.gg/abc', 'Discord.com/invite/abc', 'https://discordapp.com/invite/abc']) {
    assert.doesNotMatch(escapeMarkdown(text), /discord(?:app)?\./i);
    assert.equal(asSeen(escapeMarkdown(text)), text);
  }
});
