import { type Approval, approvalSchema } from '../core/approval.ts';
import type { Ignored } from '../core/inputs.ts';
import type { AuditRow, Change, Changed, Clock, Filter, Store } from '../core/ports.ts';
import { isGoingOn } from '../core/running.ts';
import { GroupCommit } from './group-commit.ts';
import { Jobs } from './jobs.ts';
import { openDatabase } from './open.ts';

interface StateRow {
  state: string;
}

interface RawAudit {
  at: number;
  approval_id: string;
  input: string;
  actor: string | null;
  facts: string;
  phase_from: string;
  phase_to: string;
  ignored: string | null;
}

/**
 * The store in one SQLite file.
 * @param options.file path, or `:memory:`
 * @param options.onFatal what was to be committed may or may not be on disk: end the process and start anew
 * @throws SetupError when the file can't be used
 */
export function createSqliteStore(options: { file: string; clock: Clock; onFatal: (error: Error) => void }): Store {
  const { clock } = options;
  const { db, close } = openDatabase(options.file);
  const commits = new GroupCommit(db, options.onFatal);
  const jobs = new Jobs(db);
  const listeners = new Set<() => void>();

  const load = db.prepare<[string], StateRow>('SELECT state FROM approvals WHERE id = ?');
  const save = db.prepare(`
    INSERT INTO approvals (id, backend, run_id, group_id, phase, watched, state, created_at)
    VALUES (@id, @backend, @runId, @groupId, @phase, @watched, @state, @createdAt)
    ON CONFLICT (id) DO UPDATE SET run_id = @runId, group_id = @groupId, phase = @phase, watched = @watched,
      state = @state`);
  const seen = db.prepare<[string]>('SELECT 1 FROM inputs WHERE id = ?');
  const see = db.prepare<[string, number]>('INSERT INTO inputs (id, at) VALUES (?, ?)');
  const writeAudit = db.prepare(`
    INSERT INTO audit (at, approval_id, input, actor, facts, phase_from, phase_to, ignored)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  const readAudit = db.prepare<[string], RawAudit>('SELECT * FROM audit WHERE approval_id = ? ORDER BY id');
  const lists = {
    group: db.prepare<[string], StateRow>('SELECT state FROM approvals WHERE group_id = ? ORDER BY created_at, rowid'),
    run: db.prepare<[string, string], StateRow>(
      'SELECT state FROM approvals WHERE backend = ? AND run_id = ? ORDER BY created_at, rowid',
    ),
    unfinished: db.prepare<[], StateRow>(
      "SELECT state FROM approvals WHERE phase <> 'settled' OR watched = 1 ORDER BY created_at, rowid",
    ),
  };

  const read = (id: string): Approval | null => {
    const row = load.get(id);
    return row === undefined ? null : parseState(row);
  };

  const change = ({ approvalId, inputId, audit, fn }: Change): { changed: Changed; enqueued: boolean } => {
    const before = read(approvalId);
    if (inputId !== null) {
      if (seen.get(inputId) !== undefined) return { changed: { duplicate: true, state: before }, enqueued: false };
      see.run(inputId, clock.now());
    }
    const now = clock.now();
    const { state, effects, ignored = null } = fn(before);
    if (state !== null && state !== before) save.run(toRow(state));
    if (state !== null) for (const effect of effects) jobs.enqueue(effect, state, now);
    const facts = JSON.stringify({ ...audit.facts, ...(state?.outcome == null ? {} : { outcome: state.outcome }) });
    const actor = audit.actor === null ? null : JSON.stringify(audit.actor);
    const phases = [before?.phase ?? 'none', state?.phase ?? 'none'] as const;
    writeAudit.run(now, approvalId, audit.input, actor, facts, ...phases, ignored);
    return { changed: { duplicate: false, before, state, ignored }, enqueued: effects.length > 0 };
  };

  return {
    async transact(input) {
      const { changed, enqueued } = await commits.run(() => change(input));
      if (enqueued) for (const listener of listeners) listener();
      return changed;
    },
    get: async (id) => read(id),
    async list(filter: Filter) {
      if ('groupId' in filter) return lists.group.all(filter.groupId).map(parseState);
      if ('runId' in filter) return lists.run.all(filter.backend, filter.runId).map(parseState);
      return lists.unfinished.all().map(parseState);
    },
    claim: (limits, lockedBy, leaseMs) => commits.run(() => jobs.claim(limits, lockedBy, leaseMs, clock.now())),
    settle: (job, settlement) => commits.run(() => jobs.settle(job, settlement, clock.now())),
    release: (lockedBy) => commits.run(() => jobs.release(lockedBy)),
    nextDue: async () => jobs.nextDue(),
    audit: async (approvalId) => readAudit.all(approvalId).map(toAuditRow),
    onJobs: (listener) => {
      listeners.add(listener);
    },
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
    state: JSON.stringify(state),
    createdAt: state.createdAt,
  };
}

function toAuditRow(row: RawAudit): AuditRow {
  return {
    at: row.at,
    approvalId: row.approval_id,
    input: row.input,
    actor: row.actor === null ? null : JSON.parse(row.actor),
    facts: JSON.parse(row.facts),
    from: row.phase_from,
    to: row.phase_to,
    ignored: row.ignored as Ignored | null,
  };
}
