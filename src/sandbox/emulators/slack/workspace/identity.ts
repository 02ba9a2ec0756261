/** Ids and credentials of the emulator's workspace and app. */
export const TEAM = Object.freeze({ id: 'T0000000001', domain: 'sandbox', name: 'Sandbox' });
export const APP_ID = 'A0000000001';
export const BOT = Object.freeze({ id: 'B0000000001', userId: 'U000000B0T1', name: 'countersign' });
export const BOT_TOKEN = 'xoxb-sandbox';
export const APP_TOKEN = 'xapp-sandbox';
export const SIGNING_SECRET = '5a4db0c5a4db0c5a4db0c5a4db0c5a4d';
/** The old verification token that every payload still carries. */
export const VERIFICATION_TOKEN = 'sandbox-verification';
