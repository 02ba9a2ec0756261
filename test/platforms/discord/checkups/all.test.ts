import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock } from '../../../../src/system/clock.ts';
import { assertFound, decider, lookAfter, only, peopleIn } from './support.ts';

describe('what the doctor finds in Discord', () => {
  test('is nothing in a sound set-up, with one call for each thing', async () => {
    const { findings, fine, untold, calls } = await lookAfter();
    assert.deepEqual(findings, []);
    assert.deepEqual(
      fine.map(({ check }) => check.replace('discord.', '')),
      ['token', 'clock', 'application', 'rooms', 'commands', 'roles', 'people', 'readers'],
    );
    assert.deepEqual(
      [/^\/users\/@me$/, /^\/channels\/\d+$/, /^\/guilds\/\d+$/, /members\/\d+$/].map(calls),
      [1, 1, 1, 2],
    );
    assert.deepEqual(untold, []);
  });

  test('is a clock that is wrong', async () => {
    const clock = { ...systemClock, now: () => Date.now() - 3_600_000 };
    const { findings } = await lookAfter(() => {}, { clock });
    assertFound(only(findings), { check: 'discord.clock', level: 'fault', what: /60 minutes behind/, remedy: /NTP/ });
  });

  test('waits for a short limit, and says where a look could not be made', async () => {
    const limited = { kind: 'rate_limited', retryAfterMs: 20, global: false } as const;
    const once = await lookAfter(({ fail }) => fail('GET /guilds/:guild', limited, 2));
    assert.deepEqual(once.findings, []);
    const down = await lookAfter(({ fail }) =>
      fail('GET /guilds/:guild/roles/member-counts', { kind: 'status', status: 500, when: 'before' }, 9),
    );
    assertFound(only(down.findings), {
      check: 'discord.roles',
      level: 'warning',
      what: /^Not checked: .*500/,
      remedy: /./,
    });
  });

  test('leaves direct messages to people', async () => {
    const { untold } = await lookAfter(() => {}, {
      wanted: (emulator) => ({ people: [decider('user', peopleIn(emulator).jonas, { direct: true })], rules: [] }),
    });
    assert.match(untold[0]?.what ?? '', /direct messages/);
  });
});
