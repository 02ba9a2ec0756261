import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTargetCheck } from '../../../../src/backends/inbox/callback/hosts.ts';

describe('a callback_url', () => {
  const check = createTargetCheck({ hosts: ['Hooks.Example.com', 'other.example.com:8443'], allowHttp: false });
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
    const off = createTargetCheck({ hosts: [], allowHttp: false });
    assert.match(off('https://hooks.example.com/') ?? '', /CALLBACK_HOSTS/);
  });
});
