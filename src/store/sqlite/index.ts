import { type Approval, approvalSchema } from '../../core/approval/approval.ts';
import { topicOf } from '../../core/approval/digest.ts';
import { isGoingOn } from '../../core/approval/steps/run.ts';
import type { ReachFailPoint } from '../../core/ports/fail-points.ts';
import type { Change, Changed, Clock, Filter, Log, Store } from '../../core/ports/ports.ts';
import { Audit, toAuditRow } from './audit.ts';
import { Digests } from './digests.ts';
import { createDrafts } from './drafts.ts';
import { clearCopy, readCopy } from './file/copy-detection.ts';
import { migrations } from './file/migrations.ts';
import { openDatabase } from './file/open.ts';
import { GroupCommit } from './group-commit.ts';
import { createHomeTabs } from './home-tabs.ts';
import { Jobs } from './jobs.ts';
import { createMeta } from './notes.ts';
import { Runs } from './open-runs.ts';
import { Archive } from './retention/archive.ts';
import { createRetention } from './retention/retention.ts';
import { createStats, freeBytes } from './stats.ts';

interface StateRow {
  state: string;
}

/**
 * The store in one SQLite file.
 * @param options.file path, or `:memory:`
 * @param options.onFatal gets a DiskError: what was to be committed may or may not be on disk, or what is there can't be
 *   trusted. End the process and start anew; what was asked for is not answered any more
 * @throws SetupError when the file can't be used
 */
