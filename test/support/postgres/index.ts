/**
 * PostgreSQL for tests: one server for a whole run of `npm test`, started by the first test that asks, and a database of its
 * own for each test. The server ends with the run (guard.ts).
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../../src/store/postgres/schema/migrate.ts';
import { ownFolder } from './guard.ts';
import { createCluster, startServer } from './server.ts';

export { skipPostgres } from './programs.ts';

/** A database with today's schema and without rows, which each test gets a copy of. */
const TEMPLATE = 'countersign_template';
const START_MS = 60_000;
const LOOK_MS = 20;

export interface Database {
  /** For `DATABASE_URL`. */
  readonly connectionString: string;
  /** Runs a statement on a connection of its own, which is kept. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Deletes it; what is still connected is cut. */
  drop(): Promise<void>;
}

let server: Promise<(database: string) => string> | null = null;
let databases = 0;

/** @param options.empty without the schema, as a first start finds it */
export async function createDatabase(options: { empty?: boolean } = {}): Promise<Database> {
  server ??= sharedServer();
  const urlOf = await server;
  const name = `test_${process.pid}_${++databases}`;
  const template = options.empty === true ? 'template0' : TEMPLATE;
  await administer(urlOf('postgres'), `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
  const connectionString = urlOf(name);
  let client: Promise<pg.Client> | null = null;
  return {
    connectionString,
    async query(text, values = []) {
      client ??= connected(connectionString);
      return (await (await client).query(text, values)).rows;
    },
    async drop() {
      const kept = await client;
      await kept?.end();
      await administer(urlOf('postgres'), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  // A test may end the server under it; the next query says so.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function administer(connectionString: string, statement: string): Promise<void> {
  const client = await connected(connectionString);
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Several processes run tests at once: the first one that asks starts the server, the others wait for its address. */
async function sharedServer(): Promise<(database: string) => string> {
  const folder = process.env['TEST_POSTGRES'] ?? ownFolder();
  const address = join(folder, 'address');
  const toUrl = (database: string) => readFileSync(address, 'utf8').replace('DATABASE', database);
  if (!isFirst(folder)) {
    const deadline = performance.now() + START_MS;
    while (!existsSync(address)) {
      if (performance.now() > deadline)
        throw new Error('the process that starts PostgreSQL for the tests did not do it');
      await wait(LOOK_MS);
    }
    return toUrl;
  }
  const started = await startServer(folder, createCluster(folder));
  await started.ready();
  await administer(started.urlOf('postgres'), `CREATE DATABASE ${TEMPLATE} TEMPLATE template0`);
  await migrate(started.urlOf(TEMPLATE));
  writeFileSync(`${address}.new`, started.urlOf('DATABASE'));
  renameSync(`${address}.new`, address);
  return toUrl;
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(join(folder, 'starting'));
    return true;
  } catch {
    return false;
  }
}
