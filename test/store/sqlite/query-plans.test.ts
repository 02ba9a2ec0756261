/** Which index serves each statement, as SQLite plans it on a new database. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { openDatabase } from '../../../src/store/sqlite/file/open.ts';
import * as approvals from '../../../src/store/sqlite/sql/approvals.ts';
import * as archive from '../../../src/store/sqlite/sql/archive.ts';
import * as audit from '../../../src/store/sqlite/sql/audit.ts';
import * as drafts from '../../../src/store/sqlite/sql/drafts.ts';
import * as homeTabs from '../../../src/store/sqlite/sql/home-tabs.ts';
import * as jobs from '../../../src/store/sqlite/sql/jobs.ts';
import * as meta from '../../../src/store/sqlite/sql/meta.ts';
import * as openRuns from '../../../src/store/sqlite/sql/open-runs.ts';
import * as pending from '../../../src/store/sqlite/sql/pending.ts';
import * as records from '../../../src/store/sqlite/sql/records.ts';
import * as rooms from '../../../src/store/sqlite/sql/rooms.ts';
import * as stats from '../../../src/store/sqlite/sql/stats.ts';

const { db, close } = openDatabase(':memory:');
after(close);

const all: Record<string, string> = {
  ...approvals,
  ...archive,
  ...audit,
  ...drafts,
  ...homeTabs,
  ...jobs,
  ...meta,
  ...openRuns,
  ...pending,
  ...records,
  ...rooms,
  ...stats,
};

/** What a statement is given, or has found itself: as many rows as there are lanes, or as its limit allows. */
const isSmall = (detail: string) => /json_each|^(?:SCAN|SEARCH) queues$|^SCAN \(subquery-/.test(detail);

/** The steps of the plan that read a table or an index. */
function planOf(sql: string): string[] {
  const names = [...new Set([...sql.matchAll(/@(\w+)/g)].map(([, name]) => name ?? ''))];
  const named = Object.fromEntries(names.map((name) => [name, 1]));
  const positional = Array.from(sql.match(/\?/g) ?? [], () => 1);
  const parameters = names.length > 0 ? [named] : positional;
  return db
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...parameters)
    .map(({ detail }) => detail)
    .filter((detail) => /^(?:SCAN|SEARCH|USING INDEX|USE TEMP)/.test(detail) && !isSmall(detail));
}

/** Statements that may read a whole table or index, and which. Each is small, however long the history is. */
const scans: Record<string, string[]> = {
  listUnfinished: ['SCAN approvals USING INDEX approvals_unfinished'],
  listUnfinishedIds: ['SCAN approvals USING COVERING INDEX approvals_unfinished_ids'],
  // Asked only where the statistics count such approvals.
  listUnderWay: ['SCAN approvals USING COVERING INDEX approvals_unfinished_ids'],
  countApprovals: ['SCAN approvals USING COVERING INDEX approvals_unfinished_ids'],
  countWaiting: ['SCAN approvals USING COVERING INDEX approvals_waiting'],
  // As many rows as there are ways in which approvals are routed.
  listAudiences: ['SCAN audiences'],
  // One entry of the index for each that waits; no approval.
  pageOfPending: ['SCAN pending USING COVERING INDEX pending_by_urgency'],
  // Short rows of what waits, only for a filter by names.
  namesOfPending: ['SCAN pending USING INDEX pending_by_urgency'],
  releaseJobs: ['SCAN jobs USING INDEX jobs_locked'],
  countLiveJobs: ['SCAN jobs USING INDEX jobs_by_lane'],
  countDeadJobs: ['SCAN jobs USING COVERING INDEX jobs_dead'],
  pruneDrafts: ['SCAN drafts'],
  pruneHomeTabs: ['SCAN home_tabs', 'SCAN home_tabs'],
  listHomeTabs: ['SCAN home_tabs'],
  // As many rows as there are runs that are being read.
  listOpenRuns: ['SCAN open_runs'],
  listRecords: ['SCAN policy_records'],
  // One row for each room: for its lanes, and while it is closed.
  endRestsAfterFailures: ['SCAN lanes'],
  pruneLanes: ['SCAN lanes'],
  beginAllProbes: ['SCAN rooms'],
  findProbes: ['SCAN rooms'],
  // At a start, one row of it.
  findClosed: ['SCAN rooms'],
};

describe('no statement reads a whole table that grows', () => {
  for (const [name, sql] of Object.entries(all)) {
    test(name, () =>
      assert.deepEqual(
        planOf(sql).filter((step) => step.startsWith('SCAN')),
        scans[name] ?? [],
      ),
    );
  }
});

test('no statement is compiled anew at each run, as those are that SQLite plans by the value of a parameter', () => {
  const bare = /LIMIT [@?](?!\w* \+ 0)|\bjobs\b[^;]*\bkind = [@?]/;
  const isSorted = /ORDER BY|\bJOIN\b/;
  const bareEqual = /\b(?:WHERE|AND) [\w.]+ = [@?]/;
  const found = Object.entries(all).filter(([, sql]) => bare.test(sql) || (isSorted.test(sql) && bareEqual.test(sql)));
  assert.deepEqual(
    found.map(([name]) => name),
    [],
  );
});