export function createSqliteStore(options: {
  file: string;
  clock: Clock;
  log: Log;
  onFatal: (error: Error) => void;
  failPoint?: ReachFailPoint;
}): Store {
  const { clock, log, onFatal, failPoint } = options;
  const { db, close } = openDatabase(options.file, migrations, failPoint);
  const commits = new GroupCommit({ db, clock, log, onFatal, failPoint });
  const jobs = new Jobs(db);
  const audit = new Audit(db);
  const archive = new Archive(db, audit);
  const archiveAndPrune = createRetention(db, archive, clock);
  const stats = createStats(db);
  const setMeta = createMeta(db);
  const runs = new Runs(db);
  const bundles = new Digests(db);
  const listeners = new Set<() => void>();
  // Jobs wait by a clock that goes on evenly: a wall clock that jumps neither holds them back nor lets all go at once.
  const startedAt = clock.now() - clock.monotonic();
  const steadyNow = () => Math.round(startedAt + clock.monotonic());

  const load = db.prepare<[string], StateRow>('SELECT state FROM approvals WHERE id = ?');
  const save = db.prepare(`
    INSERT INTO approvals (id, backend, run_id, group_id, phase, watched, topic, state, created_at, settled_at)
    VALUES (@id, @backend, @runId, @groupId, @phase, @watched, @topic, @state, @createdAt, @settledAt)
    ON CONFLICT (id) DO UPDATE SET run_id = @runId, group_id = @groupId, phase = @phase, watched = @watched,
      topic = @topic, state = @state, settled_at = @settledAt`);
  const seen = db.prepare<[string]>('SELECT 1 FROM inputs WHERE id = ?');
  const see = db.prepare<[string, number]>('INSERT INTO inputs (id, at) VALUES (?, ?)');
  const unfinished = "(phase <> 'settled' OR watched = 1)";
  const lists = {
    group: db.prepare<[string], StateRow>('SELECT state FROM approvals WHERE group_id = ? ORDER BY created_at, rowid'),
    run: db.prepare<[string, string], StateRow>(
      'SELECT state FROM approvals WHERE backend = ? AND run_id = ? ORDER BY created_at, rowid',
    ),
    unfinished: db.prepare<[], StateRow>(`SELECT state FROM approvals WHERE ${unfinished} ORDER BY created_at, rowid`),
    // Named along with its index, which has all that is unfinished.
    open: db.prepare<[], StateRow>(
      `SELECT state FROM approvals WHERE ${unfinished} AND phase = 'open' ORDER BY created_at, rowid`,
    ),
    unfinishedOf: db.prepare<[string], StateRow>(
      `SELECT state FROM approvals WHERE ${unfinished} AND backend = ? ORDER BY created_at, rowid`,
    ),
  };

  const read = (id: string): Approval | null => {
    const row = load.get(id);
    return row === undefined ? archive.find(id) : parseState(row);
  };

  const list = (filter: Filter): Approval[] => {
    if ('groupId' in filter) {
      const live = lists.group.all(filter.groupId).map(parseState);
      const ids = new Set(live.map(({ id }) => id));
      return [...archive.group(filter.groupId).filter(({ id }) => !ids.has(id)), ...live];
    }
    if ('runId' in filter) return lists.run.all(filter.backend, filter.runId).map(parseState);
    if ('open' in filter) return lists.open.all().map(parseState);
    const { backend } = filter;
    return (backend === undefined ? lists.unfinished.all() : lists.unfinishedOf.all(backend)).map(parseState);
  };

  const change = ({ approvalId, inputId, audit: note, fn }: Change): { changed: Changed; enqueued: boolean } => {
    const before = read(approvalId);
    if (inputId !== null) {
      if (seen.get(inputId) !== undefined) return { changed: { duplicate: true, state: before }, enqueued: false };
      see.run(inputId, clock.now());
    }
    const { state, effects, ignored = null } = fn(before);
    if (state !== null && state !== before) {
      save.run(toRow(state));
      bundles.note(state);
    }
    if (state !== null) for (const effect of effects) jobs.enqueue(effect, state, steadyNow(), clock.now());
    const facts = { ...note.facts, ...(state?.outcome == null ? {} : { outcome: state.outcome }) };
    const phases = [before?.phase ?? 'none', state?.phase ?? 'none'] as const;
    audit.write(approvalId, { ...note, facts }, phases, ignored, clock.now());
    return { changed: { duplicate: false, before, state, ignored }, enqueued: effects.length > 0 };
  };

  return {
    async transact(input) {
      const { changed, enqueued } = await commits.run(() => change(input));
      if (enqueued) for (const listener of listeners) listener();
      return changed;
    },
    get: async (id) => commits.read(() => read(id)),
    list: async (filter) => commits.read(() => list(filter)),
    digestMembers: async (id) => commits.read(() => bundles.membersOf(id).flatMap((member) => read(member) ?? [])),
    similar: async (topic, slot, limit) =>
      commits.read(() => ({
        unattempted: bundles.unattempted(topic, slot, limit).map(parseState),
        inDigest: bundles.inDigest(topic, limit).map(parseState),
      })),
    claim: (limits, lockedBy, leaseMs, resting = []) =>
      commits.run(() => jobs.claim(limits, lockedBy, leaseMs, steadyNow(), resting)),
    settle: (job, settlement) => commits.run(() => jobs.settle(job, settlement, steadyNow())),
    unlockJobs: (lockedBy) => commits.run(() => jobs.unlock(lockedBy)),
    async retryDeadLetters(rooms, limit = Number.MAX_SAFE_INTEGER) {
      const retried = await commits.run(() => jobs.retryDeadLetters(rooms, limit, steadyNow()));
      if (retried > 0) for (const listener of listeners) listener();
      return retried;
    },
    markAttempted: (approvalId, slot) => commits.run(() => jobs.markAttempted(approvalId, slot, steadyNow())),
    msUntilNextJob: async (resting = []) => commits.read(() => jobs.msUntilNextJob(steadyNow(), resting)),
    audit: async (id) => commits.read(() => [...archive.auditOf(id), ...audit.of(id)].map(toAuditRow)),
    drafts: createDrafts(db, commits, clock),
    setMeta: (name, value) => commits.run(() => setMeta(name, value, clock.now())),
    stats: async (deadWithinMs) => ({
      ...commits.read(() => stats(steadyNow(), deadWithinMs)),
      diskFree: await freeBytes(options.file),
    }),
    saveOpenRun: (run) => commits.run(() => runs.keep(run, clock.now())),
    async deleteOpenRun(backend, runId) {
      // Most runs can't be read again, and were never noted.
      if (await commits.read(() => runs.has(backend, runId))) await commits.run(() => runs.drop(backend, runId));
    },
    openRuns: async () => commits.read(() => runs.list()),
    homeTabs: createHomeTabs(db, commits, clock),
    onJobsAdded: (listener) => {
      listeners.add(listener);
    },
    copyMark: async () => commits.read(() => readCopy(db)),
    clearCopyMark: () => commits.run(() => clearCopy(db)),
    archiveAndPrune: (limits) => commits.run(() => archiveAndPrune(limits)),
    async close() {
      await commits.drained();
      close();
    },
  };
}

function parseState({ state }: StateRow): Approval {
  return approvalSchema.parse(JSON.parse(state));
}

function toRow(state: Approval) {
  return {
    id: state.id,
    backend: state.pause.backend,
    runId: state.pause.runId,
    groupId: state.pause.groupId,
    phase: state.phase,
    // Settled, and something is still to come of it.
    watched: isGoingOn(state) || (state.recurs && !state.absent) ? 1 : 0,
    topic: topicOf(state.pause),
    state: JSON.stringify(state),
    createdAt: state.createdAt,
    settledAt: state.settledAt,
  };
}
