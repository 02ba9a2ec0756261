/** Discord’s signature of its requests to the interactions endpoint (docs.discord.com, “Setting Up an Endpoint”). */
import { createPublicKey, verify } from 'node:crypto';
import type { Signing } from '../../../core/ports/http/signed-webhook.ts';

/** @param publicKey as the Developer Portal shows it: 64 hex digits */
export function discordSigning(publicKey: string): Signing {
  const x = Buffer.from(publicKey, 'hex').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return {
    headers: { signature: 'x-signature-ed25519', time: 'x-signature-timestamp' },
    form: /^[0-9a-f]{128}$/i,
    verify(signature, time, bytes) {
      const signed = Buffer.concat([Buffer.from(time), bytes]);
      return verify(null, signed, key, Buffer.from(signature, 'hex'));
    },
  };
}
