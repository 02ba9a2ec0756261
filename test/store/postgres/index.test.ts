/** What every store must do, on PostgreSQL. */
import { after, describe } from 'node:test';
import { createPostgresStore } from '../../../src/store/postgres/index.ts';
import { storeContract } from '../../contract/store/contract.ts';
import type { OpenStore } from '../../contract/store/support.ts';
import { captureLog } from '../../support/log.ts';
import { createDatabase, type Database, skipPostgres } from '../../support/postgres/index.ts';
import { checkedStates } from '../../support/worlds/checked-states.ts';

const { log } = captureLog();

describe('the store on PostgreSQL', { skip: skipPostgres }, () => {
  const databases: Database[] = [];
  after(() => Promise.all(databases.map((database) => database.drop())));

  const open: OpenStore = async (clock) => {
    const database = await createDatabase();
    databases.push(database);
    const { connectionString } = database;
    const onFatal = (error: Error): never => {
      throw error;
    };
    const joining = { name: 'one', version: '1.0.0' };
    const { store } = await createPostgresStore({
      connectionString,
      ...joining,
      clock,
      log,
      onFatal,
      watch: checkedStates,
    });
    return {
      store,
      async close() {
        await store.close();
        databases.splice(databases.indexOf(database), 1);
        await database.drop();
      },
    };
  };
  storeContract('PostgreSQL', open);
});
