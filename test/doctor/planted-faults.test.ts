/** A sound set-up in which the doctor finds nothing, and many with one fault, each found with its remedy and nothing else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inDoctorWorld, linesOf } from './world.ts';

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
});
