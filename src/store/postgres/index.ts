/** The store of several replicas, in PostgreSQL. Tested in test/store/postgres/index.test.ts. */

import { WRITTEN_SHAPE } from '../../core/approval/parts/shape.ts';
import type { ReachFailPoint } from '../../core/ports/fail-points.ts';
import type { Claimer, Clock, Job, Log, Store } from '../../core/ports/ports.ts';
import type { Fleet } from '../../core/ports/store/fleet.ts';
import { createSlowCommitWarning } from '../shared/slow-commits.ts';
import { type Failure, isReadOnly, refusalOf } from './connection/errors.ts';
import { Pool } from './connection/pool.ts';
import { Session } from './connection/session.ts';
import { createSharedIncidents } from './duties/incidents.ts';
import { createSharedMembers } from './duties/members.ts';
import { joinFleet } from './fleet/fleet.ts';
import { Words } from './fleet/words.ts';
import { SharedOutbox } from './jobs/outbox.ts';
import { createLists } from './lists/approvals.ts';
import { createAuditReads } from './lists/audit-search.ts';
import { followOthers } from './lists/others.ts';
import { createOverview } from './lists/overview.ts';
import { createPending } from './lists/pending.ts';
import { createMeta } from './meta.ts';
import { OpenRuns } from './open-runs.ts';
import { createCopyMark } from './opening/copy-mark.ts';
import { checkDurability } from './opening/durability.ts';
import { watchIdentity } from './opening/identity.ts';
import { createDrafts, createHomeTabs } from './people.ts';
import { createRecords, RecordsFollower } from './records.ts';
import { createRetention } from './retention.ts';
import type { Rows } from './rows.ts';
import { checkVersion, migrate } from './schema/migrate.ts';
import { createStats } from './stats.ts';
import { Commits } from './write/commits.ts';
import type { Draft, WatchStates } from './write/draft.ts';
import { Memory } from './write/memory.ts';
import { Queue } from './write/queue.ts';
import { createWrites, Works } from './write/work.ts';

export interface PostgresOptions {
  /** `postgres://…` */
  connectionString: string;
  /** Past a pooler that keeps no session. Default: the same. */
  listenString?: string | undefined;
  /** Of this replica among the others; another process under the same name replaces this one. */
  name: string;
  version: string;
  /** Times that are compared between replicas are from its `now`: it is the time of the database (`DatabaseClock`). */
  clock: Clock;
  log: Log;
  /** The operator accepts a database that may lose what it has confirmed. */
  allowLoss?: boolean;
  /** Gets a SetupError: another process has taken the name of this one, which must end. */
  onFatal: (error: Error) => void;
  /** @param database its time, ms; by the monotonic clock: when it was asked, and answered */
  onTime?: (database: number, sentAt: number, answeredAt: number) => void;
  failPoint?: ReachFailPoint | undefined;
  watch?: WatchStates;
}

/** Between two looks for what others have left, ms: a notification may be lost. */
const LOOK_MS = 1_000;

/**
 * The store in one database of PostgreSQL, and this process among those that work on it.
 * @throws SetupError when the database can't be used
 */
