import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { spanText } from '../../../../src/core/view/line-text.ts';
import { noveltyOf } from '../../../../src/core/view/precedents/novelty.ts';
import { noveltyLines } from '../../../../src/core/view/precedents/novelty-lines.ts';
import { after, announced, dana, pauseOf, pressed } from '../../../support/data/pauses.ts';

type Parameters = Record<string, unknown>;

function shown(now: Parameters, before: readonly Parameters[], more: Partial<Pause> = {}) {
  const pause = pauseOf({ parameters: now, ...more });
  const precedents = before.map((parameters, index) => ({
    id: `p${index}`,
    pause: pauseOf({ parameters, ...more }),
    decision: { actor: dana },
    settledAt: 500,
  }));
  return after(announced({ pause, novelty: noveltyOf(pause, precedents) }));
}

const linesOf = (...given: Given) => noveltyLines(shown(...given)).map((line) => line.map(spanText).join(''));
type Given = [now: Parameters, before: readonly Parameters[], more?: Partial<Pause>];

describe('a card says', () => {
  const cases: [string, Given, string[]][] = [
    [
      'that it is the first time',
      [{ amount: 5 }, []],
      ['🆕 First time: nothing was approved before for this tool and this asker.'],
    ],
    [
      'the only value that differs, before and now',
      [{ amount: 5000, order: 'A-1' }, [{ amount: 50, order: 'A-1' }]],
      [
        'Only amount differs from the last one approved: 50 → 5000.',
        '🆕 Amount 5000 is more than the one approved before (50).',
      ],
    ],
    [
      'a party and a host that were never approved',
      [
        { to: 'eve@example.com', note: 'b', url: 'https://evil.example/x' },
        [{ to: 'ana@example.com', note: 'a', url: 'https://pay.example/x' }],
      ],
      ['🆕 Not in the one approved before: to eve@example.com, the host evil.example.'],
    ],
    [
      'an amount above all before, and one in a new currency',
      [
        { amount: 6, a: 1 },
        [
          { amount: 2, a: 2 },
          { amount: 5, a: 3 },
        ],
      ],
      ['🆕 Amount 6 is more than any of the 2 approved before (at most 5).'],
    ],
    ['nothing, where nothing is new', [{ a: 1, b: 2 }, [{ a: 2, b: 3 }]], []],
    [
      'what is in words between quotation marks',
      [{ to: 'approved by security', a: 1 }, [{ to: 'ana', a: 2 }]],
      ['🆕 Not in the one approved before: to “approved by security”.'],
    ],
  ];
  for (const [name, given, expected] of cases)
    test(name, () => {
      assert.deepEqual(linesOf(...given), expected);
    });

  test('when the same was approved', () => {
    const [line] = noveltyLines(shown({ a: 1 }, [{ a: 1 }]));
    assert.deepEqual(line, ['The same was approved ', { at: 500, style: 'relative' }, '.']);
  });
});

describe('what is masked on a card', () => {
  test('is masked here, before and now', () => {
    const secret = 'sk_live_51H8abcdefghijklmnop';
    const text = linesOf({ password: 'hunter2hunter2', a: 1 }, [{ password: 'hunter3hunter3', a: 1 }]).join('\n');
    assert.match(text, /^Only password differs/);
    assert.ok(!text.includes('hunter2') && !text.includes('hunter3'), text);
    const note = linesOf({ note: secret }, [{ note: `${secret}x` }]).join('\n');
    assert.ok(!note.includes('sk_live_51H8'), note);
  });

  test('is not named where its backend hides it', () => {
    const lines = linesOf({ secretPlan: 'b', a: 1 }, [{ secretPlan: 'a', a: 1 }], { hidden: ['secretPlan'] });
    assert.deepEqual(lines, ['Only a hidden value differs from the last one approved.']);
  });
});

test('a decided card says nothing of it', () => {
  const open = shown({ a: 1 }, []);
  const context = { backend: 'Runtype' };
  assert.equal(renderCard(open, context).news?.length, 1);
  const pause = pauseOf({ parameters: { a: 1 } });
  const decided = after(announced({ pause, novelty: noveltyOf(pause, []) }), pressed());
  assert.equal(renderCard(decided, context).news, undefined);
});
