/** The names of those who may decide, as Discord's clients show them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calls, startRig } from '../support.ts';

const signal = new AbortController().signal;

test('a role is named without a call, a person by one, and who is not there has no name', async (t) => {
  const rig = await startRig(t);
  const { emulator, discord } = rig;
  const labelOf = discord.labelOf ?? assert.fail();
  const [, mara] = emulator.state().users;
  assert.ok(mara);
  const before = calls(rig, /./).length;
  const role = await labelOf({ kind: 'role', id: mara.roles[0] ?? '' }, signal);
  assert.ok(role !== null && role !== '' && role !== mara.roles[0], role ?? 'no name');
  assert.equal(await labelOf({ kind: 'role', id: '404' }, signal), null);
  assert.equal(calls(rig, /./).length, before);
  assert.equal(await labelOf({ kind: 'user', id: mara.id }, signal), mara.globalName);
  assert.equal(await labelOf({ kind: 'user', id: '404404404404404404' }, signal), null);
  assert.equal(calls(rig, /./).length, before + 2);
});
