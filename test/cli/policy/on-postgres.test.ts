/** The commands that read past requests, on PostgreSQL. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { PolicyCommand } from '../../../src/cli/policy/command.ts';
import { explain } from '../../../src/cli/policy/explain.ts';
import { replay } from '../../../src/cli/policy/replay.ts';
import { noLookups } from '../../../src/core/policy/rules/belonging.ts';
import { createPolicy } from '../../../src/core/policy/rules/policy.ts';
import { openStore } from '../../../src/store/open.ts';
import { approvalOf, newPolicy, oracle, seedsOf } from '../../core/policy/replay/history.ts';
import { createTestClock } from '../../support/clock.ts';
import { documentOfText, exampleText } from '../../support/data/example-policies.ts';
import { after, announced, dana, pauseOf } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { createDatabase, skipPostgres } from '../../support/postgres/index.ts';

const DAY_MS = 86_400_000;
const audit = { input: 'announced', actor: null, facts: {} };

/** A database, what a replica has stored in it, and a command on it. */
async function onDatabase(
  work: (of: {
    store: Awaited<ReturnType<typeof openStore>>['store'];
    run: (command: PolicyCommand, ...args: string[]) => Promise<string>;
    write: (name: string, text: string) => string;
    query: (sql: string) => Promise<readonly unknown[]>;
  }) => Promise<void>,
) {
  const database = await createDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'countersign-policy-'));
  const { connectionString: databaseUrl } = database;
  const config = { databaseFile: ':memory:', databaseUrl, databaseListenUrl: null, allowLoss: true, replica: 'a' };
  const onFatal = (error: Error) => assert.fail(error);
  const { store } = await openStore(config, {
    clock: createTestClock(),
    log: captureLog().log,
    release: null,
    onFatal,
  });
  try {
    await work({
      store,
      query: (sql) => database.query(sql),
      write(name, text) {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
      },
      async run(command, ...args) {
        const out: string[] = [];
        const environment = { DATABASE_URL: databaseUrl };
        const code = await command.run(args, { environment, print: (text) => out.push(text), complain: assert.fail });
        assert.equal(code, 0);
        return out.join('\n');
      },
    });
  } finally {
    await store.close();
    await database.drop();
    rmSync(folder, { recursive: true });
  }
}

describe('on PostgreSQL', { skip: skipPostgres }, () => {
  test('explain says who decides a stored approval, by either ID, and who stands in for a person', () =>
    onDatabase(async ({ store, run, write }) => {
      const money = exampleText('money-two-people.yml');
      const pause = pauseOf({ parameters: { amount: 900, currency: 'EUR' } });
      const { requirement } = createPolicy(documentOfText(money, 'policy.yml'), noLookups).route(pause, { now: 0 });
      const state = after(announced({ pause, requirement }));
      await store.transact({ approvalId: 'ap1', inputId: null, audit, fn: () => ({ state, effects: [] }) });
      const absent = { platform: 'slack', id: 'U0MARA001', name: 'Mara' };
      const deputy = { platform: 'slack', id: 'U0ANA0001', name: 'Ana' };
      const value = { absent, deputy, since: 0, until: Date.parse('2026-12-07T09:00:00Z') };
      await store.records.put({ kind: 'absence', id: 'mara', value }, { input: 'away', actor: dana, facts: {} });
      const file = write('policy.yml', money);
      for (const id of ['ap1', 'appr_1']) {
        const out = await run(explain, id, '--file', file, '--at', '2026-12-01T09:00:00Z');
        assert.match(out, /2 different people must approve it/, id);
        assert.match(out, /Mara is away until 2026-12-07 09:00 UTC/);
      }
      await assert.rejects(
        run(explain, 'ap9', '--file', file),
        /There is no approval ap9 in the database of DATABASE_URL/,
      );
    }));

  test('replay compares the requests of the past, archived ones included', () =>
    onDatabase(async ({ store, run, write, query }) => {
      const seeds = seedsOf(200);
      const from = Date.now() - 20 * DAY_MS;
      const old = { ...approvalOf(seeds[0] ?? assert.fail(), from - 20 * DAY_MS), id: 'older than 30 days' };
      const all = [...seeds.map((one, index) => approvalOf(one, from + index)), old];
      await Promise.all(
        all.map((state) =>
          store.transact({ approvalId: state.id, inputId: null, audit, fn: () => ({ state, effects: [] }) }),
        ),
      );
      const replayed = async () => {
        const out = await run(replay, write('new.yml', newPolicy), '--json');
        const { requests, groups } = JSON.parse(out) as {
          requests: number;
          groups: { what: string; requests: string[] }[];
        };
        return { requests, groups: Object.fromEntries(groups.map(({ what, requests: ids }) => [what, ids])) };
      };
      const expected = { requests: seeds.length, groups: oracle(seeds) };
      assert.deepEqual(await replayed(), expected);
      while (await store.archiveAndPrune({ settledBefore: Date.now(), seenBefore: 0 }));
      assert.ok((await query('SELECT 1 FROM archive')).length > 0, 'some are archived by now');
      assert.deepEqual(await replayed(), expected);
    }));
});
