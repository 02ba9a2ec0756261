/** Who can read a channel: by the roles, the channel's own permissions, and for a private thread who is in it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { permissionsIn } from '../../../../src/platforms/discord/channels/readers.ts';
import { calls, type Rig, startRig } from '../support.ts';

const VIEW = 1n << 10n;
const ADMINISTRATOR = 1n << 3n;
const deny = { allow: '0', deny: String(VIEW) };
const allow = { allow: String(VIEW), deny: '0' };
const signal = new AbortController().signal;

const asks = ({ emulator, discord }: Rig, userId: string, room = emulator.channel) => {
  const roles = emulator.state().users.find(({ id }) => id === userId)?.roles ?? [];
  return discord.canRead({ actor: { platform: 'discord', id: userId, name: userId }, roles }, room, signal);
};

async function until(found: () => Promise<boolean>): Promise<void> {
  while (!(await found())) await new Promise((later) => setImmediate(later));
}

describe('a channel', () => {
  test('is read by whom it allows to, as soon as that changes, and without a call', async (t) => {
    const rig = await startRig(t);
    const { emulator } = rig;
    const [owner, mara, ines] = emulator.state().users;
    assert.ok(owner && mara && ines);
    const role = mara.roles[0] ?? '';
    const before = calls(rig, /./).length;
    assert.deepEqual(await Promise.all([mara, ines].map(({ id }) => asks(rig, id))), [true, true]);
    emulator.setOverwrites(emulator.channel, [
      { id: emulator.guildId, type: 0, ...deny },
      { id: role, type: 0, ...allow },
    ]);
    await until(async () => !(await asks(rig, ines.id)));
    assert.equal(await asks(rig, mara.id), true);
    assert.equal(await asks(rig, owner.id), true, 'the owner of the server');
    emulator.setOverwrites(emulator.channel, [{ id: mara.id, type: 1, ...deny }]);
    await until(async () => !(await asks(rig, mara.id)));
    assert.equal(await asks(rig, ines.id), true);
    assert.equal(calls(rig, /./).length, before);
  });

  test('that is a thread is read by whom its channel allows to; a private one by who is in it', async (t) => {
    const channels = [
      { id: '71', name: 'approvals' },
      { id: '72', name: 'public', type: 11, parentId: '71' },
      { id: '73', name: 'private', type: 12, parentId: '71' },
      { id: '74', name: 'old', type: 11, parentId: '71', archived: true },
    ];
    const rig = await startRig(t, { channels });
    const { emulator } = rig;
    const [, mara, ines] = emulator.state().users;
    assert.ok(mara && ines);
    emulator.setThreadMembers('73', [mara.id]);
    const all = (room: string) => Promise.all([mara, ines].map(({ id }) => asks(rig, id, room)));
    assert.deepEqual(await all('72'), [true, true]);
    assert.deepEqual(await all('73'), [true, false]);
    assert.deepEqual(await all('74'), [true, true]);
    emulator.setOverwrites('71', [{ id: ines.id, type: 1, ...deny }]);
    await until(async () => !(await asks(rig, ines.id, '72')));
    assert.deepEqual(await all('74'), [true, false]);
  });

  test('that the gateway does not name, or for a person without roles, is not read', async (t) => {
    const rig = await startRig(t);
    await assert.rejects(asks(rig, rig.userId, '404'));
    const actor = { platform: 'discord', id: rig.userId, name: 'Mara' };
    await assert.rejects(rig.discord.canRead({ actor, roles: null }, rig.emulator.channel, signal));
  });
});

test('a role that may nothing changes nothing, and who is denied by name sees nothing, unless they may do everything', () => {
  const bits = fc.constantFrom(0n, VIEW);
  const overwrite = fc.record({ allow: bits, deny: bits });
  fc.assert(
    fc.property(bits, bits, overwrite, overwrite, (everyone, role, ofEveryone, ofRole) => {
      const base = { guild: 'g', owner: 'o', type: 0, parent: null };
      const roles = new Map([
        ['g', everyone],
        ['r', role],
        ['admin', ADMINISTRATOR],
      ]);
      const overwrites = new Map([
        ['g', ofEveryone],
        ['r', ofRole],
      ]);
      const room = { ...base, roles, overwrites };
      assert.equal(permissionsIn(room, 'u', ['r', 'unknown']), permissionsIn(room, 'u', ['r']));
      const denied = { ...room, overwrites: new Map([...overwrites, ['u', { allow: 0n, deny: VIEW }]]) };
      assert.equal(permissionsIn(denied, 'u', ['r']) & VIEW, 0n);
      assert.notEqual(permissionsIn(denied, 'u', ['r', 'admin']) & VIEW, 0n);
      assert.notEqual(permissionsIn(denied, 'o', []) & VIEW, 0n);
    }),
  );
});
