/** Ids and credentials of the emulator's workspace and app. */
import { randomBytes } from 'node:crypto';

export const TEAM = Object.freeze({ id: 'T0000000001', domain: 'sandbox', name: 'Sandbox' });
export const APP_ID = 'A0000000001';
export const BOT = Object.freeze({ id: 'B0000000001', userId: 'U000000B0T1', name: 'countersign' });

export interface Tokens {
  bot: string;
  app: string;
  /** Why the bot's token is refused; null: it is not. */
  revoked: string | null;
  /** Of the app-level token. */
  appScopes: Set<string>;
}

/** Each emulator has its own: a bot whose emulator is gone reconnects to its port, which may be another's by then. */
export function createTokens(): Tokens {
  const own = randomBytes(12).toString('hex');
  return {
    bot: `xoxb-sandbox-${own}`,
    app: `xapp-sandbox-${own}`,
    revoked: null,
    appScopes: new Set(['connections:write']),
  };
}

export const SIGNING_SECRET = '5a4db0c5a4db0c5a4db0c5a4db0c5a4d';
/** The old verification token that every payload still carries. */
export const VERIFICATION_TOKEN = 'sandbox-verification';
