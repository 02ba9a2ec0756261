import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSigned, maybeSigned } from '../../../../src/core/ports/http/signed-webhook.ts';
import { slackSigning } from '../../../../src/platforms/slack/connection/signature.ts';

// The example of docs.slack.dev, “Verifying requests from Slack”.
const secret = slackSigning('8f742231b10e8888abcd99yyyzzz85a5');
const body = Buffer.from(
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
);
const headers = {
  'x-slack-request-timestamp': '1531420618',
  'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
};
const at = 1_531_420_618_000;

describe('Slack’s signature', () => {
  test('accepts Slack’s own example, up to five minutes before and after its time', () => {
    for (const offset of [0, 300_000, -300_000]) assert.equal(isSigned(secret, headers, body, at + offset), true);
    for (const offset of [300_001, -300_001]) assert.equal(isSigned(secret, headers, body, at + offset), false);
  });

  test('refuses another body, secret, time or signature', () => {
    const changed = Buffer.from(body);
    changed[0] = 0;
    assert.equal(isSigned(secret, headers, changed, at), false);
    assert.equal(isSigned(slackSigning('other'), headers, body, at), false);
    for (const more of [
      { 'x-slack-request-timestamp': '1531420619' },
      { 'x-slack-request-timestamp': 'soon' },
      { 'x-slack-request-timestamp': '' },
      { 'x-slack-signature': headers['x-slack-signature'].replace('v0=a', 'v0=b') },
      { 'x-slack-signature': '' },
      { 'x-slack-signature': `${headers['x-slack-signature']}0` },
    ]) {
      assert.equal(isSigned(secret, { ...headers, ...more }, body, at), false, JSON.stringify(more));
    }
    assert.equal(isSigned(secret, {}, body, at), false);
  });

  test('refuses by the headers alone what can’t be signed', () => {
    assert.equal(maybeSigned(secret, headers, at), true);
    assert.equal(maybeSigned(secret, headers, at + 300_001), false);
    for (const signature of [
      '',
      'v0=',
      'v0=a',
      `v1=${'a'.repeat(64)}`,
      `v0=${'A'.repeat(64)}`,
      `v0=${'a'.repeat(65)}`,
    ]) {
      assert.equal(maybeSigned(secret, { ...headers, 'x-slack-signature': signature }, at), false, signature);
    }
  });
});
