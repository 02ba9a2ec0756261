import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PermissionFlagsBits as Flags } from 'discord.js';
import type { DiscordEmulator } from '../../../../src/sandbox/emulators/discord/types.ts';
import { assertFound, lookAfter, only } from './support.ts';

/** Takes permissions from the bot in the channel. */
const deny = (bits: bigint) => (emulator: DiscordEmulator) => {
  const { botUserId: id, channel } = emulator;
  emulator.setOverwrites(channel, [{ id, type: 1, allow: '0', deny: String(bits) }]);
};

describe('a channel in which the bot lacks', () => {
  const cases: readonly (readonly [string, bigint, string, RegExp])[] = [
    ['View Channel', Flags.ViewChannel, 'fault', /can’t see the channel/],
    ['Send Messages', Flags.SendMessages, 'fault', /lacks “Send Messages” in #approvals .*: no card can be posted/],
    ['Embed Links', Flags.EmbedLinks, 'fault', /lacks “Embed Links”.*refused or arrive empty/],
    ['Read Message History', Flags.ReadMessageHistory, 'warning', /may be posted twice/],
    ['Create Public Threads', Flags.CreatePublicThreads, 'fault', /further cards of a run/],
    ['both for threads', Flags.CreatePublicThreads | Flags.SendMessagesInThreads, 'fault', /Threads” and “Send/],
  ];
  for (const [name, bits, level, what] of cases) {
    test(`${name} is one finding`, async () => {
      const { findings } = await lookAfter(deny(bits));
      assertFound(only(findings), { check: 'discord.rooms', level, what, remedy: /“Permissions”/ });
      assert.equal(only(findings).where, 'DISCORD_CHANNEL');
    });
  }
});

describe('a channel for alerts only', () => {
  test('needs no threads, and has to take messages', async () => {
    const wanted = ({ channel }: DiscordEmulator) => ({
      rooms: [{ room: channel, for: ['alerts'] as const, where: 'ALERTS' }],
      rules: [],
    });
    const threads = Flags.CreatePublicThreads | Flags.SendMessagesInThreads;
    assert.deepEqual((await lookAfter(deny(threads), { wanted })).findings, []);
    assert.match(only((await lookAfter(deny(Flags.SendMessages), { wanted })).findings).what, /Send Messages/);
  });
});

describe('a channel that', () => {
  test('was deleted is a fault', async () => {
    const { findings } = await lookAfter(({ deleteChannel, channel }) => deleteChannel(channel));
    assertFound(only(findings), {
      check: 'discord.rooms',
      level: 'fault',
      what: /no channel/,
      remedy: /Copy Channel ID/,
    });
  });

  test('is in a server without the bot is a fault', async () => {
    const { findings } = await lookAfter(({ leaveGuild }) => leaveGuild());
    assertFound(only(findings), {
      check: 'discord.rooms',
      level: 'fault',
      what: /not in the server/,
      remedy: /invitation/,
    });
  });

  for (const [type, what] of [
    [4, /is a category/],
    [16, /is a media channel/],
  ] as const) {
    test(`is of the type ${type} is a fault`, async () => {
      const { findings } = await lookAfter(() => {}, { emulated: { channels: [{ id: '77', name: 'group', type }] } });
      assertFound(only(findings), {
        check: 'discord.rooms',
        level: 'fault',
        what,
        remedy: /text, announcement or forum/,
      });
    });
  }

  test('is a forum or a thread needs what fits its kind', async () => {
    const forum = { id: '77', name: 'requests', type: 15 };
    const noThreads = (emulator: DiscordEmulator) =>
      emulator.setOverwrites('77', [
        { id: emulator.botUserId, type: 1, allow: '0', deny: String(Flags.CreatePublicThreads) },
      ]);
    assert.deepEqual((await lookAfter(noThreads, { emulated: { channels: [forum] } })).findings, []);
    const thread = { id: '88', name: 'one', type: 11, parentId: '77' };
    const channels = [thread, { id: '77', name: 'room', type: 0 }];
    const silent = (emulator: DiscordEmulator) =>
      emulator.setOverwrites('77', [
        { id: emulator.botUserId, type: 1, allow: '0', deny: String(Flags.SendMessagesInThreads) },
      ]);
    const { findings } = await lookAfter(silent, { emulated: { channels } });
    assertFound(only(findings), {
      check: 'discord.rooms',
      level: 'fault',
      what: /“Send Messages in Threads” in #one \(88\): no card can be posted/,
      remedy: /./,
    });
  });

  test('is in a server where the bot is an administrator is a warning', async () => {
    const { findings } = await lookAfter(({ setPermissions }) => setPermissions(String(Flags.Administrator)));
    assertFound(only(findings), {
      check: 'discord.rooms',
      level: 'warning',
      what: /is an administrator of the server Countersign Sandbox/,
      remedy: /six permissions/,
    });
  });
});
