import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { ReachFailPoint } from '../../core/ports/fail-points.ts';
import type { Claimer, Clock, Log, Store } from '../../core/ports/ports.ts';
import { Approvals } from './approvals.ts';
import { Audit } from './audit.ts';
import type { WatchStates } from './cache/states.ts';
import { createChange } from './change.ts';
import { createDrafts } from './drafts.ts';
import { checkNotMoved, clearCopyMark, readCopyMark } from './file/copy-detection.ts';
import { migrations } from './file/migrations.ts';
import { openDatabase } from './file/open.ts';
import { keepToOwner } from './file/private-files.ts';
import { GroupCommit } from './group-commit.ts';
import { createHomeTabs } from './home-tabs.ts';
import { createAuditReads } from './lists/audit-search.ts';
import { createOverview } from './lists/overview.ts';
import { Pending } from './lists/pending.ts';
import { createMeta } from './meta.ts';
import { OpenRuns } from './open-runs.ts';
import { claimWith } from './outbox/claim-in-commit.ts';
import { Jobs } from './outbox/jobs.ts';
import { createRecords, RecordTable } from './records.ts';
import { Archive } from './retention/archive.ts';
import { createRetention } from './retention/slices.ts';
import { createStats } from './stats.ts';

/**
 * The store in one SQLite file.
 * @param options.file path, or `:memory:`
 * @param options.onFatal gets a DiskError: a commit may or may not be on the disk, or the file can't be trusted. The
 *   process must end; pending calls are never answered
 * @throws SetupError when the file can't be used
 */
