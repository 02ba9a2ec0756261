/**
 * Forward only. Each entry is one transaction and is never edited once released; `user_version` counts how many ran.
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

  -- What was seen, so that nothing is done twice. Written in the transaction of its effects.
  CREATE TABLE inputs (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- The outbox. One row a key; what is asked for again while it runs, runs again afterwards. An id is never used twice,
  -- and claims only ever counts up: together they fence off a worker that lost its lease.
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
  -- What is known of the database itself: which start it lived through last, and whether it is a copy.
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

  -- What was settled long ago, with all of its audit log, packed. It is read where it was looked for in vain above.
  CREATE TABLE archive (
    id            TEXT PRIMARY KEY,
    group_id      TEXT NOT NULL,
    -- The last row of the audit log that is in it.
    audit_through INTEGER NOT NULL,
    packed        BLOB NOT NULL
  ) STRICT;
  CREATE INDEX archive_by_group ON archive (group_id);
  CREATE TRIGGER archive_no_delete BEFORE DELETE ON archive BEGIN SELECT RAISE(ABORT, 'the archive is kept'); END;

  -- The audit log is append-only still: a row leaves it only once the archive has it.
  DROP TRIGGER audit_no_delete;
  CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
  WHEN NOT EXISTS (SELECT 1 FROM archive WHERE archive.id = OLD.approval_id AND archive.audit_through >= OLD.id)
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
  -- What one process leaves for the next: whether it stopped in order, and when it last wrote at all.
  CREATE TABLE notes (
    name TEXT PRIMARY KEY,
    word TEXT NOT NULL,
    at   INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX jobs_dead ON jobs (kind, dead_at) WHERE dead_at IS NOT NULL;
  `,
  `
  -- Forms that somebody has begun to fill in, where the platform can't keep them open.
  CREATE TABLE drafts (
    approval_id TEXT NOT NULL,
    actor       TEXT NOT NULL,
    action      TEXT NOT NULL,
    shown       TEXT NOT NULL,
    filled      TEXT NOT NULL,
    expires_at  INTEGER NOT NULL,
    PRIMARY KEY (approval_id, actor, action)
  ) STRICT, WITHOUT ROWID;
  -- Runs that can be read again, while they are being read.
  CREATE TABLE open_runs (
    backend TEXT NOT NULL,
    run_id  TEXT NOT NULL,
    resume  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (backend, run_id)
  ) STRICT;
  `,
  `
  -- Cards have lanes of their own for posting, for changing what was decided, and for the rest; in a lane the most urgent
  -- goes first. begun_at: when a try was claimed whose end is not known to have been without effect.
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
  -- Who has opened their home tab, and where in it they are, so that it can be kept current.
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
  -- Similar approvals share a message: which belong to which bundle, in the order in which they came. What they have in
  -- common is a column, so that the others are found by an index.
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
];
