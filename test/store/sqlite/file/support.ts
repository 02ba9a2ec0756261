/** A folder of database files for one test file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import type { Store } from '../../../../src/core/ports/ports.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';
import { createTestClock } from '../../../support/clock.ts';
import { announced } from '../../../support/data/pauses.ts';
import { captureLog } from '../../../support/log.ts';

const clock = createTestClock();
const { log } = captureLog();

/** Ends the test at a DiskError. */
export function fail(error: Error): never {
  throw error;
}

export function openStore(file: string): Store {
  return createSqliteStore({ file, clock, log, onFatal: fail });
}

export function put(store: Store, input: Input) {
  return store.transact({
    approvalId: 'ap1',
    inputId: null,
    audit: { input: input.type, actor: null, facts: {} },
    fn: (state) => step(state, input, clock.now()),
  });
}

/** Whether a file is marked as a copy, and the phase of the approval in it. */
export async function markOf(file: string) {
  const store = openStore(file);
  try {
    return { mark: await store.copyMark(), phase: (await store.get('ap1'))?.phase };
  } finally {
    await store.close();
  }
}

/** The folder is deleted after the tests. */
export function databaseFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-files-'));
  let files = 0;
  const newFile = () => join(folder, `${++files}`, 'test.db');
  after(() => rmSync(folder, { recursive: true }));
  return {
    folder,
    newFile,
    /** A closed database with one open approval. */
    async closedFile(): Promise<string> {
      const file = newFile();
      const store = openStore(file);
      await put(store, announced());
      await store.close();
      return file;
    },
  };
}