export async function createPostgresStore(options: PostgresOptions): Promise<{ store: Store; fleet: Fleet }> {
  const { connectionString, clock, log, onTime, onFatal } = options;
  await migrate(connectionString, undefined, options.failPoint);
  const me = `${options.name}/${clock.id()}`;
  // Also where nothing is written: a beat makes a replica count as alive.
  const look = watchIdentity(log, onFatal);
  const pool = new Pool({ connectionString, log, onConnected: look });
  const undo: (() => Promise<unknown>)[] = [() => pool.close()];
  const close = async () => {
    for (const end of undo.splice(0).reverse()) await end();
  };
  try {
    await checkDurability(pool.rows, options.allowLoss ?? false, log);
    const words = new Words({ connectionString: options.listenString ?? connectionString, me, clock, log });
    undo.push(() => words.close());
    const { store, news, follower, refuse } = await createParts(options, { me, pool, look, words, undo });
    const refresh = () =>
      follower.refresh(pool.rows).catch((error: unknown) => log.debug({ err: error }, 'records are not read yet'));
    // One that fails is made again with the next beat.
    const check = () => checkVersion(pool.rows, onFatal).catch(() => {});
    const onBeat = () => Promise.all([refresh(), check()]).then(() => {});
    const joined = { reads: pool, words, clock, log, me, onTime, onBeat, onReplaced: onFatal };
    const fleet = await joinFleet(joined, { ...options, shape: WRITTEN_SHAPE });
    words.on(({ type }) => {
      if (type === 'jobs') news.look();
      if (type === 'records') void refresh();
    });
    await words.start();
    const looking = new AbortController();
    undo.push(async () => looking.abort());
    void (async () => {
      while (!looking.signal.aborted) {
        await clock.sleep(LOOK_MS, looking.signal).catch(() => {});
        if (!looking.signal.aborted && fleet.size() > 1) news.look();
      }
    })();
    return { store: { ...store, close }, fleet: lookingFleet(refusingFleet(fleet, refuse), news) };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

interface Shared {
  me: string;
  pool: Pool;
  /** At a new connection, whether it is still the same database. */
  look: (rows: Rows) => Promise<void>;
  words: Words;
  /** In the order in which they were begun. */
  undo: (() => Promise<unknown>)[];
}

async function createParts(options: PostgresOptions, { me, pool, look, words, undo }: Shared) {
  const { connectionString, clock, log, failPoint, watch } = options;
  const memory = new Memory(clock);
  const onConnected = (rows: Rows) => {
    // Whatever has happened meanwhile.
    memory.clear();
    return look(rows);
  };
  const session = new Session({ connectionString, log, onConnected }, { name: 'commits', commits: true });
  const claims = new Session({ connectionString, log, onConnected: look }, { name: 'claims', commits: true });
  undo.push(() => Promise.all([session.close(), claims.close()]));
  const runs = new OpenRuns(pool);
  const follower = new RecordsFollower();
  const now = () => Math.round(clock.now());
  const news = createNews(log, () => words.tell({ type: 'jobs' }));
  const tellRecords = () => words.tell({ type: 'records' });
  const commits = new Commits({
    ...{ me, session, follower, memory, runs, clock, log, now, failPoint, watch },
    onRecords: tellRecords,
    onDuration: createSlowCommitWarning(clock, log, 'the database'),
    onCommitted(drafts) {
      for (const { ending } of drafts) if (ending !== null) outbox.ended(ending.job);
      news.committed(drafts);
    },
  });
  const works = new Works({ session, memory, clock });
  const queue = new Queue(clock, { batch: (calls) => commits.batch(calls), work: (call) => works.run(call) });
  undo.push(() => queue.drained());
  const writes = createWrites(queue, pool);
  const outbox = new SharedOutbox({ me, session: claims, follower, reads: pool, writes, now });
  news.claimFrom(outbox);
  const appendAudit = works.append;
  await session.connected();

  const store: Omit<Store, 'close'> = {
    transact: (change) => queue.add({ type: 'change', change }),
    settle: (job, settlement, lane) => queue.add({ type: 'settle', job, settlement, lane }),
    ...createLists(pool),
    ...createCopyMark(pool, writes),
    pending: createPending(pool),
    overview: createOverview({ reads: pool, writes, appendAudit, now, clock, notify: news.notify }),
    ...createAuditReads(pool),
    claim: (limits, lockedBy) => outbox.claim({ limits, lockedBy }),
    claimInCommits: news.claimInCommits,
    async release(lockedBy) {
      await outbox.release(lockedBy);
      news.lookAll();
    },
    closeRooms: (rooms, words, probeInMs) => outbox.rooms.close(rooms, words, probeInMs),
    openRooms: (place) => outbox.rooms.open(place),
    probes: (everyMs) => outbox.probes(everyMs),
    async retryDeadLetters(rooms, limit = Number.MAX_SAFE_INTEGER) {
      const retried = await outbox.retryDeadLetters(rooms, limit);
      if (retried > 0) news.notify(null);
      return retried;
    },
    markAttempted: (approvalId, slot) => outbox.markAttempted(approvalId, slot),
    msUntilNextJob: (kinds) => outbox.msUntilNext(kinds),
    ...createMeta(pool, writes, clock),
    ...createStats(pool, now),
    drafts: createDrafts(pool, writes, clock),
    homeTabs: createHomeTabs(pool, writes, clock),
    incidents: createSharedIncidents(writes),
    groupMembers: createSharedMembers(pool, writes),
    records: createRecords({
      ...{ reads: pool, writes, follower, appendAudit, clock },
      tell: tellRecords,
    }),
    async noteRun(reading) {
      await writes.run(async (rows) => {
        for (const { sql, values } of runs.statements(reading, true, now())) await rows(sql, values);
      });
    },
    openRuns: (of) => runs.list(of),
    onJobsAdded: news.onJobsAdded,
    followOthers: () => followOthers(pool),
    archiveAndPrune: createRetention(writes),
  };
  const refuse = (refusal: Failure | null) => {
    for (const used of [session, claims]) used.refuse(refusal);
  };
  return { store, news, follower, refuse };
}

/** While a beat is refused because the database takes no changes, neither is anything committed. */
function refusingFleet(fleet: Fleet, refuse: (refusal: Failure | null) => void): Fleet {
  return {
    ...fleet,
    async beat(fingerprint) {
      try {
        await fleet.beat(fingerprint);
        refuse(null);
      } catch (thrown) {
        if (isReadOnly(thrown)) refuse(refusalOf(thrown));
        throw thrown;
      }
    },
  };
}

/** Where a lane is free again, what waits in it is due. */
function lookingFleet(fleet: Fleet, news: ReturnType<typeof createNews>): Fleet {
  return {
    ...fleet,
    async adopted(replica) {
      await fleet.adopted(replica);
      news.lookAll();
    },
    async letGo(lane) {
      await fleet.letGo(lane);
      news.lookAll();
    },
  };
}

/** Whom a commit wakes for the jobs that it has made due: this replica’s worker, then the others. */
function createNews(log: Log, tellOthers: () => void) {
  const listeners = new Set<(approvalId: string | null) => void>();
  let claimer: Claimer | null = null;
  let outbox: SharedOutbox | null = null;
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
    outbox.claim(request).then(
      // What is due in a lane that rests is claimed when the rest ends, and the worker may sleep for longer.
      (claimed) => takeLater(claimed, claimed.length === 0 ? 0 : dueInMs),
      (error: unknown) => {
        log.error({ err: error }, 'jobs could not be claimed after a commit');
        // They are due: the worker looks for them itself.
        takeLater([], 0);
      },
    );
  }

  /** Others may have left something that is due. */
  const look = () => {
    claimer?.take([], 0);
    notify(null);
  };

  return {
    notify,
    look,
    /** Here and elsewhere. */
    lookAll() {
      look();
      tellOthers();
    },
    committed(drafts: readonly Draft[]) {
      claim(drafts);
      if (drafts.some((draft) => draft.jobs.length > 0)) tellOthers();
      for (const { call, jobs } of drafts) {
        if (jobs.length > 0 && call.request.type === 'change') notify(call.request.change.approvalId);
      }
    },
    claimFrom: (from: SharedOutbox) => {
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
