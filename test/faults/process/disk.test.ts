/** Rows 11 to 13, at the store: what it confirmed while its disk failed is compared with what a new start finds. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { systemClock as clock } from '../../../src/system/clock.ts';
import { keepNewFilesPrivate } from '../../../src/system/private-files.ts';
import { startChild } from '../../support/child.ts';
import { onBadDisk, skipDisk } from '../../support/disk/disk.ts';
import { captureLog } from '../../support/log.ts';
import { runs } from '../../support/property.ts';

keepNewFilesPrivate();
const folder = mkdtempSync(join(tmpdir(), 'countersign-matrix-'));
after(() => rmSync(folder, { recursive: true }));
const script = 'test/support/disk/store-child.ts';
/** Longer than any healthy answer; a press has three seconds. */
const PRESS_MS = 3_000;

const idsAfter = (lines: readonly string[], word: string) =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.split(' ')[1] ?? '');

/** The IDs that a new start finds. Each must be complete: announcement, press, and both audit rows. */
async function found(file: string, ids: readonly string[]): Promise<string[]> {
  const fatal = (error: Error) => {
    throw error;
  };
  const store = createSqliteStore({ file, clock, log: captureLog().log, onFatal: fatal });
  const there: string[] = [];
  for (const id of ids) {
    const approval = await store.get(id);
    const inputs = (await store.audit(id)).map(({ input }) => input);
    if (approval === null) {
      assert.deepEqual(inputs, [], `${id} has an audit log and no state`);
      continue;
    }
    assert.deepEqual([approval.phase, inputs], ['decided', ['announced', 'pressed']], `${id} is there by half`);
    there.push(id);
  }
  await store.close();
  return there;
}

/** `count` numbers, `apart` from each other; in a long run every number of that range. */
function points(count: number, apart: number): number[] {
  const many = runs(0);
  return many > 0
    ? Array.from({ length: many }, (_, index) => index + 1)
    : Array.from({ length: count }, (_, index) => 1 + index * apart);
}

/** Two at a time, for two cores. */
async function each(items: readonly number[], work: (item: number) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}

const ids = Array.from({ length: 200 }, (_, index) => `ap${index}`);

describe('the disk', { skip: skipDisk }, () => {
  test('row 11: a failed sync stops the process with its own exit code; confirmed writes are there after a restart', async () => {
    let fatal = 0;
    await each(points(4, 12), async (n) => {
      const file = join(folder, `eio-${n}.db`);
      const child = startChild(script, { env: onBadDisk(file, { DISK_SYNC_EIO: n }), args: [file, '200'] });
      const code = await child.ended;
      const kept = idsAfter(child.lines, 'kept');
      assert.deepEqual(
        idsAfter(child.lines, 'refused'),
        [],
        'a write that may be recorded is not reported as “nothing was recorded”',
      );
      if (code === 1) {
        assert.match(child.lines.at(-1) ?? '', /setup The disk of the database .* failed \(SQLITE_IOERR/);
      } else {
        assert.equal(code, 74, child.lines.join('\n'));
        assert.match(child.lines.at(-1) ?? '', /fatal The disk failed during a write \(SQLITE_IOERR_FSYNC\)/);
        fatal += 1;
      }
      const there = await found(file, ids);
      assert.deepEqual(
        kept.filter((id) => !there.includes(id)),
        [],
        'a confirmed write was lost',
      );
      // Those four were in progress and unconfirmed: they may be there or not.
      assert.ok(there.length <= kept.length + 4, `${there.length} are there, ${kept.length} were promised`);
    });
    assert.ok(fatal > 0, 'no sync failed during the work of the store');
  });

  test('row 12: a full disk refuses in time and with a message, keeps confirmed writes, and continues once there is space', async () => {
    let fullDuringWork = 0;
    await each(points(4, 13), async (n) => {
      const file = join(folder, `full-${n}.db`);
      // A new database's first writes all create its schema; every other case is full later, during work.
      if (n % 2 === 1) assert.deepEqual(await found(file, []), []);
      const full = join(folder, `full-${n}`);
      writeFileSync(full, '');
      const faults = { DISK_FULL_FROM: n, DISK_FULL_UNTIL: full };
      const child = startChild(script, { env: onBadDisk(file, faults), args: [file, '200'] });
      const first = await child.until(/^(?:refused|setup) /);
      rmSync(full);
      if (first.startsWith('setup')) {
        assert.match(first, /The disk of the database .* is full\. Free some space/);
        assert.equal(await child.ended, 1);
        return;
      }
      assert.equal(await child.ended, 0, child.lines.join('\n'));
      const kept = idsAfter(child.lines, 'kept');
      const refused = child.lines.filter((line) => line.startsWith('refused'));
      for (const line of refused) {
        const [, , ms, ...message] = line.split(' ');
        assert.ok(Number(ms) < PRESS_MS, line);
        assert.match(message.join(' '), /^The disk is full, so nothing was recorded\./);
      }
      const there = await found(file, ids);
      assert.deepEqual(there, kept, 'confirmed writes are there, and nothing else');
      assert.equal(kept.length + refused.length, 200, 'writing continued');
      fullDuringWork += 1;
      const logged = child.lines.filter((line) => line.startsWith('log '));
      assert.deepEqual(
        logged,
        [
          'log The disk is full, so nothing was recorded. Writing resumes automatically once there is space.',
          'log the database can be written again',
        ],
        'logged once',
      );
    });
    assert.ok(fullDuringWork > 0, 'the disk was never full during the work of the store');
  });

  test('row 13: a slow disk is named in the log', async () => {
    const file = join(folder, 'slow.db');
    const child = startChild(script, { env: onBadDisk(file, { DISK_SYNC_MS: 50 }), args: [file, '20'] });
    assert.equal(await child.ended, 0, child.lines.join('\n'));
    assert.equal(idsAfter(child.lines, 'kept').length, 20);
    assert.ok(child.lines.includes('log the disk of the database is slow: every press waits for it'));
  });
});
