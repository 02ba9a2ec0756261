/**
 * What goes from SQLite into PostgreSQL, table by table: how a row is read there and what it is here. What can be worked out from
 * the approvals is not copied (`pending`, `audiences`). Tested in test/store/move/move.test.ts.
 */
import { type Approval, approvalSchema } from '../../core/approval/approval.ts';
import type { Effect } from '../../core/approval/inputs.ts';
import { shapeOf } from '../../core/approval/parts/shape.ts';
import { SetupError } from '../../core/ports/errors.ts';
import { ONLY_REPLICA } from '../../core/ports/store/fleet.ts';
import { parseExact } from '../../core/text/exact/parse.ts';
import { jobKey, shortKey } from '../postgres/keys.ts';
import { columnsOf, progressOf } from '../shared/columns.ts';
import { unpack } from '../shared/pack.ts';
import * as sql from './sql.ts';

export type Value = string | number | boolean | Buffer | null | readonly string[];

/** A row as PostgreSQL has it, by column. */
export type Row = Readonly<Record<string, Value>>;

export interface Table {
  name: string;
  /** All rows of SQLite, in an order of its own. */
  read: string;
  rowOf(found: Found): Row;
  /** Inserts one row: its columns in the order of `rowOf`. */
  insert: string;
  /** The rows of these keys, at least. */
  find: string;
  /** The columns that tell one row from another; `find` looks for the first one. */
  key: readonly string[];
}

/** A row as SQLite gives it. */
// biome-ignore lint/suspicious/noExplicitAny: each table reads columns of its own, and what is written is compared again.
type Found = Record<string, any>;

