import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { isSigned, SIGNED_WITHIN_MS } from '../../../../src/core/ports/http/signed-webhook.ts';
import { discordSigning } from '../../../../src/platforms/discord/endpoint/signature.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const hex = Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url').toString('hex');
const key = discordSigning(hex);
const NOW = 1_800_000_000_000;
const body = new TextEncoder().encode('{"type":1}');

function signed(at = NOW, text: Uint8Array = body): Record<string, string> {
  const stamp = String(Math.floor(at / 1_000));
  const signature = sign(null, Buffer.concat([Buffer.from(stamp), text]), privateKey).toString('hex');
  return { 'x-signature-ed25519': signature, 'x-signature-timestamp': stamp };
}

test('what Discord signed for this application is signed, within five minutes', () => {
  assert.equal(isSigned(key, signed(), body, NOW), true);
  assert.equal(isSigned(key, signed(NOW - SIGNED_WITHIN_MS), body, NOW), true);
  assert.equal(isSigned(key, signed(NOW + SIGNED_WITHIN_MS), body, NOW), true);
  assert.equal(isSigned(key, signed(NOW - SIGNED_WITHIN_MS - 1_000), body, NOW), false);
  assert.equal(isSigned(key, signed(NOW + SIGNED_WITHIN_MS + 1_000), body, NOW), false);
});

test('nothing else is: another key, another body, another time stamp, or headers that are none', () => {
  const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x;
  const otherKey = discordSigning(Buffer.from(String(other), 'base64url').toString('hex'));
  assert.equal(isSigned(otherKey, signed(), body, NOW), false);
  assert.equal(isSigned(key, signed(), new TextEncoder().encode('{"type":2}'), NOW), false);
  const headers = signed();
  const later = String(Number(headers['x-signature-timestamp']) + 1);
  assert.equal(isSigned(key, { ...headers, 'x-signature-timestamp': later }, body, NOW), false);
  for (const signature of ['', '00', `${'0'.repeat(127)}g`, '0'.repeat(128), `${headers['x-signature-ed25519']}00`]) {
    assert.equal(isSigned(key, { ...headers, 'x-signature-ed25519': signature }, body, NOW), false, signature);
  }
  for (const stamp of ['', 'now', '-1', '1e9', '1'.repeat(13)]) {
    assert.equal(isSigned(key, { ...headers, 'x-signature-timestamp': stamp }, body, NOW), false, stamp);
  }
});
