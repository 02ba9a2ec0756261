/** What it takes to record a press: on both stores, and as the usual transaction of awaited statements does it. */
import { join } from 'node:path';
import { step } from '../../../../src/core/approval/steps/step.ts';
import type { Store } from '../../../../src/core/ports/store.ts';
import { createPostgresStore } from '../../../../src/store/postgres/index.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { createLog } from '../../../../src/system/log.ts';
import { pressed } from '../../../support/data/pauses.ts';
import type { Bench, Case, Figures } from '../../contract.ts';
import { startPostgres } from '../../world/postgres.ts';
import { announcedAs, idOf, measure } from './recorder.ts';
import { createTextbook } from './textbook.ts';

/** Announced in one commit. */
const AT_ONCE = 64;
const sqlite = 'SQLite';
const postgres = 'PostgreSQL';
const textbook = 'awaited statements';

export const commits: Case = {
  name: 'commits',
  title: 'Recording a press: its state, its input, its audit row and its jobs in one commit',
  metrics: [
    {
      name: 'one caller',
      unit: 'ms',
      better: 'less',
      goals: [{ of: postgres, against: sqlite, limit: 3 }],
    },
    {
      name: '16 callers',
      unit: 'commits a second',
      better: 'more',
      goals: [{ of: postgres, against: textbook, limit: 2 }],
    },
    {
      name: '64 callers',
      unit: 'commits a second',
      better: 'more',
      goals: [
        { of: postgres, against: sqlite, limit: 0.3 },
        { of: postgres, against: textbook, limit: 2 },
      ],
    },
  ],
  subjects: [
    {
      name: sqlite,
      kind: 'product',
      inProcess: true,
      measure: (bench) => measureStore(bench, sqliteStore(bench)),
    },
    {
      name: postgres,
      kind: 'product',
      inProcess: true,
      measure: async (bench) => measureStore(bench, await postgresStore()),
    },
    {
      name: textbook,
      kind: 'floor',
      inProcess: true,
      measure: async (bench) => measure(bench, await createTextbook()),
    },
  ],
};

async function postgresStore(): Promise<Store> {
  const connectionString = await startPostgres();
  const options = { name: 'bench', version: '', clock: systemClock, log: createLog('silent'), onFatal };
  return (await createPostgresStore({ connectionString, ...options })).store;
}

function onFatal(error: Error): never {
  throw error;
}

function sqliteStore({ folder }: Bench): Store {
  return createSqliteStore({ file: join(folder, 'commits.db'), clock: systemClock, log: createLog('silent'), onFatal });
}

async function measureStore(bench: Bench, store: Store): Promise<Figures> {
  const audit = (input: 'announced' | 'pressed') => ({ input, actor: null, facts: {} }) as const;
  const figures = await measure(bench, {
    async prepare(count) {
      const announce = (index: number) =>
        store.transact({
          approvalId: idOf(index),
          inputId: `announced:${index}`,
          audit: audit('announced'),
          fn: (state) => step(state, announcedAs(index), systemClock.now()),
        });
      const all = Array.from({ length: count }, (_, index) => index);
      // What one turn of the event loop asks for is one commit.
      for (let from = 0; from < count; from += AT_ONCE)
        await Promise.all(all.slice(from, from + AT_ONCE).map(announce));
    },
    async press(index) {
      const { duplicate } = await store.transact({
        approvalId: idOf(index),
        inputId: `pressed:${index}`,
        audit: audit('pressed'),
        fn: (state) => step(state, pressed(), systemClock.now()),
      });
      if (duplicate) throw new Error(`press ${index} was taken for a duplicate`);
    },
  });
  await store.close();
  return figures;
}
