import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MASK } from '../../../src/core/mask/mask.ts';
import { secrecyOf } from '../../../src/core/mask/names.ts';
import { maskText } from '../../../src/core/mask/text.ts';
import { maskValue } from '../../../src/core/mask/value.ts';
import { bare } from '../../support/masks.ts';

describe('secrets', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl';
  const hidden: [string, string][] = [
    [`token is ${jwt}!`, `token is ${MASK}!`],
    ['key AKIAIOSFODNN7EXAMPLE.', `key ${MASK}.`],
    ['Authorization: Bearer abcdef0123456789', `Authorization: Bearer ${MASK}`],
    ['call it with api_key=s3cr3tvalue&x=1', `call it with api_key=${MASK}&x=1`],
    ['DB_PASSWORD=hunter22 next', `DB_PASSWORD=${MASK} next`],
    ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY', `AWS_SECRET_ACCESS_KEY=${MASK}`],
    ['{\\"password\\":\\"x1y2z3\\"}', `{\\"password\\":\\"${MASK}\\"}`],
    ['https://x.test/?token=a1b2c3d4e5&page=2', `https://x.test/?token=${MASK}&page=2`],
    ['postgres://app:hunter22@db/main', `postgres://app:${MASK}@db/main`],
    ['redis://:p@ss@cache:6379', `redis://:${MASK}@cache:6379`],
    ['key sk_live_4eC39HqLyjWDarjtT1zdp7dc', `key ${MASK}`],
    ['card 4111 1111 1111 1111 ok', `card ${MASK} ok`],
    ['card 1234 4111111111111111 2027 ok', `card 1234 ${MASK} 2027 ok`],
    ['IBAN DE89 3704 0044 0532 0130 00', `IBAN ${MASK}`],
    ['card 378282246310005 ok', `card ${MASK} ok`],
  ];
  for (const [text, masked] of hidden)
    test(`hidden: ${text.slice(0, 30)}`, () => assert.equal(bare(maskText(text).value), masked));

  const facts = [
    'order 4111 1111 1111 1112 ok',
    'channel 1234567890123456789',
    'at 1788256800000',
    'IBAN DE89 3704 0044 0532 0130 01',
    'order 2026-1000000997',
    '2026-11-22 2026-11-23',
    'uuid 5f0c2c1e-7d1b-4c55-9a36-0d9e5a1b7c10',
    'commit 9d272ec0f1b2a3c4d5e6f708192a3b4c5d6e7f80',
    'Basic understanding of the rules',
    'max_tokens=1500',
    'cluster sk-west-region-cluster-production',
    'http://host:8080/path?mail=a@b.test',
  ];
  for (const text of facts) test(`a fact: ${text.slice(0, 30)}`, () => assert.equal(maskText(text).value, text));

  test('sit under keys in any case, number and depth', () => {
    const secret =
      'clientSecret API-KEY api_keys x-api-key dbPassword password_hash githubToken APIToken SECRET_KEY_BASE cvv2 passwords otp_code';
    for (const key of secret.split(' ')) assert.equal(secrecyOf(key), 'secret', key);
    for (const key of 'token session Authorization pin'.split(' ')) assert.equal(secrecyOf(key), 'doubtful', key);
    const plain = 'tokenCount author secretary passenger keyboard class address status secretariat';
    for (const key of plain.split(' ')) assert.equal(secrecyOf(key), 'plain', key);
  });

  test('never take a fact with them', () => {
    const shown = (value: object) => bare(maskValue(value).value);
    for (const value of [
      { token: 'USDC' },
      { session: 'Board meeting' },
      { pin: '560001' },
      { auth: { amount: 900_000 } },
    ]) {
      assert.deepEqual(shown(value), value);
    }
    assert.deepEqual(shown({ token: 'a1b2c3d4e5f6' }), { token: MASK });
    assert.deepEqual(shown({ password: ['a', 'b'], secret: { user: 'x' } }), {
      password: [MASK, MASK],
      secret: { user: 'x' },
    });
    assert.deepEqual(shown({ card: 4111111111111111, id: 7 }), { card: MASK, id: 7 });
  });

  test('what the backend hides is hidden at the top only; what is masked stays apart', () => {
    const { value, masks, omitted } = maskValue({ a: [{ apiKey: 'x', to: 1 }], to: 't' }, ['to']);
    assert.deepEqual([bare(value), masks.length, omitted], [{ a: [{ apiKey: MASK, to: 1 }] }, 1, 1]);
    const keys = maskValue({ sk_live_4eC39HqLyjWDarjtT1: 'pay 1', sk_live_5fD49HqLyjWDarjtT2: 'pay 2' })
      .value as object;
    assert.deepEqual(Object.values(keys), ['pay 1', 'pay 2']);
  });

  test('are looked for in linear time', () => {
    // A guard against a frozen bot, not a measure: linear takes milliseconds, quadratic took a quarter of a minute.
    const long = 200_000;
    for (const text of ['\n', ' ', 'a', '1', 'password', '-----BEGIN ', '://a:', 'token: ', '4111 ']) {
      const before = performance.now();
      maskText(text.repeat(long / text.length));
      assert.ok(performance.now() - before < 2_000, JSON.stringify(text));
    }
  });
});
