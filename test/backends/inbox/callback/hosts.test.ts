import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTargetCheck } from '../../../../src/backends/inbox/callback/hosts.ts';

describe('a callback_url', () => {
  const check = createTargetCheck({
    hosts: ['Hooks.Example.com', 'other.example.com:8443'],
    setting: 'CALLBACK_HOSTS',
    allowHttp: false,
  });
  for (const url of [
    'https://hooks.example.com/x?y=1',
    'https://HOOKS.example.com:443/',
    'https://other.example.com:8443/',
  ]) {
    test(`${url} may be called`, () => assert.equal(check(url), null));
  }
  const refused: [string, RegExp][] = [
    ['hooks.example.com', /not a valid address/],
    ['http://hooks.example.com/', /https/],
    ['ftp://hooks.example.com/', /https/],
    ['file:///etc/passwd', /https/],
    ['https://user:secret@hooks.example.com/', /password/],
    ['https://hooks.example.com@evil.example/', /password/],
    ['https://hooks.example.com/#x', /fragment/],
    ['https://hooks.example.com:8443/', /CALLBACK_HOSTS/],
    ['https://other.example.com/', /CALLBACK_HOSTS/],
    ['https://hooks.example.com./', /CALLBACK_HOSTS/],
    ['https://sub.hooks.example.com/', /CALLBACK_HOSTS/],
    ['https://hooks.example.com.evil.example/', /CALLBACK_HOSTS/],
    ['https://127.0.0.1/', /CALLBACK_HOSTS/],
    ['https://2130706433/', /CALLBACK_HOSTS/],
  ];
  for (const [url, words] of refused) test(`${url} may not`, () => assert.match(check(url) ?? '', words));

  test('without hosts, callbacks are disabled', () => {
    const off = createTargetCheck({ hosts: [], setting: 'CALLBACK_HOSTS', allowHttp: false });
    assert.match(off('https://hooks.example.com/') ?? '', /CALLBACK_HOSTS/);
  });
});

describe('a callback_url below a path', () => {
  const hosts = ['hooks.example.com/deploy/', 'hooks.example.com/ci/', 'other.example.com'];
  const check = createTargetCheck({ hosts, setting: 'the hosts of deploy', allowHttp: false });
  for (const url of [
    'https://hooks.example.com/deploy/',
    'https://hooks.example.com/deploy/x?to=/payout/../..',
    'https://hooks.example.com/ci/run%20one/7',
    'https://other.example.com/any/..%2fthing',
  ]) {
    test(`${url} may be called`, () => assert.equal(check(url), null));
  }
  for (const path of [
    '',
    '/',
    '/deploy',
    '/deployment/',
    '/payout/',
    '/Deploy/',
    '/deploy/../payout',
    '/deploy/%2e%2e/payout',
    '/deploy/.%2E/payout',
    '/deploy/..%2fpayout',
    '/deploy/..%5cpayout',
    '/deploy/..;/payout',
    '/deploy/x;y/../../payout',
    '/deploy/%252e%252e/payout',
    '/deploy/%2f..%2fpayout',
    '/deploy//payout',
    '/deploy/..\\payout',
    '/deploy/%00',
    '//hooks.example.com/deploy/',
    '/payout/?x=/deploy/',
  ]) {
    test(`https://hooks.example.com${path} may not`, () =>
      assert.match(
        check(`https://hooks.example.com${path}`) ?? '',
        /below \/deploy\/ or \/ci\/ \(the hosts of deploy\)/,
      ));
  }

  for (const entry of [
    'h.com/deploy',
    'h.com/a/?x',
    'h.com/a/#',
    'u@h.com/a/',
    'h.com/a%2f/',
    'h.com//a/',
    '/h.com/',
    'h.com/a/..%2f/',
  ]) {
    test(`${entry} is not a host`, () =>
      assert.throws(
        () => createTargetCheck({ hosts: [entry], setting: 'X', allowHttp: false }),
        /is not a valid host/,
      ));
  }
});
