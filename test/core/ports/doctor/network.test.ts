import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { networkFound } from '../../../../src/core/ports/doctor/network.ts';

const asked = { title: 'Slack', url: 'https://slack.test/api/', urlSetting: 'SLACK_API_URL', hasProxy: false };

function withCode(code: string, message = 'failed'): Error {
  return Object.assign(new Error(message), { code });
}

describe('a call without an answer', () => {
  const cases: readonly (readonly [string, Error, RegExp, RegExp])[] = [
    ['a name', withCode('ENOTFOUND'), /name slack\.test was not found/, /getent hosts slack\.test/],
    ['a port', withCode('ECONNREFUSED'), /connection was refused/, /host and port of SLACK_API_URL/],
    ['the network', withCode('ENETUNREACH'), /no route to slack\.test/, /set HTTPS_PROXY/],
    ['a proxy', withCode('ERR_PROXY_TUNNEL'), /the proxy did not open/, /NO_PROXY/],
    ['a proxy’s password', withCode('ERR_PROXY_TUNNEL', 'got 407 instead'), /\(407\)/, /NAME:PASSWORD/],
    ['an own authority', withCode('SELF_SIGNED_CERT_IN_CHAIN'), /not signed by an authority/, /NODE_EXTRA_CA_CERTS/],
    ['an old certificate', withCode('CERT_HAS_EXPIRED'), /has expired/, /clock of this machine/],
    ['another name', withCode('ERR_TLS_CERT_ALTNAME_INVALID'), /another name than slack\.test/, /SLACK_API_URL/],
    ['no TLS', withCode('ERR_SSL_WRONG_VERSION_NUMBER'), /TLS handshake failed/, /speaks TLS/],
    ['silence', Object.assign(new Error('x'), { name: 'TimeoutError' }), /did not answer in time/, /drop packets/],
    ['a transport’s limit', new Error('no connection within 10 s'), /did not answer in time/, /drop packets/],
    ['a reset', withCode('ECONNRESET'), /broke off/, /Run the doctor again/],
  ];
  for (const [name, error, what, remedy] of cases) {
    test(`for ${name} has its own cause and remedy`, () => {
      const found = networkFound(error, asked) ?? assert.fail('nothing is found');
      assert.match(found.what, what);
      assert.match(found.remedy, remedy);
      assert.equal(found.where, 'SLACK_API_URL');
    });
  }

  test('is recognised within the errors of libraries', () => {
    const several = new AggregateError([withCode('X'), withCode('ECONNREFUSED')], 'all failed');
    const wrapped = Object.assign(new Error('request failed'), {
      original: new TypeError('fetch', { cause: several }),
    });
    assert.match(networkFound(new Error('outer', { cause: wrapped }), asked)?.what ?? '', /refused/);
  });

  test('behind a proxy, a refused connection is the proxy’s', () => {
    assert.match(networkFound(withCode('ECONNREFUSED'), { ...asked, hasProxy: true })?.remedy ?? '', /proxy .* runs/);
  });

  test('is not made of other errors, nor of errors without an end', () => {
    assert.equal(networkFound(new Error('invalid_auth'), asked), null);
    assert.equal(networkFound('text', asked), null);
    const loop = new Error('loop');
    loop.cause = loop;
    assert.equal(networkFound(loop, asked), null);
  });
});