export function createSqliteStore(options: {
  file: string;
  clock: Clock;
  log: Log;
  onFatal: (error: Error) => void;
  failPoint?: ReachFailPoint | undefined;
  /** For tests that count, and that check what is kept. */
  watch?: WatchStates & { statement?: (sql: string) => void };
}): Store {
  const { clock, log, onFatal, failPoint, watch } = options;
  if (options.file !== ':memory:') closeToOthers(options.file, log);
  const { db, close } = openDatabase(options.file, migrations, failPoint, watch?.statement);
  refuseMoved(db, options.file, close);
  const jobs = new Jobs(db);
  let claimer: Claimer | null = null;
  const last = () => {
    const news = jobs.takeNews();
    return claimer && claimWith(claimer, news, jobs, steadyNow, log);
  };
  const audit = new Audit(db);
  const archive = new Archive(db, audit);
  const pending = new Pending(db);
  const approvals = new Approvals(db, archive, pending, watch);
  const commits = new GroupCommit({ db, clock, log, onFatal, failPoint, last, memory: approvals });
  const records = new RecordTable(db);
  const archiveAndPrune = createRetention(db, archive, clock);
  const runs = new OpenRuns(db);
  const listeners = new Set<(approvalId: string | null) => void>();
  // Jobs wait by a clock that can't jump: when the wall clock does, none is delayed, and not all become due at once.
  const startedAt = clock.now() - clock.monotonic();
  const steadyNow = () => Math.round(startedAt + clock.monotonic());
  const stats = createStats(db, { file: options.file, phases: approvals.phases, commits, now: steadyNow });
  const notifyListeners = (approvalId: string | null) => {
    for (const listener of listeners) listener(approvalId);
  };

  const change = createChange({ approvals, jobs, audit, records, runs, steadyNow, clock });

  return {
    async transact(input) {
      const { changed, enqueued, settled } = await commits.run(() => change(input));
      if (enqueued) notifyListeners(input.approvalId);
      return settled === undefined ? changed : { ...changed, settled };
    },
    get: async (id) => commits.read(() => approvals.get(id)),
    list: async (filter) => commits.read(() => approvals.list(filter)),
    asked: async (ids) => commits.read(() => approvals.asked(ids)),
    unfinished: async () => commits.read(() => approvals.unfinished()),
    unfinishedIds: async (backend) => commits.read(() => pending.unfinishedIds(backend)),
    unsent: async (backend, after, limit) => commits.read(() => approvals.unsent(backend, after, limit)),
    awaited: async (sources, limit) =>
      commits.read(() => {
        const { count, ids } = pending.awaited(sources, limit);
        return { count, latest: ids.flatMap((id) => approvals.get(id) ?? []) };
      }),
    digestMembers: async (id) => commits.read(() => approvals.digestMembers(id)),
    similar: async (topic, slot, limit) => commits.read(() => approvals.similar(topic, slot, limit)),
    precedents: async (key, limit) => commits.read(() => approvals.precedents(key, limit)),
    claim: (limits, lockedBy) => commits.run(() => jobs.claim({ limits, lockedBy }, steadyNow())),
    claimInCommits: (next) => {
      claimer = next;
    },
    settle: (job, settlement, lane) => commits.run(() => jobs.settle(job, settlement, steadyNow(), lane)),
    release: (lockedBy) => commits.run(() => jobs.release(lockedBy)),
    closeRooms: (rooms, words, probeInMs) => commits.run(() => jobs.rooms.close(rooms, words, probeInMs, steadyNow())),
    openRooms: (place) => commits.run(() => jobs.rooms.open(place)),
    probes: async (everyMs) =>
      commits.read(() => jobs.rooms.isProbeDue(everyMs, steadyNow()))
        ? commits.run(() => jobs.probe(everyMs, steadyNow()))
        : [],
    async retryDeadLetters(rooms, limit = Number.MAX_SAFE_INTEGER) {
      const retried = await commits.run(() => jobs.deadLetters.retry(rooms, limit, steadyNow()));
      if (retried > 0) notifyListeners(null);
      return retried;
    },
    markAttempted: (approvalId, slot) => commits.run(() => jobs.markAttempted(approvalId, slot, steadyNow())),
    msUntilNextJob: async (kinds) => commits.read(() => jobs.msUntilNext(steadyNow(), kinds)),
    ...createAuditReads(db, commits, audit, archive),
    pending: {
      audiences: async () => commits.read(() => pending.audiences()),
      page: async (request) => commits.read(() => pending.page(request, (id) => approvals.get(id))),
      async ids(after, limit) {
        await nextTurn();
        return commits.read(() => pending.ids(after, limit));
      },
    },
    overview: createOverview({ pending, approvals, jobs, audit, commits, steadyNow, clock, notify: notifyListeners }),
    drafts: createDrafts(db, commits, clock),
    ...createMeta(db, commits, clock),
    ...stats,
    async noteRun(reading) {
      // Most readings end with a change of their approval; looking first avoids a commit.
      if (commits.read(() => runs.isNews(reading))) await commits.run(() => runs.note(reading, true, clock.now()));
    },
    openRuns: async (of) => commits.read(() => runs.list(of)),
    homeTabs: createHomeTabs(db, commits, clock),
    incidents: null,
    groupMembers: null,
    records: createRecords({ db, table: records, commits, audit, clock }),
    onJobsAdded: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    // No other process writes to this file.
    followOthers: () => async () => [],
    copyMark: async () => commits.read(() => readCopyMark(db)),
    clearCopyMark: () =>
      commits.run(() => {
        // The original may have edited the messages since.
        jobs.deleteSentContent();
        clearCopyMark(db);
      }),
    archiveAndPrune: (limits) =>
      commits.run(() => {
        approvals.write();
        return archiveAndPrune(limits);
      }),
    async close() {
      await commits.drained();
      close();
    },
  };
}

function refuseMoved(db: Database, file: string, close: () => void): void {
  try {
    checkNotMoved(db, file);
  } catch (thrown) {
    close();
    throw thrown;
  }
}

function closeToOthers(file: string, log: Log): void {
  for (const { path, mode, tightened, remedy } of keepToOwner(file)) {
    const text = tightened ? 'only its owner can, now' : remedy;
    log.warn({ file: path, mode }, `other users of this machine could open ${path}: ${text}`);
  }
}