describe('the statements of a pause and of a press are served by', () => {
  const expected: [string, string[]][] = [
    ['loadApproval', ['SEARCH approvals USING INDEX sqlite_autoindex_approvals_1 (id=?)']],
    ['findArchived', ['SEARCH archive USING INDEX sqlite_autoindex_archive_1 (id=?)']],
    ['countOfSource', ['SEARCH approvals USING COVERING INDEX approvals_by_source (source=?)']],
    ['deletePending', ['SEARCH pending USING PRIMARY KEY (id=?)']],
    ['findAudience', ['SEARCH audiences USING COVERING INDEX sqlite_autoindex_audiences_1 (text=?)']],
    ['idsOfPending', ['SEARCH pending USING PRIMARY KEY (id>?)']],
    ['idsOfUnfinished', ['SEARCH approvals USING COVERING INDEX approvals_unfinished_ids (backend=?)']],
    ['countAwaited', ['SEARCH approvals USING INDEX approvals_awaited (source=?)']],
    ['latestAwaited', ['SEARCH approvals USING INDEX approvals_awaited (source=?)', 'USE TEMP B-TREE FOR ORDER BY']],
    ['pageOfUnsent', ['SEARCH approvals USING INDEX approvals_unfinished (backend=? AND rowid>?)']],
    ['pendingAfter', ['SEARCH pending USING COVERING INDEX pending_by_urgency ((end_at,asked_at,id)>(?,?,?))']],
    ['settledBefore', ['SEARCH approvals USING INDEX approvals_by_end (settled_at<?)']],
    ['deadLettersBefore', ['SEARCH jobs USING INDEX jobs_dead_by_time (dead_at>? AND dead_at<?)']],
    ['findInput', ['SEARCH inputs USING PRIMARY KEY (id=?)']],
    ['findNextLane', ['SEARCH jobs USING INDEX sqlite_autoindex_jobs_1 (job_key=?)']],
    [
      'findDueDraws',
      [
        'SEARCH jobs USING INDEX jobs_by_lane (kind=?)',
        'SEARCH jobs USING INDEX jobs_by_lane (kind=? AND lane>?)',
        'SEARCH busy USING INDEX jobs_locked (lane=?)',
        'SEARCH resting USING PRIMARY KEY (lane=?)',
        'SEARCH job USING INTEGER PRIMARY KEY (rowid=?)',
        'SEARCH jobs USING INDEX jobs_by_lane (kind=? AND lane=?)',
        'USE TEMP B-TREE FOR ORDER BY',
      ],
    ],
    [
      'findDueJobs',
      [
        'SEARCH job USING INDEX jobs_by_time (kind=? AND run_at<?)',
        'SEARCH busy USING INDEX jobs_locked (lane=?)',
        'SEARCH first USING INDEX jobs_by_lane (kind=? AND lane=?)',
        'SEARCH job USING INDEX jobs_by_time (kind=? AND run_at>?)',
        'SEARCH busy USING INDEX jobs_locked (lane=?)',
        'SEARCH first USING INDEX jobs_by_lane (kind=? AND lane=?)',
        'USE TEMP B-TREE FOR ORDER BY',
      ],
    ],
    [
      'lockJob',
      [
        'SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)',
        'SEARCH sent_content USING PRIMARY KEY (job_key=?)',
        'SEARCH lanes USING PRIMARY KEY (lane=?)',
        'SEARCH rooms USING PRIMARY KEY (place=?)',
        'SEARCH rooms USING PRIMARY KEY (place=?)',
      ],
    ],
    ['endLane', []],
    ['openRooms', ['SEARCH rooms USING PRIMARY KEY (place=?)']],
    ['completeJob', ['SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)']],
    ['rerunJob', ['SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)']],
    ['retryJob', ['SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)']],
    ['failJob', ['SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)']],
    [
      'findNextDrawAt',
      [
        'SEARCH jobs USING INDEX jobs_by_lane (kind=?)',
        'SEARCH jobs USING INDEX jobs_by_lane (kind=? AND lane>?)',
        'SEARCH busy USING INDEX jobs_locked (lane=?)',
        'SEARCH jobs USING INDEX jobs_by_lane_time (lane=?)',
        'SEARCH resting USING PRIMARY KEY (lane=?)',
      ],
    ],
    ['findNextJobAt', ['SEARCH job USING INDEX jobs_by_time (kind=?)', 'SEARCH busy USING INDEX jobs_locked (lane=?)']],
    [
      'findUnattempted',
      [
        'SEARCH approvals USING INDEX approvals_by_topic (topic=?)',
        'SEARCH jobs USING INDEX sqlite_autoindex_jobs_1 (job_key=?)',
      ],
    ],
    [
      'findInDigest',
      ['SEARCH approvals USING INDEX approvals_by_topic (topic=?)', 'USING INDEX bundles_by_member FOR IN-OPERATOR'],
    ],
    ['listPrecedents', ['SEARCH precedents USING COVERING INDEX precedents_by_key (key=?)']],
    ['saveProgress', ['SEARCH approvals USING INDEX sqlite_autoindex_approvals_1 (id=?)']],
    ['saveState', ['SEARCH approvals USING INDEX sqlite_autoindex_approvals_1 (id=?)']],
    ['listGroup', ['SEARCH approvals USING INDEX approvals_by_group (group_id=?)', 'USE TEMP B-TREE FOR ORDER BY']],
    ['nextCandidate', ['SEARCH approvals USING INDEX approvals_settled (settled_at>? AND settled_at<?)']],
  ];
  for (const [name, plan] of expected) test(name, () => assert.deepEqual(planOf(all[name] ?? ''), plan));
});
