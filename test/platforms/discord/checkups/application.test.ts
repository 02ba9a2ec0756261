import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startRig } from '../support.ts';
import { assertFound, lookAfter, only, wantedOf } from './support.ts';

describe('a token that', () => {
  test('Discord refuses is the one finding', async () => {
    const { findings, fine, calls } = await lookAfter(({ revokeToken }) => revokeToken());
    assert.deepEqual(fine, [], 'nothing else was looked at');
    assertFound(only(findings), {
      check: 'discord.token',
      level: 'fault',
      what: /does not accept/,
      remedy: /Reset Token/,
    });
    assert.equal(calls(/./), 2, 'refused calls may ban the address');
  });

  test('can’t be asked about is the one finding, with the cause', async () => {
    const { findings } = await lookAfter(() => {}, { apiUrl: 'http://127.0.0.1:9/api' });
    assertFound(only(findings), {
      check: 'discord.token',
      level: 'fault',
      what: /unreachable at http:\/\/127\.0\.0\.1:9\/api: the connection was refused/,
      remedy: /DISCORD_API_URL/,
    });
  });

  test('is sent to another server is the one finding', async () => {
    const { findings } = await lookAfter(({ fail }) =>
      fail('GET /users/@me', { kind: 'status', status: 404, when: 'before' }, 9),
    );
    assertFound(only(findings), { check: 'discord.token', level: 'fault', what: /404/, remedy: /DISCORD_API_URL/ });
  });
});

describe('an application that', () => {
  test('gets its presses over HTTP is a fault', async () => {
    const { findings } = await lookAfter(({ configure }) => configure({ interactionsEndpointUrl: 'https://x.test/' }));
    assertFound(only(findings), {
      check: 'discord.application',
      level: 'fault',
      what: /sends presses to https:\/\/x\.test\//,
      remedy: /Interactions Endpoint URL/,
    });
  });

  describe('gets presses over HTTP', () => {
    const HERE = 'https://bot.test/discord/interactions';
    const look = async (interactionsEndpointUrl: string | null, publicKey?: string) =>
      (
        await lookAfter(({ configure }) => configure({ interactionsEndpointUrl }), {
          emulated: { sessionsLeft: 0 },
          ...(publicKey === undefined ? { overHttp: true } : { publicKey }),
        })
      ).findings;

    test('and has its address and its key is fine, whatever is left of the gateway', async () => {
      assert.deepEqual(await look(HERE), []);
    });

    test('and has no address is a fault', async () => {
      assertFound(only(await look(null)), {
        check: 'discord.application',
        level: 'fault',
        what: /no address for presses/,
        remedy: /Interactions Endpoint URL.*\/discord\/interactions/,
      });
    });

    test('and has another key is a fault', async () => {
      assertFound(only(await look(HERE, 'ab'.repeat(32))), {
        check: 'discord.application',
        level: 'fault',
        what: /DISCORD_PUBLIC_KEY is not of the application/,
        remedy: /Public Key/,
      });
    });

    test('and has another path is a warning', async () => {
      assertFound(only(await look('https://bot.test/interactions')), {
        check: 'discord.application',
        level: 'warning',
        what: /expects them at \/discord\/interactions/,
        remedy: /unless a proxy changes the path/,
      });
    });
  });

  test('may read more than it needs is a warning', async () => {
    const { findings } = await lookAfter(({ configure }) => configure({ intents: ['members', 'content'] }));
    assertFound(only(findings), {
      check: 'discord.application',
      level: 'warning',
      what: /Server Members, Message Content/,
      remedy: /Privileged Gateway Intents/,
    });
  });

  for (const [left, level] of [
    ['0 more times', 'fault'],
    ['1 more time', 'warning'],
    ['3 more times', 'warning'],
  ] as const) {
    test(`may connect ${left} is a ${level}`, async () => {
      const { findings } = await lookAfter(() => {}, { emulated: { sessionsLeft: Number.parseInt(left, 10) } });
      assertFound(only(findings), {
        check: 'discord.application',
        level,
        what: new RegExp(`connect ${left} within the next 24 hours`),
        remedy: /same token/,
      });
    });
  }
});

describe('commands that', () => {
  test('the invitation left out are a warning', async () => {
    const { findings } = await lookAfter(({ revokeCommandScope }) => revokeCommandScope());
    assertFound(only(findings), {
      check: 'discord.commands',
      level: 'warning',
      what: /without applications\.commands/,
      remedy: /invitation/,
    });
  });

  test('a bot that runs has registered are fine, and others are not', async (t) => {
    const rig = await startRig(t);
    const look = async () => {
      const commands = rig.discord.checkups?.(wantedOf(rig.emulator)).find(({ check }) => check === 'discord.commands');
      return (await commands?.look(new AbortController().signal)) ?? assert.fail('it can’t look');
    };
    assert.deepEqual(await look(), []);
    const route = 'POST /applications/:application/guilds/:guild/commands';
    rig.emulator.fail(route, { kind: 'status', status: 400, when: 'before', code: 50035 }, 9);
    rig.discord.runsChanged?.(['nightly']);
    const [found] = await look();
    assert.match(found?.what ?? '', /Not registered as they are now: \/countersign\./);
  });
});
