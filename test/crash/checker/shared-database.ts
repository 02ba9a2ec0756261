/** What replicas leave in the database that they share, once everything is at rest. */
import type { World } from '../world/world.ts';
import type { Finding } from './check.ts';

/** Promised from a replica's death to the adoption of its work, ms. */
export const ADOPTED_WITHIN_MS = 15_000;

/**
 * A lane that a platform has told to slow down rests until its whole burst is back: 20 renewals, one every two seconds, and
 * what the platform asked for. Its jobs are due, and wait. A rest beyond that is none.
 */
const LONGEST_REST_MS = 60_000;

/** Each finds what must not be there. A process that was taken for dead may come back, and works again then. */
const ALIVE = "SELECT id FROM replicas WHERE state = 'working' AND adopted_by IS NULL";
const looks: readonly { invariant: string; text: string; sql: string }[] = [
  {
    invariant: 'I3',
    text: 'the audit log of an approval has a gap',
    sql: `
      SELECT approval_id AS what, count(*) || ' rows up to ' || max(seq) AS more FROM audit
      GROUP BY approval_id HAVING count(*) <> max(seq)`,
  },
  {
    invariant: 'I6',
    text: 'a job is still locked',
    sql: "SELECT job_key AS what, 'by ' || locked_by AS more FROM jobs WHERE locked_by IS NOT NULL",
  },
  {
    invariant: 'I6',
    text: 'a job is due, and nobody takes it',
    sql: `
      SELECT job_key AS what, 'for ' || (extract(epoch FROM now()) * 1000 - run_at)::bigint || ' ms' AS more
      FROM jobs LEFT JOIN lanes USING (lane)
      WHERE dead_at IS NULL AND locked_by IS NULL AND kind <> 'wake'
        AND greatest(run_at, CASE WHEN rest_until < extract(epoch FROM now()) * 1000 + ${LONGEST_REST_MS} THEN rest_until END)
          < extract(epoch FROM now()) * 1000 - 5000`,
  },
  {
    invariant: 'I6',
    text: 'the work of a dead replica is not adopted',
    sql: `
      SELECT id AS what, 'its last beat was ' || (extract(epoch FROM now()) * 1000 - beat_at)::bigint || ' ms ago' AS more
      FROM replicas WHERE state NOT IN ('adopted', 'gone') AND beat_at < extract(epoch FROM now()) * 1000 - ${ADOPTED_WITHIN_MS}`,
  },
  {
    invariant: 'I6',
    text: 'a run is read by a replica that is gone',
    sql: `SELECT run_id AS what, 'by ' || replica AS more FROM open_runs WHERE replica NOT IN (${ALIVE})`,
  },
  {
    invariant: 'I6',
    text: 'a lane is held by a replica that is gone',
    sql: `SELECT lane AS what, 'by ' || replica AS more FROM holds WHERE replica NOT IN (${ALIVE})`,
  },
];

/** Between two looks, ms: longer than a job is at work. Redrawing a card that shows what it must makes no call that is seen. */
const LOOK_AGAIN_MS = 3_000;

/** What two looks find: it stays so. Nothing on SQLite: there the next start recovers, and one process has it all. */
export async function judgeDatabase(world: World): Promise<Finding[]> {
  const before = await look(world);
  if (before.size === 0) return [];
  await world.pause(LOOK_AGAIN_MS * world.slowness());
  return [...(await look(world))].filter(([what]) => before.has(what)).map(([, finding]) => finding);
}

/** By what is wrong with what. */
async function look({ database: { query } }: World): Promise<Map<string, Finding>> {
  const found = new Map<string, Finding>();
  if (query === null) return found;
  for (const { invariant, text, sql } of looks) {
    for (const { what, more } of await query<{ what: string; more: string }>(sql))
      found.set(`${text}: ${what}`, { invariant, marker: '', text: `${text}: ${what}, ${more}` });
  }
  return found;
}

/** From the last beat of each replica that died to the adoption of its work, ms, the longest first. */
export async function adoptions({ database }: World): Promise<number[]> {
  if (database.query === null) return [];
  const sql = `
    SELECT adopted_at - beat_at AS ms FROM replicas
    WHERE adopted_at IS NOT NULL AND state IN ('adopted', 'gone') ORDER BY adopted_at - beat_at DESC`;
  return (await database.query<{ ms: string }>(sql)).map(({ ms }) => Number(ms));
}
