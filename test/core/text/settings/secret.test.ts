import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { problemOfSecret, problemOfWebhookSecret } from '../../../../src/core/text/settings/secret.ts';
import { runs } from '../../../support/property.ts';

const webhook = (bytes: Uint8Array | string) => `whsec_${Buffer.from(bytes).toString('base64')}`;
const bytesOf = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });

describe('a secret of our own making', () => {
  const short = ['', 'z', 'zq7', 'a1b2c3d4e5f6g7h', '🔑'.repeat(15)];
  for (const secret of short) {
    test(`“${secret}” is too short, and the message says how to make one`, () => {
      const count = [...secret].length;
      const problem = problemOfSecret(secret) ?? '';
      assert.match(problem, new RegExp(`^has ${count} characters?, at least 16 are needed. Make one: openssl rand`));
    });
  }

  const guessable = [
    ...[
      'aaaaaaaaaaaaaaaa',
      '0000000000000000000000',
      'zq7zq7zq7zq7zq7zq7zq7zq7',
      'k3J9-xQ2m_k3J9-xQ2m',
      'abababababababababab',
    ],
    ...[
      '0123456789abcdef',
      'abcdefghijklmnopqrstuvwxyz',
      '12345678901234567890',
      '9876543210fedcba',
      'AbCdEfGhIjKlMnOpQrSt',
    ],
    ...['qwertyuiopasdfghjkl', '1qaz2wsx3edc4rfv', 'correct-correct-correct-correct'],
    ...[
      'ASK_TOKENS_ASK_TOKENS',
      'METRICS_TOKEN=METRICS_TOKEN',
      'resolve-tokens-resolve',
      'my-super-secret-token',
      'countersign-ask-token',
    ],
    ...[
      'changeme-changeme-changeme',
      'replace-this-with-a-token',
      'your-ask-token-here',
      'Passw0rd-Password-1',
      'test-token-123456789',
    ],
    ...[
      '00000000-0000-0000-0000-000000000000',
      'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx',
      '................',
      'p p p p p p p p p p',
    ],
  ];
  for (const secret of guessable) {
    test(`“${secret}” is easy to guess`, () =>
      assert.match(problemOfSecret(secret) ?? '', /^is easy to guess\. Make one/));
  }

  test('is accepted if a generator made it', () => {
    for (let round = 0; round < runs(2_000); round += 1) {
      const bytes = randomBytes(24);
      for (const secret of [
        bytes.toString('base64'),
        bytes.toString('hex'),
        randomBytes(16).toString('hex'),
        randomUUID(),
        randomBytes(18).toString('base64url'),
        'correct horse battery staple',
      ]) {
        assert.equal(problemOfSecret(secret), null, secret);
      }
    }
  });

  test('is never repeated in the message', () =>
    fc.assert(
      fc.property(fc.string({ minLength: 3, maxLength: 40 }), (secret) => {
        const problem = problemOfSecret(`§${secret}`);
        assert.ok(problem === null || !problem.includes(`§${secret}`));
      }),
      { numRuns: runs(200) },
    ));

  test('never becomes acceptable by writing it twice', () =>
    fc.assert(
      fc.property(fc.string({ maxLength: 24 }), fc.constantFrom('', '-', '_'), (secret, between) => {
        const isShort = secret.length < 11;
        if (isShort) assert.notEqual(problemOfSecret(`${secret}${between}${secret}${between}${secret}`), null);
      }),
      { numRuns: runs(500) },
    ));
});

describe('a secret of Standard Webhooks', () => {
  const refused: [string, string, RegExp][] = [
    ['of two bytes', 'whsec_AAA=', /^has 2 bytes, at least 24 are needed\. Make one: printf 'whsec_/],
    ['of one byte', 'whsec_AA==', /^has 1 byte, /],
    ['of 23 random bytes', webhook(randomBytes(23)), /^has 23 bytes, /],
    ['of nothing', 'whsec_', /^has 0 bytes, /],
    ['without its prefix', randomBytes(24).toString('base64'), /^is not a Standard Webhooks secret/],
    ['that is not base64', 'whsec_%%', /^is not a Standard Webhooks secret/],
    ['of zeros', webhook(Buffer.alloc(32)), /^is easy to guess/],
    ['of one letter', `whsec_${'A'.repeat(44)}`, /^is easy to guess/],
    ['that spells words', webhook('ingest-secret-ingest-secret'), /^is easy to guess/],
    ['that counts', webhook(Buffer.from(Array.from({ length: 32 }, (_, at) => at))), /^is easy to guess/],
    ['that the documentation prints', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', /^is easy to guess/],
  ];
  for (const [name, secret, reason] of refused) {
    test(`${name} is refused`, () => assert.match(problemOfWebhookSecret(secret) ?? '', reason));
  }

  test('of 24 random bytes or more is accepted', () =>
    fc.assert(
      fc.property(fc.integer({ min: 24, max: 80 }), (count) => {
        assert.equal(problemOfWebhookSecret(webhook(randomBytes(count))), null);
      }),
      { numRuns: runs(500) },
    ));

  test('of fewer is refused, whatever they are', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 23 }).chain(bytesOf), (bytes) => {
        assert.notEqual(problemOfWebhookSecret(webhook(bytes)), null);
      }),
      { numRuns: runs(300) },
    ));
});
