/**
 * Forward only. Each entry is one transaction, and its statements are never edited once released. `user_version` counts
 * the entries that ran. Tested in test/store/sqlite/file/open.test.ts and test/faults/process/database.test.ts.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE approvals (
    id         TEXT PRIMARY KEY,
    backend    TEXT NOT NULL,
    run_id     TEXT NOT NULL,
    group_id   TEXT NOT NULL,
    phase      TEXT NOT NULL,
    watched    INTEGER NOT NULL,
    state      TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX approvals_by_run ON approvals (backend, run_id);
  CREATE INDEX approvals_by_group ON approvals (group_id);
  CREATE INDEX approvals_unfinished ON approvals (phase) WHERE phase <> 'settled' OR watched = 1;

  -- Ids of inputs that were applied, so that none is applied twice. Written in the same transaction as their effects.
  CREATE TABLE inputs (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- The outbox. One row per job_key; a job that is added again while it runs, runs again afterwards. An id is never
  -- reused and claims only rises: together they fence off a worker that lost its lease.
  CREATE TABLE jobs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    job_key      TEXT NOT NULL UNIQUE,
    kind         TEXT NOT NULL,
    lane         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    slot         TEXT,
    run_at       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    claims       INTEGER NOT NULL DEFAULT 0,
    again        INTEGER NOT NULL DEFAULT 0,
    locked_by    TEXT,
    locked_until INTEGER,
    last_error   TEXT,
    dead_at      INTEGER,
    created_at   INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX jobs_due ON jobs (run_at, id) WHERE dead_at IS NULL;
  CREATE INDEX jobs_by_lane ON jobs (lane, run_at, id) WHERE dead_at IS NULL;
  CREATE INDEX jobs_locked ON jobs (lane) WHERE locked_by IS NOT NULL;

  CREATE TABLE audit (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    approval_id TEXT NOT NULL,
    input       TEXT NOT NULL,
    actor       TEXT,
    facts       TEXT NOT NULL,
    phase_from  TEXT NOT NULL,
    phase_to    TEXT NOT NULL,
    ignored     TEXT
  ) STRICT;
  CREATE INDEX audit_by_approval ON audit (approval_id, id);
  CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
  CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
  `,
  `
  -- About the database itself: the token of its last start, and whether it is a copy.
  CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE approvals ADD COLUMN settled_at INTEGER;
  UPDATE approvals SET settled_at = json_extract(state, '$.settledAt');
  CREATE INDEX approvals_settled ON approvals (settled_at) WHERE phase = 'settled' AND watched = 0;
  DROP INDEX approvals_unfinished;
  CREATE INDEX approvals_unfinished ON approvals (backend) WHERE phase <> 'settled' OR watched = 1;
  CREATE INDEX inputs_by_age ON inputs (at);

  -- Approvals that were settled long ago, with their audit logs, compressed. Read when there is no such row above.
  CREATE TABLE archive (
    id            TEXT PRIMARY KEY,
    group_id      TEXT NOT NULL,
    -- The id of the last audit row that it contains.
    audit_through INTEGER NOT NULL,
    packed        BLOB NOT NULL
  ) STRICT;
  CREATE INDEX archive_by_group ON archive (group_id);
  CREATE TRIGGER archive_no_delete BEFORE DELETE ON archive BEGIN SELECT RAISE(ABORT, 'the archive is kept'); END;

  -- The audit log stays append-only: a row can be deleted only once the archive contains it.
  DROP TRIGGER audit_no_delete;
  CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
  WHEN NOT EXISTS (SELECT 1 FROM archive WHERE archive.id = OLD.approval_id AND archive.audit_through >= OLD.id)
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
  -- Values that one process leaves for the next: whether it stopped cleanly, and when it last wrote.
  CREATE TABLE notes (
    name TEXT PRIMARY KEY,
    word TEXT NOT NULL,
    at   INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX jobs_dead ON jobs (kind, dead_at) WHERE dead_at IS NOT NULL;
  `,
  `
  -- Partly filled forms, for a platform that can't keep them open.
  CREATE TABLE drafts (
    approval_id TEXT NOT NULL,
    actor       TEXT NOT NULL,
    action      TEXT NOT NULL,
    shown       TEXT NOT NULL,
    filled      TEXT NOT NULL,
    expires_at  INTEGER NOT NULL,
    PRIMARY KEY (approval_id, actor, action)
  ) STRICT, WITHOUT ROWID;
  -- Runs whose event stream is being read and can be reconnected after a restart.
  CREATE TABLE open_runs (
    backend TEXT NOT NULL,
    run_id  TEXT NOT NULL,
    resume  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (backend, run_id)
  ) STRICT;
  `,
  `
  -- A room has one lane for new cards, one for cards that were pressed, and one for other edits; in a lane the most
  -- urgent job comes first. begun_at: when the first attempt began that may have had an effect.
  ALTER TABLE jobs ADD COLUMN place TEXT;
  ALTER TABLE jobs ADD COLUMN next_lane TEXT;
  ALTER TABLE jobs ADD COLUMN urgency INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN due_by INTEGER NOT NULL DEFAULT 8640000000000000;
  ALTER TABLE jobs ADD COLUMN begun_at INTEGER;
  UPDATE jobs SET place = substr(lane, 7), lane = 'post:' || substr(lane, 7) WHERE kind = 'draw';
  DROP INDEX jobs_by_lane;
  CREATE INDEX jobs_by_lane ON jobs (lane, urgency, due_by, run_at, id) WHERE dead_at IS NULL;
  CREATE INDEX jobs_dead_by_place ON jobs (place, dead_at) WHERE dead_at IS NOT NULL;
  `,
  `
  -- The home tabs that were opened, and the list each of them shows, so that they can be kept current.
  CREATE TABLE home_tabs (
    platform  TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    name      TEXT NOT NULL,
    spot      TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    PRIMARY KEY (platform, user_id)
  ) STRICT;
  `,
  `
  -- Similar approvals share a message, a digest (bundle). bundle_members: its members, in order of arrival. topic: what
  -- they have in common, as a column with an index.
  ALTER TABLE approvals ADD COLUMN topic TEXT;
  CREATE INDEX approvals_by_topic ON approvals (topic, created_at) WHERE phase = 'open' AND topic IS NOT NULL;
  CREATE TABLE bundle_members (
    number      INTEGER PRIMARY KEY,
    bundle_id   TEXT NOT NULL,
    approval_id TEXT NOT NULL,
    UNIQUE (bundle_id, approval_id)
  ) STRICT;
  CREATE INDEX bundles_by_member ON bundle_members (approval_id);
  `,
  `
  -- Stored approvals take the names that the code uses now; see rename-stored-keys.ts.
  UPDATE approvals SET state = renamed_keys(state);
  UPDATE archive SET packed = renamed_keys_packed(packed);
  `,
  `
  -- What each message shows: a hash of the content that was sent last. No row: not known.
  CREATE TABLE sent_content (
    job_key TEXT PRIMARY KEY,
    hash    TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Whose approvals count together: each source may have a limited number of unsettled ones. Null in older rows.
  ALTER TABLE approvals ADD COLUMN source TEXT;
  CREATE INDEX approvals_by_source ON approvals (source, phase) WHERE phase <> 'settled' AND source IS NOT NULL;
  `,
  `
  -- Claims look at the heads of lanes: a room with a long queue costs no more than one with a short one.
  DROP INDEX jobs_due;
  DROP INDEX jobs_by_lane;
  CREATE INDEX jobs_by_lane ON jobs (kind, lane, urgency, due_by, run_at, id) WHERE dead_at IS NULL;
  CREATE INDEX jobs_by_lane_time ON jobs (lane, run_at) WHERE dead_at IS NULL AND kind = 'draw';
  CREATE INDEX jobs_by_time ON jobs (kind, run_at, id) WHERE dead_at IS NULL AND kind <> 'draw';
  `,
  `
  -- What operators and reviewers set while the bot runs: the stop, links, absences, standing answers. value: JSON.
  CREATE TABLE policy_records (
    kind  TEXT NOT NULL,
    id    TEXT NOT NULL,
    value TEXT NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT;
  `,
  `
  -- What was approved, by tool and asker: what is new about a request is compared with the latest. Kept with the archive.
  CREATE TABLE precedents (
    approval_id TEXT PRIMARY KEY,
    key         TEXT NOT NULL,
    settled_at  INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX precedents_by_key ON precedents (key, settled_at);
  INSERT INTO precedents SELECT id, precedent_key(state), settled_at FROM approvals
  WHERE phase = 'settled' AND precedent_key(state) IS NOT NULL;
  WITH latest AS MATERIALIZED (SELECT id, unpacked_state(packed) AS state FROM archive ORDER BY rowid DESC LIMIT 5000)
  INSERT OR IGNORE INTO precedents SELECT id, precedent_key(state), json_extract(state, '$.settledAt') FROM latest
  WHERE precedent_key(state) IS NOT NULL;
  `,
  `
  -- What waits for people, in the order of lists, and how many there are for each audience. A row of pending is short, for
  -- lists read many of them; triggers keep the counts.
  CREATE TABLE audiences (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    text  TEXT NOT NULL UNIQUE,
    count INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE pending (
    id       TEXT PRIMARY KEY,
    end_at   REAL NOT NULL,
    asked_at REAL NOT NULL,
    audience INTEGER NOT NULL,
    names    TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX pending_by_urgency ON pending (end_at, asked_at, id, audience);
  CREATE TRIGGER pending_added AFTER INSERT ON pending BEGIN
    UPDATE audiences SET count = count + 1 WHERE id = NEW.audience;
  END;
  CREATE TRIGGER pending_moved AFTER UPDATE OF audience ON pending WHEN NEW.audience <> OLD.audience BEGIN
    UPDATE audiences SET count = count + 1 WHERE id = NEW.audience;
    UPDATE audiences SET count = count - 1 WHERE id = OLD.audience;
    DELETE FROM audiences WHERE id = OLD.audience AND count = 0;
  END;
  CREATE TRIGGER pending_removed AFTER DELETE ON pending BEGIN
    UPDATE audiences SET count = count - 1 WHERE id = OLD.audience;
    DELETE FROM audiences WHERE id = OLD.audience AND count = 0;
  END;
  CREATE TEMP TABLE made AS
    SELECT id, pending_row(state) AS row FROM approvals WHERE (phase <> 'settled' OR watched = 1) AND phase = 'open';
  INSERT INTO audiences (text, count) SELECT DISTINCT row ->> 2, 0 FROM made WHERE row IS NOT NULL;
  INSERT INTO pending (id, end_at, asked_at, audience, names)
    SELECT made.id, CAST(row ->> 0 AS REAL), CAST(row ->> 1 AS REAL), audiences.id, row ->> 3
    FROM made JOIN audiences ON audiences.text = row ->> 2;
  DROP TABLE made;

  -- What each asker of an inbox waits for. Items of earlier versions do not say whose they are in a column.
  UPDATE approvals SET
    source = 'inbox:' || json_extract(state, '$.pause.wire.asker'),
    state = '{"source":' || json_quote('inbox:' || json_extract(state, '$.pause.wire.asker')) || ',' || substr(state, 2)
  WHERE backend = 'inbox' AND source IS NULL
    AND json_extract(state, '$.pause.wire.asker') IS NOT NULL AND json_extract(state, '$.source') IS NULL;
  -- For each pass over a polled list, and for counts: no row is read.
  CREATE INDEX approvals_unfinished_ids ON approvals (backend, id, phase, watched) WHERE phase <> 'settled' OR watched = 1;
  CREATE INDEX approvals_awaited ON approvals (source, created_at)
  WHERE source IS NOT NULL AND phase <> 'settled'
    AND (phase <> 'decided' OR json_extract(state, '$.pause.expiry') IS NOT 'fetched');
  `,
  // A start reads the runs of all that is unfinished, too, and none of the rows.
  `
  DROP INDEX approvals_unfinished_ids;
  CREATE INDEX approvals_unfinished_ids ON approvals (backend, id, phase, watched, run_id)
  WHERE phase <> 'settled' OR watched = 1;
  `,
  // For pages of what has ended, and of dead letters, each from a key on.
  `
  CREATE INDEX approvals_by_end ON approvals (settled_at) WHERE phase = 'settled';
  CREATE INDEX jobs_dead_by_time ON jobs (dead_at, id) WHERE dead_at IS NOT NULL;
  `,
  // For metrics: what waits for people, by rule, for how long, and how many signatures it still takes. No row is read.
  `
  ALTER TABLE approvals ADD COLUMN rule TEXT;
  ALTER TABLE approvals ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;
  UPDATE approvals SET
    rule = ifnull(json_extract(state, '$.requirement.rule'), ''),
    missing = missing_signatures(state)
  WHERE (phase <> 'settled' OR watched = 1) AND phase = 'open' AND json_extract(state, '$.pause.kind') NOT IN ('run', 'note');
  CREATE INDEX approvals_waiting ON approvals (backend, rule, created_at, missing)
  WHERE phase = 'open' AND rule IS NOT NULL;
  `,
  // A run is read by a replica: its row says who, and what is to be ended for it. Every reading of an approval has one.
  `
  ALTER TABLE open_runs RENAME TO earlier_runs;
  CREATE TABLE open_runs (
    backend TEXT NOT NULL,
    run_id  TEXT NOT NULL,
    replica TEXT NOT NULL,
    -- Both JSON.
    groups  TEXT NOT NULL DEFAULT '[]',
    hidden  TEXT NOT NULL DEFAULT '{}',
    resume  TEXT,
    opener  TEXT,
    at      INTEGER NOT NULL,
    PRIMARY KEY (backend, run_id, replica)
  ) STRICT;
  INSERT INTO open_runs (backend, run_id, replica, resume, at)
    SELECT backend, run_id, 'only', resume, at FROM earlier_runs ORDER BY at, rowid;
  DROP TABLE earlier_runs;
  CREATE INDEX open_runs_by_replica ON open_runs (replica);
  -- A process has no name of its own any more: the next one frees what this one holds.
  UPDATE jobs SET locked_by = 'only' WHERE locked_by IS NOT NULL;
  `,
  // How long lanes rest, and which rooms take no cards. A lock of a job lasts as long as its process.
  `
  CREATE TABLE lanes (
    lane       TEXT PRIMARY KEY,
    free_at    INTEGER NOT NULL,
    rest_until INTEGER NOT NULL,
    failures   INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE rooms (
    place    TEXT PRIMARY KEY,
    words    TEXT NOT NULL,
    since    INTEGER NOT NULL,
    probe_at INTEGER NOT NULL,
    pass     INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE jobs DROP COLUMN locked_until;
  `,
];
