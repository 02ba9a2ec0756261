import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  holdsNumber,
  saysCard,
  saysName,
  saysValue,
  secrecyBehind,
  secrecyOf,
  secrecyWithin,
  strongest,
} from '../../../src/core/mask/names.ts';

test('a name says what its value is, in any case, number and form', () => {
  const secret =
    'clientSecret API-KEY api_keys x-api-key dbPassword password_hash githubToken APIToken SECRET_KEY_BASE cvv2 passwords otp_code newPassword password_new webhook_secret';
  for (const key of secret.split(' ')) assert.equal(secrecyOf(key), 'secret', key);
  const doubtful =
    'token session Authorization pin secret key cookie auth db_secret imagePullSecret stripe_customer_key';
  for (const key of doubtful.split(' ')) assert.equal(secrecyOf(key), 'doubtful', key);
  const plain =
    'tokenCount author secretary passenger keyboard class address status secretariat secretName accessKeyId passwordPolicy password_length password_hint max_token_count monkey';
  for (const key of plain.split(' ')) assert.equal(secrecyOf(key), 'plain', key);
});

test('a name that says what is done with a secret may hold whose it is', () => {
  for (const key of 'resetPassword ask-become-pass delete_api_keys nopassword generatePassword'.split(' '))
    assert.equal(secrecyOf(key), 'acting', key);
  assert.equal(strongest('plain', 'acting', 'doubtful'), 'acting');
});

test('an option takes the next word where its name does not say that it takes none', () => {
  const cases: [string, string][] = [
    ['--api-key', 'secret'],
    ['--otp', 'secret'],
    ['--token', 'doubtful'],
    ['--password', 'acting'],
    ['--db-pass', 'acting'],
    ['--access-keys', 'acting'],
    ['--no-password', 'plain'],
    ['--disabled-password', 'plain'],
    ['--rotate-token', 'plain'],
    ['--force', 'plain'],
  ];
  for (const [option, secrecy] of cases) assert.equal(secrecyBehind(option), secrecy, option);
});

test('a name beside a value', () => {
  assert.ok(saysName('Name') && saysName('header') && !saysName('title'));
  assert.ok(saysValue('Value') && !saysValue('amount'));
});

test('within a secret, its wrappers hold it, and other names are doubtful', () => {
  assert.equal(secrecyWithin('secret', 'value'), 'secret');
  assert.equal(secrecyWithin('secret', 'name'), 'doubtful');
  assert.equal(secrecyWithin('plain', 'value'), 'plain');
});

test('a number is a secret under few names', () => {
  for (const key of ['cvv', 'otp', 'password', 'dbPassword', 'ssn']) assert.ok(holdsNumber(key), key);
  for (const key of ['apiTokens', 'passwords', 'pass', 'apiKey', 'pin']) assert.ok(!holdsNumber(key), key);
});

test('some names are of a payment card', () => {
  for (const key of [
    'card',
    'cardNumber',
    'credit_card',
    'PAN',
    'cc',
    'Kreditkarte',
    'visa',
    'card_on_file',
    'cardValue',
    'cards',
  ])
    assert.ok(saysCard(key), key);
  for (const key of [
    'orderId',
    'cardId',
    'discard',
    'company',
    'account',
    'cardinality',
    'credit',
    'creditAmount',
    'visa_application',
    'cardLimit',
    'card number id',
  ])
    assert.ok(!saysCard(key), key);
});
