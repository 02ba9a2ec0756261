import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdsNumber, saysCard, secrecyOf, secrecyWithin } from '../../../src/core/mask/names.ts';

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
  for (const key of ['card', 'cardNumber', 'credit_card', 'PAN', 'cc', 'Kreditkarte', 'visa'])
    assert.ok(saysCard(key), key);
  for (const key of ['orderId', 'cardId', 'discard', 'company', 'account', 'cardinality'])
    assert.ok(!saysCard(key), key);
});