export const tables: readonly Table[] = [
  {
    name: 'approvals',
    read: 'SELECT rowid AS number, id, state FROM approvals ORDER BY rowid',
    rowOf: ({ number, id, state }) => approvalRow(number, id, state),
    insert: sql.insertApproval,
    find: sql.findApprovals,
    key: ['id'],
  },
  {
    name: 'archive',
    read: 'SELECT rowid AS number, id, group_id, packed FROM archive ORDER BY rowid',
    // PostgreSQL counts the rows of each approval: what is archived are its first ones.
    rowOf: ({ number, id, group_id, packed }) => ({
      number,
      id,
      group_key: shortKey(group_id),
      audit_through: auditIn(packed),
      packed,
    }),
    insert: sql.insertArchived,
    find: sql.findArchived,
    key: ['id'],
  },
  {
    name: 'audit',
    read: `
      SELECT id, approval_id, at, input, actor, facts, phase_from, phase_to, ignored,
        row_number() OVER (PARTITION BY approval_id ORDER BY id) AS place,
        (SELECT packed FROM archive WHERE archive.id = audit.approval_id) AS packed
      FROM audit ORDER BY id`,
    rowOf: ({ place, packed, ...row }) => ({
      ...(row as Omit<Found, 'packed'>),
      seq: (packed === null ? 0 : auditIn(packed as Buffer)) + (place as number),
      write_id: 'moved',
    }),
    insert: sql.insertAudit,
    find: sql.findAudit,
    key: ['id'],
  },
  {
    name: 'inputs',
    read: 'SELECT id, at FROM inputs ORDER BY id',
    rowOf: ({ id, at }) => ({ id: shortKey(id), at }),
    insert: sql.insertInput,
    find: sql.findInputs,
    key: ['id'],
  },
  {
    name: 'jobs',
    read: 'SELECT * FROM jobs ORDER BY id',
    rowOf: (job) => ({
      id: job.id,
      job_key: jobKey(job.kind as Effect['type'], job.subject, job.slot),
      kind: job.kind,
      lane: shortKey(job.lane),
      next_lane: job.next_lane === null ? null : shortKey(job.next_lane),
      place: job.place,
      urgency: job.urgency,
      due_by: job.due_by,
      subject: job.subject,
      slot: job.slot,
      run_at: job.run_at,
      attempts: job.attempts,
      claims: job.claims,
      again: Number(job.again) === 1,
      locked_by: job.locked_by === null ? null : ONLY_REPLICA,
      begun_at: job.begun_at,
      last_error: job.last_error,
      dead_at: job.dead_at,
      created_at: job.created_at,
    }),
    insert: sql.insertJob,
    find: sql.findJobs,
    key: ['id'],
  },
  {
    name: 'sent_content',
    read: 'SELECT job_key, hash FROM sent_content ORDER BY job_key',
    rowOf: ({ job_key, hash }) => ({ job_key: shortKey(job_key), hash }),
    insert: sql.insertSentContent,
    find: sql.findSentContent,
    key: ['job_key'],
  },
  {
    name: 'precedents',
    read: 'SELECT approval_id, key, settled_at FROM precedents ORDER BY approval_id',
    rowOf: ({ approval_id, key, settled_at }) => ({ approval_id, key: shortKey(key), settled_at }),
    insert: sql.insertPrecedent,
    find: sql.findPrecedents,
    key: ['approval_id'],
  },
  {
    name: 'bundle_members',
    read: 'SELECT number, bundle_id, approval_id FROM bundle_members ORDER BY number',
    rowOf: ({ number, bundle_id, approval_id }) => ({ number, bundle_id, approval_id }),
    insert: sql.insertMember,
    find: sql.findMembers,
    key: ['number'],
  },
  {
    name: 'drafts',
    read: 'SELECT approval_id, actor, action, shown, filled, expires_at FROM drafts',
    rowOf: (row) => row,
    insert: sql.insertDraft,
    find: sql.findDrafts,
    key: ['approval_id', 'actor', 'action'],
  },
  {
    name: 'home_tabs',
    read: 'SELECT rowid AS number, platform, user_id, name, spot, opened_at FROM home_tabs ORDER BY rowid',
    rowOf: (row) => row,
    insert: sql.insertHomeTab,
    find: sql.findHomeTabs,
    key: ['number'],
  },
  {
    name: 'policy_records',
    read: 'SELECT rowid AS number, kind, id, value, at FROM policy_records ORDER BY rowid',
    rowOf: (row) => row,
    insert: sql.insertRecord,
    find: sql.findRecords,
    key: ['number'],
  },
  {
    name: 'notes',
    read: 'SELECT name, word, at FROM notes ORDER BY name',
    rowOf: (row) => row,
    insert: sql.insertNote,
    find: sql.findNotes,
    key: ['name'],
  },
  {
    name: 'lanes',
    read: 'SELECT lane, free_at, rest_until, failures FROM lanes ORDER BY lane',
    rowOf: ({ lane, ...row }) => ({ lane: shortKey(lane), ...row }),
    insert: sql.insertLane,
    find: sql.findLanes,
    key: ['lane'],
  },
  {
    name: 'rooms',
    read: 'SELECT place, words, since, probe_at, pass FROM rooms ORDER BY place',
    rowOf: ({ pass, ...row }) => ({ ...row, pass: Number(pass) === 1 }),
    insert: sql.insertRoom,
    find: sql.findRooms,
    key: ['place'],
  },
  {
    name: 'open_runs',
    read: 'SELECT rowid AS number, backend, run_id, groups, resume, opener, at FROM open_runs ORDER BY rowid',
    rowOf: ({ number, backend, run_id, groups, resume, opener, at }) => ({
      number,
      backend,
      run_id,
      run_key: shortKey(run_id),
      replica: ONLY_REPLICA,
      groups: JSON.parse(groups) as string[],
      resume,
      opener,
      at,
    }),
    insert: sql.insertOpenRun,
    find: sql.findOpenRuns,
    key: ['number'],
  },
];

function approvalRow(number: number, id: string, state: string): Row {
  const approval = read(id, state);
  const { runId, groupId, topic, source, rule, ...columns } = columnsOf(approval);
  const { watched, settledAt, ...progress } = progressOf(approval);
  return {
    number,
    id,
    backend: columns.backend,
    run_id: runId,
    run_key: shortKey(runId),
    group_key: shortKey(groupId),
    ...progress,
    watched: watched === 1,
    topic: topic === null ? null : shortKey(topic),
    source: source === null ? null : shortKey(source),
    rule,
    fetched: approval.pause.expiry === 'fetched',
    shape: shapeOf(approval),
    state,
    created_at: columns.createdAt,
    settled_at: settledAt,
  };
}

export function read(id: string, state: string): Approval {
  const { data, error } = approvalSchema.safeParse(parseExact(state));
  if (error === undefined) return data;
  throw new SetupError(`The approval ${id} can't be read by this version, so nothing was moved. ${error.message}`);
}

function auditIn(packed: Buffer): number {
  return unpack<{ audit: unknown[] }>(packed).audit.length;
}
