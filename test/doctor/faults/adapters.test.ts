/** One fault at a time in Slack, in Discord and at the backends: each is found, alone, and nothing is changed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SlackUser } from '../../../src/sandbox/emulators/slack/types.ts';
import { webhookSecretOf } from '../../support/data/secrets.ts';
import type { Emulators } from '../../support/worlds/emulators.ts';
import { inDoctorWorld, linesOf } from '../world.ts';
import { alsoBy, findsOnly, type Plant } from './plant.ts';

const dana = 'U0REVIEW1';
const sam = 'U0REVIEW2';

function changeUser({ slack }: Emulators, id: string, change: Partial<SlackUser>): void {
  const user = slack.state().users.find((one) => one.id === id) ?? assert.fail(`there is no ${id}`);
  slack.addUser({ ...user, ...change });
}

const inSlack: readonly Plant[] = [
  {
    name: 'the bot’s token was revoked',
    plant: ({ emulators }) => emulators.slack.revokeToken(),
    check: 'slack.token',
    what: /SLACK_BOT_TOKEN was revoked/,
    remedy: /Install the app again/,
  },
  {
    name: 'the app was removed from the workspace',
    plant: ({ emulators }) => emulators.slack.revokeToken('account_inactive'),
    check: 'slack.token',
    what: /removed from the workspace/,
    remedy: /Install the app again/,
  },
  {
    name: 'the bot’s token is another app’s, or misspelt',
    plant: ({ settings }) => Object.assign(settings, { SLACK_BOT_TOKEN: 'xoxb-1-2-abcdefghijklmnop' }),
    check: 'slack.token',
    what: /does not know SLACK_BOT_TOKEN/,
    remedy: /OAuth & Permissions/,
  },
  {
    name: 'the address of Slack is wrong',
    plant: ({ settings }) => Object.assign(settings, { SLACK_API_URL: 'http://127.0.0.1:9/api/' }),
    check: 'slack.token',
    what: /Slack is unreachable at http:\/\/127\.0\.0\.1:9/,
    remedy: /SLACK_API_URL/,
  },
  {
    name: 'the app-level token lacks connections:write',
    plant: ({ emulators }) => emulators.slack.revokeAppScope(),
    check: 'slack.app_token',
    what: /lacks connections:write/,
    remedy: /App-Level Tokens/,
  },
  {
    name: 'a scope without which nothing is posted is missing',
    plant: ({ emulators }) => emulators.slack.revokeScope('chat:write'),
    check: 'slack.scopes',
    what: /lacks chat:write: no card can be posted/,
    remedy: /manifest\.yml/,
  },
  {
    name: 'a scope for finding lost cards is missing',
    plant: ({ emulators }) => emulators.slack.revokeScope('channels:history'),
    check: 'slack.scopes',
    level: 'warning',
    what: /lacks channels:history: .*posted twice/,
    remedy: /manifest\.yml/,
  },
  {
    name: 'the app may do more than it needs',
    plant: ({ emulators }) => emulators.slack.grantScope('files:write'),
    check: 'slack.scopes',
    level: 'warning',
    what: /does not use: files:write/,
    remedy: /Remove them/,
  },
  {
    name: 'a channel was archived',
    plant: ({ emulators: { slack } }) => slack.archiveChannel(slack.channel),
    check: 'slack.rooms',
    what: /is archived/,
    remedy: /Unarchive it/,
  },
  {
    name: 'the channel for alerts has no bot in it',
    plant: ({ emulators: { slack } }) => slack.removeBot('C0000000002'),
    check: 'slack.rooms',
    what: /The bot is not in #general/,
    remedy: /\/invite @Countersign/,
  },
  {
    name: 'a channel is shared with another organisation',
    plant: ({ emulators: { slack } }) => slack.shareChannel(slack.channel, 'organisation'),
    check: 'slack.rooms',
    level: 'warning',
    what: /Slack Connect/,
    remedy: /a channel of your own/,
  },
  {
    name: 'a channel is read-only',
    plant: ({ emulators: { slack } }) => slack.restrictChannel(slack.channel, 'read_only'),
    check: 'slack.rooms',
    what: /is read-only/,
    remedy: /Permissions/,
  },
  {
    name: 'a channel takes no replies',
    plant: ({ emulators: { slack } }) => slack.restrictChannel(slack.channel, 'non_threadable'),
    check: 'slack.rooms',
    level: 'warning',
    what: /takes no replies/,
    remedy: /Permissions/,
  },
  {
    name: 'a reviewer’s account is deactivated',
    plant: ({ emulators }) => changeUser(emulators, sam, { deleted: true }),
    check: 'slack.people',
    what: /Sam Okafor \(U0REVIEW2\) is deactivated/,
    remedy: /somebody else/,
  },
  {
    name: 'a reviewer belongs to another organisation',
    plant: ({ emulators }) =>
      changeUser(emulators, sam, { home: { teamId: 'T0000000009', enterpriseId: null, shownAs: 'host' } }),
    check: 'slack.people',
    what: /belongs to another organisation/,
    remedy: /of this workspace/,
  },
  {
    name: 'a reviewer is the user of another app',
    plant: ({ emulators }) => changeUser(emulators, sam, { bot: true }),
    check: 'slack.people',
    what: /is a bot/,
    remedy: /Copy member ID/,
  },
  {
    name: 'a reviewer is not in the private channel',
    plant: ({ emulators: { slack } }) => slack.setMembers(slack.channel, [dana], true),
    check: 'slack.readers',
    level: 'warning',
    what: /Sam Okafor .* reads none of the channels/,
    remedy: /Invite them to/,
  },
  {
    name: 'a user group was disabled',
    plant(world) {
      changeUser(world.emulators, dana, { groups: ['S0FINANCE9'] });
      world.emulators.slack.disableGroup('S0FINANCE9', true);
      alsoBy(world, 'slack:group:S0FINANCE9');
    },
    check: 'slack.groups',
    what: /is disabled/,
    remedy: /Enable it again/,
  },
  {
    name: 'a user group does not exist',
    plant: (world) => alsoBy(world, 'slack:group:S0NOBODY'),
    check: 'slack.groups',
    what: /no user group S0NOBODY/,
    remedy: /Copy group ID/,
  },
];

/** Bits of Discord's permissions. */
const EMBED_LINKS = 1 << 14;

