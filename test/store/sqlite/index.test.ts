/** What every store must do, and a restart. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { step } from '../../../src/core/approval/steps/step.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { storeContract } from '../../contract/store/contract.ts';
import { createTestClock } from '../../support/clock.ts';
import { announced } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { checkedStates } from '../../support/worlds/checked-states.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-store-'));
let files = 0;
const newFile = () => join(folder, `${++files}`, 'test.db');
after(() => rmSync(folder, { recursive: true }));

const fail = (error: Error): never => {
  throw error;
};
const { log } = captureLog();

storeContract('SQLite', async (clock) => {
  const store = createSqliteStore({ file: newFile(), clock, log, onFatal: fail, watch: checkedStates });
  return { store, close: () => store.close() };
});

test('a store keeps its approvals and inputs over a restart', async () => {
  const file = newFile();
  const clock = createTestClock();
  const first = createSqliteStore({ file, clock, log, onFatal: fail });
  const audit = { input: 'announced', actor: null, facts: {} };
  await first.transact({ approvalId: 'ap1', inputId: 'i1', audit, fn: (state) => step(state, announced(), 1) });
  await first.close();
  const second = createSqliteStore({ file, clock, log, onFatal: fail });
  assert.equal((await second.get('ap1'))?.pause.tool, 'refund_order');
  const again = await second.transact({
    approvalId: 'ap1',
    inputId: 'i1',
    audit,
    fn: (state) => step(state, announced(), 1),
  });
  assert.equal(again.duplicate, true);
  await second.close();
});
