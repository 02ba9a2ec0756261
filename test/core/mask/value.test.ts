import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toolTitle } from '../../../src/core/approval/names.ts';
import { MASK } from '../../../src/core/mask/mask.ts';
import { maskText } from '../../../src/core/mask/text.ts';
import { maskValue } from '../../../src/core/mask/value.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { bare } from '../../support/masks.ts';

describe('secrets', () => {
  test('as the names of many keys are told apart one by one', () => {
    const keys = Array.from({ length: 500 }, (_, index) => `AKIA${String(index).padStart(16, 'A')}`);
    const note = `${MASK} 20 characters`;
    const { value, masks } = maskValue(Object.fromEntries(keys.map((key) => [key, key])));
    const names = Object.keys(value as object);
    assert.deepEqual([names[0], names[1], names.at(-1)], [note, `${note} (2)`, `${note} (500)`]);
    assert.equal(masks.length, 1_000);
  });

  test('are known behind a dash, too', () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl';
    assert.equal(bare(maskText(`token-${jwt} x-y-${jwt}`).value), `token-${MASK} x-y-${MASK}`);
  });

  test('in an object under a secret key are masked; the facts beside them are not', () => {
    const masked = (value: object) => bare(maskValue(value).value);
    assert.deepEqual(masked({ password: { value: 'hunter2', raw: ['hunter3'] } }), {
      password: { value: MASK, raw: [MASK] },
    });
    assert.deepEqual(masked({ secret: { name: 'billing', key: 'a1b2c3d4e5f6', data: { x: 'hunter' } } }), {
      secret: { name: 'billing', key: MASK, data: { x: 'hunter' } },
    });
    assert.deepEqual(masked({ token: { value: 'USDC' } }), { token: { value: 'USDC' } });
    assert.deepEqual(masked({ order: { value: 'hunter2' } }), { order: { value: 'hunter2' } });
  });

  test('behind two labels in a row, and beside other numbers, are masked', () => {
    assert.equal(bare(maskText('token: password: AAAAAAAA').value), `token: password: ${MASK}`);
    assert.equal(bare(maskText('token: "password":"AAAAAAAA"').value), `token: "password":"${MASK}"`);
    assert.equal(bare(maskText('card 9 4000000000000002 12/27').value), `card 9 ${MASK} 12/27`);
    assert.equal(bare(maskText('card 4000 0000 0000 0002 12/27 737').value), `card ${MASK} 12/27 737`);
    assert.equal(bare(maskText('card 1234 4000 0000 0000 0002').value), 'card 1234 4000 0000 0000 0002');
  });

  test('in a tool’s name are masked in its title, too', () => {
    const pause = pauseOf({ tool: 'sk_live_4eC39HqLyjWDarjtT1zdp7dc' });
    assert.equal(toolTitle(pause, 100), `Tool “${MASK} 32 characters”`);
    assert.equal(toolTitle(pauseOf(), 100), 'Refund order');
  });
});
