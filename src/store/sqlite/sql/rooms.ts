/**
 * Lanes that rest, and rooms that take no cards. `free_at`: when the allowance of the lane is full again. Plans:
 * test/store/sqlite/query-plans.test.ts.
 */

/**
 * After a call that counts against an allowance, or a rest, or both. A `free_at` further away than a used-up allowance takes
 * was written before the wall clock was set back. `@everyMs` 0: the attempt has no allowance.
 */
export const endLane = `
  INSERT INTO lanes (lane, free_at, rest_until, failures)
  VALUES (
    @lane,
    CASE WHEN @usedUp = 1 THEN @restUntil + @burst * @everyMs ELSE @now + @everyMs END,
    max(@restUntil, CASE WHEN @usedUp = 1 OR @everyMs = 0 THEN 0 ELSE @now + @everyMs - (@burst - 1) * @everyMs END),
    ifnull(@failures, 0))
  ON CONFLICT (lane) DO UPDATE SET
    free_at = CASE WHEN @usedUp = 1 THEN @restUntil + @burst * @everyMs
                   WHEN @everyMs > 0 THEN max(@now, min(free_at, @now + @burst * @everyMs)) + @everyMs
                   ELSE free_at END,
    rest_until = max(@restUntil, CASE WHEN @usedUp = 1 OR @everyMs = 0 THEN 0
                   ELSE max(@now, min(free_at, @now + @burst * @everyMs)) + @everyMs - (@burst - 1) * @everyMs END),
    failures = ifnull(@failures, failures)
  RETURNING free_at - (@burst - 1) * @everyMs - @now`;

/** Rests that no platform asked for and no pace needs: those that end after the allowance is full. */
export const endRestsAfterFailures = `
  UPDATE lanes SET rest_until = free_at, failures = 0 WHERE rest_until > free_at`;

/**
 * Lanes in which nothing has happened since then: an allowance that is full, and failures that are so long ago, mean as much as
 * no row. A room has three lanes, so the table is small and read as a whole.
 */
export const pruneLanes = `
  DELETE FROM lanes WHERE lane IN (
    SELECT lane FROM lanes WHERE rest_until < @before AND free_at < @before LIMIT @limit + 0)`;

export const closeRooms = `
  INSERT INTO rooms (place, words, since, probe_at, pass) VALUES (@place, @words, @now, @probeAt, 0)
  ON CONFLICT (place) DO NOTHING`;

export const closeRoomsAgain = 'UPDATE rooms SET words = @words, probe_at = @probeAt, pass = 0 WHERE place = @place';

export const openRooms = 'DELETE FROM rooms WHERE place IN (@platform, @place) RETURNING place';

/** One that waits to be used by the next card is not probed again. The second time is from before the clock was set back. */
export const findProbes = `
  SELECT place FROM rooms WHERE pass = 0 AND (probe_at <= @now OR probe_at > @now + @everyMs)`;

export const beginProbe = 'UPDATE rooms SET probe_at = @probeAt, pass = 1 WHERE place = @place';

export const beginAllProbes = 'UPDATE rooms SET pass = 1';

/** By the job that probes. */
export const takePass = 'UPDATE rooms SET pass = 0 WHERE place = ? AND pass = 1';

export const findNextProbeAt = 'SELECT min(probe_at) FROM rooms WHERE pass = 0';

/** At a start: a few rows for each room. */
export const findLastRest = 'SELECT max(rest_until) FROM lanes';

export const findClosed = 'SELECT 1 FROM rooms LIMIT 1';
