import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { settings } from '../../src/config/settings.ts';
import { settingsGroup } from '../../src/doctor/machine/settings.ts';
import { readAll } from '../../src/doctor/read-all.ts';
import { secretOf } from '../support/data/secrets.ts';
import { inDoctorWorld } from './world.ts';

test('docs/doctor.md names every check of a sound set-up', () =>
  inDoctorWorld(async (world) => {
    const text = readFileSync('docs/doctor.md', 'utf8');
    const alone = await world.look();
    await world.start();
    const { groups } = await world.look();
    const checks = [...alone.groups, ...groups].flatMap(({ fine }) => fine.map(({ check }) => check));
    assert.deepEqual(
      [...new Set(checks)].filter((check) => !text.includes(`\`${check}\``)),
      [],
    );
  }));

test('whatever a setting says, the others are still read', async () => {
  for (const name of Object.keys(settings.shape)) {
    for (const value of ['%', 'http://[', 'a:b:c', '1,2;3=']) {
      const { config } = await readAll({ [name]: value }, '/nowhere/.env');
      assert.equal(typeof config.databaseFile, 'string', `${name}=${value}`);
    }
  }
});

test('the page for operators is called off only where it is', async () => {
  const titleWith = async (settings: Record<string, string>) => {
    const { checkups } = settingsGroup(await readAll(settings, '/nowhere/.env'));
    return checkups.find(({ check }) => check === 'settings.operator-page')?.title;
  };
  assert.equal(await titleWith({}), 'the page for operators is off');
  assert.equal(
    await titleWith({ ADMIN_TOKEN: secretOf('admin') }),
    'nobody on the way can read what the page for operators sends',
  );
});
