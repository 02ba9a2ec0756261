/** A database of PostgreSQL, whether replicas run on it or not. Tested in test/doctor/machine/postgres.test.ts. */
import { coerceError } from '../../core/ports/errors.ts';
import type { Checkup, Found } from '../../core/ports/ports.ts';
import { counted } from '../../core/text/numbers.ts';
import { differenceOf } from '../../engine/observe/replicas.ts';
import type { PostgresFacts } from '../../store/postgres/health/examine.ts';
import type { Group } from '../run.ts';
import { deadJobs } from './database.ts';

/** The oldest version that is supported: `server_version_num`. */
const OLDEST = 150_000;
/** Writer, claimer, listener, and six for reading. */
const CONNECTIONS_EACH = 9;
/** After so long without a beat, others take over, ms. */
const DEAD_MS = 12_000;

/** @param allowLoss the operator accepts that it may lose what it has confirmed */
export function postgresGroup(url: string, allowLoss: boolean): Group {
  let examined: Promise<PostgresFacts> | undefined;
  // Once for all checkups of a run. Its library is loaded only here.
  const facts = () => {
    examined ??= import('../../store/postgres/health/examine.ts').then(({ examinePostgres }) =>
      examinePostgres(url, DEAD_MS),
    );
    return examined;
  };
  /** Where it can't be reached, `database.reach` says so, and nothing else. */
  const known = (look: (found: PostgresFacts) => readonly Found[]) => async () => {
    const found = await facts().catch(() => null);
    return found === null ? null : look(found);
  };
  const checkups: Checkup[] = [
    {
      check: 'database.reach',
      title: `${nameOf(url)} can be reached, and is a PostgreSQL that can be used`,
      async look() {
        try {
          return usable(await facts());
        } catch (thrown) {
          return [fault(`${nameOf(url)} can’t be used: ${coerceError(thrown).message}.`, REACH_REMEDY)];
        }
      },
    },
    { check: 'database.schema', title: 'its schema is one that this version works with', look: known(schemaOf) },
    { check: 'database.rights', title: 'this role may read and write its tables', look: known(rightsOf) },
    {
      check: 'database.durability',
      title: 'what it confirms survives a crash, and a failover',
      look: known((found) => durabilityOf(found, allowLoss)),
    },
    { check: 'database.connections', title: 'it has connections for one more replica', look: known(connectionsOf) },
    { check: 'database.replicas', title: 'all replicas work, and by the same rules', look: known(replicasOf) },
    { check: 'database.dead', title: 'no job was given up', look: known(({ dead }) => deadJobs(dead)) },
  ];
  return { title: 'Database', checkups };
}

const REACH_REMEDY =
  'Check the host, the port, the name of the database, the role and its password in DATABASE_URL, and that this machine may connect (pg_hba.conf).';

function usable({ version, encoding, isReadOnly }: PostgresFacts): Found[] {
  const found: Found[] = [];
  if (version < OLDEST) {
    const what = `It is PostgreSQL ${Math.floor(version / 10_000)}, and Countersign needs 15 or newer.`;
    found.push(fault(what, 'Upgrade the database.'));
  }
  if (encoding !== 'UTF8') {
    found.push(fault(`Its encoding is ${encoding}: texts of people can’t be stored.`, 'Create it with ENCODING UTF8.'));
  }
  if (isReadOnly) {
    const what = 'It can only be read: it is a standby, or default_transaction_read_only is on.';
    found.push(fault(what, 'Let DATABASE_URL name the primary.'));
  }
  return found;
}

function schemaOf({ tooOld, toMigrate, mayMigrate, schema }: PostgresFacts): Found[] {
  if (tooOld !== null) {
    const [what = '', ...rest] = tooOld.split(/(?<=\)\.) /);
    return [fault(what, rest.join(' '))];
  }
  if (toMigrate === 0 || mayMigrate) return [];
  const what = `The next start has to change its schema (from ${schema.done} to ${schema.done + toMigrate}), and this role may not.`;
  return [fault(what, 'Start this version once with a role that owns the tables, then again with its own.')];
}

function rightsOf({ forbidden }: PostgresFacts): Found[] {
  if (forbidden.length === 0) return [];
  const what = `The role of DATABASE_URL can’t read or write ${forbidden.join(', ')}.`;
  return [fault(what, 'Grant it SELECT, INSERT, UPDATE and DELETE on all tables of the schema public.')];
}

function durabilityOf({ off, asynchronousStandbys }: PostgresFacts, allowLoss: boolean): Found[] {
  const found: Found[] = [];
  if (off.length > 0) {
    const what = `${off.join(' and ')} ${off.length === 1 ? 'is' : 'are'} off: a crash may lose presses that people saw recorded.`;
    const remedy = `Turn ${off.length === 1 ? 'it' : 'them'} on in postgresql.conf.`;
    found.push(
      allowLoss
        ? { level: 'warning', what, remedy }
        : fault(what, `${remedy} No start without it, unless ALLOW_LOSS=yes.`),
    );
  }
  if (asynchronousStandbys > 0) {
    found.push({
      level: 'warning',
      what: `${counted(asynchronousStandbys, 'standby', 'standbys')} may be behind: a failover may lose what was confirmed last.`,
      remedy: 'Set synchronous_standby_names, so that each commit waits for one of them.',
    });
  }
  return found;
}

function connectionsOf({ connections: { max, used } }: PostgresFacts): Found[] {
  if (max - used >= CONNECTIONS_EACH) return [];
  const what = `${used} of ${max} connections are in use, and a replica needs ${CONNECTIONS_EACH}.`;
  return [{ level: 'warning', what, remedy: 'Raise max_connections, or let other programs use a pooler.' }];
}

function replicasOf({ replicas }: PostgresFacts): Found[] {
  const silent = replicas.filter(({ isAlive }) => !isAlive).map(({ name }) => name);
  const difference = differenceOf(replicas);
  return [
    ...silent.map((name): Found => {
      const what = `The replica ${name} has stopped answering, and no other has taken over its work.`;
      return { level: 'warning', what, remedy: 'Start it again, or any other replica.' };
    }),
    ...(difference === null
      ? []
      : [
          fault(
            difference,
            'Give all replicas the same settings, policy file and version: who may decide must not depend on the replica.',
          ),
        ]),
  ];
}

/** Without the role and its password. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function fault(what: string, remedy: string): Found {
  return { level: 'fault', what, remedy };
}