const inDiscord: readonly Plant[] = [
  {
    name: 'the bot’s token was reset',
    plant: ({ emulators }) => emulators.discord.revokeToken(),
    check: 'discord.token',
    what: /does not accept DISCORD_TOKEN/,
    remedy: /Reset Token/,
  },
  {
    name: 'presses go to another address',
    plant: ({ emulators }) => emulators.discord.configure({ interactionsEndpointUrl: 'https://old.example.com/' }),
    check: 'discord.application',
    what: /sends presses to https:\/\/old\.example\.com\//,
    remedy: /Interactions Endpoint URL/,
  },
  {
    name: 'privileged intents are on',
    plant: ({ emulators }) => emulators.discord.configure({ intents: ['members'] }),
    check: 'discord.application',
    level: 'warning',
    what: /Server Members/,
    remedy: /Privileged Gateway Intents/,
  },
  {
    name: 'a channel was deleted',
    plant: ({ emulators: { discord } }) => discord.deleteChannel(discord.channel),
    check: 'discord.rooms',
    what: /There is no channel/,
    remedy: /Copy Channel ID/,
  },
  {
    name: 'the bot was removed from the server',
    plant: ({ emulators }) => emulators.discord.leaveGuild(),
    check: 'discord.rooms',
    what: /is not in the server/,
    remedy: /invitation/,
  },
  {
    name: 'the bot lacks a permission in the channel',
    plant: ({ emulators: { discord } }) =>
      discord.setOverwrites(discord.channel, [
        { id: discord.botUserId, type: 1, allow: '0', deny: String(EMBED_LINKS) },
      ]),
    check: 'discord.rooms',
    what: /lacks “Embed Links”/,
    remedy: /Edit Channel/,
  },
  {
    name: 'the invitation lacked the slash commands',
    plant: ({ emulators }) => emulators.discord.revokeCommandScope(),
    check: 'discord.commands',
    level: 'warning',
    what: /without applications\.commands/,
    remedy: /invitation/,
  },
  {
    name: 'a reviewer left the server',
    plant: ({ emulators }) => emulators.discord.removeUser('200000000000000002'),
    check: 'discord.people',
    what: /200000000000000002 is not a member/,
    remedy: /Copy User ID/,
  },
  {
    name: 'a role does not exist',
    plant: (world) => alsoBy(world, 'discord:role:4711'),
    check: 'discord.roles',
    what: /no role 4711/,
    remedy: /Copy Role ID/,
  },
];

