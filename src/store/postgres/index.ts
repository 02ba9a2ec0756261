/** The store of several replicas, in PostgreSQL. Tested in test/store/postgres/index.test.ts. */
import type { ReachFailPoint } from '../../core/ports/fail-points.ts';
import type { Claimer, Clock, Job, Log, Store } from '../../core/ports/ports.ts';
import { Pool } from './connection/pool.ts';
import { Session } from './connection/session.ts';
import { checkIdentity, createCopyMark } from './copy-mark.ts';
import { Outbox } from './jobs/outbox.ts';
import { createLists } from './lists/approvals.ts';
import { createAuditReads } from './lists/audit-search.ts';
import { followOthers } from './lists/others.ts';
import { createOverview } from './lists/overview.ts';
import { createPending } from './lists/pending.ts';
import { createMeta } from './meta.ts';
import { OpenRuns } from './open-runs.ts';
import { createDrafts, createHomeTabs } from './people.ts';
import { createRecords, RecordsFollower } from './records.ts';
import { createRetention } from './retention.ts';
import { migrate } from './schema/migrate.ts';
import { createStats } from './stats.ts';
import { Commits } from './write/commits.ts';
import type { Draft, WatchStates } from './write/draft.ts';
import { Memory } from './write/memory.ts';
import { Queue } from './write/queue.ts';
import { createWrites, Works } from './write/work.ts';

export interface PostgresOptions {
  /** `postgres://…` */
  connectionString: string;
  clock: Clock;
  log: Log;
  failPoint?: ReachFailPoint | undefined;
  watch?: WatchStates;
}

/**
 * The store in one database of PostgreSQL, for any number of processes.
 * @throws SetupError when the database can't be used
 */
export async function createPostgresStore(options: PostgresOptions): Promise<Store> {
  const { connectionString, clock, log, failPoint, watch } = options;
  await migrate(connectionString);
  const pool = new Pool({ connectionString, log });
  const session = new Session({ connectionString, log }, { name: 'commits', commits: true });
  const claims = new Session({ connectionString, log }, { name: 'claims', commits: true });
  const memory = new Memory(clock);
  const runs = new OpenRuns(pool);
  const follower = new RecordsFollower();
  const now = () => Math.round(clock.now());
  const news = createNews(log);
  const commits = new Commits({
    ...{ session, follower, memory, runs, clock, log, now, failPoint, watch },
    onDuration: () => {},
    onCommitted(drafts) {
      for (const { ending } of drafts) if (ending !== null) outbox.ended(ending.job);
      news.committed(drafts);
    },
  });
  const works = new Works({ session, memory, clock });
  const queue = new Queue(clock, { batch: (calls) => commits.batch(calls), work: (call) => works.run(call) });
  const writes = createWrites(queue, pool);
  const outbox = new Outbox({ session: claims, follower, reads: pool, writes, now });
  news.claimFrom(outbox);
  const appendAudit = works.append;
  await writes.run(checkIdentity);
  const retention = createRetention(writes);

  return {
    transact: (change) => queue.add({ type: 'change', change }),
    settle: (job, settlement) => queue.add({ type: 'settle', job, settlement }),
    ...createLists(pool),
    ...createCopyMark(pool, writes),
    pending: createPending(pool),
    overview: createOverview({ reads: pool, writes, appendAudit, now, clock, notify: news.notify }),
    ...createAuditReads(pool),
    claim: (limits, lockedBy, _leaseMs, pausedLanes) => outbox.claim(limits, lockedBy, pausedLanes),
    claimInCommits: news.claimInCommits,
    unlockJobs: (lockedBy) => outbox.release(lockedBy ?? ''),
    async retryDeadLetters(rooms, limit = Number.MAX_SAFE_INTEGER) {
      const retried = await outbox.retryDeadLetters(rooms, limit);
      if (retried > 0) news.notify(null);
      return retried;
    },
    markAttempted: (approvalId, slot) => outbox.markAttempted(approvalId, slot),
    msUntilNextJob: (pausedLanes = [], kinds) => outbox.msUntilNext(pausedLanes, kinds),
    ...createMeta(pool, writes, clock),
    ...createStats(pool, now),
    drafts: createDrafts(pool, writes, clock),
    homeTabs: createHomeTabs(pool, writes, clock),
    records: createRecords({ reads: pool, writes, follower, appendAudit, tell: () => {}, clock }),
    async noteRun(reading) {
      await writes.run(async (rows) => {
        for (const { sql, values } of runs.statements(reading, true, now())) await rows(sql, values);
      });
    },
    openRuns: (of) => runs.list(of),
    onJobsAdded: news.onJobsAdded,
    followOthers: () => followOthers(pool),
    archiveAndPrune: retention,
    async close() {
      await queue.drained();
      await Promise.all([session.close(), claims.close(), pool.close()]);
    },
  };
}

/** Who is told of jobs that a commit has made due. */
function createNews(log: Log) {
  const listeners = new Set<(approvalId: string | null) => void>();
  let claimer: Claimer | null = null;
  let outbox: Outbox | null = null;
  const notify = (approvalId: string | null) => {
    for (const listener of listeners) listener(approvalId);
  };

  /** The worker of this replica claims first: it needs no notification. */
  function claim(drafts: readonly Draft[]): void {
    if (claimer === null || outbox === null) return;
    const { ask, take } = claimer;
    const jobs = drafts.flatMap((draft) => draft.jobs);
    const ended = drafts.flatMap(({ ending }) => (ending === null ? [] : [ending.job.kind]));
    const kinds = new Set<Job['kind']>([...jobs.filter(({ waitMs }) => waitMs <= 0).map(({ kind }) => kind), ...ended]);
    const waits = jobs.flatMap(({ waitMs }) => (waitMs > 0 ? [waitMs] : []));
    const dueInMs = ended.length > 0 ? 0 : waits.length === 0 ? null : Math.min(...waits);
    const takeLater = (claimed: readonly Job[], inMs: number | null) => {
      if (claimed.length > 0 || inMs !== null) setImmediate(() => take(claimed, inMs));
    };
    const request = kinds.size === 0 ? null : ask([...kinds]);
    if (request === null) {
      takeLater([], dueInMs);
      return;
    }
    const { limits, lockedBy, pausedLanes } = request;
    outbox.claim(limits, lockedBy, pausedLanes).then(
      (claimed) => takeLater(claimed, dueInMs),
      (error: unknown) => {
        log.error({ err: error }, 'jobs could not be claimed after a commit');
        // They are due: the worker looks for them itself.
        takeLater([], 0);
      },
    );
  }

  return {
    notify,
    committed(drafts: readonly Draft[]) {
      claim(drafts);
      for (const { call, jobs } of drafts) {
        if (jobs.length > 0 && call.request.type === 'change') notify(call.request.change.approvalId);
      }
    },
    claimFrom: (from: Outbox) => {
      outbox = from;
    },
    claimInCommits: (next: Claimer) => {
      claimer = next;
    },
    onJobsAdded: (listener: (approvalId: string | null) => void) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
