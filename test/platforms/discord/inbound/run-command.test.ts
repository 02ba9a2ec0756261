import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PlatformError } from '../../../../src/core/ports/errors.ts';
import { registrationAdvice } from '../../../../src/platforms/discord/inbound/registration-advice.ts';
import {
  commandDefinition,
  isRegistered,
  matching,
  parseRunCommand,
} from '../../../../src/platforms/discord/inbound/run-command.ts';
import { createDiscord } from '../../../../src/platforms/discord/index.ts';
import type { Json } from '../../../../src/platforms/discord/render/message.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { accepting, calls, createRig, entries, type Rig, startRig } from '../support.ts';

const runs = ['refunds', 'desk'];
const many = Array.from({ length: 40 }, (_, index) => `run-${index}`);
const registrations = (rig: Rig) => calls(rig, /^(?:POST|PUT) \/applications\/\d+\/guilds\/\d+\/commands/);
const run = (rig: Rig, options: Record<string, string>, name = 'countersign run') =>
  rig.emulator.command({ userId: rig.userId, channelId: rig.place.room, name, options });
const answerTo = (rig: Rig) => entries(rig, 'callback').at(-1)?.body['data'] as Json;

describe('the command', () => {
  test('is registered once in the server of the channel, and again only when the runs changed', async (t) => {
    const rig = await startRig(t, { runs });
    const [first, registered, ...others] = registrations(rig);
    assert.deepEqual(others, []);
    assert.equal(first?.body?.['name'], 'approvals');
    assert.ok(registered?.path.includes(`/guilds/${rig.emulator.guildId}/`));
    assert.equal(registered?.status, 201);
    assert.deepEqual(JSON.stringify(registered?.body).match(/"value":"[a-z]+"/g), [
      '"value":"refunds"',
      '"value":"desk"',
    ]);
    await rig.discord.stop();
    const { token, channel, url: apiUrl } = rig.emulator;
    for (const [names, expected] of [
      [runs, 2],
      [['refunds'], 3],
      [many, 4],
      [many, 4],
    ] as const) {
      const again = createDiscord({ token, channel, apiUrl, runs: names, clock: systemClock, log: rig.log });
      await again.start(accepting);
      await again.stop();
      assert.equal(registrations(rig).length, expected, `${names.length} runs`);
    }
  });

  test('is registered again while the bot runs, where the runs are others now', async (t) => {
    const rig = await startRig(t, { runs });
    rig.discord.runsChanged?.(runs);
    rig.discord.runsChanged?.(['refunds', 'nightly']);
    const third = await rig.emulator.journal.until('the third', () => registrations(rig)[2]);
    assert.match(JSON.stringify(third.body), /"value":"nightly"/);
  });

  test('is registered without runs, too: then none can be started with it', async (t) => {
    const rig = await startRig(t);
    assert.deepEqual(
      registrations(rig).map(({ body }) => body?.['name']),
      ['approvals', 'countersign'],
    );
    const registered = registrations(rig).at(-1)?.body?.['options'] as { name: string }[];
    assert.deepEqual(
      registered.map(({ name }) => name),
      ['help', 'status', 'stop', 'start', 'link', 'unlink'],
    );
  });

  test('carries what operators and people who link their accounts type', async (t) => {
    const rig = await startRig(t);
    const cases = [
      ['countersign stop', { reason: ' it loops ' }, { verb: 'stop', reason: 'it loops' }],
      ['countersign stop', {}, { verb: 'stop', reason: null }],
      ['countersign start', {}, { verb: 'start' }],
      ['countersign status', {}, { verb: 'status' }],
      ['countersign link', {}, { verb: 'link', code: null }],
      ['countersign link', { code: 'abc' }, { verb: 'link', code: 'abc' }],
      ['countersign unlink', {}, { verb: 'unlink' }],
    ] as const;
    for (const [name, options, ask] of cases) {
      await run(rig, options, name);
      assert.deepEqual(rig.commands.at(-1)?.ask, ask, name);
    }
  });

  test('is answered with buttons, and a press on one is a command of its own', async (t) => {
    const rig = await createRig(t);
    const asked: string[] = [];
    await rig.discord.start({
      ...accepting,
      onCommand: async ({ ask, id }) => {
        asked.push(`${ask.verb} ${/^discord:\d+$/.test(id)}`);
        return { text: 'State.', rooms: [], buttons: [{ label: 'Retry', typed: 'retry' }] };
      },
    });
    await run(rig, {}, 'countersign status');
    const id = rig.emulator.state().messages.find(({ onlyFor }) => onlyFor === rig.userId)?.id ?? '';
    const pressed = await rig.press(id, 'csc.retry');
    assert.deepEqual(asked, ['status true', 'retry true']);
    assert.equal(pressed.type, 4);
    assert.equal(answerTo(rig)['flags'], 64);
  });

  test('is registered by a retry; a refusal says what to do, and cards are still posted', async (t) => {
    const passing = await createRig(t, { runs });
    passing.emulator.fail('POST /applications/:application/guilds/:guild/commands', {
      kind: 'status',
      status: 503,
      when: 'before',
    });
    await passing.discord.start(accepting);
    await new Promise<void>((resolve) => {
      const look = () => passing.lines().some(({ outcome }) => outcome === 'registered') && resolve();
      passing.onLine(look);
      look();
    });
    const refused = await createRig(t, { runs });
    refused.emulator.fail('POST /applications/:application/guilds/:guild/commands', {
      kind: 'status',
      status: 403,
      code: 50001,
      when: 'before',
    });
    await refused.discord.start(accepting);
    assert.match(
      refused.text(),
      /could not be registered\. Invite the bot again with the scope applications\.commands/,
    );
    await refused.post();
  });

  for (const [name, route, fault, advice] of [
    ['403 on the list', 'GET', { status: 403, code: 50_001 }, /Invite the bot again with the scope/],
    ['another 403', 'POST', { status: 403, code: 20_012 }, /Invite the bot again with the scope/],
    ['404 of the server', 'POST', { status: 404, code: 10_004 }, /no longer in the server of DISCORD_CHANNEL/],
    ['404 of the address', 'GET', { status: 404, code: 0 }, /Check DISCORD_TOKEN and DISCORD_API_URL/],
    ['400, a limit', 'POST', { status: 400, code: 30_032 }, /Delete some of the others/],
    ['400, the daily limit', 'POST', { status: 400, code: 30_034 }, /200 commands .* today.* at the next start/],
    ['400, a definition', 'POST', { status: 400, code: 50_035 }, /Update Countersign, or report this/],
  ] as const) {
    test(`${name}: its own advice`, async (t) => {
      const rig = await createRig(t, { runs });
      rig.emulator.fail(`${route} /applications/:application/guilds/:guild/commands`, {
        kind: 'status',
        ...fault,
        when: 'before',
      });
      await rig.discord.start(accepting);
      const line = rig.lines().find(({ msg }) => String(msg).startsWith('the slash commands could not'));
      assert.match(String(line?.['msg']), advice);
      assert.equal(/scope/.test(String(line?.['msg'])), fault.status === 403);
      assert.equal(line?.['status'], fault.status);
      await rig.post();
    });
  }

  for (const status of [429, 500, 503] as const) {
    test(`${status} at every attempt: no word about a scope`, () => {
      const error =
        status === 429
          ? new PlatformError('unsent', 'Discord’s rate limit', { retryAfterMs: 1_000 })
          : new PlatformError('ambiguous', `Discord answered with HTTP status ${status}.`);
      const advice = registrationAdvice(error);
      assert.match(advice, status === 429 ? /limits how often/ : /did not answer, or failed itself/);
      assert.match(advice, /at the next start/);
    });
  }

  test('arrives with its person, place, run and text, and is answered privately', async (t) => {
    const rig = await startRig(t, { runs });
    const done = await run(rig, { name: 'desk', text: '  two\nlines ' });
    assert.equal(done.type, 4);
    const [command] = rig.commands;
    assert.match(command?.id ?? '', /^discord:\d+$/);
    assert.equal(command?.actor.id, rig.userId);
    assert.deepEqual(command?.place, rig.place);
    assert.deepEqual(command?.ask, { verb: 'run', name: 'desk', text: 'two\nlines' });
    assert.equal(answerTo(rig)['flags'], 64);
    await run(rig, {}, 'countersign help');
    assert.deepEqual(rig.commands[1]?.ask, { verb: 'help' });
  });

  test('links the channels, and escapes the answer', async (t) => {
    const rig = await createRig(t, { runs });
    await rig.discord.start({
      ...accepting,
      onCommand: async () => ({ text: 'Starting *x* in', rooms: ['4100', '4200'] }),
    });
    await run(rig, { name: 'desk' });
    assert.equal(answerTo(rig)['content'], 'Starting \\*x\\* in <#4100>, <#4200>');
  });

  test('that is not recorded is answered so', async (t) => {
    const rig = await createRig(t, { runs });
    await rig.discord.start({
      ...accepting,
      onCommand: async () => {
        throw new Error('disk full');
      },
    });
    await run(rig, { name: 'desk' });
    assert.match(String(answerTo(rig)['content']), /Nothing was recorded or started/);
  });

  test('autocompletes if there are more runs than choices', async (t) => {
    const rig = await startRig(t, { runs: many });
    const typed = {
      userId: rig.userId,
      channelId: rig.place.room,
      name: 'countersign run',
      options: { name: 'RUN-3' },
    };
    assert.equal((await rig.emulator.type(typed, 'name')).type, 8);
    const choices = answerTo(rig)['choices'] as { value: string }[];
    assert.deepEqual(
      choices.map(({ value }) => value),
      ['run-3', ...many.slice(30)],
    );
    assert.deepEqual(rig.commands, [], 'typing starts nothing');
    await run(rig, { name: 'run-39' });
    assert.equal(rig.commands.length, 1);
  });
});