const atBackends: readonly Plant[] = [
  {
    name: 'Runtype does not know the key',
    plant: ({ settings }) => Object.assign(settings, { RUNTYPE_API_KEY: 'rt_test_of_another_workspace' }),
    check: 'runtype.key',
    what: /does not accept RUNTYPE_API_KEY \(401/,
    remedy: /dashboard/,
  },
  {
    name: 'the name of Runtype’s host is misspelt',
    plant: ({ settings }) => Object.assign(settings, { RUNTYPE_API_URL: 'https://api.runtype.invalid' }),
    check: 'runtype.key',
    what: /the name api\.runtype\.invalid was not found/,
    remedy: /RUNTYPE_API_URL/,
  },
  {
    name: 'Sonzai’s token was revoked',
    plant: ({ emulators: { sonzai } }) => sonzai.revokeToken(sonzai.token),
    check: 'sonzai.key',
    what: /does not accept SONZAI_TOKEN \(401/,
    remedy: /SONZAI_TOKEN_COMMAND/,
  },
  {
    name: 'Sonzai’s fixed token will expire',
    plant: ({ emulators: { sonzai }, settings }) => Object.assign(settings, { SONZAI_TOKEN: sonzai.issueToken() }),
    check: 'sonzai.token_life',
    what: /SONZAI_TOKEN expires at/,
    remedy: /SONZAI_TOKEN_COMMAND/,
  },
  {
    name: 'HookPulse refuses the key',
    plant: ({ emulators: { hookpulse } }) => hookpulse.refuse(hookpulse.brandUuid),
    check: 'hookpulse.key',
    what: /HOOKPULSE_API_KEY \(401: Invalid API key\)/,
    remedy: /same order/,
  },
  {
    name: 'the key is another brand’s',
    plant: ({ settings }) => Object.assign(settings, { HOOKPULSE_BRAND_UUID: '00000000-0000-4000-8000-000000000000' }),
    check: 'hookpulse.key',
    what: /401: Invalid brand UUID/,
    remedy: /HOOKPULSE_BRAND_UUID/,
  },
  {
    name: 'the host of callbacks is misspelt',
    plant: ({ settings }) =>
      Object.assign(settings, { CALLBACK_HOSTS: 'hooks.invalid', CALLBACK_SECRET: webhookSecretOf('callback') }),
    check: 'inbox.callbacks',
    what: /hooks\.invalid: host name not found/,
    remedy: /spelling/,
  },
];

test('a user group and a role with members, and reviewers in a private channel, are sound', () =>
  inDoctorWorld(async (world) => {
    const { slack, discord } = world.emulators;
    changeUser(world.emulators, dana, { groups: ['S0FINANCE9'] });
    slack.setMembers(slack.channel, [dana, sam], true);
    const [first] = discord.state().users;
    if (first !== undefined) discord.addUser({ ...first, roles: ['4711'] });
    alsoBy(world, 'slack:group:S0FINANCE9, discord:role:4711');
    world.write();
    assert.deepEqual(linesOf(await world.look()), []);
  }));

for (const [where, plants] of [
  ['Slack', inSlack],
  ['Discord', inDiscord],
  ['the backends', atBackends],
] as const) {
  describe(`a fault at ${where} is the one finding`, () => {
    for (const one of plants) test(one.name, () => inDoctorWorld((world) => findsOnly(world, one)));
  });
}

describe('with a bot that runs', () => {
  test('what happens later is found there, and what it holds is not opened again', () =>
    inDoctorWorld(async (world) => {
      await world.start();
      const { slack, discord } = world.emulators;
      const calls = () => ({
        opened: slack.journal.entries.filter((one) => one.kind === 'call' && one.method === 'apps.connections.open')
          .length,
        posted: slack.writes().filter((method) => method !== 'views.publish'),
        written: discord.writes(),
        gateways: discord.state().connections,
      });
      const before = calls();
      slack.archiveChannel(slack.channel);
      const report = await world.look();
      assert.equal(report.source, 'bot');
      assert.match(linesOf(report).join('\n'), /^fault slack\.rooms: #\S+ \(\S+\) is archived\./);
      assert.deepEqual(calls(), before);
    }));
});
