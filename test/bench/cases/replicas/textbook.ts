/**
 * The usual way to write it: a pool of connections, and in each transaction one awaited statement after the other. It keeps
 * the same promises: the input is known once, the state is locked, and state, audit row and jobs are one commit.
 */
import pg from 'pg';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { pressed } from '../../../support/data/pauses.ts';
import { startPostgres } from '../../world/postgres.ts';
import { announcedAs, type Recorder } from './recorder.ts';

const SCHEMA = `
  CREATE SCHEMA textbook;
  SET search_path TO textbook;
  CREATE TABLE approvals (id text PRIMARY KEY, phase text NOT NULL, state text NOT NULL);
  CREATE TABLE inputs (id text PRIMARY KEY, at bigint NOT NULL);
  CREATE TABLE audit (approval_id text, seq bigint, at bigint NOT NULL, input text NOT NULL, PRIMARY KEY (approval_id, seq));
  CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, job_key text NOT NULL UNIQUE, kind text NOT NULL,
    subject text NOT NULL, run_at bigint NOT NULL, again boolean NOT NULL DEFAULT false
  )`;
const ROWS = 'INSERT INTO approvals (id, phase, state) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])';
const KNOWN = 'INSERT INTO inputs (id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING';
const LOAD = 'SELECT state FROM approvals WHERE id = $1 FOR UPDATE';
const SAVE = 'UPDATE approvals SET phase = $2, state = $3 WHERE id = $1';
const AUDIT = `
  INSERT INTO audit (approval_id, seq, at, input)
  SELECT $1, coalesce(max(seq), 0) + 1, $2, 'pressed' FROM audit WHERE approval_id = $1`;
const JOB = `
  INSERT INTO jobs (job_key, kind, subject, run_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (job_key) DO UPDATE SET again = true`;

export async function createTextbook(): Promise<Recorder> {
  const pool = new pg.Pool({ connectionString: await startPostgres(), options: '-c search_path=textbook' });
  await pool.query(SCHEMA);
  const ids: string[] = [];

  async function record(client: pg.PoolClient, index: number): Promise<void> {
    const id = ids[index] ?? '';
    const now = systemClock.now();
    const known = await client.query({ name: 'known', text: KNOWN, values: [`pressed:${index}`, now] });
    if (known.rowCount !== 1) throw new Error(`press ${index} was taken for a duplicate`);
    const found = await client.query<{ state: string }>({ name: 'load', text: LOAD, values: [id] });
    const { state, effects } = step(JSON.parse(found.rows[0]?.state ?? 'null') as Approval, pressed(), now);
    await client.query({ name: 'save', text: SAVE, values: [id, state?.phase, JSON.stringify(state)] });
    await client.query({ name: 'audit', text: AUDIT, values: [id, now] });
    for (const effect of effects) {
      const { type } = effect;
      const key = `${type}:${id}:${JSON.stringify(effect).length}:${effects.indexOf(effect)}`;
      await client.query({ name: 'job', text: JOB, values: [key, type, id, now] });
    }
  }

  return {
    async prepare(count) {
      const states = Array.from({ length: count }, (_, index) => step(null, announcedAs(index), 1).state);
      const rows = states.flatMap((state) => (state === null ? [] : [state]));
      ids.push(...rows.map(({ id }) => id));
      const columns = [ids, rows.map(({ phase }) => phase), rows.map((state) => JSON.stringify(state))];
      await pool.query(ROWS, columns);
    },
    async press(index) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        await record(client, index);
        await client.query('COMMIT');
      } finally {
        client.release();
      }
    },
  };
}
