/** Slack’s signature of its HTTP requests (docs.slack.dev, “Verifying requests from Slack”). */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { Signing } from '../../../core/ports/http/signed-webhook.ts';

export function slackSigning(secret: string): Signing {
  // Made once: a text is turned into a key for each signature anew.
  const key = createSecretKey(secret, 'utf8');
  return {
    headers: { signature: 'x-slack-signature', time: 'x-slack-request-timestamp' },
    form: /^v0=[0-9a-f]{64}$/,
    verify(signature, time, bytes) {
      const given = Buffer.from(signature);
      const expected = Buffer.from(`v0=${createHmac('sha256', key).update(`v0:${time}:`).update(bytes).digest('hex')}`);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
