/** What is known from outside and from the database: whether the server still works, and what it has recorded. */
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Journal } from '../../../../src/sandbox/emulators/shared/journal.ts';
import type { Server } from '../../contract.ts';

/** So long without a call and without a tick of CPU time the server is idle: longer than any step between two calls. */
const IDLE_MS = 40;
/** Of the system's clock of CPU time. */
const TICK_MS = 10;

/** @param journals of everything that the server calls */
export function createIdle(journals: readonly Pick<Journal<unknown>, 'onEntry'>[]) {
  let calls = 0;
  for (const journal of journals) {
    journal.onEntry(() => {
      calls += 1;
    });
  }
  return async (server: Pick<Server, 'cpuMs'>, idleMs = IDLE_MS): Promise<void> => {
    for (;;) {
      const before = { calls, cpuMs: server.cpuMs() };
      await sleep(idleMs);
      // Its own timers take a tick now and then.
      const isBusy = server.cpuMs() - before.cpuMs >= Math.max(TICK_MS, idleMs / 10);
      if (calls === before.calls && !isBusy) return;
    }
  };
}

/** @throws Error unless as many presses were recorded as were acknowledged */
export function checkRecorded(file: string, query: string, expected: number): void {
  const db = new Database(file, { readonly: true });
  const recorded = db.prepare<[], number>(query).pluck().get();
  db.close();
  if (recorded !== expected) throw new Error(`${expected} presses were acknowledged, and ${recorded} were recorded`);
}
