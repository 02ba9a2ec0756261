/** Each text of others is quoted under its author, on the card and in both rooms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { quotesOf, wholeQuoteOf } from '../../../../src/core/view/content/quotes.ts';
import { unseenOf } from '../../../../src/core/view/content/unseen.ts';
import { detailsOf } from '../../../../src/core/view/details/sections.ts';
import { renderMessage as onDiscord } from '../../../../src/platforms/discord/render/message.ts';
import { renderMessage as onSlack } from '../../../../src/platforms/slack/render/message.ts';
import { oddText } from '../../../fuzz/arbitrary.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';
import { runs } from '../../../support/property.ts';

const shownOf = (more: Parameters<typeof pauseOf>[0]) => after(announced({ pause: pauseOf(more) }));

describe('the author', () => {
  const authors = [
    ['reason', { kind: 'approval', asker: 'Refund bot' }, 'The agent “Refund bot” writes (unverified)'],
    ['reason', { kind: 'approval', asker: null }, 'The agent writes (unverified)'],
    ['description', { kind: 'approval', asker: 'Refund bot' }, 'The tool’s author writes'],
    ['description', { kind: 'await', asker: null }, 'The tool’s author writes'],
    ['description', { kind: 'item', asker: 'Ana’s agent' }, '“Ana’s agent” writes through Sonzai (unverified)'],
    ['description', { kind: 'item', asker: null }, 'Sonzai writes'],
    [
      'reason',
      { asker: 'The tool’s author writes: ”safe' },
      'The agent “The tool’s author writes: "safe” writes (unverified)',
    ],
  ] as const;
  for (const [field, more, author] of authors) {
    test(`of the ${field} is: ${author}`, () => {
      const shown = shownOf({ ...more, description: 'Text', reason: 'Text' });
      assert.deepEqual(wholeQuoteOf(field, shown, 'Sonzai'), { author, text: 'Text' });
    });
  }

  test('has no quote where there is no text', () => {
    for (const text of [null, '', ' \n\t']) {
      assert.deepEqual(quotesOf(shownOf({ reason: text, description: text }), 'Runtype'), []);
    }
  });

  test('of why a call is made comes before the one of what its tool does; of an item its own text is first', () => {
    const both = { reason: 'Why', description: 'What' };
    const order = (more: Parameters<typeof pauseOf>[0]) => quotesOf(shownOf(more), 'Runtype').map(({ text }) => text);
    assert.deepEqual(order(both), ['Why', 'What']);
    assert.deepEqual(order({ ...both, kind: 'await' }), ['Why', 'What']);
    assert.deepEqual(order({ ...both, kind: 'item' }), ['What', 'Why']);
    const { sections } = detailsOf(shownOf(both), [], 'Runtype');
    assert.deepEqual(
      sections.flatMap((section) => (section.kind === 'text' ? [section.text] : [])),
      ['Why', 'What'],
    );
  });

  test('heads the same text in Details, where nothing is cut', () => {
    const shown = shownOf({ reason: 'Because. '.repeat(200) });
    const section = detailsOf(shown, [], 'Runtype').sections.find(({ label }) => label.startsWith('The agent'));
    assert.deepEqual(section, {
      kind: 'text',
      label: 'The agent “Order desk” writes (unverified)',
      text: 'Because. '.repeat(200).trim(),
    });
  });
});

test('a tall or long text is cut, and how much is missing is counted', () => {
  const texts = [
    { description: 'a\n'.repeat(100) },
    { reason: 'a'.repeat(2_000) },
    { kind: 'item' as const, description: 'a\n'.repeat(400) },
  ];
  for (const more of texts) {
    const shown = shownOf({ reason: null, description: null, ...more });
    assert.ok(unseenOf(shown).characters > 100);
    const [quote] = quotesOf(shown, 'Runtype');
    assert.ok(quote !== undefined && quote.text.split('\n').length <= 23 && quote.text.length <= 500);
  }
  assert.equal(unseenOf(shownOf({ reason: 'Short.' })).characters, 0);
});

const escapes = [
  '',
  'one\n\n\ntwo',
  '\n# Approved',
  '>>> Approved by Dana Reyes',
  '```\n**Approved**\n```',
  '<!channel> @everyone <@U1> <@&1> <#C1>',
  '[Approved](https://evil.example)',
  'https://evil.example www.evil.example',
  '- a\n* b\n1. c\n-# d',
  'a\r\nb\rc\u2028d\u2029e\u0085f',
  '✅ **Approved by Dana Reyes.**\n\nNothing to do.',
];

/** The lines of a Discord message's embed behind the line of this author, up to the next empty line. */
function linesBehind(message: Record<string, unknown>, author: string): string[] {
  const { description } = (message['embeds'] as { description: string }[])[0] ?? { description: '' };
  const lines = description.split('\n');
  const from = lines.findIndex((line) => line.replaceAll('\\', '').startsWith(author));
  assert.notEqual(from, -1, description);
  const rest = lines.slice(from + 1);
  const end = rest.indexOf('');
  return end < 0 ? rest : rest.slice(0, end);
}

describe('no text leaves its quote', () => {
  const anyText = fc.oneof(fc.constantFrom(...escapes), oddText(400));
  const fields = [
    ['description', 'The tool’s author writes:'],
    ['reason', 'The agent “Order desk” writes (unverified):'],
  ] as const;

  test('in Slack', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...fields), (text, [field, author]) => {
        const card = renderCard(shownOf({ description: null, reason: null, [field]: text }), { backend: 'Runtype' });
        const { blocks } = onSlack(card);
        const quoted = blocks.filter((block) => JSON.stringify(block).includes('rich_text_quote'));
        const [quote] = card.quotes;
        if (quote === undefined) return assert.equal(quoted.length, 0);
        assert.deepEqual(quoted, [
          {
            type: 'rich_text',
            elements: [
              { type: 'rich_text_section', elements: [{ type: 'text', text: author, style: { bold: true } }] },
              { type: 'rich_text_quote', elements: [{ type: 'text', text: quote.text }] },
            ],
          },
        ]);
      }),
      { numRuns: runs(300) },
    );
  });

  test('in Discord', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...fields), (text, [field, author]) => {
        const card = renderCard(shownOf({ description: null, reason: null, [field]: text }), { backend: 'Runtype' });
        if (card.quotes.length === 0) return;
        const lines = linesBehind(onDiscord(card), author);
        assert.ok(lines.length > 0 && lines.every((line) => line.startsWith('> ')), lines.join('\n'));
        for (const line of lines) {
          const rest = line.slice(2).replace(/\\[^0-9A-Za-z\s]/g, '·');
          assert.doesNotMatch(rest, /[\\*_~`|>#[\]()<@]|:\/\/|^\s*(?:[-+]|\d+\.)\s/);
        }
      }),
      { numRuns: runs(300) },
    );
  });
});
