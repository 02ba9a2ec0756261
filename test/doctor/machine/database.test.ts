/** The database without a bot: what can't be examined is neither a second finding nor fine. Faults: test/doctor/faults/machine.ts. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { closedDatabaseGroup } from '../../../src/doctor/machine/database.ts';
import { examine } from '../../../src/doctor/run.ts';
import { migrations } from '../../../src/store/sqlite/file/migrations.ts';
import { openDatabase } from '../../../src/store/sqlite/file/open.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { databaseFiles } from '../../store/sqlite/file/support.ts';

const { newFile, closedFile } = databaseFiles();

async function look(file: string) {
  const [group] = await examine([closedDatabaseGroup(file)], systemClock);
  assert.ok(group);
  const checksOf = (list: readonly { check: string }[]) => list.map(({ check }) => check);
  return { findings: checksOf(group.findings), fine: checksOf(group.fine) };
}

describe('the database without a bot', () => {
  test('that is sound is fine in all', async () => {
    const fine = ['database.file', 'database.work', 'database.dead'];
    assert.deepEqual(await look(await closedFile()), { findings: [], fine });
  });

  test('that is not there yet, or is of an older version, has no jobs to look at', async () => {
    const older = newFile();
    openDatabase(older, migrations.slice(0, -1)).close();
    for (const file of [newFile(), older])
      assert.deepEqual(await look(file), { findings: [], fine: ['database.file', 'database.work'] });
  });

  test('that can’t be read is one finding, and its jobs are not called fine', async () => {
    const file = await closedFile();
    writeFileSync(file, 'not a database, but long enough to be taken for one'.repeat(100));
    assert.deepEqual(await look(file), { findings: ['database.file'], fine: ['database.work'] });
  });

  test('in memory is not looked at', async () => {
    assert.deepEqual(await look(':memory:'), { findings: [], fine: [] });
  });
});
