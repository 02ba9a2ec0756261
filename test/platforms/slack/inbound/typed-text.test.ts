import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { typedText } from '../../../../src/platforms/slack/inbound/typed-text.ts';
import { runs } from '../../../support/property.ts';

/** As Slack’s client does before it sends a text. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

test('whatever is typed is read back from its escaped form', () => {
  const piece = fc.constantFrom('&', '<', '>', '&lt;', '&amp;', '&amp;lt;', '<@U1>', ' a ', '|', '#', '@', '\n', 'é');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.array(piece).map((all) => all.join('')),
      ),
      (typed) => {
        assert.equal(typedText(escaped(typed)), typed);
      },
    ),
    { numRuns: runs(1_000) },
  );
});

test('a text that comes as it was typed stays so', () => {
  for (const typed of [
    'a < b & c',
    'Is *this* <ok>?',
    'x && y &lt; z',
    'if a > b',
    'AT&T',
    '<b>',
    '< @U1 >',
    'plain',
  ]) {
    assert.equal(typedText(typed), typed);
  }
});

for (const [sent, typed] of [
  ['ask <@U3X6DLBK9|troy> about it', 'ask @troy about it'],
  ['ask <@U3X6DLBK9>', 'ask @U3X6DLBK9'],
  ['in <#C012ABCDE|general> and <#C0PRIVATE|>', 'in #general and #C0PRIVATE'],
  ['<!here> <!channel|@channel> <!subteam^S012|@leads>', '@here @channel @leads'],
  ['see <https://a.example/?x=1&amp;y=2>', 'see https://a.example/?x=1&y=2'],
  ['see <http://a.example|a.example> and <http://b.example/p/|b.example/p>', 'see a.example and b.example/p'],
  ['<mailto:mara@a.example|mara@a.example>', 'mara@a.example'],
  ['<https://evil.example/x|bank.example>', 'bank.example (https://evil.example/x)'],
  ['a &lt; b &amp; <@U1|dana>', 'a < b & @dana'],
] as const) {
  test(`${sent} was typed as ${typed}`, () => assert.equal(typedText(sent), typed));
}

test('a long text takes no longer than its length', () => {
  const long = '<@'.repeat(200_000);
  assert.equal(typedText(long), long);
});
