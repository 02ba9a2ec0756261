/** Statements on what replicas share, by the clock of the database. Tested in test/store/postgres/duties.test.ts. */

const now = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

export const addAlert = `
  INSERT INTO alerts (kind, subject, since, sent_at, more, open, holders)
  VALUES ($1, $2, ${now}, NULL, 0, false, '{}')
  ON CONFLICT (kind, subject) DO NOTHING`;

/** Whom it still lasts for: a replica that is dead says no more that it is over. */
export const lockAlert = `
  SELECT sent_at AS "sentAt", more, open, ${now} AS now, ARRAY(
      SELECT id FROM replicas WHERE id = ANY(holders) AND state = 'working' AND beat_at > ${now} - $3::bigint
    ) AS living
  FROM alerts WHERE kind = $1 AND subject = $2 FOR UPDATE`;

export const saveAlert = `
  UPDATE alerts SET sent_at = $3, more = $4, open = $5, holders = $6 WHERE kind = $1 AND subject = $2`;

/** The table is small, and read as a whole only when an alert is sent. */
export const forgetAlerts = `DELETE FROM alerts WHERE NOT open AND sent_at < ${now} - $1::bigint`;

/** Only of who has the duty: a process that was frozen may write what it looked up long ago. */
export const saveMembers = `
  INSERT INTO members (platform, group_id, users, at, epoch)
  SELECT $1, $2, $3, ${now}, $4::bigint FROM duties WHERE name = 'members' AND epoch = $4::bigint
  ON CONFLICT (platform, group_id) DO UPDATE SET users = excluded.users, at = excluded.at, epoch = excluded.epoch
  WHERE members.epoch <= excluded.epoch
  RETURNING group_id`;

export const listMembers = `
  SELECT platform, group_id AS id, users, greatest(0, ${now} - at) AS "ageMs" FROM members`;
