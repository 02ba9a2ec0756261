/** Lanes that rest, and rooms that take no cards, as in src/store/sqlite/sql/rooms.ts. Plans: test/store/postgres/query-plans.test.ts. */

/** When the allowance is full after one more call: $6 is now, $8 the time of one call, $9 the burst. */
const fullAfterCall = (freeAt: string) =>
  `greatest($6::bigint, least(${freeAt}, $6::bigint + $9::integer * $8::bigint)) + $8::bigint`;
/** When the allowance has a call left again: not asked for without a pace, nor where the platform asks for the rest ($10::boolean). */
const pacedUntil = (freeAt: string) => `
  CASE WHEN $10::boolean OR $8::bigint = 0 THEN 0 ELSE ${fullAfterCall(freeAt)} - ($9::integer - 1) * $8::bigint END`;

/**
 * What an attempt means for its lane ($4), as long as its job has its lock ($1 to $3): it runs before the statements that end
 * the job. $7::bigint: until when it rests; $11::integer: failures in a row, or null.
 */
export const endLane = `
  WITH held AS (SELECT FROM jobs WHERE id = $1 AND locked_by = $2 AND claims = $3 FOR UPDATE)
  INSERT INTO lanes (lane, free_at, rest_until, failures)
  SELECT $4,
    CASE WHEN $10::boolean THEN $7::bigint + $9::integer * $8::bigint WHEN $8::bigint > 0 THEN $6::bigint + $8::bigint ELSE 0 END,
    greatest($7::bigint, ${pacedUntil('0')}),
    coalesce($11::integer, 0)
  FROM held
  ON CONFLICT (lane) DO UPDATE SET
    free_at = CASE WHEN $10::boolean THEN $7::bigint + $9::integer * $8::bigint WHEN $8::bigint > 0 THEN ${fullAfterCall('lanes.free_at')} ELSE lanes.free_at END,
    rest_until = greatest($7::bigint, ${pacedUntil('lanes.free_at')}),
    failures = coalesce($11::integer, lanes.failures)
  RETURNING CASE WHEN $5::boolean THEN greatest(0, free_at - ($9::integer - 1) * $8::bigint - $6::bigint) ELSE 0 END AS paced`;

/** Rests that no platform asked for and no pace needs: those that end after the allowance is full. */
export const endRestsAfterFailures = `
  UPDATE lanes SET rest_until = free_at, failures = 0 WHERE rest_until > free_at`;

/**
 * Lanes in which nothing has happened since $1: an allowance that is full, and failures that are so long ago, mean as much as no
 * row. A room has three lanes, so the table is small and read as a whole.
 */
export const pruneLanes = `
  DELETE FROM lanes WHERE lane = ANY (ARRAY (
    SELECT lane FROM lanes WHERE rest_until < $1 AND free_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))
  RETURNING 1 AS deleted`;

export const closeRooms = `
  INSERT INTO rooms (place, words, since, probe_at, pass) VALUES ($1, $2, $3, $4, false)
  ON CONFLICT (place) DO NOTHING
  RETURNING place`;

export const closeRoomsAgain = 'UPDATE rooms SET words = $2, probe_at = $3, pass = false WHERE place = $1';

export const openRooms = 'DELETE FROM rooms WHERE place = ANY($1::text[]) RETURNING place';

/** One that waits to be used by the next card is not probed again. The second time is from before the clock was set back. */
const isDue = 'NOT pass AND (probe_at <= $1::bigint OR probe_at > $1::bigint + $2::bigint)';

export const findProbes = `SELECT place FROM rooms WHERE ${isDue}`;

/** Of several callers one gets a room: the condition is looked at again once the other has committed. */
export const beginProbes = `
  UPDATE rooms SET probe_at = $1::bigint + $2::bigint, pass = true WHERE ${isDue} RETURNING place`;

export const beginAllProbes = 'UPDATE rooms SET pass = true';

export const findNextProbeAt = 'SELECT min(probe_at) AS at FROM rooms WHERE NOT pass';
