import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { maskText } from '../../../src/core/mask/text.ts';
import { bare } from '../../support/masks.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl';
const random = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8';

describe('tokens by their shape', () => {
  const hidden: [string, string][] = [
    [jwt, '••••••'],
    [`x-${jwt}!`, 'x-••••••!'],
    [`${jwt}.${jwt.slice(3, 20)}.abc`, '••••••'],
    ['AKIAIOSFODNN7EXAMPLE.', '••••••.'],
    [`ghp_${random}`, '••••••'],
    [`github_pat_${random}`, '••••••'],
    [`glpat-${random.slice(0, 20)}`, '••••••'],
    [`npm_${random}`, '••••••'],
    ['xoxb-123456789012-abcDEF', '••••••'],
    [`${jwt.slice(0, 47)}.wire 99,999 EUR`, '••••••.wire 99,999 EUR'],
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', '••••••'],
    [`AIza${random}`, '••••••'],
    [`SG.${random}.${random}`, '••••••'],
    ['sk_live_4eC39HqLyjWDarjtT1zdp7dc', '••••••'],
    ['sk-ant-api03-abcDEF123456ghiJKL789', '••••••'],
    [`hooks.slack.com/services/T0001/B0001/${random}`, 'hooks.slack.com/services/••••••'],
    [`https://discord.com/api/webhooks/123/${random}`, 'https://discord.com/api/webhooks/••••••'],
    [`MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDE.${random.slice(0, 30)}`, '••••••'],
    [`110201543:AA${random.slice(0, 33)}`, '••••••'],
  ];
  for (const [text, masked] of hidden)
    test(`hidden: ${text.slice(0, 40)}`, () => assert.equal(bare(maskText(text).value), masked));

  const facts = [
    'xoxb-delete-all-the-customers',
    'pk_customer_orders_table',
    'cluster sk-west-region-cluster-production',
    'AKIAIOSFODNN7EXAMPLEANDMORE',
    'eyJhbGciOiJIUzI1NiJ9',
    'a.b.c',
    'uuid 5f0c2c1e-7d1b-4c55-9a36-0d9e5a1b7c10',
    'commit 9d272ec0f1b2a3c4d5e6f708192a3b4c5d6e7f80',
    'task-123456',
    'file 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  ];
  for (const text of facts) test(`a fact: ${text.slice(0, 40)}`, () => assert.equal(maskText(text).value, text));
});
