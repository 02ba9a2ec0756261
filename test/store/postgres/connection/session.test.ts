import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../../src/store/postgres/connection/errors.ts';
import { Session } from '../../../../src/store/postgres/connection/session.ts';
import { begin, commit } from '../../../../src/store/postgres/sql/commit.ts';
import { captureLog } from '../../../support/log.ts';
import { createDatabase, skipPostgres } from '../../../support/postgres/index.ts';

const OWN_PROCESS = 'SELECT pg_backend_pid() AS pid';

test('a transaction is never committed on another connection than its own', { skip: skipPostgres }, async () => {
  const database = await createDatabase();
  const { log } = captureLog();
  const session = new Session({ connectionString: database.connectionString, log }, { name: 'commits', commits: true });
  try {
    const transaction = await session.pinned();
    await transaction.rows(begin);
    const [own] = await transaction.rows<{ pid: number }>(OWN_PROCESS);
    await database.query(`SELECT pg_terminate_backend(${own?.pid}, 5000)`);
    await assert.rejects(transaction.rows(OWN_PROCESS), { kind: 'lost' });
    // A COMMIT with nothing to commit is no error.
    assert.deepEqual(await session.rows(commit), []);
    await assert.rejects(
      transaction.rows(commit),
      (error: Failure) => error instanceof Failure && error.kind === 'lost',
    );
    const [other] = await session.rows<{ pid: number }>(OWN_PROCESS);
    assert.notEqual(other?.pid, own?.pid, 'others go on with a new connection');
  } finally {
    await session.close();
    await database.drop();
  }
});
