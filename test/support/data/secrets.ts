/** Secrets that the settings accept, the same in each run. */
import { createHash } from 'node:crypto';

const bytesOf = (name: string) => createHash('sha256').update(name).digest();

/** @param name what the secret is for */
export const secretOf = (name: string): string => bytesOf(name).toString('base64url');

/** For Standard Webhooks. */
export const webhookSecretOf = (name: string): string => `whsec_${bytesOf(name).toString('base64')}`;
