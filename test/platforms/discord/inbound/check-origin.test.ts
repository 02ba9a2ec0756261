/** An interaction of another application, server or message reaches no handler and is reported. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { foreignReason, type Ours } from '../../../../src/platforms/discord/inbound/check-origin.ts';
import { buttonId, startRig } from '../support.ts';

const ours: Ours = { applicationId: '1', botUserId: '2', guild: '3', direct: false };
const press = { application_id: '1', guild_id: '3', message: { author: { id: '2' } } };
const { guild_id: _, ...inDirect } = press;

describe('an interaction', () => {
  for (const [name, dispatch, self, reason] of [
    ['in our server', press, {}, null],
    ['on an answer of our application', { ...press, message: { author: { id: '1' }, application_id: '1' } }, {}, null],
    ['of a form that a command opened', { application_id: '1', guild_id: '3' }, {}, null],
    ['in direct messages with the bot', { ...inDirect, context: 1 }, { direct: true }, null],
    ['in direct messages, which older payloads do not say', inDirect, { direct: true }, null],
    ['in direct messages where no card goes', inDirect, {}, 'workspace'],
    ['in a private channel of others', { ...inDirect, context: 2 }, { direct: true }, 'workspace'],
    ['in another server', { ...press, guild_id: '9' }, { direct: true }, 'workspace'],
    ['before our server is known', press, { guild: null }, 'unverified'],
    ['of another application', { ...press, application_id: '9' }, {}, 'application'],
    ['that names no application', { ...press, application_id: undefined }, {}, 'application'],
    ['before our application is known', press, { applicationId: null }, 'application'],
    ['on a message of somebody else', { ...press, message: { author: { id: '9' } } }, {}, 'message'],
    ['on a message without an author', { ...press, message: {} }, {}, 'message'],
    [
      'on a message of another application',
      { ...press, message: { author: { id: '2' }, application_id: '9' } },
      {},
      'message',
    ],
    ['that is no object', null, {}, 'application'],
  ] as const) {
    test(`${name}: ${reason ?? 'ours'}`, () => assert.equal(foreignReason(dispatch, { ...ours, ...self }), reason));
  }
});

test('a foreign press decides nothing, is answered privately, and is reported', async (t) => {
  const rig = await startRig(t, { runs: ['desk'] });
  const { message: messageId } = await rig.post();
  const channelId = rig.emulator.channel;
  const customId = `cs2.${buttonId.approvalId}.a.${buttonId.fingerprint}`;
  const at = { userId: rig.userId, channelId, messageId, customId };
  const member = { user: { id: rig.userId, username: 'mara' }, roles: [] };
  for (const forged of [
    { application_id: '99' },
    { guild_id: '99', member },
    { guild_id: undefined, member: undefined, user: member.user, context: 1 },
    { message: { id: messageId, author: { id: '99' } } },
  ]) {
    assert.equal((await rig.emulator.press({ ...at, forged })).type, 4);
  }
  await rig.emulator.press({ ...at, customId: 'cs9.made.up' });
  // They are reported once they are answered.
  while (rig.foreign.length < 5) await setImmediate();
  assert.deepEqual(
    rig.foreign.map(({ why, actor, buttonId: button }) => [why, actor.id, button?.approvalId ?? null]),
    [
      ['application', rig.userId, 'ap1'],
      ['workspace', rig.userId, 'ap1'],
      ['workspace', rig.userId, 'ap1'],
      ['message', rig.userId, 'ap1'],
      ['unreadable', rig.userId, null],
    ],
  );
  assert.deepEqual(rig.presses, []);
  const command = { userId: rig.userId, channelId, name: 'approvals' };
  rig.answerLook = async () => assert.fail('a list for another application');
  await rig.emulator.command({ ...command, forged: { application_id: '99' } });
  await rig.emulator.command({ ...command, forged: { guild_id: '99' } });
  await rig.emulator.command({
    ...command,
    name: 'countersign run',
    options: { name: 'desk' },
    forged: { guild_id: '99' },
  });
  for (let turns = 0; rig.foreign.length < 8 && turns < 10_000; turns += 1) await setImmediate();
  assert.deepEqual(
    rig.foreign.slice(5).map(({ why, actor, buttonId: button }) => [why, actor.id, button]),
    [
      ['application', rig.userId, null],
      ['workspace', rig.userId, null],
      ['workspace', rig.userId, null],
    ],
    'commands, too',
  );
  await rig.press(messageId);
  assert.equal(rig.presses.length, 1);
});
