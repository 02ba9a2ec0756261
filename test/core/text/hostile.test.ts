/** Input that once broke something in the core, each with the smallest form that did. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseResolvers } from '../../../src/backends/inbox/settings.ts';
import { approvalSchema } from '../../../src/core/approval/approval.ts';
import { createRedactor } from '../../../src/core/approval/pause/redact.ts';
import { MASK } from '../../../src/core/mask/mask.ts';
import { clip, clipMiddle } from '../../../src/core/text/clip.ts';
import { toJson } from '../../../src/core/text/json.ts';
import { parametersText } from '../../../src/core/text/parameters.ts';
import { reveal } from '../../../src/core/text/visible/reveal.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { after, announced, pauseOf } from '../../support/data/pauses.ts';
import { ids } from '../../support/ids.ts';

const wide = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, index]));

describe('parameters', () => {
  test('more than fit on the stack as arguments are still a card', () => {
    assert.equal(parametersText(wide(200_000)).split('\n').length, 200_000);
  });

  test('called __proto__ are kept by the store and stand on the card', () => {
    const parameters = JSON.parse('{"__proto__":{"path":"/"},"recursive":true}');
    const state = after(announced({ pause: pauseOf({ parameters }) }));
    const stored = approvalSchema.parse(JSON.parse(JSON.stringify(state)));
    assert.deepEqual(Object.keys(stored.pause.parameters), ['__proto__', 'recursive']);
    assert.match(renderCard(stored, { backend: 'Runtype' }).body?.text ?? '', /__proto__/);
  });

  test('that are no object are refused when a row is read back', () => {
    const state = after(announced());
    for (const parameters of [null, [], 'x', 7, undefined]) {
      assert.equal(approvalSchema.safeParse({ ...state, pause: { ...state.pause, parameters } }).success, false);
    }
  });

  test('nested deeper than the stack reaches have a JSON, cut off', () => {
    const deep = JSON.parse(`{"a":1,"b":${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
    assert.match(toJson(deep), /^\{"a":1,"b":\[{63}"… nested too deep/);
    assert.equal(toJson({ a: [1] }), '{"a":[1]}');
    assert.equal(toJson(undefined), 'null');
  });
});

describe('what the operator calls secret', () => {
  const { pause } = createRedactor({ keys: ['salary'], patterns: [/EMP-\d+/g] });
  const redacted = (parameters: Record<string, unknown>) => pause(pauseOf({ parameters })).parameters;

  test('is so with all that is in it', () => {
    assert.deepEqual(redacted({ salary: { amount: 5, parts: [{ base: 4 }] }, city: 'Rome' }), {
      salary: { amount: MASK, parts: [{ base: MASK }] },
      city: 'Rome',
    });
  });

  test('takes no other parameter’s place: two names that are blacked out are still two', () => {
    assert.deepEqual(redacted({ 'EMP-1': 'a', 'EMP-2': 'b' }), { [MASK]: 'a', [`${MASK} (2)`]: 'b' });
  });

  test('keeps no pause from being stored, however deep it is nested', () => {
    const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    assert.match(JSON.stringify(redacted({ deep })), /nested too deep/);
  });
});

test('a variation selector that varies nothing is made visible; emoji and keycaps stay whole', () => {
  assert.equal(reveal('pay\ufe0f 1\ufe0f0'), 'pay⟨U+FE0F⟩ 1⟨U+FE0F⟩0');
  assert.equal(reveal('👩🏽\u200d🚀'), '👩🏽\u200d🚀');
  assert.equal(reveal('☎\ufe0f 1\ufe0f\u20e3 ❤\ufe0f\u200d🔥'), '☎\ufe0f 1\ufe0f\u20e3 ❤\ufe0f\u200d🔥');
});

test('what is cut within an emoji keeps no joiner that joins nothing', () => {
  assert.equal(clip('ab👩\u200d🚀cd', 7), 'ab👩…');
  assert.equal(clip('ab👩\u200d🚀cd', 6), 'ab👩…');
  const { text, hidden } = clipMiddle(`${'x'.repeat(100)}🔥\ufe0f\u200d👩${'y'.repeat(10)}`, 78);
  assert.match(text, /hidden …\n👩y{10}$/);
  assert.equal(hidden, 100 - 18 + 4);
});

test('a resolver on a platform that is called like a method of objects is refused in our words', () => {
  for (const platform of ['constructor', 'valueof', 'nonsense']) {
    assert.throws(() => parseResolvers(`token=${platform}:U1`, ids), /entry 1 of 1 is not valid/);
  }
});
