import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { toolTitle } from '../../../src/core/approval/names.ts';
import { isUnseenMask, MASK, SECRETS_MAX } from '../../../src/core/mask/mask.ts';
import { maskText } from '../../../src/core/mask/text.ts';
import { maskValue } from '../../../src/core/mask/value.ts';
import { parametersText } from '../../../src/core/text/parameters.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { bare } from '../../support/masks.ts';

describe('more secrets than are told apart', () => {
  const one = 'password=hunter2; ';
  const many = one.repeat(SECRETS_MAX + 20);

  test('of a text: the rest is one more, which has to be opened, and hides all that follows', () => {
    const { value, masks } = maskText(`${many}then pay Mallory`);
    const last = masks.at(-1);
    assert.equal(masks.length, SECRETS_MAX + 1);
    assert.deepEqual([last?.kind, last && isUnseenMask(last)], ['rest', true]);
    assert.match(value, /•{6} \d+ characters$/);
    assert.doesNotMatch(value, /hunter2|Mallory/);
    const { value: open } = maskText(`${many}then pay Mallory`, { revealed: new Set([last?.id ?? '']) });
    assert.match(open, /then pay Mallory$/);
  });

  test('of a value: each text and each name behind them is hidden, and has to be opened; numbers stay', () => {
    const { value, masks } = maskValue({ many, to: 'Mallory', amount: 99_999 });
    assert.deepEqual(Object.values(value as object).slice(1), [`${MASK} 7 characters`, 99_999]);
    const hidden = masks.filter(isUnseenMask);
    assert.deepEqual(hidden.map(({ kind, characters }) => [kind, characters]).slice(1), [
      ['rest', 'to'.length],
      ['rest', 'Mallory'.length],
      ['rest', 'amount'.length],
    ]);
  });

  test('an opened one changes no other', () => {
    const { masks } = maskValue({ many, to: 'Mallory' });
    const id = masks[3]?.id ?? '';
    const { value, masks: others } = maskValue({ many, to: 'Mallory' }, [], { revealed: new Set([id]) });
    assert.deepEqual(
      others,
      masks.filter((mask) => mask.id !== id),
    );
    assert.match(JSON.stringify(value), /hunter2/);
  });

  for (const [title, text] of [
    ['tokens', 'AKIA1234567890ABCDEF '],
    ['headers', 'Bearer x9-Yt4.QpLz8~vW2mKs7 '],
    ['addresses', 'postgres://bo:hunter2@db '],
    ['commands', 'mysql -phunter2x9 -u bo; '],
    ['cards', 'card 4111111111111111, '],
    ['accounts', 'DE89370400440532013000, '],
    ['redacted ones', '•••••• '],
  ] as const) {
    test(`also of ${title}: nothing behind them is shown`, () => {
      const { value, masks } = maskText(`${text.repeat(SECRETS_MAX + 2)}\nMallory`);
      assert.deepEqual([masks.length, masks.at(-1)?.kind], [SECRETS_MAX + 1, 'rest']);
      assert.doesNotMatch(value, /Mallory/);
    });
  }
});

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
    assert.deepEqual(masked({ password: ['-hunter2', { value: 'hunter3' }] }), { password: [MASK, { value: MASK }] });
    assert.deepEqual(masked({ password: { value: 'hunter2', raw: ['hunter3'] } }), {
      password: { value: MASK, raw: [MASK] },
    });
    assert.deepEqual(masked({ secret: { name: 'billing', key: 'a1b2c3d4e5f6', data: { x: 'hunter' } } }), {
      secret: { name: 'billing', key: MASK, data: { x: 'hunter' } },
    });
    assert.deepEqual(masked({ token: { value: 'USDC' } }), { token: { value: 'USDC' } });
    assert.deepEqual(masked({ order: { value: 'hunter2' } }), { order: { value: 'hunter2' } });
  });

  test('under the name that an object or a pair gives them are masked', () => {
    const masked = (value: object) => bare(maskValue(value).value);
    assert.deepEqual(masked([{ name: 'DB_PASSWORD', value: 'Hunter22!' }]), [{ name: 'DB_PASSWORD', value: MASK }]);
    assert.deepEqual(masked({ Value: 123_456, Key: 'otp' }), { Value: MASK, Key: 'otp' });
    assert.deepEqual(masked([['Authorization', '9f86d081884c7d659a2feaa0c55ad015']]), [['Authorization', MASK]]);
    assert.deepEqual(masked(['password', 'Hunter22!']), ['password', MASK]);
    assert.deepEqual(masked([['otp', 123_456]]), [['otp', MASK]]);
    assert.deepEqual(masked({ field: 'DB Password', newValue: 'x9' }), { field: 'DB Password', newValue: MASK });
    for (const fact of [
      { name: 'DB_HOST', value: 'Hunter22!' },
      { name: 'DB_PASSWORD', amount: 'Hunter22!' },
      ['passwords', 'orders'],
      ['reset-password', 'mallory@evil.example'],
      ['dropdb', '--no-password', 'production'],
      ['mysql', '--password', 'shop'],
      ['createdb', '--password', 'customers9'],
      { resetPassword: 'mallory@evil.example', password: 'password' },
    ])
      assert.deepEqual(masked(fact), fact);
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

describe('JSON that came as a text', () => {
  const shown = (value: object) => parametersText(maskValue(value).value);

  test('is shown and masked as the object it is, in the spelling of its numbers', () => {
    const args = JSON.stringify({ password: 'hunter2', to: 'Mallory' });
    assert.equal(
      shown({ args: `${args.slice(0, -1)},"amount":1.50,"id":1234567890123456789}` }),
      '{\n  "args": {\n    "password": "•••••• 7 characters",\n    "to": "Mallory",\n    "amount": 1.50,\n    "id": 1234567890123456789\n  } (sent as text)\n}',
    );
    assert.equal(shown({ list: '["a", {"b": 1}]' }), 'list: ["a", { "b": 1 }] (sent as text)');
    const within = JSON.stringify({ inner: JSON.stringify({ token: 'a1b2c3d4e5f6' }) });
    assert.doesNotMatch(shown({ within }), /a1b2/);
  });

  for (const text of [
    '12',
    '"a"',
    '{a: 1}',
    '{"a":1,"a":2}',
    '[1',
    ' not {"a":1}',
    `${'['.repeat(99)}${']'.repeat(99)}`,
  ]) {
    test(`stays a text: ${text.slice(0, 20)}`, () => {
      const { value } = maskValue({ text });
      assert.deepEqual(value, { text });
    });
  }
});

describe('a mask', () => {
  const value = {
    db: { password: 'hunter2', card: '4242 4242 4242 4242' },
    note: 'DB_PASSWORD=hunter2',
    argv: ['--api-key', 'x9'],
  };

  test('says where it is, under which name, and how much it hides', () => {
    const { masks } = maskValue(value);
    assert.deepEqual(
      masks.map(({ path, key, characters, lines, kind }) => [path.join('.'), key, characters, lines, kind]),
      [
        ['db.password', 'password', 7, 1, 'name'],
        ['db.card', 'card', 19, 1, 'card'],
        ['note', 'DB_PASSWORD', 7, 1, 'name'],
        ['argv', '--api-key', 2, 1, 'name'],
      ],
    );
    assert.equal(new Set(masks.map(({ id }) => id)).size, masks.length);
  });

  test('is opened by its id, and only it', () => {
    for (const { id } of maskValue(value).masks) {
      const opened = maskValue(value, [], { revealed: new Set([id]) });
      assert.deepEqual(
        opened.masks.map((mask) => mask.id),
        maskValue(value)
          .masks.map((mask) => mask.id)
          .filter((other) => other !== id),
      );
    }
    const all = new Set(maskValue(value).masks.map(({ id }) => id));
    assert.deepEqual(maskValue(value, [], { revealed: all }).value, value);
  });

  test('has to be opened where it hides more than 128 characters or one line', () => {
    const seen = (text: string) => maskText(text).masks.map(isUnseenMask);
    assert.deepEqual(seen(`password=${'a1'.repeat(64)}`), [false]);
    assert.deepEqual(seen(`password=${'a1'.repeat(64)}b`), [true]);
    assert.deepEqual(seen('•'.repeat(200)), [false]);
  });

  test('of ours reads unlike what an agent writes', () => {
    assert.equal(maskText('to •••••• 41 characters').value, 'to •••••• redacted 41 characters');
    assert.equal(maskText('card •••••• 4242').value, 'card •••••• redacted 4242');
    assert.equal(maskText('password=••••••').masks.length, 1);
  });

  test('depends on its own text and keys, not on what is elsewhere', () => {
    const text = fc.oneof(
      fc.constantFrom(
        'password=',
        'hunter2',
        '{"password":"x"}',
        'card',
        '4242424242424242',
        'a1b2c3d4e5f6',
        '••••••',
        '-----BEGIN PRIVATE KEY-----',
        'x y',
      ),
      fc.string({ maxLength: 20 }),
    );
    const key = fc.constantFrom('password', 'token', 'note', 'card', 'secret', 'a');
    fc.assert(
      fc.property(
        key,
        text,
        fc.dictionary(fc.constantFrom('x', 'y', 'card2', 'passwd', 'zz'), text, { maxKeys: 4 }),
        (name, own, others) => {
          const alone = maskValue({ [name]: own }).value as Record<string, unknown>;
          const among = maskValue({ ...others, [name]: own }).value as Record<string, unknown>;
          assert.deepEqual(among[name], alone[name]);
        },
      ),
    );
  });
});
