/** Whether Slack takes the tokens, and what it says against one. Tested in test/platforms/slack/checkups/credentials.test.ts. */
import type { WebClient } from '@slack/web-api';
import { type Asked, networkFound } from '../../../core/ports/doctor/network.ts';
import type { Found } from '../../../core/ports/ports.ts';
import { slackErrorCode, toPlatformError } from '../api/errors.ts';
import { appIdIn } from '../inbound/our-app.ts';
import type { LookUps } from './look-ups.ts';

const COPY = 'Copy the Bot User OAuth Token (xoxb-…) from “OAuth & Permissions” of the Slack app into SLACK_BOT_TOKEN.';
const REINSTALL = `Install the app again (“Install App” of the Slack app). ${COPY}`;
const CREATE =
  'Create an app-level token with connections:write under “Basic Information” → “App-Level Tokens” of the Slack app, and set SLACK_APP_TOKEN to it.';

/** What Slack says against a bot's token, by its code. */
const botTokenProblems: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  invalid_auth: [
    'Slack does not know SLACK_BOT_TOKEN (invalid_auth).',
    `${COPY} If the workspace allows calls from some addresses only, add the one of this machine.`,
  ],
  not_authed: [
    'SLACK_BOT_TOKEN did not reach Slack (not_authed).',
    'Check that no proxy removes the header Authorization.',
  ],
  token_revoked: ['SLACK_BOT_TOKEN was revoked (token_revoked).', REINSTALL],
  account_inactive: [
    'The app was removed from the workspace, or its bot was deactivated (account_inactive).',
    REINSTALL,
  ],
  token_expired: [
    'SLACK_BOT_TOKEN has expired (token_expired): token rotation is on for this app.',
    'Rotation can’t be switched off again: create the app anew from manifest.yml, which leaves it off.',
  ],
  not_allowed_token_type: ['SLACK_BOT_TOKEN is a token of another kind (not_allowed_token_type).', COPY],
  team_access_not_granted: ['The app is not installed in this workspace (team_access_not_granted).', REINSTALL],
};

/** `slack.token`. */
export async function tokenFound(lookUps: LookUps, asked: Asked): Promise<Found[]> {
  const known = await lookUps.self();
  if (known.type === 'refused') return [refusedToken(known.error, asked)];
  const { bot_id: bot, team_id: team, is_enterprise_install: isOfOrganisation } = known.self;
  const where = 'SLACK_BOT_TOKEN';
  if (bot === undefined) {
    return [{ level: 'fault', what: 'SLACK_BOT_TOKEN is the token of a person, not of a bot.', remedy: COPY, where }];
  }
  if (team !== undefined && isOfOrganisation !== true) return [];
  const what = 'The app is installed in the whole organisation: its token names no workspace.';
  return [{ level: 'fault', what, remedy: `Install it in the workspace with the cards. ${COPY}`, where }];
}

function refusedToken(error: unknown, asked: Asked): Found {
  const unreachable = networkFound(error, asked);
  if (unreachable !== null) return unreachable;
  const code = slackErrorCode(error) ?? '';
  const known = Object.hasOwn(botTokenProblems, code) ? botTokenProblems[code] : undefined;
  if (known !== undefined) return { level: 'fault', what: known[0], remedy: known[1], where: 'SLACK_BOT_TOKEN' };
  return { level: 'fault', ...unexpected(error, asked) };
}

function unexpected(error: unknown, { url, urlSetting }: Asked): Omit<Found, 'level'> {
  const { message } = toPlatformError(error);
  return {
    what: `Slack did not answer as it should at ${url}: ${message}`,
    remedy: `Check ${urlSetting}, and a proxy if there is one; then run the doctor again.`,
    where: urlSetting,
  };
}

/** What Slack says against an app-level token. */
const appTokenProblems: Readonly<Record<string, string>> = {
  missing_scope: 'SLACK_APP_TOKEN lacks connections:write (missing_scope): no press would arrive.',
  no_permission: 'SLACK_APP_TOKEN lacks connections:write (no_permission): no press would arrive.',
  invalid_auth: 'Slack does not know SLACK_APP_TOKEN (invalid_auth).',
  token_revoked: 'SLACK_APP_TOKEN was revoked (token_revoked).',
  account_inactive: 'The app of SLACK_APP_TOKEN was deleted (account_inactive).',
  not_allowed_token_type: 'SLACK_APP_TOKEN is a token of another kind (not_allowed_token_type).',
};

/**
 * `slack.app_token`. Asks for the address of a connection and opens none.
 * @param appClient with the app-level token
 */
export async function appTokenFound(
  { appToken, appClient, client }: { appToken: string; appClient: WebClient; client: WebClient },
  lookUps: LookUps,
): Promise<Found[] | null> {
  const known = await lookUps.self();
  if (known.type === 'refused') return null;
  const where = 'SLACK_APP_TOKEN';
  try {
    await appClient.apps.connections.open({});
  } catch (error) {
    const code = slackErrorCode(error) ?? '';
    const what = Object.hasOwn(appTokenProblems, code) ? appTokenProblems[code] : undefined;
    if (what !== undefined) return [{ level: 'fault', what, remedy: CREATE, where }];
    throw toPlatformError(error);
  }
  const ofSocket = appIdIn(appToken);
  const ofBot = known.self.app_id ?? (await appOfBot(client, known.self.bot_id, lookUps));
  if (ofSocket === null || ofBot === null || ofSocket === ofBot) return [];
  const what = `SLACK_APP_TOKEN is of the app ${ofSocket} and SLACK_BOT_TOKEN of ${ofBot}: no press would arrive.`;
  return [{ level: 'fault', what, remedy: 'Copy both from the same app.', where }];
}

/** Null where nothing says it. */
async function appOfBot(client: WebClient, bot: string | undefined, lookUps: LookUps): Promise<string | null> {
  if (bot === undefined || !(await lookUps.may('users:read'))) return null;
  const { bot: found } = await client.bots.info({ bot });
  return found?.app_id ?? null;
}

/** Requests that came to the path of presses. */
export interface SeenRequests {
  signed: number;
  refused: number;
}

/** `slack.signing_secret`: as far as requests have come. */
export function signingFound({ signed, refused }: SeenRequests): Found[] {
  if (signed > 0 || refused === 0) return [];
  return [
    {
      level: 'warning',
      what: `None of ${refused} requests to /slack/events had a right signature since the start: they were not Slack’s, or SLACK_SIGNING_SECRET is another app’s, or this clock is wrong.`,
      remedy: 'Compare it with “Basic Information” → “App Credentials” of the Slack app, then press a button.',
      where: 'SLACK_SIGNING_SECRET',
    },
  ];
}
