import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isReference, isToken, isWordy, looksSecret } from '../../../src/core/mask/token.ts';

describe('one token', () => {
  for (const text of [
    'x',
    'hunter2',
    'p@ss!#%^*_-.',
    'a,b',
    '$2b$12$KIXQ',
    'Zm9v/bar+baz==',
    'naïve',
    'a:b',
    '~/x?y',
  ]) {
    test(`is ${text}`, () => assert.ok(isToken(text)));
  }
  const others = [
    [
      '',
      'a b',
      'a\tb',
      'a\nb',
      '"a"',
      "a'b",
      'a`id`',
      'a;b',
      'a|sh',
      'a&b',
      'a>b',
      'a<b',
      '$(id)',
      `\${IFS}`,
      'a{b,c}',
      'f(x)',
    ],
    [
      'a[0]',
      'a\\nb',
      'rm%20-rf',
      'a%0ab',
      '1/**/OR/**/1',
      '删除所有',
      'a\u200bb',
      'a\u00a0b',
      "$'x'",
      'a\u2028b',
      '••••••',
    ],
  ].flat();
  for (const text of others) test(`is not ${JSON.stringify(text)}`, () => assert.ok(!isToken(text)));
});

describe('what looks like a secret', () => {
  const secrets = [
    'a1b2c3d4e5f6',
    '8f14e45fceea167a5a36dedd4bea2543',
    '9d272ec0f1b2a3c4d5e6f708192a3b4c5d6e7f80',
    `0x${'8f14e45fceea167a5a36dedd4bea2543'.repeat(2)}`,
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY'.slice(0, 40),
    'Zm9vYmFy+3Jhbm/kb20gYnl0ZXM5QQ==',
    'aB3-xY_9kLmN0pQr-S7tuv',
    'sess_9f8e7d6c5b4a3f2e1d',
    'JBSWY3DPEHPK3PXP',
    'kJhGfDsAqWxRtYvIoPzXcVbN',
  ];
  for (const text of secrets) test(text, () => assert.ok(looksSecret(text)));

  const facts = [
    ...[
      'USDC',
      'Monday2024',
      'getUserById2Token3',
      'INV2024001',
      'orders2024q1',
      'TABLE1_INDEX2',
      '560001',
      '2024-01-02',
    ],
    ...['reports/2024/q1-8f3a2b.csv', 'uploads/users/42/avatar_large.png', 'feature/login-2fa', 'prod/db/password'],
    ...['0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48', 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'],
    ...['USER#123', 'user:1234:profile', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod-AbCdEf'],
    ...['550e8400-e29b-41d4-a716-446655440000', '01ARZ3NDEKTSV4RRFFQ69G5FAV', 'cus_NffrFeUfNV2Hib'],
    ...['web-7d9f8b6c5-x2x4z', 'my-app-db-secret-v2', 'backup-2024-01-02T03.tar.gz', 'v1.2.3-beta.4', 'us-east-1'],
    ...['claude-sonnet-4-20250514', 'ORDER-2024-XK42', 'correct horse battery', 'a@b.test', 'abc'],
  ];
  for (const text of facts) test(`not ${text}`, () => assert.ok(!looksSecret(text)));

  test('is nearly every random text', () => {
    const letters = (alphabet: string, length: number) =>
      fc.noBias(fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length }));
    const base62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    for (const [alphabet, length] of [
      ['0123456789abcdef', 32],
      [base62, 32],
      [base62, 24],
      [`${base62}-_`, 43],
    ] as const) {
      const found = fc.sample(letters(alphabet, length), 400).filter(looksSecret).length;
      assert.ok(found >= 370, `${found} of 400 with ${alphabet.length} letters`);
    }
  });
});

test('a reference to a secret is a fact', () => {
  for (const text of [
    'prod/db/password',
    '/run/secrets/db',
    '~/.ssh/id_rsa',
    'arn:aws:x',
    'vault:kv/db',
    'op://vault/item',
    '$DB_PASSWORD',
    '%TOKEN%',
    '?',
    '%s',
    ':pw',
    'required',
    'null',
    '********',
  ])
    assert.ok(isReference(text), text);
  for (const text of ['hunter2', 'x', 'a', 'Xk9/pQ', '$ecret99', '%aB9%c', 'changeme', 'p@ss'])
    assert.ok(!isReference(text), text);
});

test('words run together are not random', () => {
  for (const text of ['delete-all-customers', 'ProductionCluster-west', 'customers_archive_table'])
    assert.ok(isWordy(text), text);
  for (const text of ['AAAAAAAAAAAAAAAA', 'ABABABABABAB', '123456789012-abcDEF', 'aB3xY9kLmN0pQrStuv'])
    assert.ok(!isWordy(text), text);
});
