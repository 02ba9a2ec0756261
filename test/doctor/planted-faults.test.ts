/** A sound set-up in which the doctor finds nothing, and many with one fault, each found with its remedy and nothing else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Report } from '../../src/doctor/report.ts';
import { databaseFaults, fileFaults, networkFaults, settingsFaults } from './faults/machine.ts';
import type { PlantedFault } from './faults/planted.ts';
import { inDoctorWorld, linesOf } from './world.ts';

/** By what they are planted in. */
const faults: Record<string, readonly PlantedFault[]> = {
  'the settings and the policy file': settingsFaults,
  'the files': fileFaults,
  'the database': databaseFaults,
  'the network': networkFaults,
};

describe('in a sound set-up', () => {
  test('nothing is found without a bot, nor with one', () =>
    inDoctorWorld(async (world) => {
      const alone = await world.look();
      assert.deepEqual(linesOf(alone), []);
      assert.equal(alone.source, 'command');
      await world.start();
      const asked = await world.look();
      assert.deepEqual(linesOf(asked), []);
      assert.equal(asked.source, 'bot');
      const ofAdapters = ['Slack', 'Runtype'];
      for (const { groups } of [alone, asked]) {
        const titles = groups.map(({ title }) => title);
        for (const title of ['Settings', 'Policy file', 'Files', 'Database', 'This machine', ...ofAdapters]) {
          assert.ok(titles.includes(title), title);
        }
      }
    }));

  test('nothing leaves this machine where only it is looked at, also with a bot', () =>
    inDoctorWorld(async (world) => {
      Object.assign(world.settings, { PUBLIC_URL: 'http://localhost:1', ALLOWED_HOSTS: 'localhost' });
      world.write();
      await world.start();
      const { groups, source } = await world.look({ local: true });
      assert.equal(source, 'bot');
      assert.deepEqual(groups.map(({ title }) => title).toSorted(), [
        ...['Database', 'Files', 'Policy file', 'Public address', 'Settings', 'This machine'],
      ]);
      const looked = groups.flatMap(({ findings, fine }) => [...findings, ...fine].map(({ check }) => check));
      assert.ok(looked.includes('database.work'));
      assert.ok(!looked.includes('public_url.reach'));
    }));
});

function assertFound(report: Report, { finds }: PlantedFault): void {
  const findings = report.groups.flatMap((group) => group.findings);
  assert.equal(findings.length, 1, `one finding:\n${linesOf(report).join('\n')}`);
  const [found] = findings;
  assert.equal(found?.check, finds.check);
  assert.equal(found?.level, finds.level);
  assert.match(found?.what ?? '', finds.what);
  assert.match(found?.remedy ?? '', finds.remedy);
}

for (const [where, planted] of Object.entries(faults)) {
  describe(`a fault in ${where}`, () => {
    for (const fault of planted) {
      const { name, plant, alone = true, bot = 'after' } = fault;
      if (alone) {
        test(`is found without a bot: ${name}`, () =>
          inDoctorWorld(async (world) => {
            await plant(world);
            world.write();
            const report = await world.look();
            assert.equal(report.source, 'command');
            assertFound(report, fault);
          }));
      }
      if (bot === 'never') continue;
      test(`is found where a bot runs: ${name}`, () =>
        inDoctorWorld(async (world) => {
          if (bot === 'after') await world.start();
          await plant(world);
          world.write();
          if (bot === 'before') await world.start();
          const report = await world.look();
          assert.equal(report.source, 'bot');
          assertFound(report, fault);
        }));
    }
  });
}

test('at least thirty faults are planted', () => {
  assert.ok(Object.values(faults).flat().length >= 30);
});
