/** Which index serves each statement that reads, as PostgreSQL plans it for any parameters on a database of some size. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as archive from '../../../src/store/postgres/sql/archive.ts';
import * as audit from '../../../src/store/postgres/sql/audit.ts';
import * as lists from '../../../src/store/postgres/sql/lists.ts';
import * as meta from '../../../src/store/postgres/sql/meta.ts';
import * as pending from '../../../src/store/postgres/sql/pending.ts';
import * as people from '../../../src/store/postgres/sql/people.ts';
import * as records from '../../../src/store/postgres/sql/records.ts';
import * as stats from '../../../src/store/postgres/sql/stats.ts';
import { createDatabase, type Database, skipPostgres } from '../../support/postgres/index.ts';

const all: Record<string, string> = {
  ...archive,
  ...audit,
  ...lists,
  ...meta,
  ...pending,
  ...people,
  ...records,
  ...stats,
};

/** A history, of which little is unfinished. */
const fill = `
  INSERT INTO approvals (id, backend, run_id, run_key, group_key, phase, watched, topic, source, rule, missing, fetched,
      shape, state, created_at, settled_at)
    SELECT 'a' || n, 'b' || n % 3, 'r' || n / 2, 'r' || n / 2, 'g' || n / 2, phase, false, 't' || n % 400, 's' || n % 20,
      CASE WHEN n % 150 = 0 THEN 'rule' || n % 7 END, 0, n % 10 = 0, 1, repeat('x', 400), n, CASE phase WHEN 'settled' THEN n END
    FROM (SELECT n, CASE WHEN n % 50 = 0 THEN 'open' WHEN n % 500 = 1 THEN 'decided' ELSE 'settled' END AS phase
      FROM generate_series(1, 20000) AS n) AS made;
  INSERT INTO inputs SELECT 'i' || n, n FROM generate_series(1, 20000) AS n;
  INSERT INTO audit (approval_id, seq, write_id, at, input, facts, phase_from, phase_to)
    SELECT 'a' || n % 5000, n / 5000, 'w', n, 'pressed', '{}', 'open', 'decided' FROM generate_series(1, 20000) AS n;
  INSERT INTO archive (id, group_key, audit_through, packed)
    SELECT 'z' || n, 'g' || n, 4, 'packed' FROM generate_series(1, 10000) AS n;
  INSERT INTO jobs (job_key, kind, lane, place, subject, slot, run_at, created_at, dead_at)
    SELECT 'draw:a' || n || ':s', 'draw', 'post:p' || n % 20, 'p' || n % 20, 'a' || n, 's', n, n,
      CASE WHEN n % 10 = 0 THEN n END
    FROM generate_series(1, 10000) AS n;
  INSERT INTO sent_content SELECT 'draw:a' || n || ':s', 'hash' FROM generate_series(1, 10000) AS n;
  INSERT INTO audiences (hash, text, at) SELECT 'h' || n, '{}', n FROM generate_series(1, 300) AS n;
  INSERT INTO pending SELECT 'a' || n, n % 30, n, 1 + n % 300, '[]' FROM generate_series(1, 10000) AS n;
  INSERT INTO precedents SELECT 'a' || n, 'k' || n % 100, n FROM generate_series(1, 10000) AS n;
  INSERT INTO bundle_members (bundle_id, approval_id) SELECT 'd' || n / 20, 'a' || n FROM generate_series(1, 10000) AS n;
  INSERT INTO drafts SELECT 'a' || n, 'u', 'reject', 's', '{}', n FROM generate_series(1, 200) AS n;
  INSERT INTO home_tabs SELECT 'slack', 'U' || n, 'n', 's', n FROM generate_series(1, 200) AS n;
  INSERT INTO notes SELECT 'n' || n, 'w', n FROM generate_series(1, 3000) AS n;
  INSERT INTO policy_records (kind, id, number, value, at) OVERRIDING SYSTEM VALUE SELECT 'grant', 'g' || n, n, '1', n FROM generate_series(1, 3000) AS n`;

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  Plans?: Node[];
}

