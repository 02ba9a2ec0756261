import { approvalTables } from './initial/approvals.ts';
import { auditTables } from './initial/audit.ts';
import { fleetTables } from './initial/fleet.ts';
import { listTables } from './initial/lists.ts';
import { outboxTables } from './initial/outbox.ts';
import { peopleTables } from './initial/people.ts';
import { recordTables } from './initial/records.ts';

/**
 * One step. As text: it only adds, and every version that works with the database before it works with it afterwards, because
 * replicas are upgraded one after the other. `readableFrom`: it takes something away, or changes its meaning, and a version that
 * knows fewer steps than these can't work with the database any more. Such a step comes one release after the one that can do
 * without what it takes away.
 * Tested in test/store/postgres/index.test.ts.
 */
export type Migration = string | { sql: string; readableFrom: number };

/**
 * Forward only. Each entry is one transaction, and its statements are never edited once released. `meta.schema` counts the
 * entries that ran. Tested in test/store/postgres/schema/migrate.test.ts.
 *
 * - Times are in ms since 1970, by the clock of the database. A key that may come from outside is kept by `shortKey`: an
 *   index takes at most 2,704 bytes.
 * - `COLLATE "C"`: keys are compared as bytes, whatever the locale of the database, and a new version of its libraries
 *   changes no order.
 * - A state is `text`, never `jsonb`: that refuses `\u0000`, and drops the order of keys and a key that is there twice.
 * - `fillfactor`: most updates of approvals and jobs find space on their page, and write no index.
 */
export const postgresMigrations: readonly Migration[] = [
  [approvalTables, outboxTables, auditTables, listTables, peopleTables, recordTables, fleetTables].join(''),
];
