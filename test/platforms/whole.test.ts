/** What the core gives to a card that can be approved in one press is shown whole in both rooms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { renderCard } from '../../src/core/view/cards/approval-card.ts';
import { renderMessage as onDiscord, renderLine } from '../../src/platforms/discord/render/message.ts';
import { renderMessage as onSlack } from '../../src/platforms/slack/render/message.ts';
import { after, announced, pauseOf } from '../support/data/pauses.ts';
import { runs } from '../support/property.ts';

/** Full of what one chat escapes, or what is long in its JSON. */
const marked = (max: number) =>
  fc.oneof(
    fc
      .tuple(
        fc.constantFrom('*', '_-', '"', '\\', '> x\n', '`', '(a) ', 'a.b-c ', '1. x\n', '字', 'word '),
        fc.nat(max),
      )
      .map(([unit, length]) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)),
    fc.string({ unit: fc.constantFrom('*', '-', '_', '"', '\\', '\n', '`', '(', ')', '.', 'a', ' '), maxLength: max }),
  );

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

describe('a card of any length and any marks', () => {
  test('is not cut once more by a room', () => {
    fc.assert(
      fc.property(
        fc.record({
          kind: fc.constantFrom('approval' as const, 'item' as const),
          tool: marked(90).map((text) => `t${text}`),
          asker: fc.option(marked(90)),
          description: fc.option(marked(1_100)),
          reason: fc.option(marked(600)),
          contact: fc
            .option(fc.record({ name: marked(90), id: marked(70) }), { nil: undefined })
            .map((contact) => contact),
          repeated: fc.array(marked(60), { maxLength: 9 }),
          hidden: fc.array(marked(40), { maxLength: 5 }),
          parameters: fc.dictionary(marked(10), marked(1_400), { maxKeys: 4 }),
        }),
        (pause) => {
          const card = renderCard(after(announced({ pause: pauseOf(pause) })), { backend: 'Runtype' });
          const slack = textsIn(onSlack(card).blocks).join('');
          const given = [card.body?.text ?? '', ...card.quotes.map(({ text }) => text)];
          for (const text of given) assert.ok(slack.includes(text), `Slack cut ${text}`);
          const embed = JSON.stringify(onDiscord(card)['embeds']);
          assert.doesNotMatch(embed, /don’t fit/);
          const names = card.asker === null ? '' : renderLine(card.asker, 9_999);
          assert.ok(
            textsIn(onDiscord(card)).some((text) => text.includes(names)),
            `Discord cut ${names}`,
          );
          const warnings = textsIn(onDiscord(card)).join('').match(/^⚠️ /gm)?.length ?? 0;
          const backticks = embed.includes('Backticks are shown as') ? 1 : 0;
          assert.equal(warnings - backticks, card.cautions.length, 'Discord shows each caution');
          const cuts = (text: string) => text.match(/… [\d,]+ characters hidden …/g)?.length ?? 0;
          assert.equal(cuts(embed), cuts([...given, ...card.cautions].join('')), embed);
        },
      ),
      { numRuns: runs(400) },
    );
  });
});