/** The tables that it reads as a whole, and the indexes that it uses. */
function readsOf({ Plans = [], ...node }: Node): string[] {
  const own = node['Node Type'] === 'Seq Scan' ? `all of ${node['Relation Name']}` : (node['Index Name'] ?? '');
  return [...new Set([own, ...Plans.flatMap(readsOf)])].filter((read) => read !== '').sort();
}

/** Statements that may read a whole table, and which. Each is small, or all of it is asked for. */
const wholeTables: Record<string, string[]> = {
  countLiveJobs: ['jobs'],
  // One short row for each that waits.
  countAudiences: ['pending'],
  listAudiences: ['audiences', 'pending'],
  pruneAudiences: ['audiences'],
  savePending: ['audiences'],
  pruneDrafts: ['drafts'],
  findDraft: ['drafts'],
  deleteDrafts: ['drafts'],
  pruneHomeTabs: ['home_tabs'],
  deleteHomeTab: ['home_tabs'],
  listHomeTabs: ['home_tabs'],
  listRecords: ['policy_records'],
  // For the command that compares a file with everything that was asked, not for the bot.
  listSince: ['approvals', 'archive'],
  // Once, where the database is found to be a copy.
  readIdentity: ['pg_database'],
  readLastBeat: ['replicas'],
  deleteSentContent: ['sent_content'],
};

describe('PostgreSQL', { skip: skipPostgres }, () => {
  let database: Database;
  const plans = new Map<string, string[]>();
  before(async () => {
    database = await createDatabase();
    await database.query(fill);
    await database.query('ANALYZE');
    for (const [name, sql] of Object.entries(all)) {
      const [row] = await database.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
        `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${sql}`,
      );
      plans.set(name, row === undefined ? ['no plan'] : readsOf(row['QUERY PLAN'][0].Plan));
    }
  });
  after(() => database.drop());

  describe('no statement reads a whole table that grows', () => {
    for (const name of Object.keys(all)) {
      test(name, () => {
        // A table of a few rows, `meta`, is read by its index or as a whole, as the statistics of the moment say.
        const allowed = ['meta', ...(wholeTables[name] ?? [])].map((table) => `all of ${table}`);
        const whole = plans.get(name)?.filter((read) => read.startsWith('all of ') && !allowed.includes(read));
        assert.deepEqual(whole, []);
      });
    }
  });

  describe('the statements of lists and of the archive are served by', () => {
    const expected: Record<string, string[]> = {
      findStates: ['approvals_pkey', 'archive_pkey'],
      listGroup: ['approvals_by_group', 'approvals_pkey', 'archive_by_group'],
      listRun: ['approvals_by_run'],
      listUnfinished: ['approvals_unfinished'],
      listUnfinishedIds: ['approvals_unfinished'],
      listUnfinishedOfBackend: ['approvals_unfinished'],
      idsOfUnfinished: ['approvals_unfinished'],
      pageOfUnsent: ['approvals_unfinished'],
      settledBefore: ['approvals_by_end'],
      listUnderWay: ['approvals_unfinished'],
      countAwaited: ['approvals_by_source'],
      latestAwaited: ['approvals_by_source'],
      findUnattempted: ['approvals_by_topic', 'jobs_job_key_key'],
      findInDigest: ['approvals_by_topic', 'bundles_by_member'],
      listPrecedents: ['approvals_pkey', 'archive_pkey', 'precedents_by_key'],
      pageOfPending: ['pending_by_urgency'],
      pendingAfter: ['approvals_pkey', 'pending_by_urgency'],
      idsOfPending: ['pending_pkey'],
      countApprovals: ['approvals_unfinished'],
      countWaiting: ['approvals_waiting'],
      deadLettersBefore: ['jobs_dead_by_time'],
      pageOfAudit: ['audit_id_key'],
      readAudit: ['archive_pkey', 'audit_pkey'],
      pageOfArchivedAudit: ['archive_number_key'],
      nextCandidates: ['approvals_by_end'],
      pruneInputs: ['inputs_by_age', 'inputs_pkey'],
    };
    for (const [name, plan] of Object.entries(expected)) {
      test(name, () => assert.deepEqual(plans.get(name), plan));
    }
  });
});
