/**
 * Statements on replicas, duties and held lanes. All times are by the clock of the database (`now_ms`). Tested in
 * test/store/postgres/fleet/fleet.test.ts.
 */

/** A process before this one under the same name has been replaced, whether it has noticed or not. */
export const replaceEarlier = `
  UPDATE replicas SET state = 'replaced' WHERE name = $1 AND id <> $2 AND state = 'working'`;

export const join = `
  INSERT INTO replicas (id, name, version, shapes, fingerprint, started_at, beat_at, state)
  VALUES ($1, $2, $3, $4, '', now_ms(), now_ms(), 'working')`;

/**
 * Also of one that was taken for dead, and comes back once its work is taken over. No row: it has been replaced, or is being
 * taken over.
 */
export const beat = `
  UPDATE replicas SET beat_at = now_ms(), fingerprint = $2, state = 'working', adopted_by = NULL, adopted_at = NULL
  WHERE id = $1 AND ((state = 'working' AND adopted_by IS NULL) OR state = 'adopted')
  RETURNING beat_at AS now, lapses,
    (SELECT count(*) FROM replicas AS other
      WHERE other.id <> $1 AND other.state = 'working' AND other.beat_at > now_ms() - $3::bigint) AS others`;

export const findState = 'SELECT state FROM replicas WHERE id = $1';

/** Raises an error unless this replica works, and no one has taken it for dead; else, how often they have. */
export const checkReplica = 'SELECT check_replica($1) AS lapses';

export const findLapses = 'SELECT lapses FROM replicas WHERE id = $1';

const isDead = (row: string) => `(${row}.state <> 'working' OR ${row}.beat_at <= now_ms() - $2::bigint)`;

/** What a newer version has left waits for one that can change it. Each to one caller: who comes meanwhile skips the locked row, and then finds it given. */
export const adopt = `
  UPDATE replicas SET adopted_by = $1, adopted_at = now_ms(), lapses = lapses + 1
  WHERE id IN (
    SELECT dead.id FROM replicas AS dead
    WHERE dead.id <> $1 AND dead.state NOT IN ('adopted', 'gone') AND ${isDead('dead')}
      AND dead.shapes <= $3::integer
      AND (dead.adopted_by IS NULL OR dead.adopted_by <> $1)
      AND NOT EXISTS (
        SELECT FROM replicas AS adopter WHERE adopter.id = dead.adopted_by AND NOT ${isDead('adopter')})
    FOR UPDATE SKIP LOCKED)
  RETURNING id AS replica, state, beat_at`;

/** What it held is free. */
export const dropHolds = 'DELETE FROM holds WHERE replica = $1';
export const dropDuties = 'UPDATE duties SET until = 0 WHERE holder = $1';

/** One that has stopped, or was replaced, never comes back. */
export const adopted = `
  UPDATE replicas SET state = CASE WHEN state = 'working' THEN 'adopted' ELSE 'gone' END
  WHERE id = $1 AND adopted_by = $2`;

export const leave = `UPDATE replicas SET state = 'stopped' WHERE id = $1 AND state = 'working'`;

/** Long ago, so that nothing refers to them any more. */
export const forgetReplicas = `
  DELETE FROM replicas WHERE state IN ('adopted', 'gone') AND beat_at < now_ms() - $1::bigint`;

/** One row: we hold it. `epoch` rises with each new holder, and with each time that it was no one's. */
export const hold = `
  INSERT INTO duties AS duty (name, holder, epoch, until) VALUES ($1, $2, 1, now_ms() + $3::bigint)
  ON CONFLICT (name) DO UPDATE SET
    epoch = CASE WHEN duty.holder = $2 AND duty.until > now_ms() THEN duty.epoch ELSE duty.epoch + 1 END,
    holder = $2,
    until = now_ms() + $3::bigint
  WHERE duty.holder = $2 OR duty.until <= now_ms()
  RETURNING epoch`;

export const keepLane = `
  INSERT INTO holds (lane, replica, at) VALUES ($1, $2, now_ms())
  ON CONFLICT (lane) DO UPDATE SET replica = excluded.replica, at = excluded.at`;

export const letGo = 'DELETE FROM holds WHERE lane = $1 AND replica = $2';

export const readNow = 'SELECT now_ms() AS now';

/** Any name of ours. */
export const listen = 'LISTEN countersign';
export const notify = `SELECT pg_notify('countersign', $1)`;
