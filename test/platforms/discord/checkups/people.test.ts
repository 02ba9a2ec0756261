import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PermissionFlagsBits as Flags } from 'discord.js';
import type { DiscordEmulator } from '../../../../src/sandbox/emulators/discord/types.ts';
import { assertFound, decider, lookAfter, only, peopleIn } from './support.ts';

describe('a reviewer who', () => {
  test('has left the server is a fault', async () => {
    const { findings } = await lookAfter((emulator) => emulator.removeUser(peopleIn(emulator).jonas));
    assertFound(only(findings), {
      check: 'discord.people',
      level: 'fault',
      what: /not a member of the server Countersign Sandbox/,
      remedy: /Copy User ID/,
    });
  });

  test('is a bot is a fault', async () => {
    const { findings } = await lookAfter((emulator) => {
      const { jonas, reviewers } = peopleIn(emulator);
      emulator.addUser({ id: jonas, username: 'jonas', globalName: 'Jonas Weber', roles: [reviewers], bot: true });
    });
    assertFound(only(findings), { check: 'discord.people', level: 'fault', what: /is a bot/, remedy: /person/ });
  });

  test('can’t view the channel is a warning', async () => {
    const { findings } = await lookAfter((emulator) => {
      const { guildId, botUserId, channel } = emulator;
      const view = String(Flags.ViewChannel);
      emulator.setOverwrites(channel, [
        { id: guildId, type: 0, allow: '0', deny: view },
        { id: botUserId, type: 1, allow: view, deny: '0' },
      ]);
    });
    assertFound(only(findings), {
      check: 'discord.readers',
      level: 'warning',
      what: /Jonas Weber \(\d+\) may decide, and can view none/,
      remedy: /View Channel/,
    });
  });
});

describe('a role that', () => {
  const byRole = (id: (emulator: DiscordEmulator) => string) => (emulator: DiscordEmulator) => ({
    people: [decider('role', id(emulator))],
    rules: [],
  });

  test('does not exist, is an integration’s, or is everyone’s is a fault', async () => {
    const missing = await lookAfter(() => {}, { wanted: byRole(() => '4711') });
    assertFound(only(missing.findings), {
      check: 'discord.roles',
      level: 'fault',
      what: /no role 4711/,
      remedy: /Copy Role ID/,
    });
    const managed = await lookAfter((emulator) => emulator.manageRole(peopleIn(emulator).reviewers));
    assertFound(only(managed.findings), {
      check: 'discord.roles',
      level: 'fault',
      what: /integration/,
      remedy: /role/,
    });
    const everyone = await lookAfter(() => {}, { wanted: byRole(({ guildId }) => guildId) });
    assertFound(only(everyone.findings), { check: 'discord.roles', level: 'fault', what: /@everyone/, remedy: /role/ });
  });

  test('has no members is a warning, and a fault where no one else decides', async () => {
    const leave = (emulator: DiscordEmulator) => {
      for (const user of emulator.state().users) emulator.addUser({ ...user, roles: [] });
    };
    const emulated = { roles: [{ id: '4711', name: 'Nobody' }] };
    const both = await lookAfter(leave, {
      emulated,
      wanted: (emulator) => ({
        people: [decider('user', peopleIn(emulator).jonas), decider('role', '4711')],
        rules: [],
      }),
    });
    assertFound(only(both.findings), {
      check: 'discord.roles',
      level: 'warning',
      what: /no members\.$/,
      remedy: /Give/,
    });
    const alone = await lookAfter(leave, { emulated, wanted: byRole(() => '4711') });
    assert.match(only(alone.findings).what, /no one else may decide/);
    assert.equal(only(alone.findings).level, 'fault');
  });
});
