/** What a commit writes, one statement per table. Tested in test/store/postgres/index.test.ts. */
import type { AuditNote } from '../../../core/approval/audit.ts';
import { shapeOf } from '../../../core/approval/parts/shape.ts';
import { columnsOf, progressOf } from '../../shared/columns.ts';
import type { Statement } from '../connection/config.ts';
import { findLapses } from '../fleet/sql.ts';
import { endLaneStatement } from '../jobs/rooms.ts';
import { endStatements, enqueueStatements } from '../jobs/rows.ts';
import { shortKey } from '../keys.ts';
import { listWrites } from '../lists/writes.ts';
import type { OpenRuns } from '../open-runs.ts';
import * as sql from '../sql/commit.ts';
import { countChange } from '../sql/records.ts';
import type { AuditDraft, Draft, SavedState } from './draft.ts';

/** A statement, and who wants to know how many rows it found; or what else it returns. */
export interface Counted extends Statement {
  draft?: Draft;
  /**
   * How long its lane rests because of its pace; how often others have taken this replica for dead; or under which number it
   * changes records of the policy.
   */
  returns?: 'pace' | 'lapses' | 'version';
}

export function statementsOf(
  drafts: readonly Draft[],
  options: { me: string; writeId: string; now: number; runs: OpenRuns; checked: Set<string> },
): Counted[] {
  const { me, writeId, now, runs, checked } = options;
  const statements: Counted[] = [];
  for (const { record } of drafts) {
    if (record === null || checked.has(keyOf(record))) continue;
    checked.add(keyOf(record));
    statements.push(checkOf(record));
  }
  const audit = drafts.flatMap((draft) => draft.audit);
  if (audit.length > 0) statements.push(auditStatement(audit, writeId, now));
  // What is not settled is not archived within the time that a state is kept in memory.
  const settled = audit.filter(({ from }) => from === 'settled');
  if (settled.length > 0) {
    statements.push({ sql: sql.checkArchive, values: [settled.map(({ id }) => id), settled.map(({ seq }) => seq)] });
  }
  const inputs = drafts.flatMap(({ input }) => (input === null ? [] : [shortKey(input)])).sort();
  if (inputs.length > 0) statements.push({ sql: sql.addInputs, values: [inputs, now] });
  const saved = lastOfEach(drafts);
  if (saved.length > 0) statements.push(approvalsStatement(saved), ...listWrites(saved, now));
  const records = lastRecords(drafts);
  // The other replicas know what is left of a standing answer by what they read of it.
  if (records.length > 0) statements.push({ sql: countChange, values: [], returns: 'version' });
  for (const { record } of records) {
    const { kind, id, value } = record;
    statements.push({ sql: sql.saveRecord, values: [kind, id, JSON.stringify(value), now] });
  }
  statements.push(
    ...enqueueStatements(
      drafts.flatMap(({ jobs }) => jobs),
      now,
    ),
  );
  for (const { call, changed } of drafts) {
    const run = call.request.type === 'change' ? call.request.change.run : undefined;
    if (run === undefined || changed === null) continue;
    statements.push(...runs.statements(run, !changed.duplicate && changed.ignored === null, now));
  }
  for (const draft of drafts) {
    if (draft.ending === null) continue;
    const { job, settlement, lane } = draft.ending;
    const lanes = endLaneStatement(job, lane, now);
    if (lanes !== null) statements.push({ ...lanes, draft, returns: 'pace' });
    statements.push(...endStatements(job, settlement, now).map((statement) => ({ ...statement, draft })));
    // After those: others count a lapse before they release a job.
    if (draft.call.isInDoubt) statements.push({ sql: findLapses, values: [me], draft, returns: 'lapses' });
  }
  return statements;
}

type Record = NonNullable<Draft['record']>;

function keyOf({ kind, id }: Record): string {
  return `${kind} ${id}`;
}

/** Each record once, as the database had it: a later change of this commit was decided by what an earlier one has made. */
function checkOf({ kind, id, version }: Record): Statement {
  return { sql: sql.checkRecord, values: [kind, id, version] };
}

function lastRecords(drafts: readonly Draft[]): { record: Record }[] {
  const last = new Map<string, { record: Record }>();
  for (const { record } of drafts) {
    if (record !== null && 'value' in record) last.set(keyOf(record), { record });
  }
  return [...last.values()];
}

/** Each approval once, in order of arrival: what it is after all of them, and what the database has. */
function lastOfEach(drafts: readonly Draft[]): SavedState[] {
  const saved = new Map<string, SavedState>();
  for (const draft of drafts) {
    if (draft.saved === null) continue;
    const { state, base, text } = draft.saved;
    const earlier = saved.get(state.id);
    saved.set(state.id, { state, base: earlier === undefined ? base : earlier.base, text });
  }
  return [...saved.values()];
}

function auditStatement(rows: readonly AuditDraft[], writeId: string, now: number): Statement {
  const sorted = rows.toSorted((one, other) =>
    one.id === other.id ? one.seq - other.seq : one.id < other.id ? -1 : 1,
  );
  const values = [
    sorted.map(({ id }) => id),
    sorted.map(({ seq }) => seq),
    sorted.map(() => writeId),
    sorted.map(() => now),
    sorted.map(({ note }) => note.input),
    sorted.map(({ note }) => actorText(note)),
    sorted.map(({ note }) => JSON.stringify(note.facts)),
    sorted.map(({ from }) => from),
    sorted.map(({ to }) => to),
    sorted.map(({ ignored }) => ignored),
  ];
  return { sql: sql.appendAudit, values };
}

export function actorText({ actor }: AuditNote): string | null {
  return actor === null ? null : JSON.stringify(actor);
}

function approvalsStatement(saved: readonly SavedState[]): Statement {
  const rows = saved
    .toSorted((one, other) => (one.state.id < other.state.id ? -1 : 1))
    .map(({ state, text }) => ({ ...columnsOf(state), ...progressOf(state), state, text }));
  const values = [
    rows.map(({ id }) => id),
    rows.map(({ backend }) => backend),
    rows.map(({ runId }) => runId),
    rows.map(({ runId }) => shortKey(runId)),
    rows.map(({ groupId }) => shortKey(groupId)),
    rows.map(({ phase }) => phase),
    rows.map(({ watched }) => watched === 1),
    rows.map(({ topic }) => keyOrNull(topic)),
    rows.map(({ source }) => keyOrNull(source)),
    rows.map(({ rule }) => keyOrNull(rule)),
    rows.map(({ missing }) => missing),
    rows.map(({ state }) => state.pause.expiry === 'fetched'),
    rows.map(({ state }) => shapeOf(state)),
    rows.map(({ text }) => text),
    rows.map(({ createdAt }) => createdAt),
    rows.map(({ settledAt }) => settledAt),
  ];
  return { sql: sql.saveApprovals, values };
}

function keyOrNull(text: string | null): string | null {
  return text === null ? null : shortKey(text);
}
