/** Runs a command of `npm run policy` in this process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicyCommand } from '../../../src/cli/policy/command.ts';
import type { Approval } from '../../../src/core/approval/approval.ts';
import type { PolicyRecords } from '../../../src/core/ports/store.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { createTestClock } from '../../support/clock.ts';
import { captureLog } from '../../support/log.ts';

export interface Folder {
  write(name: string, text: string): string;
  /** Stores approvals in `countersign.db`. */
  store(approvals: readonly Approval[], records?: Parameters<PolicyRecords['put']>[0][]): Promise<void>;
  run(command: PolicyCommand, ...args: string[]): Promise<{ code: number; out: string; wrong: string }>;
}

export async function inFolder(run: (folder: Folder) => Promise<void>): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), 'countersign-policy-'));
  const database = join(path, 'countersign.db');
  const write = (name: string, text: string) => {
    const file = join(path, name);
    writeFileSync(file, text);
    return file;
  };
  try {
    await run({
      write,
      async store(approvals, records = []) {
        const onFatal = (error: Error) => {
          throw error;
        };
        const store = createSqliteStore({ file: database, clock: createTestClock(), log: captureLog().log, onFatal });
        const audit = { input: 'announced', actor: null, facts: {} };
        await Promise.all(
          approvals.map((state) =>
            store.transact({ approvalId: state.id, inputId: null, audit, fn: () => ({ state, effects: [] }) }),
          ),
        );
        for (const record of records) await store.records.put(record, { input: 'away', actor: null, facts: {} });
        await store.close();
      },
      async run(command, ...args) {
        const out: string[] = [];
        const wrong: string[] = [];
        const environment = { DATABASE_URL: `file:${database}` };
        const code = await command.run(args, {
          environment,
          print: (text) => out.push(text),
          complain: (text) => wrong.push(text),
        });
        return { code, out: out.join('\n'), wrong: wrong.join('\n') };
      },
    });
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