test('there are at most 25 suggestions', () => {
  assert.equal(matching(many, '').length, 25);
  assert.deepEqual(matching(['desk', 'help-desk'], 'desk'), ['desk', 'help-desk']);
});

test('a command from another server or from none is foreign', () => {
  const interaction = {
    type: 2,
    id: '1',
    token: 't',
    channel_id: '4100',
    guild_id: '7',
    member: { roles: ['5'], user: { id: '9', username: 'dana' } },
    data: { name: 'countersign', options: [{ name: 'run', options: [{ name: 'name', value: 'desk' }] }] },
  };
  const kindOf = (more: object, guild: string | null = '7') =>
    parseRunCommand({ ...interaction, ...more }, guild)?.kind;
  assert.equal(kindOf({}), 'command');
  assert.equal(kindOf({}, '8'), 'foreign');
  assert.equal(kindOf({}, null), 'foreign');
  assert.equal(kindOf({ guild_id: undefined }), 'foreign');
  assert.equal(kindOf({ member: undefined }), 'foreign');
  assert.equal(kindOf({ data: { name: 'other' } }), undefined);
  assert.equal(kindOf({ type: 3 }), undefined);
  const typing = parseRunCommand({ ...interaction, type: 4 }, '8');
  assert.ok(typing?.kind === 'typing' && typing.typed === null);
});

test('fields that Discord adds to a registered command or omits are not a change', () => {
  const wanted = commandDefinition(runs);
  const listReply = JSON.parse(JSON.stringify({ ...wanted, id: '1', version: '2', dm_permission: false }));
  const [start, help] = listReply.options;
  delete help.options;
  delete start.options[1].required;
  start.options[0].choices[0].name_localizations = null;
  assert.ok(isRegistered([{ name: 'other' }, listReply], wanted));
  assert.ok(!isRegistered([listReply], commandDefinition(['refunds'])));
  assert.ok(!isRegistered([listReply], commandDefinition(many)));
  assert.ok(!isRegistered([commandDefinition(many)], wanted));
  assert.ok(!isRegistered([], wanted));
});
