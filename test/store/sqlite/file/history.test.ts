/** Reads a database as it is, beside the bot that writes it, and changes nothing. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { SetupError } from '../../../../src/core/ports/errors.ts';
import { openHistory } from '../../../../src/store/sqlite/file/history.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';
import { createTestClock } from '../../../support/clock.ts';
import { announced } from '../../../support/data/pauses.ts';
import { captureLog } from '../../../support/log.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-history-'));
after(() => rmSync(folder, { recursive: true }));
const { log } = captureLog();
const onFatal = (error: Error): never => {
  throw error;
};

test('while the bot runs: by its id, and those since a time', async () => {
  const file = join(folder, 'a.db');
  const store = createSqliteStore({ file, clock: createTestClock(), log, onFatal });
  const audit = { input: 'announced', actor: null, facts: {} };
  for (const [index, id] of ['ap1', 'ap2'].entries()) {
    await store.transact({
      approvalId: id,
      inputId: null,
      audit,
      fn: (state) => step(state, announced({ id }), 1_000 * (index + 1)),
    });
  }
  const before = readFileSync(file);
  const history = openHistory(file);
  assert.equal(history.find('ap1')?.pause.tool, 'refund_order');
  assert.equal(history.find('none'), null);
  assert.deepEqual(
    history.since(0).map(({ id }) => id),
    ['ap1', 'ap2'],
  );
  assert.deepEqual(
    history.since(1_500).map(({ id }) => id),
    ['ap2'],
  );
  history.close();
  assert.deepEqual(readFileSync(file), before);
  await store.close();
});

test('a database that does not exist is named, and not made', () => {
  assert.throws(() => openHistory(join(folder, 'none.db')), SetupError);
});
